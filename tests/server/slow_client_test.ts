/**
 * Clients that send one byte at a time, long after one another.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async/delay";
import { RawClient, readAll } from "../support/raw_client.ts";
import { TestServer } from "../support/test_server.ts";

/** Milliseconds between two bytes: the limits of these tests are some twenty times as long. */
const GAP = 10;

/** Sends a text over and over, byte by byte, until the server has had enough; its last reply. */
async function drip(client: RawClient, text: string): Promise<readonly string[]> {
  let over = false;
  const dripping = (async () => {
    for (let at = 0; !over; at = (at + 1) % text.length) {
      await client.send(text.charAt(at)).catch(() => over = true);
      await delay(GAP);
    }
  })();
  let reply = await client.next();
  while (reply !== null && reply.code !== 421) reply = await client.next();
  over = true;
  await dripping;
  return reply?.lines ?? [];
}

for (const text of ["x", "NOOP\r\n", "USER alice\r\n"]) {
  Deno.test(`loginTimeout: ${JSON.stringify(text)} byte by byte does not prolong it`, async () => {
    await using server = await TestServer.start({ config: { loginTimeout: 200 } });
    using client = await RawClient.connect(server.address);
    await client.expect(220);
    assertEquals(await drip(client, text), ["No login within 0.2 s"]);
  });
}

Deno.test("idleTimeout: the bytes of a line that never ends do not prolong it", async () => {
  await using server = await TestServer.start({ config: { idleTimeout: 200 } });
  using client = await RawClient.login(server.address);
  assertEquals(await drip(client, "x"), ["No command for 0.2 s"]);
});

Deno.test("sessionTimeout: no command prolongs it", async () => {
  await using server = await TestServer.start({ config: { sessionTimeout: 600 } });
  using client = await RawClient.login(server.address);
  assertEquals(await drip(client, "NOOP\r\n"), ["No session lasts over 0.6 s"]);
});

Deno.test("runSession: a whole session byte by byte has one reply a command", async () => {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("ü"), "data");
  using client = await RawClient.connect(server.address);
  await client.expect(220);
  const script = [
    ["USER alice", 331],
    ["PASS secret", 230],
    ["TYPE I", 200],
    ["SIZE ü", 213],
    ["NOPE", 500],
    ["PASV", 227],
    ["RETR", 501],
    ["QUIT", 221],
  ] as const;
  for (const [line, code] of script) {
    for (const byte of new TextEncoder().encode(`${line}\r\n`)) {
      await client.send(Uint8Array.of(byte));
      await delay(1);
    }
    await client.expect(code);
  }
  assertEquals(await client.next(), null);
});

Deno.test("stallTimeout: an upload byte by byte is no stalled one, and keeps nobody waiting", async () => {
  await using server = await TestServer.start({ config: { stallTimeout: 300 } });
  using client = await RawClient.login(server.address);
  using other = await RawClient.login(server.address);
  const started = performance.now();
  const text = "slow but whole, ".repeat(3);
  {
    using data = await client.openData();
    await client.command("STOR f", 150);
    for (const byte of new TextEncoder().encode(text)) {
      await data.write(Uint8Array.of(byte));
      await other.command("NOOP", 200);
      await delay(GAP);
    }
  }
  await client.expect(226);
  assert(performance.now() - started > 300, "it took longer than the limit");
  assertEquals(await Deno.readTextFile(server.path("f")), text);
});

Deno.test("RETR: a client that takes one byte at a time gets all of them", async () => {
  await using server = await TestServer.start({ config: { stallTimeout: 2000 } });
  const file = new Uint8Array(64).map((_, at) => at);
  await Deno.writeFile(server.path("f"), file);
  using client = await RawClient.login(server.address);
  using data = await client.openData();
  await client.command("RETR f", 150);
  const byte = new Uint8Array(1);
  const taken: number[] = [];
  for (let left = 16; left > 0; left--) {
    assertEquals(await data.read(byte), 1);
    taken.push(...byte);
    await delay(1);
  }
  taken.push(...await readAll(data));
  assertEquals(taken, [...file]);
  await client.expect(226);
});
