/**
 * `ftpkit get`: the data, the final reply, and which of them comes first.
 *
 * @module
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { InterruptedError } from "../../shared/errors.ts";
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

Deno.test("get: a file arrives whole, with its time, and no part stays", async () => {
  await using folder = await tempFolder();
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playSize(control, { path: "a b", size: BYTES.length });
    await playDownload(control, { commands: ["RETR a b"], content: BYTES });
    await playQuit(control);
  });
  const target = join(folder.path, "x");
  const { code, stdout } = await runAgainst(server, ["get", "127.0.0.1:a b", target]);
  assertEquals(code, 0);
  assertMatch(stdout, /^127\.0\.0\.1:a b -> \S+\/x {2}19\.5 KiB in /);
  assertEquals(await Deno.readFile(target), BYTES);
  const { mtime } = await Deno.stat(target);
  assertEquals(mtime?.toISOString(), "2024-01-02T03:04:05.000Z");
  assertEquals(await sizeOf(`${target}.part`), undefined);
});

Deno.test("get: 226 before the last byte is no end of the data", async () => {
  await using folder = await tempFolder();
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playSize(control, { path: "f", size: BYTES.length });
    using data = await playData(control, "RETR f");
    await data.send(BYTES.subarray(0, 10));
    await control.sendLines("226 done, I think");
    await data.send(BYTES.subarray(10));
    data.close();
    await playQuit(control);
  });
  const target = join(folder.path, "f");
  assertEquals((await runAgainst(server, ["get", "127.0.0.1:f", target])).code, 0);
  assertEquals(await Deno.readFile(target), BYTES);
});

Deno.test("get: 150 and 226 in one segment, and replies byte by byte, are understood", async () => {
  await using folder = await tempFolder();
  await using server = new ScriptedServer(async (control) => {
    await control.sendSplit("220-hello\r\n220-\r\n220 there\r\n");
    await exchange(control, /^USER /, "230 no password here");
    await control.expect("FEAT");
    await control.sendSplit("211-Features\r\n SIZE\r\n211 End\r\n");
    await playSize(control, { path: "f", size: 3 });
    await control.expect("EPSV");
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    await control.sendSplit(`229 yes (|||${listener.addr.port}|)\r\n`);
    using data = await listener.accept();
    await control.expect("RETR f");
    await data.write(Uint8Array.of(1, 2, 3));
    data.close();
    await control.sendLines("150 here", "226 done");
    await playQuit(control);
  });
  const target = join(folder.path, "f");
  assertEquals((await runAgainst(server, ["get", "127.0.0.1:f", target])).code, 0);
  assertEquals(await Deno.readFile(target), Uint8Array.of(1, 2, 3));
});

Deno.test("get: the data connection is closed before the 226 is waited for", async () => {
  await using folder = await tempFolder();
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playSize(control, { path: "f", size: 3 });
    using data = await playData(control, "RETR f");
    await data.send(Uint8Array.of(1, 2, 3));
    await data.end();
    await data.rest();
    await control.sendLines("226 done");
    await playQuit(control);
  });
  const { code } = await runAgainst(server, ["get", "127.0.0.1:f", join(folder.path, "f")]);
  assertEquals(code, 0);
});

Deno.test("get: a short file with 226 fails and stays a part", async () => {
  await using folder = await tempFolder();
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playSize(control, { path: "f", size: 100 });
    await playDownload(control, { commands: ["RETR f"], content: BYTES.subarray(0, 60) });
    await playSize(control, { path: "f", size: 100, first: false });
    await playQuit(control);
  });
  const target = join(folder.path, "f");
  const { code, stderr } = await runAgainst(server, ["get", "127.0.0.1:f", target]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, 'Cannot download "f": 60 of 100 bytes arrived');
  assertStringIncludes(stderr, 'f.part" for --continue');
  assertEquals(await sizeOf(target), undefined);
  assertEquals(await Deno.readFile(`${target}.part`), BYTES.subarray(0, 60));
});

Deno.test("get: a file that grew meanwhile is whole", async () => {
  await using folder = await tempFolder();
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playSize(control, { path: "log", size: 50 });
    await playDownload(control, { commands: ["RETR log"], content: BYTES.subarray(0, 60) });
    await playSize(control, { path: "log", size: 60, first: false });
    await playQuit(control);
  });
  const target = join(folder.path, "log");
  assertEquals((await runAgainst(server, ["get", "127.0.0.1:log", target])).code, 0);
  assertEquals(await sizeOf(target), 60);
});

Deno.test("get: 426 after the data is a failure in the server's words", async () => {
  await using folder = await tempFolder();
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playSize(control, { path: "f", size: 60 });
    await playDownload(control, {
      commands: ["RETR f"],
      content: BYTES.subarray(0, 60),
      final: "426 the disk failed",
    });
    await playQuit(control);
  });
  const target = join(folder.path, "f");
  const { code, stderr } = await runAgainst(server, ["get", "127.0.0.1:f", target]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, 'Cannot download "f": 426 the disk failed');
  assertEquals(await sizeOf(`${target}.part`), 60);
});

Deno.test("get: a data connection that stalls ends in time, with what had arrived kept", async () => {
  await using folder = await tempFolder();
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playSize(control, { path: "f", size: 100 });
    using data = await playData(control, "RETR f");
    await data.send(BYTES.subarray(0, 40));
    await data.rest();
    await control.sendLines("426 gone");
    await playQuit(control);
  });
  const target = join(folder.path, "f");
  const args = ["get", "--timeout", "0.2", "127.0.0.1:f", target];
  const { code, stderr } = await runAgainst(server, args);
  assertEquals(code, 1);
  assertStringIncludes(stderr, 'Cannot download "f": no data for 0.2 s');
  assertEquals(await sizeOf(`${target}.part`), 40);
});

Deno.test("get: a final reply that never comes ends in time", async () => {
  await using folder = await tempFolder();
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playSize(control, { path: "f", size: 3 });
    using data = await playData(control, "RETR f");
    await data.send(Uint8Array.of(1, 2, 3));
    data.close();
    await control.rest();
  });
  const target = join(folder.path, "f");
  const args = ["get", "--timeout", "0.2", "127.0.0.1:f", target];
  const { code, stderr } = await runAgainst(server, args);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "No final reply within 0.2 s after the data");
  assertEquals(await sizeOf(target), undefined);
  assertEquals(await sizeOf(`${target}.part`), 3);
});

Deno.test("get: an interruption keeps the part and is exit code 130", async () => {
  await using folder = await tempFolder();
  const stop = new AbortController();
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playSize(control, { path: "f", size: 100 });
    using data = await playData(control, "RETR f");
    await data.send(BYTES.subarray(0, 40));
    while (await sizeOf(join(folder.path, "f.part")) !== 40) {
      await new Promise((resolve) => setTimeout(resolve));
    }
    stop.abort(new InterruptedError("Interrupted"));
    await data.rest();
  });
  const target = join(folder.path, "f");
  const options = { signal: stop.signal };
  const { code, stderr } = await runAgainst(server, ["get", "127.0.0.1:f", target], options);
  assertEquals(code, 130);
  assertStringIncludes(stderr, "ftpkit: Interrupted\n");
  assertEquals(await Deno.readFile(`${target}.part`), BYTES.subarray(0, 40));
});

Deno.test("get: a leading tilde is a name, not somebody's home", async () => {
  await using folder = await tempFolder();
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playSize(control, { path: "./~t", size: 3 });
    await playDownload(control, { commands: ["RETR ./~t"], content: "abc" });
    await playQuit(control);
  });
  assertEquals((await runAgainst(server, ["get", "127.0.0.1:~t", folder.path])).code, 0);
  assertEquals(await Deno.readTextFile(join(folder.path, "~t")), "abc");
});
