/**
 * Every command of the table against every rule that the table states.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { COMMANDS } from "../../server/commands/commands.ts";
import type { Permission } from "../../server/accounts/permissions.ts";
import { RawClient } from "../support/raw_client.ts";
import { TestServer } from "../support/test_server.ts";

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

function grant(all: boolean) {
  const permissions: readonly Permission[] = all
    ? ["list", "read", "upload", "write", "rename", "delete", "mkdir", "times"]
    : [];
  const account = {
    user: "alice",
    anonymous: false,
    permissions,
    overrides: [],
    home: "/",
    makeHome: false,
    quota: undefined,
    limitRate: undefined,
    maxSessions: undefined,
  };
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
