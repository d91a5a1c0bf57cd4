/**
 * A file here that changes while it is sent: never a success with what it was and is mixed.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { folderWithFile } from "../../support/files.ts";
import { playEpsv, type ScriptedConnection, ScriptedServer } from "../../support/scripted_peer.ts";
import {
  exchange,
  playQuit,
  playStart,
  playUpload,
  playUploaded,
  runAgainst,
} from "../dialogue.ts";
import { runShell } from "../shell/shell_io.ts";

const TEXT = "0123456789".repeat(10);
const OTHER = "abcdefghij".repeat(10);

type Change = (file: string) => Promise<void>;

/** After these no state of the file was sent. */
const CHANGES: Readonly<Record<string, Change>> = {
  "cut to nothing": (file) => Deno.truncate(file, 0),
  "cut": (file) => Deno.truncate(file, 60),
  "overwritten": (file) => Deno.writeTextFile(file, OTHER, { create: false }),
  "cut and written again": async (file) => {
    await Deno.truncate(file, 50);
    await Deno.writeTextFile(file, TEXT.slice(0, 50), { append: true });
  },
};

/** After these what was sent is what the file was, or is. */
const HARMLESS: Readonly<Record<string, Change>> = {
  "grown": (file) => Deno.writeTextFile(file, "more", { append: true }),
  "replaced": async (file) => {
    await Deno.writeTextFile(`${file}.new`, OTHER);
    await Deno.rename(`${file}.new`, file);
  },
  "removed": (file) => Deno.remove(file),
};

/** Plays an upload up to the file's end, before which the file changes; gives what arrived. */
async function playChange(
  control: ScriptedConnection,
  way: { readonly command: string; readonly change: () => Promise<void> },
): Promise<{ readonly text: string; readonly data: ScriptedConnection }> {
  using listener = await playEpsv(control);
  const data = await listener.accept();
  await control.expect(way.command);
  await way.change();
  await control.sendLines("150 go on");
  const bytes = await data.rest();
  return { text: new TextDecoder().decode(bytes), data };
}

/** Plays an upload that is given up: ABOR comes before the end of the data. */
async function playAbort(
  control: ScriptedConnection,
  way: { readonly command: string; readonly change: () => Promise<void> },
): Promise<void> {
  using listener = await playEpsv(control);
  using data = await listener.accept();
  await control.expect(way.command);
  await way.change();
  await control.sendLines("150 go on");
  await control.expect("ABOR");
  data.close();
  await control.sendLines("426 given up", "226 so be it");
  assertEquals(await control.line(), undefined);
}

async function playMissing(control: ScriptedConnection, path: string): Promise<void> {
  await playStart(control);
  await exchange(control, "TYPE I", "200 binary");
  await exchange(control, `SIZE ${path}`, "550 no such file");
}

for (const [name, change] of Object.entries(CHANGES)) {
  Deno.test(`put: a file that is ${name} is aborted, and sent again from its beginning`, async () => {
    await using folder = await folderWithFile(TEXT);
    const { file } = folder;
    await using server = new ScriptedServer(async (control) => {
      await playMissing(control, "f");
      await playAbort(control, { command: "STOR f", change: () => change(file) });
    }, async (control) => {
      await playStart(control);
      // As much as the file has, or less: it is a mix all the same.
      await playUploaded(control, { path: "f", size: 10 });
      const now = await Deno.readTextFile(file);
      assertEquals(await playUpload(control, "STOR f"), now);
      await playUploaded(control, { path: "f", size: now.length, first: false });
      await playQuit(control);
    });
    const args = ["put", "--retries", "1", file, "127.0.0.1:"];
    const { code, stderr } = await runAgainst(server, args);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, `/f": it changed while it was sent; trying again in `);
  });
}

for (const [name, change] of Object.entries(HARMLESS)) {
  Deno.test(`put: a file that is ${name} while it is sent is no failure`, async () => {
    await using folder = await folderWithFile(TEXT);
    await using server = new ScriptedServer(async (control) => {
      await playMissing(control, "f");
      const way = { command: "STOR f", change: () => change(folder.file) };
      const { text, data } = await playChange(control, way);
      data.close();
      await control.sendLines("226 stored");
      const sent = name === "grown" ? `${TEXT}more` : TEXT;
      assertEquals(text, sent);
      await playUploaded(control, { path: "f", size: sent.length, first: false });
      await playQuit(control);
    });
    const { code, stderr } = await runAgainst(server, ["put", folder.file, "127.0.0.1:"]);
    assertEquals([code, stderr], [0, ""]);
  });
}

Deno.test("put: a file that changes in every try is a local failure, and gets no final name", async () => {
  await using folder = await folderWithFile(TEXT);
  let tries = 0;
  const change = (): Promise<void> => Deno.truncate(folder.file, 90 - 10 * tries++);
  const play = async (control: ScriptedConnection): Promise<void> => {
    await playMissing(control, "f.part");
    await playAbort(control, { command: "STOR f.part", change });
  };
  await using server = new ScriptedServer(play, play);
  const args = ["put", "--atomic", "--retries", "1", folder.file, "127.0.0.1:"];
  const { code, stderr } = await runAgainst(server, args);
  assertEquals(code, 7);
  const last = stderr.trimEnd().split("\n").at(-1);
  assertEquals(last, `ftpkit: Cannot upload "${folder.file}": it changed while it was sent`);
});

Deno.test("put: a file that changes between two tries is not gone on with", async () => {
  await using folder = await folderWithFile(TEXT);
  await using server = new ScriptedServer(async (control) => {
    await playMissing(control, "f");
    const { data } = await playChange(control, {
      command: "STOR f",
      change: () => Promise.resolve(),
    });
    await Deno.writeTextFile(folder.file, OTHER);
    data.close();
    control.close();
  }, async (control) => {
    await playStart(control);
    await playUploaded(control, { path: "f", size: 30 });
    assertEquals(await playUpload(control, "STOR f"), OTHER);
    await playUploaded(control, { path: "f", size: 100, first: false });
    await playQuit(control);
  });
  const args = ["put", "--retries", "1", folder.file, "127.0.0.1:"];
  const { code, stderr } = await runAgainst(server, args);
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "f: starting again, the file has changed since");
});

Deno.test("append: a file that changes meanwhile is aborted, and not appended again", async () => {
  await using folder = await folderWithFile(TEXT);
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, ["SIZE"]);
    await exchange(control, "PWD", '257 "/"');
    await exchange(control, "TYPE I", "200 ok");
    await exchange(control, "SIZE f", "213 4");
    await exchange(control, "MDTM f", "550 no");
    const change = (): Promise<void> => Deno.writeTextFile(folder.file, OTHER);
    await playAbort(control, { command: "APPE f", change });
  });
  const { code, stderr } = await runShell(server, `lcd ${folder.path}; append f`);
  await server.done;
  assertEquals(code, 1);
  assertStringIncludes(stderr, '/f": it changed while it was sent');
});
