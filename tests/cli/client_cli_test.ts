/**
 * get, put and ls as programs: command line, exit codes, pipes and signals.
 *
 * @module
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { exchange, playData, playQuit, playSize, playStart } from "../client/dialogue.ts";
import { ftpkit } from "../support/cli.ts";
import { tempFolder } from "../support/files.ts";
import { freePort } from "../support/free_port.ts";
import { ScriptedServer } from "../support/scripted_peer.ts";

const MAIN = fromFileUrl(new URL("../../main.ts", import.meta.url));

for (const command of ["get", "put", "ls", "mirror"]) {
  Deno.test(`ftpkit ${command} --help: examples first, exit code 0`, async () => {
    const { code, stdout, stderr } = await ftpkit([command, "--help"]);
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^(.* ftpkit \w+ .*\n){2,3}\nUsage: ftpkit /);
  });
}

const USAGE_ERRORS: readonly (readonly [args: readonly string[], words: string])[] = [
  [["get"], "Missing SOURCE: ftpkit get "],
  [["put", "x"], "Missing SOURCE or DEST: ftpkit put "],
  [["ls"], "Missing TARGET: ftpkit ls "],
  [["get", "--contine", "h:x"], "Unknown option --contine (did you mean --continue?)"],
  [["get", "-r", "host:x", "-"], "Cannot use --recursive with standard output"],
  [["get", "--parallel", "0", "host:x"], 'Invalid --parallel "0"'],
  [["get", "--exclude", "", "host:x"], "Cannot use an empty pattern"],
  [["mirror", "host:x"], "Missing SOURCE or DEST: ftpkit mirror "],
  [["mirror", "a", "b"], 'Cannot mirror "a" to "b": neither is a remote place'],
  [
    ["mirror", "ftp://u:secret@h/", "host:"],
    'Cannot mirror "ftp://u:***@h/" to "host:": both are remote',
  ],
  [["mirror", "host:a", "host:b"], 'Cannot mirror "host:a" to "host:b": both are remote'],
  [["mirror", "host:a", "-"], 'Cannot mirror "host:a" to "-": - is no directory'],
  [["get", "x"], 'Cannot download "x": it is not a remote place, such as host:path'],
  [["get", "ftp://u:secret@host/x", "other:"], 'Cannot download "host:x" to "other:": '],
  [["put", "x", "y"], 'Cannot upload to "y": it is not a remote place'],
  [["put", "host:x", "host:"], 'Cannot upload "host:x": it is not here'],
  [["put", "a/x", "b/x", "host:"], 'Cannot upload two files as "x"'],
  [["put", "-", "host:dir/"], "Cannot upload standard input without a file name"],
  [["put", "a\rb", "host:"], 'Cannot upload "a\\x0db": CR, LF or NUL in the name'],
  [["get", "host:a\nDELE b"], 'Cannot use "host:a\\x0aDELE b": CR, LF or NUL in it'],
  [["get", "-c", "host:x", "-"], "Cannot use --continue with standard output"],
  [["get", "host:a/x", "host:b/x"], 'Cannot download two files to "x"'],
  [["get", "host:x.part", "host:x"], 'Cannot download two files to "x.part"'],
  [["get", "ftp://u:pa/secret@h/x"], 'Cannot use "ftp://u:***@h/x": no valid host in it'],
  [["ls", "http://host/"], 'Cannot use "http://host/": only ftp://, ftps:// and ftpes:// URLs'],
];

for (const [args, words] of USAGE_ERRORS) {
  Deno.test(`ftpkit ${args.map((arg) => JSON.stringify(arg)).join(" ")}: exit code 2`, async () => {
    const { code, stdout, stderr } = await ftpkit(args);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, `ftpkit: ${words}`);
    assertEquals(stderr.split("\n").length, 2);
  });
}

Deno.test("ftpkit get: nobody there is one line and exit code 3, without HOME too", async () => {
  const port = freePort("127.0.0.1");
  const args = ["get", "-P", String(port), "127.0.0.1:x"];
  const { code, stderr } = await ftpkit(args, { env: { HOME: "" } });
  assertEquals(code, 3);
  assertEquals(stderr, `ftpkit: Cannot connect to 127.0.0.1:${port}: connection refused\n`);
});

Deno.test("ftpkit put: a local file that is missing, or no file, is exit code 7", async () => {
  await using folder = await tempFolder();
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playQuit(control);
  });
  const missing = join(folder.path, "none");
  const target = `ftp://127.0.0.1:${server.port}/`;
  const { code, stderr } = await ftpkit([
    "put",
    "--no-netrc",
    "--tls",
    "off",
    missing,
    "/dev/null",
    target,
  ]);
  assertEquals(code, 8);
  assertEquals(
    stderr.replace(/\d+\.\d s/, "0.1 s"),
    [
      `ftpkit: Cannot read "${missing}": no such file or directory\n`,
      'ftpkit: Cannot read "/dev/null": it is not a regular file\n',
      "0 files, 0 B in 0.1 s, 2 failed\n",
    ].join(""),
  );
});

Deno.test("ftpkit get: user and password come from the environment", async () => {
  await using folder = await tempFolder();
  await using server = new ScriptedServer(async (control) => {
    await control.sendLines("220 hello");
    await exchange(control, "USER eve", "331 password?");
    await exchange(control, "PASS s p", "530 no");
  });
  const env = { FTPKIT_USER: "eve", FTPKIT_PASSWORD: "s p" };
  const args = [
    "get",
    "-vv",
    "--no-netrc",
    "--tls",
    "off",
    `ftp://127.0.0.1:${server.port}/x`,
    folder.path,
  ];
  const { code, stderr } = await ftpkit(args, { env });
  assertEquals(code, 4);
  assertStringIncludes(stderr, "> PASS ***\n");
  assertEquals(stderr.includes("s p"), false);
});

Deno.test("ftpkit get: a reader that leaves is exit code 7 and one line", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playSize(control, { path: "f", size: 50_000_000 });
    using data = await playData(control, "RETR f");
    await data.send(new Uint8Array(50_000_000)).catch(() => {}); // the client is gone
    data.close();
    await control.sendLines("426 broken");
    await playQuit(control);
  });
  const place = `ftp://127.0.0.1:${server.port}/f`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", MAIN, "get", "--no-netrc", "--tls", "off", place, "-"],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  const stderr = await new Response(child.stderr).text();
  assertEquals((await child.status).code, 7);
  assertMatch(stderr, /^ftpkit: Cannot download "f": broken pipe\n$/i);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`ftpkit get: ${signal} keeps the part and is exit code 130`, async () => {
    await using folder = await tempFolder();
    const part = join(folder.path, "f.part");
    const { promise: waiting, resolve } = Promise.withResolvers<void>();
    await using server = new ScriptedServer(async (control) => {
      await playStart(control);
      await playSize(control, { path: "f", size: 100 });
      using data = await playData(control, "RETR f");
      await data.send("0123456789");
      resolve();
      await data.rest();
    });
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--quiet",
        MAIN,
        "get",
        "--no-netrc",
        "--tls",
        "off",
        `ftp://127.0.0.1:${server.port}/f`,
        folder.path,
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    await waiting;
    while ((await Deno.stat(part).catch(() => ({ size: 0 }))).size < 10) {
      await new Promise((again) => setTimeout(again, 1));
    }
    child.kill(signal);
    const { code, stderr } = await child.output();
    assertEquals(code, 130);
    assertStringIncludes(new TextDecoder().decode(stderr), "ftpkit: Interrupted\n");
    assertEquals(await Deno.readTextFile(part), "0123456789");
  });
}

Deno.test("ftpkit ls: rows on standard output, exit code 0", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, ["MLST type*;"]);
    await exchange(control, "TYPE A", "200 text");
    using data = await playData(control, "MLSD");
    await data.send("type=file; a\r\ntype=file; b\r\n");
    data.close();
    await control.sendLines("226 done");
    await playQuit(control);
  });
  const args = ["ls", "--no-netrc", "--tls", "off", "--reverse", `ftp://127.0.0.1:${server.port}/`];
  assertEquals(await ftpkit(args), { code: 0, stdout: "b\na\n", stderr: "" });
});
