/**
 * `ftpkit ls` against a server that plays each oddity.
 *
 * @module
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { exitCodeOf } from "../../shared/exit_code.ts";
import { type ScriptedConnection, ScriptedServer } from "../support/scripted_peer.ts";
import { exchange, playDownload, playQuit, playStart, runAgainst } from "./dialogue.ts";

const MLST = "MLST type*;size*;modify*;UNIX.mode*;";

const MLSD_LINES = [
  "type=cdir;modify=20240102030405; /",
  "type=file;size=7;modify=20240102030405;UNIX.mode=0640; b\x1b[2J",
  "type=dir;modify=20240203040506;UNIX.mode=0755; a dir",
  "type=file;size=2000;modify=20230102030405; .hidden",
  "type=OS.unix=slink:/target;modify=20240102030405; link",
];

/** Plays one listing. */
async function playListing(
  control: ScriptedConnection,
  way: { readonly command: string; readonly text: string | Uint8Array; readonly final?: string },
): Promise<void> {
  await exchange(control, "TYPE A", "200 text");
  await playDownload(control, { commands: [way.command], content: way.text, final: way.final });
}

function mlsdServer(path = ""): ScriptedServer {
  return new ScriptedServer(async (control) => {
    await playStart(control, [MLST]);
    const command = path === "" ? "MLSD" : `MLSD ${path}`;
    await playListing(control, { command, text: MLSD_LINES.map((line) => `${line}\r\n`).join("") });
    await playQuit(control);
  });
}

Deno.test("ls: names by MLSD, one a line in a pipe, hidden ones left out, controls escaped", async () => {
  await using server = mlsdServer();
  const { code, stdout } = await runAgainst(server, ["ls", "127.0.0.1:"]);
  assertEquals([code, stdout], [0, "a dir\nb\\x1b[2J\nlink\n"]);
});

Deno.test("ls: columns on a terminal", async () => {
  await using server = mlsdServer();
  const options = { terminals: { stdout: true }, columns: 20, env: { NO_COLOR: "1" } };
  const { stdout } = await runAgainst(server, ["ls", "127.0.0.1:"], options);
  assertEquals(stdout, "a dir     link\nb\\x1b[2J\n");
});

for (
  const [name, env, colours] of [
    ["usually", {}, true],
    ["not with NO_COLOR", { NO_COLOR: "1" }, false],
    ["not on a dumb terminal", { TERM: "dumb" }, false],
  ] as const
) {
  Deno.test(`ls: directories and links have colours on a terminal, ${name}`, async () => {
    await using server = mlsdServer();
    const options = { terminals: { stdout: true }, env };
    const { stdout } = await runAgainst(server, ["ls", "127.0.0.1:"], options);
    assertEquals(stdout.includes("\x1b[1;34ma dir\x1b[0m"), colours);
    assertEquals(stdout.includes("\x1b["), colours);
  });
}

Deno.test("ls: --json tells each entry on a line, names raw", async () => {
  await using server = mlsdServer("d");
  const args = ["ls", "-a", "--json", "--sort", "size", "127.0.0.1:d"];
  const { stdout } = await runAgainst(server, args);
  const entries = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(entries, [
    {
      name: ".hidden",
      path: "d/.hidden",
      type: "file",
      size: 2000,
      modified: "2023-01-02T03:04:05Z",
    },
    {
      name: "b\x1b[2J",
      path: "d/b\x1b[2J",
      type: "file",
      size: 7,
      modified: "2024-01-02T03:04:05Z",
      permissions: "rw-r-----",
    },
    {
      name: "a dir",
      path: "d/a dir",
      type: "dir",
      modified: "2024-02-03T04:05:06Z",
      permissions: "rwxr-xr-x",
    },
    {
      name: "link",
      path: "d/link",
      type: "link",
      modified: "2024-01-02T03:04:05Z",
      target: "/target",
    },
  ]);
});

Deno.test("ls: facts that the server has switched off are asked for", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, ["MLST type*;size*;perm*;UNIX.mode;"]);
    await exchange(control, "OPTS MLST type;size;UNIX.mode;", "200 ok");
    await playListing(control, { command: "MLSD", text: "type=file;UNIX.mode=0600; f\n" });
    await playQuit(control);
  });
  const { stdout } = await runAgainst(server, ["ls", "-l", "127.0.0.1:"]);
  assertEquals(stdout, "-rw-------  -  -  -  -  f\n");
});

Deno.test("ls: LIST where there is no MLSD, from inside the directory", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await exchange(control, "PWD", '257 "/" is here');
    await exchange(control, "CWD -d x", "250 there");
    const text = "total 4\r\n-rw-r--r--   1 joe users    7 Feb  3  2024  name\r\n";
    await playListing(control, { command: "LIST", text });
    await exchange(control, "CWD /", "250 back");
    await playQuit(control);
  });
  const { code, stdout } = await runAgainst(server, ["ls", "-l", "127.0.0.1:-d x"]);
  assertEquals([code, stdout], [0, "-rw-r--r--  joe  users  7  2024-02-03   name\n"]);
});

Deno.test("ls: -a asks LIST for hidden names, and does without where that is refused", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await exchange(control, "TYPE A", "200 text");
    await control.expect("EPSV");
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    await control.sendLines(`229 yes (|||${listener.addr.port}|)`);
    using _unused = await listener.accept();
    await exchange(control, "LIST -a", "550 no such file");
    await playDownload(control, {
      commands: ["LIST"],
      content: "02-03-24  01:02PM       <DIR>          .dir\r\n",
    });
    await playQuit(control);
  });
  const { code, stdout } = await runAgainst(server, ["ls", "-a", "127.0.0.1:"]);
  assertEquals([code, stdout], [0, ".dir\n"]);
});

Deno.test("ls: a file is listed as itself", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, [MLST]);
    await exchange(control, "TYPE A", "200 text");
    await control.expect("EPSV");
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    await control.sendLines(`229 yes (|||${listener.addr.port}|)`);
    using _unused = await listener.accept();
    await exchange(control, "MLSD d/f", "501 no directory");
    await exchange(
      control,
      "MLST d/f",
      "250-",
      " type=file;size=9;modify=20240102030405; f",
      "250 end",
    );
    await playQuit(control);
  });
  const { code, stdout } = await runAgainst(server, ["ls", "--json", "127.0.0.1:d/f"]);
  assertEquals(code, 0);
  assertEquals(JSON.parse(stdout), {
    name: "f",
    path: "d/f",
    type: "file",
    size: 9,
    modified: "2024-01-02T03:04:05Z",
  });
});

Deno.test("ls: a listing broken off with 426 is a failure and prints nothing", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, [MLST]);
    await playListing(control, { command: "MLSD", text: "type=file; a\r\n", final: "426 cut" });
    await playQuit(control);
  });
  const failed = await runAgainst(server, ["ls", "127.0.0.1:"]).catch((error) => error);
  assertEquals([failed.name, failed.message], ["ReplyError", 'Cannot list ".": 426 cut']);
});

const TRUNCATIONS: readonly { readonly command: "LIST" | "MLSD"; readonly final: string }[] = [
  { command: "MLSD", final: "226 Output truncated to 3 matches" },
  { command: "LIST", final: "226-Options: -l\r\n226 Output truncated to 3 matches" },
  { command: "LIST", final: "250 The listing was truncated" },
];

for (const { command, final } of TRUNCATIONS) {
  Deno.test(`ls: ${command} with "${final.replace(/.*\n/s, "")}" is a failure`, async () => {
    await using server = new ScriptedServer(async (control) => {
      await playStart(control, command === "MLSD" ? [MLST] : []);
      const text = command === "MLSD" ? "type=file; a\r\n" : "-rw-r--r-- 1 0 0 1 Jan 02 2024 a\r\n";
      await playListing(control, { command, text, final });
      await playQuit(control);
    });
    const args = ["ls", "--retries", "1", "127.0.0.1:"];
    const failed = await runAgainst(server, args).catch((error) => error);
    assertEquals([failed.name, exitCodeOf(failed)], ["TransferError", 1]);
    assertMatch(failed.message, /^Cannot list "\.": 2\d\d .*truncated/);
  });
}

Deno.test("ls: a file that is called truncated is none", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, [MLST]);
    const text = "type=file; output truncated\r\n";
    await playListing(control, { command: "MLSD", text, final: '250 "/truncated" is listed' });
    await playQuit(control);
  });
  assertEquals((await runAgainst(server, ["ls", "127.0.0.1:"])).stdout, "output truncated\n");
});

Deno.test("ls: a listing in no known format is a failure that shows its first line", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playListing(control, { command: "LIST", text: "Volume SYS: has 3 files\r\n" });
    await playQuit(control);
  });
  const failed = await runAgainst(server, ["ls", "127.0.0.1:"]).catch((error) => error);
  assertEquals(failed.name, "TransferError");
  assertStringIncludes(failed.message, "Volume SYS: has 3 files");
});

Deno.test("ls: a listing with an endless line is a failure that names the directory", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, [MLST]);
    const text = `type=file; ${"a".repeat(10_000)}`;
    await playListing(control, { command: "MLSD d", text });
    await playQuit(control);
  });
  const failed = await runAgainst(server, ["ls", "127.0.0.1:d"]).catch((error) => error);
  assertEquals(
    [failed.message, exitCodeOf(failed)],
    ['Cannot list "d": a line of a listing is longer than 8192 bytes', 1],
  );
});

Deno.test("ls: names that are not UTF-8 are read as Latin-1", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, [MLST]);
    const text = Uint8Array.of(...new TextEncoder().encode("type=file; caf"), 0xe9, 13, 10);
    await playListing(control, { command: "MLSD", text });
    await playQuit(control);
  });
  const { stdout } = await runAgainst(server, ["ls", "127.0.0.1:"]);
  assertEquals(stdout, "café\n");
});

/** Plays one listing by MLSD, without TYPE: it is set already. */
async function playNext(
  control: ScriptedConnection,
  way: { readonly path: string; readonly lines: readonly string[]; readonly final?: string },
): Promise<void> {
  await playDownload(control, {
    commands: [`MLSD ${way.path}`],
    content: way.lines.map((line) => `${line}\r\n`).join(""),
    final: way.final,
  });
}

Deno.test("ls: a pattern lists files by their paths, then each directory", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, [MLST]);
    const lines = ["type=dir; db", "type=file;size=2; b.txt", "type=file; .b", "type=dir; a"];
    const text = [...lines, "type=file; c", "type=dir; da"].map((line) => `${line}\r\n`).join("");
    await playListing(control, { command: "MLSD p", text });
    await playNext(control, { path: "p/da", lines: ["type=file; one", "type=dir; two"] });
    await playNext(control, { path: "p/db", lines: [] });
    await playQuit(control);
  });
  const { code, stdout } = await runAgainst(server, ["ls", "127.0.0.1:p/{b,d}*"]);
  assertEquals([code, stdout], [0, "p/b.txt\n\np/da:\none\ntwo\n\np/db:\n"]);
});

Deno.test("ls: --json tells what matches a pattern by name and path", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, [MLST]);
    await playListing(control, { command: "MLSD p", text: "type=file;size=2; b.txt\r\n" });
    await playQuit(control);
  });
  const { stdout } = await runAgainst(server, ["ls", "--json", "127.0.0.1:p/*"]);
  assertEquals(JSON.parse(stdout), { name: "b.txt", path: "p/b.txt", type: "file", size: 2 });
});

Deno.test("ls: a pattern that matches nothing is exit code 6, --no-glob asks for it by its letters", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, [MLST]);
    await playListing(control, { command: "MLSD", text: "type=file; b.txt\r\n" });
    await playQuit(control);
  });
  const error = await runAgainst(server, ["ls", "127.0.0.1:a*"]).catch((caught) => caught);
  assertEquals([error.message, exitCodeOf(error)], ['Cannot find "a*": nothing matches', 6]);
  await using literal = mlsdServer("a*");
  assertEquals((await runAgainst(literal, ["ls", "--no-glob", "127.0.0.1:a*"])).code, 0);
});

Deno.test("ls: -R goes down in order, not through links, and cuts loops", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, ["MLST type*;unique*;"]);
    const lines = ["type=dir;unique=id-2; b", "type=dir;unique=id-3; a", "type=file; f"];
    const all = [...lines, "type=dir; .h", "type=OS.unix=slink:a; l"];
    const text = all.map((line) => `${line}\r\n`).join("");
    await playListing(control, { command: "MLSD", text });
    await exchange(control, "MLST .", "250-", " type=dir;unique=id-1; /", "250 end");
    await playNext(control, { path: "a", lines: ["type=dir;unique=id-4; c"] });
    await playNext(control, {
      path: "a/c",
      lines: ["type=dir;unique=id-3; up", "type=dir;unique=id-1; top"],
    });
    await playNext(control, { path: "b", lines: [] });
    await playQuit(control);
  });
  const { code, stdout, stderr } = await runAgainst(server, ["ls", "-R", "127.0.0.1:"]);
  assertEquals([code, stdout], [0, ".:\na\nb\nf\nl\n\na:\nc\n\na/c:\ntop\nup\n\nb:\n"]);
  assertEquals(
    stderr,
    'ftpkit: "a/c/top" leads back to a directory above it: not listed again\n' +
      'ftpkit: "a/c/up" leads back to a directory above it: not listed again\n',
  );
});

/** A tree with one directory that is refused and one that is cut. */
function brokenTree(): ScriptedServer {
  return new ScriptedServer(async (control) => {
    await playStart(control, [MLST]);
    const text = ["a", "b", "c"].map((name) => `type=dir; ${name}\r\n`).join("");
    await playListing(control, { command: "MLSD", text });
    await control.expect("EPSV");
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    await control.sendLines(`229 yes (|||${listener.addr.port}|)`);
    using _unused = await listener.accept();
    await exchange(control, "MLSD a", "550 Permission denied");
    await exchange(control, "MLST a", "250-", " type=dir; a", "250 end");
    await playNext(control, { path: "b", lines: ["type=file; x"], final: "426 cut" });
    await playNext(control, { path: "c", lines: ["type=file; x"] });
    await playQuit(control);
  });
}

Deno.test("ls: -R names what it could not list, lists the rest, and ends with 8", async () => {
  await using server = brokenTree();
  const { code, stdout, stderr } = await runAgainst(server, ["ls", "-R", "127.0.0.1:"]);
  assertEquals([code, stdout], [8, ".:\na\nb\nc\n\nc:\nx\n"]);
  const [refused, cut] = ['Cannot list "a": 550 Permission denied', 'Cannot list "b": 426 cut'];
  assertEquals(stderr, `ftpkit: ${refused}\nftpkit: ${cut}\n`);
});

Deno.test("ls: -R --json tells entries by their paths, and failures with their code", async () => {
  await using server = brokenTree();
  const { code, stdout } = await runAgainst(server, ["ls", "-R", "--json", "127.0.0.1:"]);
  assertEquals(code, 8);
  assertEquals(stdout.trimEnd().split("\n").map((line) => JSON.parse(line)), [
    { name: "a", path: "a", type: "dir" },
    { name: "b", path: "b", type: "dir" },
    { name: "c", path: "c", type: "dir" },
    { path: "a", status: "failed", error: 'Cannot list "a": 550 Permission denied', code: 6 },
    { path: "b", status: "failed", error: 'Cannot list "b": 426 cut', code: 1 },
    { name: "x", path: "c/x", type: "file" },
  ]);
});

Deno.test("ls: local times of LIST become exact where MDTM tells the zone of two files", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await exchange(control, "PWD", '257 "/" is here');
    await exchange(control, "CWD d", "250 there");
    const lines = ["02-03-24  05:00PM 7 a", "07-03-24  05:00PM 7 b", "04-03-24  05:00PM <DIR> c"];
    await playListing(control, { command: "LIST", text: lines.join("\r\n") });
    await exchange(control, "MDTM b", "213 20240703190059");
    await exchange(control, "MDTM a", "213 20240203190000");
    await exchange(control, "CWD /", "250 back");
    await playQuit(control);
  });
  const { stdout } = await runAgainst(server, ["ls", "--json", "127.0.0.1:d"]);
  const entries = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(
    entries,
    ["02", "07", "04"].map((month, index) => ({
      name: "abc"[index],
      path: `d/${"abc"[index]}`,
      type: index === 2 ? "dir" : "file",
      ...(index === 2 ? {} : { size: 7 }),
      modified: `2024-${month}-03T19:00:00Z`,
      modified_precision: "minute",
    })),
  );
});

Deno.test("ls: where no times are shown, nobody asks for the zone", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    const lines = ["02-03-24  05:00PM 7 a", "07-03-24  05:00PM 7 b"];
    await playListing(control, { command: "LIST", text: lines.join("\r\n") });
    await playQuit(control);
  });
  assertEquals((await runAgainst(server, ["ls", "127.0.0.1:"])).stdout, "a\nb\n");
});

Deno.test("ls -a: where LIST -a lists nothing at all, LIST is asked: -a may be taken for a name", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await exchange(control, "TYPE A", "200 text");
    for (
      const [command, line] of [["LIST -a", ""], ["LIST", "-rw-r--r-- 1 a b 1 Jan 2 2024 f\r\n"]]
    ) {
      await playDownload(control, { commands: [command ?? ""], content: line ?? "" });
    }
    await playQuit(control);
  });
  const { code, stdout } = await runAgainst(server, ["ls", "-a", "-1", "127.0.0.1:"]);
  assertEquals([code, stdout], [0, "f\n"]);
});
