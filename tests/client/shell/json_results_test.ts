/**
 * What the shell tells programs, with `--json`.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { tempFolder } from "../../support/files.ts";
import { TestServer } from "../../support/test_server.ts";
import { runShell } from "./shell_io.ts";

const FILE = { type: "file", size: 3, modified: "2024-05-06T07:08:09Z" } as const;

for (
  const { script, values } of [
    { script: "ls", values: [{ name: "xü" }] },
    {
      script: "stat x*",
      values: [{ name: "xü", path: "xü", ...FILE, permissions: "rw-r-----" }],
    },
    { script: "stat ../sub/", values: [{ name: "sub", path: "../sub/", type: "dir" }] },
    { script: "pwd", values: [{ path: "/sub" }] },
    { script: "cd ..; cd -", values: [{ path: "/sub" }] },
    { script: "lpwd", values: [{ path: "HERE" }] },
    { script: "lls", values: [{ name: "local", path: "HERE/local", type: "file" }] },
    { script: "set type", values: [{ name: "type", value: "binary" }] },
    { script: "set type ascii; set type", values: [{ name: "type", value: "ascii" }] },
    { script: "status", values: [{ name: "server", value: "127.0.0.1:/sub" }] },
    { script: "quote NOOP", values: [{ code: 200 }] },
    { script: "features", values: [{ name: "AVBL", parameters: "" }] },
    {
      script: "bookmark add work ftp://host/d; bookmark",
      values: [{ name: "work", url: "ftp://host/d" }],
    },
    {
      script: "get local & fg",
      values: [
        { job: 1, state: "running", command: "get local" },
        { job: 1, state: "running", command: "get local" },
      ],
    },
    {
      script: "get x* & wait; jobs",
      values: [
        { job: 1, state: "running", command: "get x*" },
        { action: "get", status: "done", bytes: 3 },
        { job: 1, state: "done", command: "get x*", code: 0 },
      ],
    },
  ] satisfies { script: string; values: Readonly<Record<string, unknown>>[] }[]
) {
  Deno.test(`shell --json: ${script}`, async () => {
    await using server = await TestServer.start();
    await Deno.mkdir(server.path("sub"));
    await Deno.writeTextFile(server.path("sub/xü"), "abc", { mode: 0o640 });
    const time = new Date(FILE.modified);
    await Deno.utime(server.path("sub/xü"), time, time);
    await using here = await tempFolder();
    await Deno.writeTextFile(`${here.path}/local`, "");
    const { stdout } = await runShell(server.address, `lcd ${here.path}; ${script}`, {
      ...{ args: ["--json"], path: "sub" },
      env: { FTPKIT_PASSWORD: "secret", HOME: here.path },
    });
    const found: Record<string, unknown>[] = stdout.trimEnd().split("\n").map((line) =>
      JSON.parse(line.replaceAll(here.path, "HERE"))
    );
    for (const [at, value] of values.entries()) {
      const told = Object.fromEntries(Object.keys(value).map((key) => [key, found[at]?.[key]]));
      assertEquals(told, value, stdout);
    }
  });
}

Deno.test("shell: lpwd and status keep escape bytes from the terminal", async () => {
  await using server = await TestServer.start();
  await using here = await tempFolder();
  const path = `${here.path}/s\x1b[2J`;
  await Deno.mkdir(path);
  const { code, stdout, stderr } = await runShell(server.address, `lcd '${path}'; lpwd; status`);
  assertEquals([code, stdout.includes("\x1b"), stderr], [0, false, ""]);
  assertMatch(stdout, /^.*s\\x1b\[2J\nserver +127\.0\.0\.1:\/\nlocal directory +.*s\\x1b\[2J\n/);
});
