/**
 * `ftpkit get`: its options, places and exit codes.
 *
 * @module
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { sizeOf, tempFolder } from "../support/files.ts";
import { ScriptedServer } from "../support/scripted_peer.ts";
import {
  BYTES,
  exchange,
  playData,
  playDownload,
  playQuit,
  playSize,
  playStart,
  runAgainst,
} from "./dialogue.ts";

Deno.test("get: 550 is exit code 6, and leaves no part", async () => {
  await using folder = await tempFolder();
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, ["MLST type*;size*;"]);
    await exchange(control, "MLST f", "550 no f here.");
    await exchange(control, "TYPE I", "200 binary");
    await control.expect("EPSV");
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    await control.sendLines(`229 yes (|||${listener.addr.port}|)`);
    using _unused = await listener.accept();
    await exchange(control, "RETR f", "550 no f here.");
    await exchange(control, "MLST f", "550 no f here.");
    await playQuit(control);
  });
  const target = join(folder.path, "f");
  const { code, stderr } = await runAgainst(server, ["get", "127.0.0.1:f", target]);
  assertEquals(code, 6);
  assertEquals(stderr, 'ftpkit: Cannot download "f": 550 no f here\n');
  assertEquals(await sizeOf(`${target}.part`), undefined);
});

Deno.test("get: a directory fails with words that say so", async () => {
  await using folder = await tempFolder();
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, ["MLST type*;size*;"]);
    await exchange(control, "MLST d", "250-", " type=dir; /d", "250 end");
    await playQuit(control);
  });
  const { code, stderr } = await runAgainst(server, ["get", "127.0.0.1:d", folder.path]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, 'Cannot download "d": it is a directory');
});

Deno.test("get: several sources are fetched one after another; one that fails gives 8", async () => {
  await using folder = await tempFolder();
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, ["MLST type*;size*;"]);
    await exchange(control, "MLST d", "250-", " type=dir; /d", "250 end");
    await exchange(control, "MLST f", "250-", " type=file;size=2; /f", "250 end");
    await exchange(control, "TYPE I", "200 binary");
    await playDownload(control, { commands: ["RETR f"], content: "ok" });
    await playQuit(control);
  });
  const args = ["get", "--json", "127.0.0.1:d", "127.0.0.1:f", folder.path];
  const { code, stdout } = await runAgainst(server, args);
  assertEquals(code, 8);
  const results = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(results.map(({ status, code }) => [status, code]), [["failed", 1], [
    "done",
    undefined,
  ]]);
  assertEquals(await Deno.readTextFile(join(folder.path, "f")), "ok");
});

Deno.test("get: - writes the file, and nothing else, to standard output", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playSize(control, { path: "f", size: 5 });
    await playDownload(control, { commands: ["RETR f"], content: "hello" });
    await playQuit(control);
  });
  const { code, stdout, stderr } = await runAgainst(server, ["get", "127.0.0.1:f", "-"]);
  assertEquals([code, stdout], [0, "hello"]);
  assertMatch(stderr, /^127\.0\.0\.1:f -> - {2}5 B in /);
});

Deno.test("get: --ascii converts line ends and compares no sizes", async () => {
  await using folder = await tempFolder();
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playSize(control, { path: "f", size: 999 });
    await exchange(control, "TYPE A", "200 text");
    using data = await playData(control, "RETR f");
    await data.send("one\r");
    await data.send("\ntwo\r\n");
    data.close();
    await control.sendLines("226 done");
    await playQuit(control);
  });
  const target = join(folder.path, "f");
  assertEquals((await runAgainst(server, ["get", "--ascii", "127.0.0.1:f", target])).code, 0);
  assertEquals(await Deno.readTextFile(target), "one\ntwo\n");
});

Deno.test("get: -q prints nothing on success", async () => {
  await using folder = await tempFolder();
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playSize(control, { path: "f", size: 0 });
    await playDownload(control, { commands: ["RETR f"] });
    await playQuit(control);
  });
  const target = join(folder.path, "f");
  const result = await runAgainst(server, ["get", "-q", "127.0.0.1:f", target]);
  assertEquals(result, { code: 0, stdout: "", stderr: "" });
  assertEquals(await sizeOf(target), 0);
});

const PASSED_OVER: readonly { option: string; size: number; age: string; why: string }[] = [
  { option: "-n", size: 1, age: "2020", why: "it exists" },
  { option: "--update", size: 7, age: "2024-01-02T03:04:05Z", why: "it is up to date" },
  { option: "-c", size: 7, age: "2025", why: "it is up to date" },
];

for (const { option, size, age, why } of PASSED_OVER) {
  Deno.test(`get: ${option} passes over a file, which is no failure`, async () => {
    await using folder = await tempFolder();
    const target = join(folder.path, "f");
    await Deno.writeFile(target, BYTES.subarray(0, size));
    await Deno.utime(target, new Date(age), new Date(age));
    await using server = new ScriptedServer(async (control) => {
      await playStart(control);
      await playSize(control, { path: "f", size: 7 });
      await playQuit(control);
    });
    const { code, stdout } = await runAgainst(server, ["get", option, "127.0.0.1:f", target]);
    assertEquals(code, 0);
    assertStringIncludes(stdout, `skipped: ${why}`);
  });
}

for (
  const [what, size, age] of [["size differs", 6, "2025"], ["time is older", 7, "2023"]] as const
) {
  Deno.test(`get: --update fetches a file whose ${what}`, async () => {
    await using folder = await tempFolder();
    const target = join(folder.path, "f");
    await Deno.writeFile(target, new Uint8Array(size));
    await Deno.utime(target, new Date(age), new Date(age));
    await using server = new ScriptedServer(async (control) => {
      await playStart(control);
      await playSize(control, { path: "f", size: 7 });
      await playDownload(control, { commands: ["RETR f"], content: BYTES.subarray(0, 7) });
      await playQuit(control);
    });
    assertEquals((await runAgainst(server, ["get", "--update", "127.0.0.1:f", target])).code, 0);
    assertEquals(await Deno.readFile(target), BYTES.subarray(0, 7));
  });
}
