/**
 * The program around the subcommands, and `serve` as whoever starts it sees it.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import config from "../../deno.json" with { type: "json" };
import { connect, listen } from "../../shared/connection.ts";
import type { Endpoint } from "../../shared/endpoint.ts";
import { ftpkit, serve } from "../support/cli.ts";
import { RawClient } from "../support/raw_client.ts";
import { run } from "../support/run.ts";

Deno.test("ftpkit --version: its name and version", async () => {
  assertEquals(await ftpkit(["--version"]), {
    code: 0,
    stdout: `ftpkit ${config.version}\n`,
    stderr: "",
  });
});

Deno.test("ftpkit --help: examples first, every subcommand, exit code 0", async () => {
  const { code, stdout, stderr } = await ftpkit(["--help"]);
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^( {2}ftpkit \w+ .*\n){2,3}\nUsage: ftpkit COMMAND/);
  for (const command of ["serve", "get", "put", "ls", "mirror", "user", "completions"]) {
    assertStringIncludes(stdout, `\n  ${command} `);
  }
  assertEquals((await ftpkit(["-h"])).stdout, stdout);
});

/** What takes a command of the client longer to load than most of its own rooms together. */
const SLOW_TO_LOAD = /logtape|deno-std\/[^/]+\/(path|text\/mod)\b|^node:fs$/;

Deno.test("main.ts: commands of the client load nothing that is slow and of no use to them", async () => {
  for (const command of ["get", "put", "ls", "mirror"]) {
    const room = fromFileUrl(new URL(`../../client/${command}_command.ts`, import.meta.url));
    const { code, stdout } = await run(Deno.execPath(), ["info", "--json", room]);
    assertEquals(code, 0);
    const specifiers = stdout.match(/(?<="specifier": ")[^"]+/g) ?? [];
    assert(specifiers.length > 50, `${specifiers.length} modules`);
    assertEquals(specifiers.filter((specifier) => SLOW_TO_LOAD.test(specifier)), []);
  }
});

Deno.test("ftpkit serve --help: examples first, exit code 0", async () => {
  const { code, stdout, stderr } = await ftpkit(["serve", "--help"]);
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^( {2}ftpkit serve .*\n){2,3}\nUsage: ftpkit serve /);
});

const REFUSED: readonly (readonly [args: readonly string[], code: number, words: string])[] = [
  [[], 2, "Missing command: ftpkit --help shows them"],
  [["servr"], 2, 'Unknown command "servr" (did you mean serve?)'],
  [["--bogus"], 2, "Unknown option --bogus"],
  [["toString"], 2, 'Unknown command "toString"'],
  [["serve", "--prot", "1"], 2, "Unknown option --prot (did you mean --port?)"],
  [["serve", "a", "b"], 2, 'Unexpected argument "b"'],
  [["serve", "--port", "65536"], 2, 'Invalid --port "65536": not a whole number from 0 to 65535'],
  [["serve", "--user", "alice"], 2, 'Invalid --user "alice:…": must be NAME:PASSWORD'],
  [["serve", "--user", ":secret"], 2, 'Invalid --user ":…": must be NAME:PASSWORD'],
  [["serve", "-u", "a:b", "-u", "a:c"], 2, 'User "a" is given twice'],
  [["serve", "--anonymous", "all"], 2, 'Invalid --anonymous "all": must be one of off, read,'],
  [["serve", "--passive-ports", "9-1"], 2, 'Invalid --passive-ports "9-1": must be two ports'],
  [["serve", "--limit-rate", "0"], 2, 'Invalid --limit-rate "0": must be above 0'],
  [["serve", "--idle-timeout", "0"], 2, 'Invalid --idle-timeout "0": not a number of seconds'],
  [["serve", "/nonexistent/here"], 1, 'Cannot share "/nonexistent/here": no such directory'],
  [["serve", "deno.json"], 1, 'Cannot share "deno.json": not a directory'],
];

for (const [args, code, words] of REFUSED) {
  Deno.test(`ftpkit ${args.join(" ")}: one line and exit code ${code}`, async () => {
    const result = await ftpkit(args);
    assertEquals([result.code, result.stdout], [code, ""]);
    assert(result.stderr.startsWith(`ftpkit: ${words}`), result.stderr);
    assertEquals(result.stderr.split("\n").length, 2, result.stderr);
  });
}

Deno.test("ftpkit serve: a password of a bad --user is never shown", async () => {
  const { stderr } = await ftpkit(["serve", "--user", ":hunter2"]);
  assertEquals(stderr.includes("hunter2"), false);
});

Deno.test("ftpkit serve: a port that is taken is one line and exit code 1", async () => {
  using taken = listen({ hostname: "127.0.0.1", port: 0 });
  const port = String(taken.local.port);
  const { code, stdout, stderr } = await ftpkit(["serve", "--host", "127.0.0.1", "-p", port, "."]);
  assertEquals([code, stdout], [1, ""]);
  assertEquals(stderr, `ftpkit: Cannot listen on 127.0.0.1:${port}: address already in use\n`);
});

Deno.test("ftpkit serve: where it listens on stdout, what is shared with whom on stderr", async () => {
  const args = ["--user", "alice:secret:write", "--user", "bob:pass", "--anonymous", "upload"];
  await using server = await serve({ args });
  const { child, port, root } = server;
  await child.waitFor("stderr", /anonymous.*\n/);
  await server.stop();
  assertEquals(child.stdout, `listening ftp://127.0.0.1:${port}/\n`);
  const [first, ...rest] = child.stderr.split("\n");
  assertEquals(first, `Sharing ${JSON.stringify(await realPath(root))} over plain FTP:`);
  assertEquals(rest.slice(0, 3), [
    '  user "alice" may read and write',
    '  user "bob" may read',
    "  anyone (anonymous) may list and add new files",
  ]);
  assertEquals(child.stderr.includes("secret"), false);
});

// The folder goes away with the server, so its real path is that of the folder above.
async function realPath(root: string): Promise<string> {
  const cut = root.lastIndexOf("/");
  return `${await Deno.realPath(root.slice(0, cut))}${root.slice(cut)}`;
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`ftpkit serve: ${signal} says 421 to who is there and ends with exit code 0`, async () => {
    await using server = await serve();
    using client = await RawClient.connect({ hostname: server.host, port: server.port });
    await client.expect(220);
    const ended = server.stop(signal);
    await client.expect(421);
    assertEquals((await ended).code, 0);
  });
}

Deno.test("ftpkit serve: a second signal ends it at once, whatever still runs", async () => {
  await using server = await serve({ args: ["--drain-timeout", "600", "-u", "u:p:write"] });
  using client = await RawClient.login({ hostname: server.host, port: server.port }, "u", "p");
  using data = await client.openData();
  await client.command("STOR stalled", 150);
  await data.write(new Uint8Array(10));
  Deno.kill(server.child.pid, "SIGTERM");
  // Two signals that come at once may arrive as one: it has taken the first when its port is closed.
  while (await isOpen({ hostname: server.host, port: server.port }));
  Deno.kill(server.child.pid, "SIGTERM");
  assertEquals((await server.child.status).code, 130);
});

async function isOpen(target: Endpoint): Promise<boolean> {
  try {
    using _connection = await connect(target, { timeout: 5000 });
    return true;
  } catch {
    return false;
  }
}
