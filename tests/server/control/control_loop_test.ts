import { assert, assertEquals } from "@std/assert";
import type { Reply } from "../../../shared/reply.ts";
import { readSome } from "../../support/data_form.ts";
import { RawClient, readAll } from "../../support/raw_client.ts";
import { TestServer } from "../../support/test_server.ts";

/** More than the sockets of both ends hold, so that a download waits for its reader. */
const LARGE = 64 * 1024 * 1024;

async function largeFile(server: TestServer): Promise<void> {
  await Deno.truncate(await Deno.makeTempFile({ dir: server.root, prefix: "large" }), LARGE);
  for await (const { name } of Deno.readDir(server.root)) {
    await Deno.rename(server.path(name), server.path("large"));
  }
}

async function codes(client: RawClient, count: number): Promise<number[]> {
  const all: number[] = [];
  for (let n = 0; n < count; n++) all.push((await client.next())?.code ?? 0);
  return all;
}

Deno.test("runSession: a line that arrives byte by byte is one command", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  for (const byte of new TextEncoder().encode("PWD\r\n")) await client.send(Uint8Array.of(byte));
  await client.expect(257);
});

Deno.test("runSession: two hundred commands in one segment are answered in order", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  await client.send("NOOP\r\nPWD\r\n".repeat(100));
  assertEquals(
    await codes(client, 200),
    Array.from({ length: 200 }, (_, n) => n % 2 === 0 ? 200 : 257),
  );
});

Deno.test("runSession: commands pipelined from the greeting on run in order", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.connect(server.address);
  await client.send("USER alice\r\nPASS secret\r\nMKD d\r\nCWD d\r\nPWD\r\nQUIT\r\nNOOP\r\n");
  assertEquals(await codes(client, 7), [220, 331, 230, 257, 250, 257, 221]);
  assertEquals(await client.next(), null);
});

Deno.test("runSession: what a half-closed client still asked for is answered", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.connect(server.address);
  await client.send("USER alice\r\nPASS secret\r\nPWD\r\n");
  await client.closeWrite();
  assertEquals(await codes(client, 4), [220, 331, 230, 257]);
  assertEquals(await client.next(), null);
});

Deno.test("runSession: a line over 8 KiB is 500, and its rest never runs", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  await client.send(`CWD ${"x".repeat(9000)}`);
  await client.expect(500);
  await client.send(`${"x".repeat(20_000)} QUIT\r\nMKD ok\r\n`);
  await client.expect(257);
  await client.command(`MKD ${"y".repeat(8188)}`, 553);
});

const BAD_LINES: readonly (readonly [string, Uint8Array])[] = [
  ["NUL", new TextEncoder().encode("DELE a\0b\r\n")],
  ["CR inside", new TextEncoder().encode("DELE a\rb\r\n")],
  ["bytes that are not UTF-8", Uint8Array.of(0x44, 0x45, 0x4c, 0x45, 0x20, 0xe9, 0x0d, 0x0a)],
];

for (const [what, bytes] of BAD_LINES) {
  Deno.test(`runSession: a line with ${what} is 501`, async () => {
    await using server = await TestServer.start();
    using client = await RawClient.login(server.address);
    await client.send(bytes);
    await client.expect(501);
    await client.command("NOOP", 200);
  });
}

Deno.test("runSession: NOOP and STAT are answered at once while a download is stalled", async () => {
  await using server = await TestServer.start();
  await largeFile(server);
  using client = await RawClient.login(server.address);
  using data = await client.openData();
  await client.command("RETR large", 150);
  await client.command("NOOP", 200);
  const status = await client.command("STAT", 211);
  assert(status.lines.some((line) => line.includes('RETR "/large"')));
  assertEquals((await readAll(data)).length, LARGE);
  await client.expect(226);
});

Deno.test("runSession: NOOP in one segment with RETR is answered while the download is stalled", async () => {
  await using server = await TestServer.start();
  await largeFile(server);
  using client = await RawClient.login(server.address);
  using data = await client.openData();
  await client.send("RETR large\r\nNOOP\r\nPWD\r\nNOOP\r\n");
  assertEquals(await codes(client, 2), [150, 200]);
  await readAll(data);
  assertEquals(await codes(client, 3), [226, 257, 200]);
});

Deno.test("ABOR: stops a stalled download with 426, then 226, and the session lives", async () => {
  await using server = await TestServer.start();
  await largeFile(server);
  using client = await RawClient.login(server.address);
  using _data = await client.openData();
  await client.command("RETR large", 150);
  await client.command("ABOR", 426);
  await client.expect(226);
  await client.command("PWD", 257);
});

Deno.test("ABOR: stops an upload in which nothing arrives, and leaves nothing", async () => {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("f"), "old");
  using client = await RawClient.login(server.address);
  using data = await client.openData();
  await client.command("STOR f", 150);
  await data.write(new TextEncoder().encode("new"));
  await client.command("ABOR", 426);
  await client.expect(226);
  assertEquals(await Deno.readTextFile(server.path("f")), "old");
  assertEquals(await Array.fromAsync(Deno.readDir(server.root), ({ name }) => name), ["f"]);
});

Deno.test("ABOR: as Python sends it, with the LF lost and telnet bytes in front", async () => {
  await using server = await TestServer.start();
  await largeFile(server);
  using client = await RawClient.login(server.address);
  for (const bytes of ["ABOR\r", "\xff\xf4\xffABOR\r\n", "\xff\xf4\xf2ABOR\r\n", "\xf2ABOR\r\n"]) {
    using _data = await client.openData();
    await client.command("RETR large", 150);
    await client.send(Uint8Array.from(bytes, (c) => c.charCodeAt(0)));
    assertEquals(await codes(client, 2), [426, 226]);
  }
  await client.command("NOOP", 200);
});

Deno.test("runSession: Telnet options are refused, and the command between them runs", async () => {
  await using server = await TestServer.start();
  using conn = await Deno.connect({
    hostname: server.address.hostname,
    port: server.address.port,
  });
  const text = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes);
  assertEquals(text(await readSome(conn, 18)), "220 ftpkit ready\r\n");
  const ask = Uint8Array.of(255, 253, 1, 255, 251, 31, ...new TextEncoder().encode("NOOP\r\n"));
  await conn.write(ask);
  const answer = "\xff\xfc\x01\xff\xfe\x1f200 Done\r\n";
  assertEquals(text(await readSome(conn, answer.length)), answer);
});

Deno.test("ABOR: also stops transfers that were pipelined before it and have not begun", async () => {
  await using server = await TestServer.start();
  await largeFile(server);
  using client = await RawClient.login(server.address);
  using _data = await client.openData();
  await client.send("RETR large\r\nPWD\r\nABOR\r\n");
  assertEquals(await codes(client, 4), [150, 426, 257, 226]);
});

Deno.test("ABOR: without a transfer is 226 and closes the data channel", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  using data = await client.openData();
  await client.command("ABOR", 226);
  await client.command("LIST", 425);
  assertEquals(await data.read(new Uint8Array(1)).catch(() => null), null);
});

Deno.test("QUIT: during a download is answered at once, and the download ends well", async () => {
  await using server = await TestServer.start();
  await largeFile(server);
  using client = await RawClient.login(server.address);
  using data = await client.openData();
  await client.command("RETR large", 150);
  await client.command("QUIT", 221);
  assertEquals((await readAll(data)).length, LARGE);
  await client.expect(226);
  assertEquals(await client.next(), null);
});

Deno.test("runSession: a client that takes no replies is not read, and loses nothing", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  const count = 20_000;
  const sending = client.send("FEAT\r\n".repeat(count));
  const replies: (Reply | null)[] = [];
  for (let n = 0; n < count; n++) replies.push(await client.next());
  await sending;
  assertEquals(replies.every((reply) => reply?.code === 211), true);
});

Deno.test("runSession: an idle session ends with 421, one that transfers does not", async () => {
  await using server = await TestServer.start({ config: { idleTimeout: 50 } });
  await largeFile(server);
  using busy = await RawClient.login(server.address);
  using data = await busy.openData();
  await busy.command("RETR large", 150);
  using idle = await RawClient.login(server.address);
  const goodbye = await idle.expect(421);
  assert(goodbye.lines[0]?.includes("0.05 s"));
  assertEquals(await idle.next(), null);
  await readAll(data);
  await busy.expect(226);
});

Deno.test("runSession: who does not log in is sent away with 421", async () => {
  await using server = await TestServer.start({ config: { loginTimeout: 50 } });
  using client = await RawClient.connect(server.address);
  await client.expect(220);
  await client.expect(421);
  assertEquals(await client.next(), null);
});

Deno.test("ControlListener.stop: idle sessions get 421, a running transfer ends first", async () => {
  await using server = await TestServer.start();
  await largeFile(server);
  using busy = await RawClient.login(server.address);
  using data = await busy.openData();
  await busy.command("RETR large", 150);
  using idle = await RawClient.login(server.address);
  const stopped = server.stop(60_000);
  await idle.expect(421);
  assertEquals((await readAll(data)).length, LARGE);
  assertEquals(await codes(busy, 2), [226, 421]);
  await stopped;
});
