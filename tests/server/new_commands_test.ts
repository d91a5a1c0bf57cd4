/**
 * Commands beyond RFC 959 and 3659, one by one.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { partialName } from "../../server/storage/hidden_name.ts";
import { RawClient } from "../support/raw_client.ts";
import { TestServer } from "../support/test_server.ts";

const TEXT = "0123456789".repeat(1000);
const digest = (name: string, text = TEXT): string => createHash(name).update(text).digest("hex");

async function withFile(
  test: (client: RawClient, server: TestServer) => Promise<void>,
): Promise<void> {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("a b"), TEXT);
  await Deno.writeTextFile(server.path("empty"), "");
  await Deno.mkdir(server.path("d"));
  using client = await RawClient.login(server.address);
  await test(client, server);
}

Deno.test("MFMT and MFF: set the time and the mode of files and directories", async () => {
  await withFile(async (client, server) => {
    const time = new Date("2001-02-03T04:05:06Z");
    const [answer] = (await client.command("MFMT 20010203040506 a b", 213)).lines;
    assertEquals(answer, "Modify=20010203040506; a b");
    assertEquals((await Deno.stat(server.path("a b"))).mtime, time);
    await client.command("MFMT 20010203040506 d", 213);
    assertEquals((await Deno.stat(server.path("d"))).mtime, time);
    const facts = await client.command("MFF Modify=20020203040506;UNIX.mode=0640; a b", 213);
    assertEquals(facts.lines, ["Modify=20020203040506;UNIX.mode=0640; a b"]);
    assertEquals((await Deno.stat(server.path("a b"))).mode ?? 0 & 0o777, 0o100640);
    await client.command("MFF Modify=20030203040506;Type=dir; a b", 504);
    assertEquals((await client.command("MDTM a b", 213)).lines, ["20020203040506"]);
    await client.command("MFMT 20011303040506 a b", 501);
    await client.command("MFMT 20010203040506 none", 550);
    await client.command("MFMT a b", 501);
    await client.command("MFCT 20010203040506 a b", 502);
  });
});

Deno.test("MDTM: sets the time for old clients, unless there is a file of that very name", async () => {
  await withFile(async (client, server) => {
    await client.command("MDTM 20010203040506 a b", 213);
    assertEquals((await client.command("MDTM a b", 213)).lines, ["20010203040506"]);
    await Deno.writeTextFile(server.path("20050203040506 a b"), "");
    await client.command("MDTM 20050203040506 a b", 213);
    assertEquals((await client.command("MDTM a b", 213)).lines, ["20010203040506"]);
  });
});

Deno.test("HASH: every algorithm, parts, and what cannot be hashed", async () => {
  await withFile(async (client) => {
    const [answer] = (await client.command("HASH a b", 213)).lines;
    assertEquals(answer, `SHA-256 0-9999 ${digest("sha256")} a b`);
    for (
      const [name, node] of [["SHA-1", "sha1"], ["SHA-512", "sha512"], ["MD5", "md5"]] as const
    ) {
      assertEquals((await client.command(`OPTS HASH ${name}`, 200)).lines, [name]);
      assertEquals((await client.command("HASH a b", 213)).lines[0]?.split(" ")[2], digest(node));
    }
    await client.command("OPTS HASH crc32", 200);
    const crc = crc32(TEXT).toString(16).padStart(8, "0");
    assertEquals((await client.command("HASH a b", 213)).lines, [`CRC32 0-9999 ${crc} a b`]);
    assertMatch((await client.command("FEAT", 211)).lines.join("\n"), /HASH SHA-256;.*CRC32\*/);
    await client.command("OPTS HASH MD4", 501);
    await client.command("OPTS HASH MD5", 200);
    await client.command("RANG 10 19", 350);
    assertEquals((await client.command("HASH a b", 213)).lines, [
      `MD5 10-19 ${digest("md5", "0123456789")} a b`,
    ]);
    await client.command("REST 9995", 350);
    assertEquals((await client.command("HASH a b", 213)).lines, [
      `MD5 9995-9999 ${digest("md5", "56789")} a b`,
    ]);
    await client.command("HASH d", 550);
    await client.command("HASH none", 550);
    assertEquals(
      (await client.command("HASH empty", 213)).lines[0]?.split(" ")[2],
      digest("md5", ""),
    );
  });
});

Deno.test("HASH, XMD5: of one's own cut upload too, as SIZE tells its size", async () => {
  await withFile(async (client, server) => {
    await Deno.writeTextFile(server.path(partialName("alice", "cut")), "half");
    await Deno.writeTextFile(server.path(partialName("bob", "his")), "half");
    await client.command("SIZE cut", 213);
    assertEquals((await client.command("HASH cut", 213)).lines, [
      `SHA-256 0-3 ${digest("sha256", "half")} cut`,
    ]);
    assertEquals((await client.command("XMD5 cut", 250)).lines, [digest("md5", "half")]);
    await client.command("HASH his", 550);
  });
});

const OLDER: readonly (readonly [string, string])[] = [
  ["XCRC a b", crc32(TEXT).toString(16).padStart(8, "0")],
  ['XCRC "a b"', crc32(TEXT).toString(16).padStart(8, "0")],
  ["XMD5 a b", digest("md5")],
  ['XMD5 "a b" 0 10', digest("md5", "0123456789")],
  ["XMD5 a b 5 10", digest("md5", "56789")],
  ['XMD5 "a b" 9995', digest("md5", "56789")],
  ["XSHA a b", digest("sha1")],
  ["XSHA1 a b", digest("sha1")],
  ["XSHA256 a b", digest("sha256")],
  ["XSHA512 a b", digest("sha512")],
];

Deno.test("XCRC, XMD5, XSHA…: with and without quotes and ranges", async () => {
  await withFile(async (client) => {
    for (const [command, hex] of OLDER) {
      assertEquals((await client.command(command, 250)).lines, [hex], command);
    }
    await client.command('XMD5 "a b', 501);
    await client.command('XMD5 "a b" 9 5', 501);
    for (const range of ["x", "-5 3", "0x2 3", "1e0 3", "0 1 2", "0 99999999999999999"]) {
      await client.command(`XMD5 "a b" ${range}`, 501);
    }
    await client.command("XMD5 none", 550);
  });
});

Deno.test("HASH: ABOR ends it, and NOOP and STAT are answered meanwhile", async () => {
  await using server = await TestServer.start();
  using file = await Deno.create(server.path("big"));
  await file.truncate(20 * 2 ** 30); // sparse: no disk, and many seconds of work
  using client = await RawClient.login(server.address);
  await client.send("HASH big\r\n");
  await client.command("NOOP", 200);
  assertMatch(
    (await client.command("STAT", 211)).lines.join("\n"),
    /HASH "\/big": \d+ bytes so far/,
  );
  await client.send("ABOR\r\n");
  await client.expect(426);
  await client.expect(226);
  await client.command("NOOP", 200);
});

Deno.test("COMB: the file that it makes is an upload for hooks and logs, one that fails is none", async () => {
  const told: string[] = [];
  await using server = await TestServer.start({
    onEvent(event) {
      if (event.kind === "transfer") told.push(`${event.verb} ${event.path} ${event.bytes}`);
    },
  });
  for (const name of ["p1", "p2"]) await Deno.writeTextFile(server.path(name), name);
  using client = await RawClient.login(server.address);
  await client.command("COMB whole p1 none", 550);
  await client.command("COMB whole p1 p2", 250);
  await client.command("NOOP", 200);
  assertEquals(told, ["COMB /whole 4"]);
});

Deno.test("COMB: parts behind one another, then gone; a failure leaves everything", async () => {
  await withFile(async (client, server) => {
    for (const name of ["p1", "p 2", "p3"]) await Deno.writeTextFile(server.path(name), name);
    await client.command('COMB whole p1 "p 2" p3', 250);
    assertEquals(await Deno.readTextFile(server.path("whole")), "p1p 2p3");
    await Deno.writeTextFile(server.path("p4"), "p4");
    await client.command("COMB whole p4 none", 550);
    assertEquals(await Deno.readTextFile(server.path("whole")), "p1p 2p3");
    assertEquals(await Deno.readTextFile(server.path("p4")), "p4");
    await client.command('COMB "whole" "p4"', 250);
    assertEquals(await Deno.readTextFile(server.path("whole")), "p1p 2p3p4");
    const names = (await Array.fromAsync(Deno.readDir(server.root))).map(({ name }) => name).sort();
    assertEquals(names, ["a b", "d", "empty", "whole"]);
    for (const bad of ["whole", "whole whole", "whole empty empty", 'whole "empty']) {
      await client.command(`COMB ${bad}`, 501);
    }
  });
});

Deno.test("SITE: CHMOD, UTIME, UMASK, IDLE, HELP and what is not known", async () => {
  await withFile(async (client, server) => {
    await client.command("SITE CHMOD 600 a b", 200);
    assertEquals(((await Deno.stat(server.path("a b"))).mode ?? 0) & 0o777, 0o600);
    await client.command("SITE CHMOD 999 a b", 501);
    await client.command("SITE UTIME 200102030405 a b", 200);
    assertEquals((await client.command("MDTM a b", 213)).lines, ["20010203040500"]);
    await client.command("SITE UTIME a b 20020101000000 20020203040506 20020101000000 UTC", 200);
    assertEquals((await client.command("MDTM a b", 213)).lines, ["20020203040506"]);
    assertEquals((await client.command("SITE UMASK", 200)).lines, ["The umask is 022"]);
    await client.command("SITE UMASK 077", 200);
    await client.command("MKD private", 257);
    assertEquals(((await Deno.stat(server.path("private"))).mode ?? 0) & 0o777, 0o700);
    await client.command("SITE UMASK 8", 501);
    await client.command("SITE IDLE 10", 200);
    await client.command("SITE IDLE 0", 501);
    await client.command("SITE IDLE 9999999", 501);
    assertMatch((await client.command("SITE HELP", 214)).lines.join("\n"), /SITE CHMOD/);
    assertMatch((await client.command("HELP SITE", 214)).lines.join("\n"), /SITE UTIME/);
    await client.command("SITE EXEC ls", 504);
    await client.command("SITE", 501);
  });
});

Deno.test("HOST, LANG, CSID, CLNT, AVBL, SMNT: an honest answer each", async () => {
  await using server = await TestServer.start({
    authority: { freeSpace: () => Promise.resolve(4711) },
  });
  using client = await RawClient.connect(server.address);
  await client.expect(220);
  await client.command("HOST ftp.example.org", 220);
  await client.command("HOST [::1]", 220);
  await client.command("HOST [nope]", 501);
  await client.command("HOST a b", 501);
  await client.command("USER alice", 331);
  await client.command("HOST ftp.example.org", 503);
  await client.command("PASS secret", 230);
  await client.command("HOST ftp.example.org", 503);
  await client.command("LANG", 200);
  await client.command("LANG en-US", 200);
  await client.command("LANG DE", 504);
  await client.command("LANG enough", 504);
  await client.command("LANG en_US", 501);
  assertEquals((await client.command("CSID Name=x; Version=1;", 200)).lines, ["Name=ftpkit;"]);
  await client.command("CLNT x", 200);
  assertEquals((await client.command("AVBL", 213)).lines, ["4711"]);
  await client.command("AVBL /none", 550);
  await client.command("SMNT /x", 502);
});

Deno.test("messages: of a directory once, at login for the root; never a reply of their own", async () => {
  const messages = { "/": "Welcome\n230 Not a reply", "/d": "Only scans here\n" };
  await using server = await TestServer.start({ config: { messages } });
  await Deno.mkdir(server.path("d"));
  using client = await RawClient.connect(server.address);
  await client.expect(220);
  await client.command("USER alice", 331);
  assertEquals((await client.command("PASS secret", 230)).lines.length, 3);
  assertEquals((await client.command("CWD d", 250)).lines[0], "Only scans here");
  assertEquals((await client.command("CWD /d", 250)).lines.length, 1);
  await client.command("NOOP", 200);
});
