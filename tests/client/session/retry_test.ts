/**
 * What a second try must not do: pass a failure for a success, work in the wrong place, or skip.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { tempFolder } from "../../support/files.ts";
import { playEpsv, ScriptedServer } from "../../support/scripted_peer.ts";
import {
  exchange,
  playDownload,
  playQuit,
  playStart,
  playUploaded,
  playUploadTo,
  runAgainst,
} from "../dialogue.ts";

const TEXT = "0123456789".repeat(10);

async function withFile(test: (file: string) => Promise<void>): Promise<void> {
  await using folder = await tempFolder();
  const file = join(folder.path, "f");
  await Deno.writeTextFile(file, TEXT);
  await test(file);
}

Deno.test("put: a size that agrees is no success where the server has said 451: it is asked again", async () => {
  await withFile(async (file) => {
    await using server = new ScriptedServer(async (control) => {
      await playStart(control);
      await exchange(control, "TYPE I", "200 binary");
      await exchange(control, "SIZE f", "550 no such file");
      const first = { commands: ["STOR f"], final: "451 commit failed" };
      assertEquals(await playUploadTo(control, first), TEXT);
      await exchange(control, "SIZE f", "213 100");
      const second = { commands: ["REST 100", "STOR f"], final: "226 stored" };
      assertEquals(await playUploadTo(control, second), "");
      await playUploaded(control, { path: "f", size: 100, first: false });
      await playQuit(control);
    });
    const result = await runAgainst(server, ["put", "--retries", "1", file, "127.0.0.1:"]);
    assertEquals(result.code, 0, result.stderr);
  });
});

Deno.test("put: SIZE, not MLST, tells what is there of an upload that was cut", async () => {
  await withFile(async (file) => {
    await using server = new ScriptedServer(async (control) => {
      await playStart(control, ["MLST type*;size*;"]);
      await playUploaded(control, { path: "f", size: 60 });
      await exchange(control, "MLST f", "550 not yet");
      using listener = await playEpsv(control);
      using _unused = await listener.accept();
      await exchange(control, "RETR f", "550 not yet");
      const upload = { commands: ["REST 60", "STOR f"], final: "226 stored" };
      assertEquals(await playUploadTo(control, upload), TEXT.slice(60));
      await exchange(control, "MLST f", "250-", " type=file;size=100; f", "250 end");
      await playQuit(control);
    });
    assertEquals((await runAgainst(server, ["put", "-c", file, "127.0.0.1:"])).code, 0);
  });
});

Deno.test("put -n --ascii: after a break, what is there is our own half and not skipped", async () => {
  await withFile(async (file) => {
    await using server = new ScriptedServer(async (control) => {
      await playStart(control);
      await exchange(control, "TYPE I", "200 binary");
      await exchange(control, "SIZE f", "550 no such file");
      await exchange(control, "MDTM f", "550 no such file");
      await exchange(control, "TYPE A", "200 text");
      await playUploadTo(control, { commands: ["STOR f"], final: "426 cut" });
      await playUploadTo(control, { commands: ["STOR f"], final: "226 stored" });
      await playQuit(control);
    });
    const args = ["put", "--retries", "1", "-n", "--ascii", file, "127.0.0.1:"];
    const { code, stdout } = await runAgainst(server, args);
    assertEquals(code, 0);
    assertEquals(stdout.includes("skipped"), false);
  });
});

Deno.test("put -n: a server that cannot tell whether the file exists is a failure, never overwritten", async () => {
  await withFile(async (file) => {
    await using server = new ScriptedServer(async (control) => {
      await playStart(control);
      await exchange(control, "TYPE I", "200 binary");
      await exchange(control, "SIZE f", "502 what");
      await exchange(control, "MDTM f", "502 what");
      await playQuit(control);
    });
    const { code, stderr } = await runAgainst(server, ["put", "-n", file, "127.0.0.1:"]);
    assertEquals(code, 1);
    assertMatch(stderr, /with -n: the server does not tell whether it exists/);
  });
});

Deno.test("get: a server that cannot tell the size now is asked again, and the part is kept", async () => {
  await using folder = await tempFolder();
  await Deno.writeTextFile(join(folder.path, "f.part"), TEXT.slice(0, 50));
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await exchange(control, "TYPE I", "200 binary");
    await exchange(control, "SIZE f", "450 busy");
    await exchange(control, "MDTM f", "450 busy");
    await playQuit(control);
  });
  const { code } = await runAgainst(server, ["get", "-c", "127.0.0.1:f", folder.path]);
  assertEquals(code, 1);
  assertEquals(await Deno.readTextFile(join(folder.path, "f.part")), TEXT.slice(0, 50));
});

Deno.test("ls: a listing that is tried again is of the same directory", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await exchange(control, "PWD", '257 "/home" is here');
    await exchange(control, "CWD sub", "250 there");
    await exchange(control, "TYPE A", "200 text");
    await playDownload(control, { commands: ["LIST"], final: "426 cut" });
    await exchange(control, "CWD /home", "250 back");
    await exchange(control, "CWD sub", "250 there");
    await playDownload(control, {
      commands: ["LIST"],
      content: "-rw-r--r--   1 joe users    7 Feb  3  2024  name\r\n",
    });
    await exchange(control, "CWD /home", "250 back");
    await playQuit(control);
  });
  const { code, stdout } = await runAgainst(server, ["ls", "--retries", "1", "127.0.0.1:sub"]);
  assertEquals([code, stdout], [0, " name\n"]);
});

Deno.test("put: a login that is refused is a result for each file, in JSON too", async () => {
  await withFile(async (file) => {
    await using server = new ScriptedServer(async (control) => {
      await control.sendLines("220 hello");
      await exchange(control, /^USER /, "331 password");
      await exchange(control, /^PASS /, "530 no");
      await control.rest();
    });
    const args = ["put", "--json", file, "127.0.0.1:zz"];
    const { code, stdout } = await runAgainst(server, args);
    assertEquals(code, 4);
    const result = JSON.parse(stdout);
    assertEquals([result.status, result.code, result.target], ["failed", 4, "127.0.0.1:zz"]);
  });
});
