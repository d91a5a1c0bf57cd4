/**
 * What Tab completes, without a terminal.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { completeLine } from "../../../client/shell/completion.ts";
import { Shell } from "../../../client/shell/shell.ts";
import { InterruptedError } from "../../../shared/errors.ts";
import { tempFolder } from "../../support/files.ts";
import { ScriptedServer } from "../../support/scripted_peer.ts";
import { TestServer } from "../../support/test_server.ts";
import { exchange, playData, playQuit, playStart, testIo } from "../dialogue.ts";
import { LOOPBACK, testSettings } from "./shell_io.ts";

function testShell(env: Readonly<Record<string, string>> = {}): Shell {
  return new Shell({ io: testIo({ env }), settings: testSettings(), interactive: true });
}

for (
  const [line, candidates] of [
    ["mir", ["mirror "]],
    ["  re", ["recv", "reget", "rename", "reput", "retrieve"]],
    ["ls --re", ["--recursive", "--reverse"]],
    ["ls --he", ["--help "]],
    ["quote --he", []],
    ["set li", ["limit-rate "]],
    ["set limit-rate 1", []],
    ["help ap", ["append "]],
    ["nosuch a", []],
    ["get a | l", []],
    ["# mir", []],
    ["cat a", []],
    ["ls --sort n", ["name "]],
    ["ls --sort name", ["name "]],
    ["help help he", []],
    ["quote -- --he", []],
    ["mget -- --he", []],
  ] as const
) {
  Deno.test(`completeLine: ${JSON.stringify(line)}, without a server`, async () => {
    await using shell = testShell();
    assertEquals((await completeLine(shell, line)).candidates, [...candidates]);
  });
}

Deno.test("completeLine: names here, hidden ones only behind a dot, directories left open", async () => {
  await using folder = await tempFolder();
  await Deno.mkdir(`${folder.path}/photos`);
  for (const name of [".profile", "phone list", "it's"]) {
    await Deno.writeTextFile(`${folder.path}/${name}`, "");
  }
  await using shell = testShell({ HOME: folder.path });
  shell.localDirectory = folder.path;
  for (
    const [line, candidates] of [
      ["put ph", ["phone\\ list", "photos/"]],
      ["put pho", ["phone\\ list", "photos/"]],
      ["put phot", ["photos/"]],
      ['put "phone', ['"phone list" ']],
      ["put 'i", ["'it'\\''s' "]],
      ["put .p", [".profile "]],
      ["put .", [".profile "]],
      ["lcd ph", ["photos/"]],
      ["lcd ~/ph", ["~/photos/"]],
    ] as const
  ) {
    const { candidates: found, end } = await completeLine(shell, line);
    assertEquals(found, [...candidates], line);
    assertEquals(end, line.slice(4), line);
  }
  const all = (await completeLine(shell, "put ")).candidates;
  assertEquals(all, ["it\\'s", "phone\\ list", "photos/"]);
});

Deno.test("completeLine: what several names have in common is a word, not half of its quoting", async () => {
  await using folder = await tempFolder();
  for (const name of ["a b", "a;b", "文1", "文2"]) await Deno.mkdir(`${folder.path}/${name}`);
  await using shell = testShell({ HOME: folder.path });
  shell.localDirectory = folder.path;
  for (
    const [line, becomes] of [
      ["lcd ", ""],
      ["lcd a", "a"],
      ["lcd a\\ ", "a\\ b/"],
      ["lcd '文", "'文"],
      ["lcd ~/文", "~/文"],
    ] as const
  ) {
    assertEquals((await completeLine(shell, line)).becomes, becomes, line);
  }
  for (const name of ["a b", "a;b"]) await Deno.remove(`${folder.path}/${name}`);
  assertEquals((await completeLine(shell, "lcd ")).becomes, "文");
});

Deno.test("completeLine: a remote directory is listed once; names that would touch the terminal are escaped", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, ["MLST type*;"]);
    await exchange(control, "PWD", '257 "/"');
    await exchange(control, "TYPE A", "200 ok");
    using data = await playData(control, "MLSD");
    const names = ["bell\x07", "b\x1b[2J", "b c", "b\u009b1m", "dir"];
    const types = (name: string): string => name === "dir" ? "dir" : "file";
    await data.send(names.map((name) => `type=${types(name)}; ${name}\r\n`).join(""));
    data.close();
    await control.sendLines("226 done");
    await playQuit(control);
  });
  await using shell = testShell();
  await shell.connect(LOOPBACK, { port: server.port, user: undefined, passwordFile: undefined });
  for (
    const [line, becomes] of [
      ["cat bell", "cat bell$'\\x07' "],
      ["cat 'b\\", "cat 'b\\"],
      ["cat 'bell", "cat 'bell'$'\\x07''' "],
      ["cat b$'\\e[", "cat $'b\\x1b[2J' "],
      ["cat b$'\\33'", "cat b$'\\33'\\[2J "],
      ["cat b$'\\xc2\\x9b'", "cat b$'\\xc2\\x9b'1m "],
    ] as const
  ) {
    const completion = await completeLine(shell, line);
    assertEquals(`cat ${completion.becomes}`, becomes, line);
  }
  const all = ["b$'\\x1b'\\[2J", "b\\ c", "bell$'\\x07'", "b$'\\xc2\\x9b'1m", "dir/"];
  assertEquals((await completeLine(shell, "cat ")).candidates, all);
  assertEquals((await completeLine(shell, "cd ")).candidates, ["dir/"]);
  await shell.disconnect();
  await server.done;
});

Deno.test("completeLine: what each argument of a transfer can be, with options before it", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  await Deno.mkdir(server.path("x-dir"));
  await Deno.writeTextFile(server.path("x-there"), "");
  await Deno.writeTextFile(server.path("x-both"), "");
  await Deno.mkdir(`${folder.path}/x-folder`);
  await Deno.writeTextFile(`${folder.path}/x-here`, "");
  await Deno.writeTextFile(`${folder.path}/x-both`, "");
  await using shell = testShell({ FTPKIT_PASSWORD: "secret" });
  shell.localDirectory = folder.path;
  const there = ["x-both", "x-dir/", "x-there"];
  const here = ["x-both", "x-folder/", "x-here"];
  const either = ["x-both", "x-dir/", "x-folder/", "x-here", "x-there"];
  await shell.connect(LOOPBACK, {
    port: server.address.port,
    user: "alice",
    passwordFile: undefined,
  });
  for (
    const [before, candidates] of [
      ["get", there],
      ["get a", either],
      ["get a b c", either],
      ["get -r --parallel 4", there],
      ["get -r --parallel=4 a", either],
      ["get --parallel", []],
      ["get -rn --exclude '*.tmp' -- -a", either],
      ["reget", there],
      ["mget a b", there],
      ["put", here],
      ["put --atomic", here],
      ["put a", either],
      ["mput a b", here],
      ["append", here],
      ["append a", there],
      ["append a b", []],
      ["mirror", ["x-dir/"]],
      ["mirror --delete a", ["x-folder/"]],
      ["mirror -R", ["x-folder/"]],
      ["mirror -R --parallel 2 a", ["x-dir/"]],
      ["mirror a --reverse", ["x-dir/"]],
      ["mirror a b", []],
      ["mv a", there],
      ["mv a b", []],
    ] as const
  ) {
    const { candidates: found } = await completeLine(shell, `${before} x`);
    assertEquals(found.map((each) => each.trimEnd()), [...candidates], before);
  }
  await shell.disconnect();
  assertEquals((await completeLine(shell, "get a x")).candidates, [
    "x-both",
    "x-folder/",
    "x-here",
  ]);
});

Deno.test("completeLine: a server that refuses or is gone completes nothing", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, ["MLST type*;"]);
    await exchange(control, "PWD", '257 "/"');
    await exchange(control, "TYPE A", "200 ok");
    await exchange(control, "EPSV", "421 gone");
    control.close();
  });
  await using shell = testShell();
  const { client } = shell.settings;
  shell.settings = { ...shell.settings, client: { ...client, retries: 0 } };
  await shell.connect(LOOPBACK, { port: server.port, user: undefined, passwordFile: undefined });
  assertEquals((await completeLine(shell, "cat b")).candidates, []);
  await server.done;
});

Deno.test("completeLine: Ctrl-C ends the one that runs, and none after it", async () => {
  await using shell = testShell();
  const completing = completeLine(shell, "mir");
  shell.interrupts.interrupt();
  await assertRejects(() => completing, InterruptedError);
  assertEquals((await completeLine(shell, "mir")).candidates, ["mirror "]);
});
