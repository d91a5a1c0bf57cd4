/**
 * AUTH and what belongs to it, command by command.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Accounts, parseUser } from "../../server/accounts/accounts.ts";
import type { TlsSettings } from "../../server/configuration/config.ts";
import type { SessionEvent } from "../../server/events/event.ts";
import { RawClient } from "../support/raw_client.ts";
import { SecureClient } from "../support/secure_client.ts";
import { TestServer } from "../support/test_server.ts";
import { LOCAL_TLS, TLS_VERSIONS } from "../support/tls_pair.ts";

const REQUIRED: TlsSettings = { ...LOCAL_TLS, mode: "require" };

const features = (lines: readonly string[]): string[] => lines.map((line) => line.trim());

Deno.test("AUTH, PBSZ, PROT, CCC, ADAT: without a certificate each is 502, and FEAT has none", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.connect(server.address);
  await client.expect(220);
  for (const line of ["AUTH TLS", "AUTH GSSAPI", "PBSZ 0", "PROT P", "CCC", "ADAT x"]) {
    await client.command(line, 502);
  }
  const lines = features((await client.command("FEAT", 211)).lines);
  assert(!lines.some((line) => /^(?:AUTH|PBSZ|PROT|CCC)/.test(line)), lines.join());
});

for (const mechanism of ["TLS", "tls", "TLS-C", "SSL"]) {
  Deno.test(`AUTH ${mechanism}: begins TLS`, async () => {
    await using server = await TestServer.start({ config: { tls: LOCAL_TLS } });
    using client = await SecureClient.connect(server.address);
    await client.expect(220);
    await client.command(`AUTH ${mechanism}`, 234);
    await client.startTls();
    await client.logIn();
  });
}

for (const mechanism of ["GSSAPI", "KERBEROS_V4", "TLS-P", "X"]) {
  Deno.test(`AUTH ${mechanism}: is not known, and the session goes on in the clear`, async () => {
    await using server = await TestServer.start({ config: { tls: LOCAL_TLS } });
    using client = await RawClient.connect(server.address);
    await client.expect(220);
    await client.send(`AUTH ${mechanism}\r\nNOOP\r\n`);
    await client.expect(504);
    await client.expect(200);
  });
}

Deno.test("FEAT: AUTH TLS, PBSZ and PROT, in the clear and inside TLS", async () => {
  await using server = await TestServer.start({ config: { tls: LOCAL_TLS } });
  using client = await SecureClient.connect(server.address);
  await client.expect(220);
  const before = features((await client.command("FEAT", 211)).lines);
  await client.command("AUTH TLS", 234);
  await client.startTls();
  const after = features((await client.command("FEAT", 211)).lines);
  for (const feature of ["AUTH TLS", "PBSZ", "PROT"]) {
    assert(before.includes(feature) && after.includes(feature), feature);
  }
});

Deno.test("PBSZ, PROT, CCC, ADAT: before AUTH they are out of order", async () => {
  await using server = await TestServer.start({ config: { tls: LOCAL_TLS } });
  using client = await RawClient.login(server.address);
  for (const line of ["PBSZ 0", "PROT P", "CCC", "ADAT x"]) await client.command(line, 503);
});

Deno.test("PBSZ, PROT, CCC, ADAT, AUTH: inside TLS", async () => {
  await using server = await TestServer.start({ config: { tls: LOCAL_TLS } });
  using client = await SecureClient.auth(server.address);
  const dialogue: readonly (readonly [string, number])[] = [
    ["PROT P", 503],
    ["PBSZ", 501],
    ["PBSZ x", 501],
    ["PBSZ 16384", 200],
    ["PROT P", 200],
    ["PROT c", 200],
    ["PROT S", 536],
    ["PROT E", 536],
    ["PROT X", 504],
    ["PROT", 501],
    ["CCC", 534],
    ["ADAT x", 503],
    ["MIC x", 502],
    ["CONF x", 502],
    ["ENC x", 502],
    ["AUTH TLS", 503],
    ["AUTH GSSAPI", 504],
  ];
  for (const [line, code] of dialogue) {
    const { lines } = await client.command(line, code);
    if (line.startsWith("PBSZ 1")) assertEquals(lines, ["PBSZ=0"]);
  }
  await client.logIn();
});

for (const maxVersion of TLS_VERSIONS) {
  Deno.test(`AUTH (${maxVersion}): login, REST and RNFR from before do not count any more`, async () => {
    await using server = await TestServer.start({ config: { tls: LOCAL_TLS } });
    await Deno.writeTextFile(server.path("file"), "0123456789");
    using client = await SecureClient.connect(server.address, { maxVersion });
    await client.expect(220);
    await client.logIn();
    await client.command("REST 5", 350);
    await client.command("RNFR file", 350);
    await client.command("AUTH TLS", 234);
    await client.startTls();
    await client.command("RNTO other", 530);
    await client.command("LIST", 530);
    await client.protect();
    await client.logIn();
    await client.command("RNTO other", 503);
    assertEquals(new TextDecoder().decode(await client.fetch("RETR file")), "0123456789");
  });
}

for (const maxVersion of TLS_VERSIONS) {
  Deno.test(`CCC (${maxVersion}): where it is allowed, commands go on in the clear and data stays protected`, async () => {
    const tls: TlsSettings = { ...REQUIRED, allowClearControl: true, requireReuse: true };
    await using server = await TestServer.start({ config: { tls } });
    using client = await SecureClient.auth(server.address, { maxVersion });
    assert(features((await client.command("FEAT", 211)).lines).includes("CCC"));
    await client.command("CCC", 503);
    await client.protect();
    await client.logIn();
    await client.command("CCC", 200);
    await client.endTls();
    await client.command("NOOP", 200);
    await client.fetch("LIST");
    await client.command("CCC", 503);
    await client.command("PROT C", 503);
    await client.command("USER alice", 530);
    // And back again.
    await client.command("AUTH TLS", 234);
    await client.startTls();
    await client.protect();
    await client.logIn();
    await client.fetch("LIST");
  });
}

Deno.test("CCC: a client that closes instead of going on, and one that sends more at once", async () => {
  const tls: TlsSettings = { ...LOCAL_TLS, allowClearControl: true };
  await using server = await TestServer.start({ config: { tls } });
  {
    using client = await SecureClient.login(server.address);
    await client.command("CCC", 200);
  }
  using client = await SecureClient.login(server.address);
  await client.send("CCC\r\nNOOP\r\n");
  await client.expect(421);
  await server.retire();
});

Deno.test("tls = require: no login in the clear, and no data", async () => {
  await using server = await TestServer.start({ config: { tls: REQUIRED } });
  using plain = await RawClient.connect(server.address);
  await plain.expect(220);
  for (const user of ["alice", "nobody", "anonymous"]) await plain.command(`USER ${user}`, 530);
  await plain.command("PASS secret", 503);
  using client = await SecureClient.auth(server.address);
  await client.logIn();
  for (const line of ["LIST", "RETR x", "STOR x", "MLSD", "NLST"]) {
    await client.command("EPSV", 229);
    await client.command(line, 521);
  }
  await client.protect();
  await client.command("PROT C", 534);
  await client.fetch("LIST");
});

Deno.test("tls = require of one user: no login in the clear, and no data; others are free", async () => {
  const users = [{ ...parseUser("alice:secret:write"), requireTls: true }, parseUser("bob:secret")];
  const accounts = new Accounts(users, { anonymous: undefined });
  await using server = await TestServer.start({
    config: { tls: LOCAL_TLS, tlsUsers: ["alice"] },
    authority: { login: (request) => accounts.check(request) },
  });
  using bob = await RawClient.login(server.address, "bob");
  await bob.fetch("LIST");
  await bob.command("USER alice", 530);
  using alice = await SecureClient.auth(server.address);
  await alice.logIn();
  await alice.command("EPSV", 229);
  await alice.command("LIST", 521);
  await alice.protect();
  await alice.fetch("LIST");
  await alice.command("PROT C", 534);
});

Deno.test("STAT: tells how commands and data travel", async () => {
  await using server = await TestServer.start({ config: { tls: LOCAL_TLS } });
  const lineOf = (lines: readonly string[]): string | undefined =>
    lines.find((line) => line.startsWith(" Commands "))?.trim();
  using plain = await RawClient.login(server.address);
  const clear = lineOf((await plain.command("STAT", 211)).lines);
  assertEquals(clear, "Commands in the clear, data in the clear");
  using client = await SecureClient.login(server.address, { maxVersion: "TLSv1.3" });
  const secure = lineOf((await client.command("STAT", 211)).lines) ?? "";
  assertMatch(secure, /^Commands over TLSv1\.3 with TLS_[A-Z0-9_]+, data protected$/);
});

Deno.test("USER: one that is refused for want of TLS is told to logs and hooks", async () => {
  const events: SessionEvent[] = [];
  await using server = await TestServer.start({
    config: { tls: REQUIRED },
    onEvent: (event) => events.push(event),
  });
  using client = await RawClient.connect(server.address);
  await client.expect(220);
  await client.command("USER alice", 530);
  const login = events.find((event) => event.kind === "login");
  assertEquals(login?.kind === "login" && [login.name, login.result, login.reason], [
    "alice",
    "limited",
    "TLS is needed: AUTH TLS first",
  ]);
});

Deno.test("PROT C: data goes in the clear inside a protected session", async () => {
  await using server = await TestServer.start({ config: { tls: LOCAL_TLS } });
  await Deno.writeTextFile(server.path("file"), "clear");
  using client = await SecureClient.auth(server.address);
  await client.logIn();
  using data = await client.openPlainData();
  await client.command("RETR file", 150);
  const buffer = new Uint8Array(16);
  assertEquals(new TextDecoder().decode(buffer.subarray(0, await data.read(buffer) ?? 0)), "clear");
  await client.expect(226);
});

Deno.test("USER and REIN: PROT P stays, so that nothing leaks by accident", async () => {
  await using server = await TestServer.start({ config: { tls: LOCAL_TLS } });
  using client = await SecureClient.login(server.address);
  await client.logIn("bob");
  await client.fetch("LIST");
  await client.command("REIN", 220);
  await client.logIn();
  await client.fetch("LIST");
});
