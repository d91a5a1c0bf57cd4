/**
 * Scripts of the shell with ftpkit's own server.
 *
 * @module
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { linesOf, streamLines } from "../../../client/shell/script.ts";
import { tempFolder } from "../../support/files.ts";
import { TestServer } from "../../support/test_server.ts";
import { runShell } from "./shell_io.ts";

/** A server with a few files. */
async function startServer(): Promise<TestServer> {
  const server = await TestServer.start();
  await Deno.mkdir(server.path("sub"));
  await Deno.writeTextFile(server.path("a.txt"), "hello\n");
  await Deno.writeTextFile(server.path("b c.txt"), "two\n");
  await Deno.writeTextFile(server.path("sub/x"), "x");
  return server;
}

for (
  const { script, out = "", err = /^$/, code = 0, args = [], path = "" } of [
    { script: "" },
    { script: " # nothing\n\n ; ;" },
    { script: "pwd", out: "/\n" },
    { script: "pwd; cd sub; pwd; cd ..; pwd", out: "/\n/sub\n/\n" },
    { script: "cd sub; cd; pwd; cd -; pwd", out: "/\n/sub\n/sub\n" },
    { script: "cd s*; pwd", out: "/sub\n" },
    { script: "cd 's*'", err: /550/, code: 6 },
    { script: "cd a*", err: /"a\*": 0 names match/, code: 2 },
    { script: "mkdir sub2; cd sub*; pwd", err: /"sub\*": 2 names match/, code: 2 },
    { script: "cd z*", err: /nothing matches/, code: 6 },
    { script: "pwd", path: "sub", out: "/sub\n" },
    { script: "ls", out: "a.txt\nb c.txt\nsub\n" },
    { script: "list *.txt", out: "a.txt\nb c.txt\n" },
    { script: "ls '*.txt'", err: /550/, code: 6 },
    { script: "cat a.txt 'b c.txt'", out: "hello\ntwo\n" },
    { script: "cat *", out: "hello\ntwo\n", err: /directory/, code: 8 },
    { script: "cat b\\ c.txt; pwd\r\npwd", out: "two\n/\n/\n" },
    { script: "quit; pwd" },
    { script: "bye\npwd" },
    { script: "nope; pwd", err: /^ftpkit: Unknown command "nope" .*\n$/, code: 2 },
    { script: "plt", err: /did you mean/, code: 2 },
    { script: "cat nope\npwd", err: /^ftpkit: Cannot download "nope": 550 .*\n$/, code: 6 },
    { script: "cat nope\npwd", args: ["-k"], out: "/\n", err: /550/, code: 8 },
    { script: "cat nope; pwd", args: ["-k"], out: "/\n", err: /550/, code: 8 },
    { script: "cat 'a.txt", err: /no ' ends it/, code: 2 },
    { script: "cat", err: /^ftpkit: Missing PATH: cat PATH\.\.\.\n$/, code: 2 },
    { script: "ls -x", err: /^ftpkit: Unknown option -x\n$/, code: 2 },
    { script: "pwd &", err: /background/, code: 2 },
    { script: "get a.txt no/where/", err: /no such directory/, code: 7 },
    { script: "mirror nope here", err: /550/, code: 6 },
    { script: "lcd no/where", err: /Cannot open the directory/, code: 7 },
    { script: "chmod +x a.txt", err: /octal/, code: 2 },
    { script: "close; ls", err: /^ftpkit: Not connected/, code: 1 },
    {
      script: "set retries 0; open ftp://127.0.0.1:1; rm a.txt",
      args: ["-k"],
      err: /^.*Cannot connect.*\n.*Not connected.*\n$/,
      code: 8,
    },
    { script: "rm -r ..", err: /no name of its own/, code: 2 },
    { script: "rm sub", err: /550/, code: 6 },
    { script: "put -", err: /standard input/, code: 2 },
    { script: "quote NOOP", out: "200 Done\n" },
    { script: "quote CWD sub; pwd", out: /^250 .*\n\/sub\n$/s },
    { script: "site NOPE", out: /^50\d .*\n$/, code: 1 },
    { script: "quote SIZE nope", out: /^550 .*\n$/, code: 6 },
    { script: "raw LIST", err: /a command such as get or ls/, code: 2 },
    {
      script: "stat sub a.txt",
      out: /^sub: directory, .*\na\.txt: file, 6 bytes, .*Z, mode 644\n$/,
    },
    { script: "stat nope", err: /550/, code: 6 },
    { script: "set type ascii; set type", out: /^type +ascii /, code: 0 },
    { script: "set retries many", err: /Cannot set retries to "many"/, code: 2 },
    { script: "set verbos 1", err: /did you mean verbose/, code: 2 },
    { script: "set \x1b[31m", err: /Unknown setting "\\x1b\[31m"/, code: 2 },
    { script: "ls --\x1b[31m", err: /Unknown option --\\x1b\[31m/, code: 2 },
    { script: "kill \x1b[31m", err: /No job \\x1b\[31m/, code: 2 },
    { script: "! exit 3", code: 1 },
    { script: "history" },
  ] satisfies {
    script: string;
    out?: string | RegExp;
    err?: RegExp;
    code?: number;
    args?: string[];
    path?: string;
  }[]
) {
  Deno.test(`shell -c: ${JSON.stringify(script)} ${args.join(" ")}`, async () => {
    await using server = await startServer();
    const result = await runShell(server.address, script, { args, path });
    assertMatch(result.stderr, err);
    if (typeof out === "string") assertEquals(result.stdout, out);
    else assertMatch(result.stdout, out);
    assertEquals(result.code, code);
  });
}

Deno.test("shell: everything that changes the server", async () => {
  await using server = await startServer();
  await using folder = await tempFolder();
  await Deno.writeTextFile(`${folder.path}/up`, "up");
  const script = `lcd ${folder.path.slice(0, -1)}?
    mkdir n; put up n/; mv n/up n/was; chmod 600 n/was; touch n/empty; put up n/third
    mkdir -p deep/er; mkdir -p deep/er; rmdir deep/er; rename 'b c.txt' sub; rm *.txt
    mkdir e1 e2; rmdir e?; mkdir gone; put up gone; rm -r gone; touch -- n/empty`;
  const { code, stderr } = await runShell(server.address, script);
  assertEquals(stderr, "");
  assertEquals(code, 0);
  const names = async (path: string): Promise<string[]> => {
    const entries = await Array.fromAsync(Deno.readDir(server.path(path)));
    return entries.map(({ name }) => name).sort();
  };
  assertEquals(await names(""), ["deep", "n", "sub"]);
  assertEquals(await names("n"), ["empty", "third", "was"]);
  assertEquals(await names("sub"), ["b c.txt", "x"]);
  assertEquals((await Deno.stat(server.path("n/was"))).mode ?? 0 & 0o777, 0o100600);
});

Deno.test("shell: bytes that are not UTF-8 have their Latin-1 reading in names of this side", async () => {
  await using server = await startServer();
  await using folder = await tempFolder();
  await Deno.writeTextFile(`${folder.path}/up`, "up");
  const script = `lcd ${folder.path}; put up; get up $'a\\xe9'; put $'a\\xe9' $'b\\xc3\\xa9'`;
  assertEquals((await runShell(server.address, script)).code, 0);
  assertEquals(await Deno.readTextFile(`${folder.path}/aé`), "up");
  assertEquals(await Deno.readTextFile(server.path("bé")), "up");
});

Deno.test("shell: what is transferred arrives, also by patterns, from and to other directories", async () => {
  await using server = await startServer();
  await using folder = await tempFolder();
  await Deno.mkdir(`${folder.path}/l{}*`);
  await Deno.mkdir(`${folder.path}/tree/deep`, { recursive: true });
  await Deno.writeTextFile(`${folder.path}/tree/deep/f`, "f");
  const script = `lcd ${folder.path}; lcd 'l{}*'; mget *; get a.txt copy; cd sub; get x y
    mput *.txt; put *; lcd ..; put -r tree; mirror -R tree mirrored; mirror mirrored
    get -r tree again; reget x; get x -`;
  const { code, stdout, stderr } = await runShell(server.address, script);
  assertEquals(code, 0, stderr);
  assertEquals(stdout.endsWith("sub/x\n") || stdout.endsWith("x"), true, stdout);
  for (const name of ["a.txt", "b c.txt", "copy", "y"]) {
    await Deno.stat(server.path(`sub/${name}`));
    await Deno.stat(`${folder.path}/l{}*/${name}`);
  }
  for (const name of ["again/deep/f", "mirrored/deep/f", "x"]) {
    await Deno.stat(`${folder.path}/${name}`);
  }
  assertEquals(await Deno.readTextFile(server.path("sub/mirrored/deep/f")), "f");
});

Deno.test("shell: a pattern without -r means files, and where only directories match says so", async () => {
  await using server = await startServer();
  await using folder = await tempFolder();
  const some = await runShell(server.address, `lcd ${folder.path}; mget *`);
  assertEquals(some.code, 0, some.stderr);
  const none = await runShell(server.address, `lcd ${folder.path}; mget s*`);
  assertEquals(none.code, 6);
  assertStringIncludes(none.stderr, "only directories match");
});

Deno.test("shell: rm -r removes a link, never what it leads to", async () => {
  await using server = await startServer();
  await Deno.symlink("sub", server.path("link"));
  const { code, stderr } = await runShell(server.address, "rm -r link");
  assertEquals(code, 0, stderr);
  assertEquals(await Deno.readTextFile(server.path("sub/x")), "x");
});

Deno.test("shell: mirror --delete removes a link, never what it leads to", async () => {
  await using server = await startServer();
  await using folder = await tempFolder();
  await Deno.mkdir(server.path("there"));
  await Deno.symlink("../sub", server.path("there/link"));
  const { code, stderr } = await runShell(
    server.address,
    `mirror -R --delete ${folder.path} there`,
  );
  assertEquals(code, 0, stderr);
  assertEquals(await Array.fromAsync(Deno.readDir(server.path("there"))), []);
  assertEquals(await Deno.readTextFile(server.path("sub/x")), "x");
});

Deno.test("shell: a script comes from standard input, from -f and with CRLF", async () => {
  await using server = await startServer();
  await using folder = await tempFolder();
  const script = "\ufeff# a comment\r\npwd\r\n\r\ncd sub\r\npwd";
  const piped = await runShell(server.address, undefined, { stdin: script });
  assertEquals([piped.code, piped.stdout, piped.stderr], [0, "/\n/sub\n", ""]);
  const file = `${folder.path}/script`;
  await Deno.writeTextFile(file, script);
  const read = await runShell(server.address, undefined, { args: ["-f", file] });
  assertEquals([read.code, read.stdout, read.stderr], [0, "/\n/sub\n", ""]);
  const missing = await runShell(server.address, undefined, { args: ["-f", `${file}.not`] });
  assertEquals(missing.code, 7);
});

Deno.test("shell: a login that is refused, and a host that is not there, end a script", async () => {
  await using server = await startServer();
  const refused = await runShell(server.address, "pwd", { env: { FTPKIT_PASSWORD: "wrong" } });
  assertEquals([refused.code, refused.stdout], [4, ""]);
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  assertEquals((await runShell({ port }, "pwd")).code, 3);
});

Deno.test("shell: open goes elsewhere, with a port and a user of its own", async () => {
  await using first = await startServer();
  await using second = await TestServer.start();
  await Deno.writeTextFile(second.path("elsewhere"), "");
  const { port } = second.address;
  const script = `ls sub; open -P ${port} alice@127.0.0.1; ls; close
    open ftp://alice@127.0.0.1:${port}; ls; open -P ${port} -u bob 127.0.0.1; mkdir nope`;
  const { code, stdout, stderr } = await runShell(first.address, script);
  assertEquals(stdout, "x\nelsewhere\nelsewhere\n");
  // Bob may only read.
  assertEquals(code, 6, stderr);
});

Deno.test("linesOf, streamLines: any way of cutting the bytes gives the same lines", async () => {
  const texts = fc.string({ unit: fc.constantFrom("a", "文", "\r", "\n", " ") });
  await fc.assert(fc.asyncProperty(texts, fc.array(fc.nat(3)), async (text, cuts) => {
    let bytes = new TextEncoder().encode(text);
    const sizes = cuts.map((size) => size + 1);
    const read = (buffer: Uint8Array): Promise<number | null> => {
      const count = Math.min(sizes.pop() ?? 100, bytes.length);
      buffer.set(bytes.subarray(0, count));
      bytes = bytes.subarray(count);
      return Promise.resolve(count === 0 ? null : count);
    };
    const lines = await Array.fromAsync(streamLines({ read }));
    assertEquals(lines, linesOf(text));
  }));
});
