/** Data connections that stay open between transfers, and what closes them (RFC 959 section 3.3). */

import { assertEquals, assertRejects } from "@std/assert";
import { KeptConnection } from "../../../server/data/kept_connection.ts";
import { ConnectError } from "../../../shared/errors.ts";
import { block, blocksIn, concat, readSome, writeAll } from "../../support/data_form.ts";
import { RawClient, readAll } from "../../support/raw_client.ts";
import { TestServer } from "../../support/test_server.ts";

const STAYS_OPEN = /stays open$/;

async function startWithFile(): Promise<TestServer> {
  const server = await TestServer.start();
  await Deno.writeTextFile(server.path("f"), "content");
  return server;
}

/** What RETR f sends. */
const CONTENT = concat(block(0, "content"), block(64, ""));

/** Logs in, and downloads once over a new connection, which stays open. */
async function withOpenConnection(
  server: TestServer,
): Promise<{ client: RawClient; data: Deno.TcpConn }> {
  const client = await RawClient.login(server.address);
  await client.command("MODE B", 200);
  const data = await client.openData();
  await client.command("RETR f", 150);
  assertEquals(await readSome(data, CONTENT.length), CONTENT);
  const done = await client.expect(250);
  assertEquals(STAYS_OPEN.test(done.lines[0] ?? ""), true);
  return { client, data };
}

Deno.test("MODE B: many transfers in both directions share one connection, announced by 125", async () => {
  await using server = await startWithFile();
  const { client, data } = await withOpenConnection(server);
  using _client = client;
  using _data = data;
  for (let round = 0; round < 5; round++) {
    const opening = await client.command("RETR f", 125);
    assertEquals(opening.lines, ["Using the BINARY mode data connection (7 bytes)"]);
    assertEquals(await readSome(data, CONTENT.length), CONTENT);
    await client.expect(250);
    await client.command(`STOR g${round}`, 125);
    await writeAll(data, concat(block(0, "upload "), block(64, String(round))));
    await client.expect(250);
    assertEquals(await Deno.readTextFile(server.path(`g${round}`)), `upload ${round}`);
    await client.command("MODE C", 200);
    await client.command("MODE B", 200);
    await client.command("TYPE I", 200);
    await client.command("RETR none", 550);
    await client.command("NOOP", 200);
  }
  await client.command("NLST f", 125);
  const listing = block(0, "f\r\n");
  assertEquals(await readSome(data, listing.length + 3), concat(listing, block(64, "")));
  await client.expect(250);
});

Deno.test("MODE B: an upload is taken over an active connection that stays open, too", async () => {
  await using server = await startWithFile();
  using client = await RawClient.login(server.address);
  await client.command("MODE B", 200);
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await client.command(`EPRT |1|127.0.0.1|${listener.addr.port}|`, 200);
  await client.command("STOR g", 150);
  using data = await listener.accept();
  await writeAll(data, block(64, "one"));
  await client.expect(250);
  await client.command("APPE g", 125);
  await writeAll(data, block(64, " two"));
  await client.expect(250);
  assertEquals(await Deno.readTextFile(server.path("g")), "one two");
});

const CLOSING: readonly (readonly [string, number])[] = [
  ["EPSV", 229],
  ["PASV", 227],
  ["PORT 127,0,0,1,200,1", 200],
  ["EPRT |1|127.0.0.1|50000|", 200],
  ["MODE S", 200],
  ["MODE Z", 200],
  ["ABOR", 226],
  ["REIN", 220],
  ["QUIT", 221],
];

for (const [command, code] of CLOSING) {
  Deno.test(`MODE B: the open connection is closed by ${command}`, async () => {
    await using server = await startWithFile();
    const { client, data } = await withOpenConnection(server);
    using _client = client;
    using _data = data;
    await client.command(command, code);
    assertEquals(await readAll(data), new Uint8Array());
  });
}

Deno.test("MODE B: a new user finds the connection open (RFC 959 section 3.2)", async () => {
  await using server = await startWithFile();
  const { client, data } = await withOpenConnection(server);
  using _client = client;
  using _data = data;
  await client.command("USER bob", 331);
  await client.command("PASS secret", 230);
  await client.command("RETR f", 125);
  await client.expect(250);
});

Deno.test("MODE B: after MODE S and back a transfer needs a new connection", async () => {
  await using server = await startWithFile();
  const { client, data } = await withOpenConnection(server);
  using _client = client;
  using _data = data;
  await client.command("MODE S", 200);
  await client.command("MODE B", 200);
  await client.command("RETR f", 425);
});

Deno.test("MODE S: a port that is ready outlives MODE commands", async () => {
  await using server = await startWithFile();
  using client = await RawClient.login(server.address);
  await client.command("MODE B", 200);
  using data = await client.openData();
  await client.command("MODE S", 200);
  await client.command("RETR f", 150);
  assertEquals(new TextDecoder().decode(await readAll(data)), "content");
  await client.expect(226);
});

Deno.test("MODE B: the open connection closes with the client's end, then 425", async () => {
  await using server = await startWithFile();
  const { client, data } = await withOpenConnection(server);
  using _client = client;
  using _data = data;
  await data.closeWrite();
  assertEquals(await readAll(data), new Uint8Array());
  await client.command("RETR f", 425);
  assertEquals((await readOver(client)).length, 2);
});

Deno.test("MODE B: an end that comes during a download is 226: the connection is closed", async () => {
  await using server = await startWithFile();
  const { client, data } = await withOpenConnection(server);
  using _client = client;
  using _data = data;
  await Deno.writeFile(server.path("large"), new Uint8Array(20_000_000));
  await client.command("RETR large", 125);
  await readSome(data, 100_000);
  await data.closeWrite();
  const rest = await readAll(data);
  assertEquals(rest.subarray(-3), block(64, ""));
  await client.expect(226);
  await client.command("RETR f", 425);
});

Deno.test("MODE B: bytes that nobody asked for close the open connection", async () => {
  await using server = await startWithFile();
  const { client, data } = await withOpenConnection(server);
  using _client = client;
  using _data = data;
  await writeAll(data, block(64, "STOR without STOR"));
  await readAll(data).catch(() => {}); // closed with bytes unread: a reset
  await client.command("STOR g", 425);
});

Deno.test("MODE B: bytes behind the end of an upload do not harm it, and close the connection", async () => {
  await using server = await startWithFile();
  using client = await RawClient.login(server.address);
  await client.command("MODE B", 200);
  using data = await client.openData();
  await client.command("STOR g", 150);
  await writeAll(data, concat(block(64, "whole"), block(64, "more")));
  await client.expect(226);
  assertEquals(await Deno.readTextFile(server.path("g")), "whole");
  await client.command("STOR h", 425);
});

Deno.test("MODE B: an error in the middle closes the open connection", async () => {
  await using server = await startWithFile();
  const { client, data } = await withOpenConnection(server);
  using _client = client;
  using _data = data;
  await client.command("STOR f", 125);
  await writeAll(data, block(1, "no such descriptor"));
  await client.expect(426);
  await client.command("STOR f", 425);
  assertEquals(await Deno.readTextFile(server.path("f")), "content");
});

Deno.test("MODE B: ABOR in the middle of a transfer closes the open connection", async () => {
  await using server = await startWithFile();
  const { client, data } = await withOpenConnection(server);
  using _client = client;
  using _data = data;
  await client.command("STOR f", 125);
  await writeAll(data, block(0, "half"));
  await client.command("ABOR", 426);
  await client.expect(226);
  await client.command("STOR f", 425);
  assertEquals(await Deno.readTextFile(server.path("f")), "content");
});

Deno.test("MODE B: QUIT in the middle of a download lets it end", async () => {
  await using server = await startWithFile();
  await Deno.writeFile(server.path("large"), new Uint8Array(20_000_000));
  const { client, data } = await withOpenConnection(server);
  using _client = client;
  using _data = data;
  await client.command("RETR large", 125);
  await client.command("QUIT", 221);
  const blocks = blocksIn(await readAll(data));
  assertEquals(blocks.at(-1)?.descriptor, 64);
  await client.expect(250);
  assertEquals(await client.next(), null);
});

Deno.test("KeptConnection: closed between two transfers it opens no more", async () => {
  const ended = Promise.withResolvers<number | null>();
  const at = { hostname: "127.0.0.1", port: 1 };
  const kept = new KeptConnection({
    local: at,
    remote: at,
    read: () => ended.promise,
    write: (bytes) => Promise.resolve(bytes.length),
    finish: () => Promise.resolve(),
    close: () => {},
    [Symbol.dispose]: () => {},
  });
  kept.rest();
  assertEquals(await kept.open(), kept);
  kept.rest();
  ended.resolve(null);
  await ended.promise;
  await Promise.resolve();
  assertEquals(kept.state, "closed");
  await assertRejects(() => kept.open(), ConnectError);
});

/** Downloads f over a new connection; the blocks. */
async function readOver(client: RawClient): Promise<unknown[]> {
  using data = await client.openData();
  await client.command("RETR f", 150);
  const wire = await readSome(data, CONTENT.length);
  await client.expect(250);
  return blocksIn(wire);
}
