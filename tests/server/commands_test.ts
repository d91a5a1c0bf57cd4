import { assert, assertEquals, assertThrows } from "@std/assert";
import { type CommandSpec, joinTables } from "../../server/session/command.ts";
import { COMMANDS } from "../../server/commands/commands.ts";
import { readSome } from "../support/data_form.ts";
import { RawClient } from "../support/raw_client.ts";
import { TestServer } from "../support/test_server.ts";

const spec = (part: Partial<CommandSpec>): CommandSpec => ({
  argument: "none",
  access: "anyone",
  during: "idle",
  help: "X",
  rfc: "",
  run: () => ({ code: 200, lines: [""] }),
  ...part,
});

Deno.test("joinTables: a verb that two tables define is refused", () => {
  assertThrows(() => joinTables({ X: spec({}) }, { X: spec({}) }), TypeError, '"X"');
});

Deno.test("COMMANDS: every entry says its syntax, beginning with the verb, and its RFC", () => {
  for (const [verb, { help, rfc }] of COMMANDS) {
    assert(help === verb || help.startsWith(`${verb} `), `${verb}: ${help}`);
    assert(rfc !== "", verb);
  }
});

Deno.test("COMMANDS: whatever moves data needs a login and a right, and never runs during another", () => {
  const moving = [...COMMANDS].filter(([, { transfers }]) => transfers);
  assertEquals(moving.map(([verb]) => verb).sort(), [
    "APPE",
    "LIST",
    "MLSD",
    "NLST",
    "RETR",
    "STOR",
    "STOU",
  ]);
  for (const [verb, { access, permission, during }] of moving) {
    assertEquals([access, during], ["user", "idle"], verb);
    assert(permission !== undefined, verb);
  }
});

Deno.test("gate: every command that needs a login answers 530 before it", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.connect(server.address);
  await client.expect(220);
  for (const [verb, { access, argument }] of COMMANDS) {
    if (access !== "user") continue;
    await client.command(argument === "required" ? `${verb} x` : verb, 530);
  }
});

Deno.test("gate: every command that needs an argument answers 501 without one", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  for (const [verb, { argument }] of COMMANDS) {
    if (argument !== "required") continue;
    await client.command(verb, 501);
    await client.command(`${verb} `, 501);
  }
});

Deno.test("gate: every command that takes no argument answers 501 to one", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  for (const [verb, { argument }] of COMMANDS) {
    if (argument === "none") await client.command(`${verb} x`, 501);
  }
});

Deno.test("gate: every command that needs a right answers 550 without it", async () => {
  await using server = await TestServer.start();
  using reader = await RawClient.login(server.address, "bob");
  using uploader = await RawClient.login(server.address, "carol");
  for (const [verb, { permission, argument }] of COMMANDS) {
    if (permission === undefined) continue;
    const line = argument === "required" ? `${verb} x` : verb;
    const any: readonly string[] = [permission].flat();
    const refused = (rights: string[]): boolean => !any.some((word) => rights.includes(word));
    if (refused(["list", "read"])) await reader.command(line, 550);
    if (refused(["list", "upload"])) await uploader.command(line, 550);
  }
});

Deno.test("gate: an unknown verb is 500, a known one that is not offered 502", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.connect(server.address);
  await client.expect(220);
  await client.command("XYZZY", 500);
  await client.command("", 500);
  for (const verb of ["SMNT /x", "AUTH TLS", "PBSZ 0"]) {
    await client.command(verb, 502);
  }
});

const PARAMETERS: readonly (readonly [string, number])[] = [
  ["TYPE A", 200],
  ["TYPE A N", 200],
  ["TYPE I", 200],
  ["TYPE L 8", 200],
  ["type i", 200],
  ["TYPE A T", 200],
  ["TYPE A C", 504],
  ["TYPE E", 504],
  ["TYPE L 7", 504],
  ["TYPE X", 501],
  ["TYPE L", 501],
  ["STRU F", 200],
  ["STRU P", 504],
  ["STRU R", 200],
  ["STRU X", 501],
  ["MODE S", 200],
  ["MODE B", 200],
  ["MODE C", 200],
  ["mode z", 200],
  ["MODE X", 501],
  ["ALLO 100", 202],
  ["ALLO 100 R 10", 202],
  ["ALLO many", 501],
  ["ACCT x", 202],
  ["OPTS UTF8 ON", 200],
  ["OPTS UTF8", 200],
  ["OPTS UTF8 OFF", 200],
  ["OPTS UTF8 ON ", 200],
  ["OPTS MLST size;", 200],
  ["OPTS MLST size;frogs;modify", 200],
  ["OPTS MLST unique type;", 501],
  ["OPTS MLST ;", 501],
  ["OPTS MLST type=file;", 501],
  ["OPTS MODE Z LEVEL 1", 200],
  ["opts mode z level 9", 200],
  ["OPTS MODE Z LEVEL 0", 501],
  ["OPTS MODE Z LEVEL 10", 501],
  ["OPTS MODE Z", 501],
  ["OPTS MODE S LEVEL 5", 501],
  ["RANG 0 0", 350],
  ["RANG 5 10", 350],
  ["RANG 1 0", 350],
  ["RANG 2 0", 501],
  ["RANG 5", 501],
  ["RANG -1 5", 501],
  ["RANG 0 9999999999999999", 501],
  ["OPTS NOPE", 501],
  ["CLNT FileZilla", 200],
  ["REST 0", 350],
  ["REST 99999999999", 350],
  ["REST -1", 501],
  ["REST x", 501],
  ["REST 99999999999999999", 501],
  ["HELP RETR", 214],
  ["HELP", 214],
  ["HELP NOPE", 501],
  ["SYST", 215],
  ["NOOP", 200],
];

Deno.test("parameters: each value has its reply", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  for (const [line, code] of PARAMETERS) await client.command(line, code);
});

Deno.test("OPTS MLST: the chosen facts are answered, marked in FEAT and used", async () => {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("a"), "xyz");
  using client = await RawClient.login(server.address);
  assertEquals((await client.command("OPTS MLST size;Nope;TYPE;", 200)).lines, [
    "MLST OPTS Type;Size;",
  ]);
  const features = await client.command("FEAT", 211);
  assert(
    features.lines.includes(
      " MLST Type*;Size*;Modify;Create;Perm;Unique;UNIX.mode;UNIX.owner;UNIX.group;",
    ),
  );
  const status = await client.command("MLST a", 250);
  assertEquals(status.lines[1], " Type=file;Size=3; /a");
});

Deno.test("OPTS MLST: what is not valid changes nothing", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  await client.command("OPTS MLST type;", 200);
  await client.command("OPTS MLST size modify;", 501);
  assertEquals((await client.command("MLST", 250)).lines[1], " Type=dir; /");
});

Deno.test("login: the same answers for a wrong password and an unknown user, 421 after five", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.connect(server.address);
  await client.expect(220);
  await client.command("PASS x", 503);
  const texts = new Set<string>();
  for (const user of ["alice", "nobody", "alice", "nobody"]) {
    await client.command(`USER ${user}`, 331);
    texts.add((await client.command("PASS wrong", 530)).lines.join());
    await client.command("PWD", 530);
  }
  assertEquals(texts.size, 1);
  await client.command("USER alice", 331);
  await client.command("PASS wrong", 421);
  assertEquals(await client.next(), null);
});

Deno.test("login: anonymous with any password or none, and a password with spaces and colons", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.connect(server.address);
  await client.expect(220);
  for (const user of ["anonymous", "ftp", "ANONYMOUS"]) {
    await client.command(`USER ${user}`, 331);
    await client.command("PASS", 230);
    await client.command("REIN", 220);
    await client.command("PWD", 530);
  }
});

Deno.test("USER: a new user forgets directory and REST; TYPE, MODE, STRU, OPTS and data port stay", async () => {
  await using server = await TestServer.start();
  await Deno.mkdir(server.path("d"));
  await Deno.writeTextFile(server.path("f"), "0123456789");
  using client = await RawClient.login(server.address);
  const kept = ["STRU R", "MODE B", "OPTS MLST Size;", "OPTS HASH MD5"];
  for (const line of kept) await client.command(line, 200);
  await client.command("CWD d", 250);
  await client.command("RNFR /f", 350);
  await client.command("REST 3", 350);
  using data = await client.openData();
  await client.command("USER bob", 331);
  await client.command("PWD", 530);
  await client.command("PASS secret", 230);
  assertEquals((await client.command("PWD", 257)).lines, ['"/" is the current directory']);
  assertEquals(
    (await client.command("STAT", 211)).lines[3],
    " TYPE: image, STRU: record, MODE: block",
  );
  assertEquals((await client.command("MLST f", 250)).lines[1], " Size=10; /f");
  assertEquals((await client.command("OPTS HASH", 200)).lines, ["MD5"]);
  await client.command("RETR f", 150);
  await client.expect(250);
  assertEquals(new TextDecoder().decode((await readSome(data, 13)).subarray(3)), "0123456789");
});

Deno.test("REIN: the encoding of names is the server's again", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  await client.command("OPTS UTF8 OFF", 200);
  await client.command("REIN", 220);
  await client.command("USER alice", 331);
  await client.command("PASS secret", 230);
  await client.command("MKD ü", 257);
  assertEquals((await Deno.stat(server.path("ü"))).isDirectory, true);
});
