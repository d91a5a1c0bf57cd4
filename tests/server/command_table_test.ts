/**
 * Every command of the table against every rule that the table states.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { COMMANDS } from "../../server/commands/commands.ts";
import { type Permission, PERMISSIONS } from "../../server/accounts/permissions.ts";
import { RawClient } from "../support/raw_client.ts";
import { TestServer } from "../support/test_server.ts";
import { testAccount } from "../support/account.ts";

const RFC_VERBS = [
  // RFC 959
  ..."USER PASS ACCT CWD CDUP SMNT QUIT REIN PORT PASV TYPE STRU MODE RETR STOR STOU APPE ALLO"
    .split(" "),
  ..."REST RNFR RNTO ABOR DELE RMD MKD PWD LIST NLST SITE SYST STAT HELP NOOP".split(" "),
  // RFC 1123, 2228, 2389, 2428, 2640, 3659, 7151
  ..."XMKD XRMD XPWD XCUP XCWD AUTH ADAT PROT PBSZ CCC MIC CONF ENC FEAT OPTS EPRT EPSV".split(" "),
  ..."LANG MDTM SIZE MLST MLSD HOST".split(" "),
  // drafts and habit
  ..."MFMT MFCT MFF HASH XCRC XMD5 XSHA XSHA1 XSHA256 XSHA512 RANG COMB AVBL CSID CLNT".split(" "),
];

Deno.test("COMMANDS: every verb of the RFCs and drafts is there, and no other", () => {
  assertEquals([...COMMANDS.keys()].sort(), RFC_VERBS.sort());
});

Deno.test("COMMANDS: each has a syntax that begins with its verb, and a source", () => {
  for (const [verb, { help, rfc }] of COMMANDS) {
    assert(help === verb || help.startsWith(`${verb} `), `${verb}: ${help}`);
    assert(rfc.length > 3, verb);
  }
});

/** Commands that end or change the session, and so come with rules of their own. */
const LEAVING = new Set(["QUIT", "REIN", "USER", "PASS"]);

Deno.test("COMMANDS: before the login, only those for anyone are known", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.connect(server.address);
  await client.expect(220);
  for (const [verb, { access }] of COMMANDS) {
    if (LEAVING.has(verb)) continue;
    await client.send(`${verb} x\r\n`);
    const code = (await client.next())?.code;
    assertEquals(code === 530, access === "user" || verb === "STAT", `${verb} ${code}`);
  }
});

Deno.test("COMMANDS: an argument that is missing or not wanted is 501", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  for (const [verb, { argument }] of COMMANDS) {
    if (LEAVING.has(verb)) continue;
    if (argument === "required") await client.command(verb, 501);
    if (argument === "none") await client.command(`${verb} x`, 501);
  }
});

Deno.test("COMMANDS: without the permission each is 550, with it never for that reason", async () => {
  for (const granted of [false, true]) {
    await using server = await TestServer.start({ authority: { login: grant(granted) } });
    using client = await RawClient.login(server.address);
    for (const [verb, { argument, permission }] of COMMANDS) {
      if (permission === undefined || LEAVING.has(verb)) continue;
      await client.send(argument === "none" ? `${verb}\r\n` : `${verb} x\r\n`);
      const answer = await client.next();
      const denied = answer?.code === 550 && answer.lines[0] === "Permission denied";
      assertEquals(denied, !granted, `${verb}: ${answer?.code} ${answer?.lines}`);
    }
  }
});

function grant(granted: boolean | readonly Permission[]) {
  const all = granted === true ? PERMISSIONS : [];
  const permissions = typeof granted === "boolean" ? all : granted;
  const account = testAccount({ permissions });
  return () => Promise.resolve({ kind: "accepted" as const, account });
}

Deno.test("COMMANDS: in a transfer, some are answered at once and all others wait their turn", async () => {
  for (const [verb, { argument, during }] of COMMANDS) {
    if (LEAVING.has(verb) || verb === "ABOR") continue;
    await using server = await TestServer.start();
    using client = await RawClient.login(server.address);
    using data = await client.openData();
    await client.command("STOR upload", 150);
    const line = argument === "required" ? `${verb} x` : verb;
    await client.send(`${line}\r\nNOOP\r\n`);
    if (during === "idle") {
      // What waits keeps those behind it waiting: the transfer's own reply is the next one.
      data.close();
      await client.expect(226);
      assert((await client.next()) !== null, verb);
      await client.expect(200);
    } else {
      assert((await client.next()) !== null, verb);
      await client.expect(200);
      data.close();
      await client.expect(226);
    }
  }
});

Deno.test("FEAT: only what the user asking can use", async () => {
  await using server = await TestServer.start({ authority: { login: grant(false) } });
  using guest = await RawClient.connect(server.address);
  await guest.expect(220);
  const before = (await guest.command("FEAT", 211)).lines.map((line) => line.trim().split(" ")[0]);
  for (const feature of ["MFMT", "HASH", "MLST", "SIZE", "HOST", "LANG", "UTF8", "MFF", "AVBL"]) {
    assert(before.includes(feature), feature);
  }
  using client = await RawClient.login(server.address);
  const after = (await client.command("FEAT", 211)).lines.map((line) => line.trim().split(" ")[0]);
  for (const feature of ["MFMT", "HASH", "MLST", "SIZE", "MFF", "AVBL", "COMB"]) {
    assertEquals(after.includes(feature), false, feature);
  }
  const help = (await client.command("HELP", 214)).lines.join(" ");
  assertEquals(/\bRETR\b/.test(help), false);
  assert(/\bCWD\b/.test(help));
});

/** Verbs of HELP and features of FEAT, for a user with these rights. */
async function offers(client: RawClient): Promise<{ verbs: Set<string>; features: Set<string> }> {
  const help = (await client.command("HELP", 214)).lines.slice(1, -1);
  const features = (await client.command("FEAT", 211)).lines.slice(1, -1);
  return {
    verbs: new Set(help.flatMap((line) => line.trim().split(/ +/))),
    features: new Set(features.map((line) => line.trim())),
  };
}

/** Rights, what is offered for them, and what is not. */
const OFFERS: readonly (readonly [readonly Permission[], string, string])[] = [
  [["list"], "LIST SIZE", "MFF MFMT MFCT COMB RETR STOR SMNT AUTH"],
  [["times"], "MFF MFMT MDTM", "LIST STOR"],
  [["write"], "MFF STOR APPE AVBL SIZE", "MFMT RETR"],
  [["upload"], "STOR STOU SIZE AVBL", "MFF COMB DELE"],
  [["delete"], "DELE RMD", "COMB STOR"],
  [["delete", "write"], "COMB", "MKD"],
];

for (const [permissions, offered, missing] of OFFERS) {
  Deno.test(`HELP and FEAT: with ${permissions.join(" and ")}, what the user can use`, async () => {
    await using server = await TestServer.start({ authority: { login: grant(permissions) } });
    using client = await RawClient.login(server.address);
    const { verbs, features } = await offers(client);
    const words = new Set([...verbs, ...[...features].map((line) => line.split(" ")[0])]);
    for (const verb of offered.split(" ")) assert(words.has(verb), verb);
    for (const verb of missing.split(" ")) assert(!words.has(verb), verb);
    const facts = [
      ...permissions.includes("times") ? ["Modify;"] : [],
      ...permissions.includes("write") ? ["UNIX.mode;"] : [],
    ];
    assertEquals(features.has(`MFF ${facts.join("")}`), facts.length > 0);
  });
}

Deno.test("HELP and FEAT: PORT and EPRT are there where active mode is on", async () => {
  for (const active of [true, false]) {
    await using server = await TestServer.start({ config: { active } });
    using client = await RawClient.login(server.address);
    const { verbs, features } = await offers(client);
    assertEquals([verbs.has("PORT"), verbs.has("EPRT"), features.has("EPRT")], [
      active,
      active,
      active,
    ]);
  }
});

Deno.test("rights: write alone replaces and appends, upload alone goes on with its own cut upload", async () => {
  const write: readonly Permission[] = ["list", "write"];
  await using writers = await TestServer.start({ authority: { login: grant(write) } });
  await Deno.writeTextFile(writers.path("f"), "old");
  using writer = await RawClient.login(writers.address);
  await writer.store("STOR f", "new");
  await writer.store("APPE f", "er");
  assertEquals(await Deno.readTextFile(writers.path("f")), "newer");
  await using uploaders = await TestServer.start({ authority: { login: grant(["upload"]) } });
  await Deno.writeTextFile(uploaders.path("theirs"), "old");
  using uploader = await RawClient.login(uploaders.address);
  using data = await uploader.openData();
  await uploader.command("STOR f", 150);
  await data.write(new TextEncoder().encode("half"));
  await untilBytes(uploader, 4);
  await uploader.command("ABOR", 426);
  await uploader.expect(226);
  assertEquals((await uploader.command("SIZE f", 213)).lines, ["4"]);
  await uploader.command("SIZE theirs", 550);
});

/** Waits until STAT tells that so much of the upload has arrived. */
async function untilBytes(client: RawClient, bytes: number): Promise<void> {
  for (;;) {
    const { lines } = await client.command("STAT", 211);
    if (lines.some((line) => line.endsWith(`: ${bytes} bytes so far`))) return;
  }
}
