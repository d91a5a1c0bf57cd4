/**
 * `ftpkit shell` as a program: pipes, files, signals and exit codes.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { Child } from "../support/child.ts";
import { ftpkit, ftpkitOnTerminal, serve } from "../support/cli.ts";
import { peerTest } from "../support/peers.ts";
import { makeFile, tempFolder } from "../support/files.ts";
import { LOCAL_IDENTITY } from "../support/tls_pair.ts";

const MAIN = fromFileUrl(new URL("../../main.ts", import.meta.url));

Deno.test("ftpkit shell: a pipe on standard input is a script, without prompt, echo or escape codes", async () => {
  await using server = await serve({ args: ["--user", "alice:secret:write"] });
  await Deno.writeTextFile(`${server.root}/a`, "text\n");
  const target = ["-P", String(server.port), "alice@127.0.0.1"];
  const env = { FTPKIT_PASSWORD: "secret" };
  const piped = await ftpkit(["shell", ...target], { env, stdin: "ls\r\n# no\r\n\r\ncat a" });
  assertEquals([piped.code, piped.stdout, piped.stderr], [0, "a\ntext\n", ""]);
  const failed = await ftpkit(["shell", ...target], { env, stdin: "cat b\npwd\n" });
  assertEquals([failed.code, failed.stdout], [6, ""]);
  const kept = await ftpkit(["shell", "-k", ...target], { env, stdin: "cat b\npwd\n" });
  assertEquals([kept.code, kept.stdout], [8, "/\n"]);
  const dash = await ftpkit(["shell", "-f", "-", ...target], { env, stdin: "pwd" });
  assertEquals([dash.code, dash.stdout], [0, "/\n"]);
});

peerTest("ftpkit shell -c: no escape codes on a terminal either", {
  needs: ["python3"],
}, async () => {
  await using server = await serve();
  await using folder = await tempFolder();
  await makeFile(`${server.root}/f`, 300_000);
  const target = `ftp://${server.host}:${server.port}/`;
  const script = `get f ${folder.path}/f; ls`;
  const options = ["--no-netrc", "--limit-rate", "1M"];
  const { code, stdout } = await ftpkitOnTerminal(["shell", ...options, target, "-c", script], []);
  assertEquals([code, stdout.includes("\x1b")], [0, false], stdout);
});

Deno.test("ftpkit shell: what cannot go together is a usage error", async () => {
  for (
    const args of [
      ["-c", "ls", "-f", "x"],
      ["--password-file", "-", "host"],
      ["/local/path"],
      ["one", "two"],
      ["-c"],
    ]
  ) {
    const { code, stdout, stderr } = await ftpkit(["shell", ...args]);
    assertEquals([code, stdout], [2, ""], stderr);
    assertEquals(stderr.split("\n").length, 2, stderr);
  }
  const help = await ftpkit(["shell", "--help"]);
  assertEquals(help.code, 0);
  assert(help.stdout.startsWith("  ftpkit shell "));
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`ftpkit shell: ${signal} ends a script with 130, and what has arrived is kept`, {
    ignore: Deno.build.os === "windows",
  }, async () => {
    await using server = await serve({ args: ["--user", "alice:secret:write"] });
    await using folder = await tempFolder();
    await makeFile(`${server.root}/big`, 3_000_000);
    const script = ["-c", "get big; pwd", "-vv", "--limit-rate", "200K"];
    const place = ["-P", String(server.port), "alice@127.0.0.1"];
    const args = ["run", "--allow-all", "--quiet", MAIN, "shell", ...script, ...place];
    const env = { FTPKIT_PASSWORD: "secret" };
    await using child = new Child(Deno.execPath(), { args, env, cwd: folder.path });
    await child.waitFor("stderr", /^< 150/m);
    const { code } = await child.stop(signal);
    assertEquals([code, child.stdout], [130, ""]);
    assertStringIncludes(child.stderr, "ftpkit: Interrupted\n");
    const names = await Array.fromAsync(Deno.readDir(folder.path), ({ name }) => name);
    assertEquals(names.includes("big"), false);
  });
}

Deno.test("ftpkit shell: inside TLS, with jobs that trust what was trusted", async () => {
  await using folder = await tempFolder();
  const cert = `${folder.path}/both.pem`;
  await Deno.writeTextFile(cert, LOCAL_IDENTITY.cert + LOCAL_IDENTITY.key, { mode: 0o600 });
  const tls = ["--tls", "require", "--cert", cert, "--user", "alice:secret:write"];
  await using server = await serve({ args: tls });
  await makeFile(`${server.root}/a`, 100_000);
  const script = "ls; get a; get a b & wait; active; get a c; cd /; quote NOOP";
  const env = { FTPKIT_PASSWORD: "secret", HOME: folder.path };
  const place = ["-P", String(server.port), "ftpes://alice@127.0.0.1/"];
  const args = ["shell", "--insecure", "-q", "-c", script, ...place];
  const { code, stderr } = await ftpkit(args, { env, cwd: folder.path });
  assertEquals(code, 0, stderr);
  for (const name of ["a", "b", "c"]) {
    assertEquals((await Deno.stat(`${folder.path}/${name}`)).size, 100_000);
  }
  const refused = await ftpkit(["shell", "-c", "ls", ...place], { env, cwd: folder.path });
  assertEquals(refused.code, 5, refused.stderr);
});
