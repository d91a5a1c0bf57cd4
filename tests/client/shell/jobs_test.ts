/**
 * Commands of the shell in the background.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { tempFolder } from "../../support/files.ts";
import { InterruptedError } from "../../../shared/errors.ts";
import { EXIT } from "../../../shared/exit_code.ts";
import { TestServer } from "../../support/test_server.ts";
import { runShell } from "./shell_io.ts";

async function startServer(): Promise<TestServer> {
  const server = await TestServer.start();
  await Deno.mkdir(server.path("sub"));
  await Deno.writeTextFile(server.path("sub/x"), "x");
  await Deno.writeTextFile(server.path("a"), "a");
  await Deno.writeFile(server.path("big"), new Uint8Array(1_000_000));
  return server;
}

for (
  const { script, out, err = /^$/, code = 0, args = [] } of [
    { script: "get a & wait", out: /^\[1\] get a\n127.* -> .*a {2}1 B.*\n\[1\] done {2}get a\n$/ },
    { script: "get a &", out: /\[1\] done {2}get a\n$/ },
    { script: "jobs", out: /^$/ },
    { script: "cd sub; get x & cd /; lcd /; wait 1", out: /\[1\] done {2}get x\n$/ },
    {
      script: "get a & get big & wait; jobs",
      out: /\[1\] done {2}get a\n(.*\n)*\[2\] done {2}get big\n$/,
    },
    {
      script: "get a & wait; get big & wait",
      out: /\[1\] done {2}get a\n(.*\n)*\[1\] done {2}get big\n$/,
    },
    { script: "get nope & wait; pwd", out: /^.*\n\[1\] failed \(6\) .*\n$/, err: / 550 /, code: 6 },
    { script: "get nope &", out: /\[1\] failed \(6\) {2}get nope\n$/, err: / 550 /, code: 6 },
    { script: "get nope & wait; pwd", out: /\n\/\n$/, err: / 550 /, code: 8, args: ["-k"] },
    {
      script: "set limit-rate 10K; get big & jobs; kill 1; jobs; pwd",
      out: /\[1\] running {2}get big\n(.*\n)*\[1\] stopped {2}get big\n\/\n$/,
      err: /are kept in|Interrupted/,
    },
    { script: "get a & fg; jobs", out: /^\[1\] get a\nget a\n127.* -> .*a {2}1 B.*\n$/ },
    { script: "get nope & fg 1", out: /^\[1\] get nope\nget nope\n$/, err: / 550 /, code: 6 },
    { script: "get big - & wait", out: /failed \(7\)/, err: /no standard output/, code: 7 },
    { script: "fg", out: /^$/, err: /No jobs/, code: 2 },
    { script: "wait 7", out: /^$/, err: /No job 7/, code: 2 },
    { script: "kill %7", out: /^$/, err: /No job 7/, code: 2 },
    { script: "ls &", out: /^$/, err: /only transfers/, code: 2 },
  ] satisfies { script: string; out: RegExp; err?: RegExp; code?: number; args?: string[] }[]
) {
  Deno.test(`shell, background: ${script} ${args.join(" ")}`, async () => {
    await using server = await startServer();
    await using folder = await tempFolder();
    const begun = `lcd ${folder.path}; ${script}`;
    const result = await runShell(server.address, begun, { args });
    assertMatch(result.stdout.replaceAll(`${folder.path}/`, ""), out);
    assertMatch(result.stderr, err);
    assertEquals(result.code, code, result.stderr);
    for await (const { name } of Deno.readDir(folder.path)) {
      if (!name.endsWith(".part")) {
        const copy = await Deno.readFile(`${folder.path}/${name}`);
        const there = name === "x" ? server.path("sub/x") : server.path(name);
        assertEquals(copy, await Deno.readFile(there));
      }
    }
  });
}

Deno.test("shell, background: a job has a session of its own", async () => {
  const logins: string[] = [];
  await using server = await TestServer.start({
    onEvent: (event) => {
      if (event.kind === "login") logins.push(event.kind);
    },
  });
  await Deno.writeTextFile(server.path("a"), "a");
  await using folder = await tempFolder();
  const script = `lcd ${folder.path}; get a & wait; get a`;
  const { code, stderr } = await runShell(server.address, script);
  assertEquals([code, logins.length], [0, 2], stderr);
});

Deno.test("shell, background: an interrupted script ends with 130, also with -k", async () => {
  const begun = Promise.withResolvers<void>();
  await using server = await TestServer.start({
    onEvent: (event) => {
      if (event.kind === "received" && event.command === "RETR big") begun.resolve();
    },
  });
  await Deno.writeFile(server.path("big"), new Uint8Array(1_000_000));
  await using folder = await tempFolder();
  const interrupt = new AbortController();
  const io = { signal: interrupt.signal, args: ["-k", "--limit-rate", "10K"] };
  const running = runShell(server.address, `lcd ${folder.path}; get big &`, io);
  await begun.promise;
  interrupt.abort(new InterruptedError("Interrupted"));
  assertEquals((await running).code, EXIT.interrupted);
});
