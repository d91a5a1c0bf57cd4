/**
 * What somebody between client and server might try, and programs that were led here.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { SessionEvent } from "../../server/events/event.ts";
import { writeAll } from "../../shared/connection.ts";
import { RawClient } from "../support/raw_client.ts";
import { SecureClient } from "../support/secure_client.ts";
import { TestServer } from "../support/test_server.ts";
import { LOCAL_TLS, TLS_VERSIONS } from "../support/tls_pair.ts";

/** The commands that ran, as the session logs have them. */
function commandsOf(events: readonly SessionEvent[]): string[] {
  return events.flatMap((event) => event.kind === "command" ? [event.command ?? ""] : []);
}

for (
  const behind of ["USER alice\r\nPASS secret\r\nDELE file\r\n", "NOOP\r\n", "USER al", "\r\n", "x"]
) {
  Deno.test(`AUTH: ${JSON.stringify(behind)} behind it in the clear ends the session`, async () => {
    const events: SessionEvent[] = [];
    await using server = await TestServer.start({
      config: { tls: LOCAL_TLS },
      onEvent: (event) => events.push(event),
    });
    using client = await RawClient.connect(server.address);
    await client.expect(220);
    await client.send(`NOOP\r\nAUTH TLS\r\n${behind}`);
    const replies = [await client.next(), await client.next(), await client.next()];
    // What came before may have been answered; AUTH and what is behind it was not.
    const codes = replies.map((reply) => reply?.code).filter((code) => code !== undefined);
    assert(codes.join() === "421" || codes.join() === "200,421", codes.join());
    await server.retire();
    const ran = commandsOf(events).filter((command) => command !== "NOOP");
    assertEquals(ran, []);
  });
}

Deno.test("AUTH: text behind the reply, where the handshake belongs, ends the session", async () => {
  const events: SessionEvent[] = [];
  await using server = await TestServer.start({
    config: { tls: LOCAL_TLS },
    onEvent: (event) => events.push(event),
  });
  using client = await RawClient.connect(server.address);
  await client.expect(220);
  await client.command("AUTH TLS", 234);
  await client.send("USER alice\r\nPASS secret\r\n");
  assertEquals(await client.next(), null);
  await server.retire();
  assertEquals(commandsOf(events), ["AUTH TLS"]);
});

Deno.test("AUTH: a handshake that never ends is given up with the time for the login", async () => {
  await using server = await TestServer.start({ config: { tls: LOCAL_TLS, loginTimeout: 300 } });
  using client = await RawClient.connect(server.address);
  await client.expect(220);
  await client.command("AUTH TLS", 234);
  assertEquals(await client.next(), null);
  await server.retire();
});

Deno.test("AUTH: a client that goes away in the handshake leaves nothing behind", async () => {
  await using server = await TestServer.start({ config: { tls: LOCAL_TLS } });
  {
    using client = await RawClient.connect(server.address);
    await client.expect(220);
    await client.command("AUTH TLS", 234);
    await client.send("\x16\x03\x01");
  }
  await server.retire();
});

for (const maxVersion of TLS_VERSIONS) {
  Deno.test(`control connection (${maxVersion}): many commands at once, and lines cut anywhere`, async () => {
    await using server = await TestServer.start({ config: { tls: LOCAL_TLS } });
    using client = await SecureClient.login(server.address, { maxVersion });
    await client.send("NOOP\r\n".repeat(200));
    for (let count = 0; count < 200; count++) await client.expect(200);
    for (const character of "NOOP\r\nPWD\r\n") await client.send(character);
    await client.expect(200);
    await client.expect(257);
  });
}

Deno.test("control connection: a broken record ends the session", async () => {
  await using server = await TestServer.start({ config: { tls: LOCAL_TLS } });
  using raw = await RawClient.connect(server.address);
  await raw.expect(220);
  await raw.command("AUTH TLS", 234);
  await raw.send(Uint8Array.of(0x16, 3, 1, 0, 4, 1, 0, 0, 0));
  assertEquals(await raw.next().catch(() => null), null);
  await server.retire();
});

for (
  const [line, protocol] of [
    ["GET / HTTP/1.1", "HTTP"],
    ["POST /x HTTP/1.0", "HTTP"],
    ["get /", "HTTP"],
    ["OPTIONS * HTTP/1.1", "HTTP"],
    ["EHLO example.org", "SMTP"],
    ["HELO x", "SMTP"],
    ["STARTTLS", "SMTP"],
  ] as const
) {
  Deno.test(`${line}: ends the session, and nothing behind it is obeyed`, async () => {
    const events: SessionEvent[] = [];
    await using server = await TestServer.start({
      config: { tls: LOCAL_TLS },
      onEvent: (event) => events.push(event),
    });
    using client = await SecureClient.auth(server.address);
    await client.send(`${line}\r\nHost: x\r\n\r\nUSER alice\r\nPASS secret\r\nDELE file\r\n`);
    const { lines } = await client.expect(421);
    assertEquals(lines, [`This is FTP, not ${protocol}`]);
    assertEquals(await client.next(), null);
    await server.retire();
    assertEquals(commandsOf(events), ["AUTH TLS"]);
  });
}

Deno.test("ABOR: as a Telnet Synch inside TLS, too", async () => {
  await using server = await TestServer.start({ config: { tls: LOCAL_TLS } });
  using client = await SecureClient.login(server.address);
  using data = await client.openData("STOR file");
  await writeAll(client.connection, Uint8Array.of(0xff, 0xf4, 0xff, 0xf2));
  await client.send("ABOR\r\n");
  const { lines } = await client.expect(426);
  assertMatch(lines[0] ?? "", /aborted/);
  await client.expect(226);
  data.close();
  await client.command("NOOP", 200);
});
