import { assert, assertEquals } from "@std/assert";
import { connect } from "node:net";
import type { SessionEvent } from "../../server/events/event.ts";
import { writeAll } from "../../shared/connection.ts";
import { parsePasvReply } from "../../shared/endpoint.ts";
import { encodeProxyV1, encodeProxyV2 } from "../support/proxy_header.ts";
import { RawClient } from "../support/raw_client.ts";
import { SecureClient } from "../support/secure_client.ts";
import { Supervised } from "../support/supervised.ts";
import { TestServer } from "../support/test_server.ts";
import { LOCAL_TLS } from "../support/tls_pair.ts";

const CLIENT = { hostname: "127.0.0.2", port: 40_000 };
const REACHED = { hostname: "198.51.100.7", port: 21 };
const trusting = { config: { trustedProxies: ["127.0.0.1"] } };

/** Downloads from another address of ours, as the client itself would. */
function fetchFrom(localAddress: string, port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ host: "127.0.0.1", port, localAddress });
  let text = "";
  socket.setEncoding("utf8");
  socket.on("data", (part) => text += part);
  socket.on("close", () => resolve(text));
  socket.on("error", reject);
  return promise;
}

for (const [version, encode] of [["1", encodeProxyV1], ["2", encodeProxyV2]] as const) {
  Deno.test(`PROXY version ${version}: the client's address holds for limits, events, data connections and 227`, async () => {
    const admitted: string[] = [];
    const events: SessionEvent[] = [];
    await using server = await TestServer.start({
      ...trusting,
      authority: {
        admit: (address) => {
          admitted.push(address);
          return Promise.resolve({ kind: "admitted", session: 1 });
        },
      },
      onEvent: (event) => events.push(event),
    });
    await Deno.writeTextFile(server.path("file"), "content");
    using client = await RawClient.connect(server.address);
    await client.send(encode(CLIENT, REACHED));
    await client.send("USER alice\r\n");
    await client.expect(220);
    await client.expect(331);
    await client.command("PASS secret", 230);
    await client.command("TYPE I", 200);
    assertEquals(admitted, ["127.0.0.2"]);
    assert(events.every(({ address }) => address === "127.0.0.2"));
    const told = parsePasvReply((await client.command("PASV", 227)).lines[0] ?? "");
    assertEquals(told.hostname, REACHED.hostname);
    const [stranger, mine] = [fetchFrom("127.0.0.1", told.port), fetchFrom("127.0.0.2", told.port)];
    await client.command("RETR file", 150);
    await client.expect(226);
    assertEquals([await stranger, await mine], ["", "content"]);
    await client.command("PORT 127,0,0,1,200,1", 504);
    await client.command("PORT 127,0,0,2,200,1", 200);
  });
}

Deno.test("PROXY: header and first commands in one segment, and a header byte by byte", async () => {
  await using server = await TestServer.start(trusting);
  const header = encodeProxyV2(CLIENT, REACHED);
  {
    using client = await RawClient.connect(server.address);
    await client.send(Uint8Array.of(...header, ...new TextEncoder().encode("NOOP\r\nNOOP\r\n")));
    for (const code of [220, 200, 200]) await client.expect(code);
  }
  using client = await RawClient.connect(server.address);
  for (const byte of header) await client.send(Uint8Array.of(byte));
  await client.expect(220);
});

Deno.test("PROXY: a connection of the balancer's own keeps its address", async () => {
  const admitted: string[] = [];
  await using server = await TestServer.start({
    ...trusting,
    authority: {
      admit: (address) => {
        admitted.push(address);
        return Promise.resolve({ kind: "admitted", session: 1 });
      },
    },
  });
  using client = await RawClient.connect(server.address);
  await client.send("PROXY UNKNOWN\r\n");
  await client.expect(220);
  assertEquals(admitted, ["127.0.0.1"]);
});

Deno.test("PROXY: a trusted proxy without a header is refused, and never becomes a session", async () => {
  let admitted = 0;
  await using server = await TestServer.start({
    ...trusting,
    authority: {
      admit: () => {
        admitted++;
        return Promise.resolve({ kind: "admitted", session: 1 });
      },
    },
  });
  using client = await RawClient.connect(server.address);
  await client.send("USER alice\r\n");
  await client.expect(421);
  assertEquals(await client.next(), null);
  assertEquals(admitted, 0);
});

Deno.test("PROXY: a trusted proxy that sends nothing, or half a header, is refused in time", async () => {
  await using server = await TestServer.start({
    config: { ...trusting.config, loginTimeout: 50 },
  });
  for (const start of ["", "PROXY TCP4 "]) {
    using client = await RawClient.connect(server.address);
    await client.send(start);
    await client.expect(421);
    assertEquals(await client.next(), null);
  }
});

Deno.test("PROXY: a stop does not wait for headers, and a check that only connects leaves nothing", async () => {
  await using server = await TestServer.start(trusting);
  {
    using _check = await RawClient.connect(server.address);
  }
  using waiting = await RawClient.connect(server.address);
  await waiting.send("PROXY ");
  await server.stop();
  await waiting.expect(421);
});

Deno.test("PROXY: from anyone else the line is an unknown command", async () => {
  await using server = await TestServer.start({ config: { trustedProxies: ["192.0.2.0/24"] } });
  using client = await RawClient.connect(server.address);
  await client.expect(220);
  await client.send(encodeProxyV1(CLIENT, REACHED));
  await client.expect(500);
  await client.command("NOOP", 200);
});

Deno.test("PROXY: TLS begins behind the header, with AUTH or at once", async () => {
  await using server = await Supervised.start({
    session: { tls: LOCAL_TLS, implicitPort: 0, trustedProxies: ["127.0.0.1"] },
  });
  const header = encodeProxyV2(CLIENT, REACHED);
  using explicit = await SecureClient.connect(server.address);
  await writeAll(explicit.connection, header);
  await explicit.expect(220);
  await explicit.command("AUTH TLS", 234);
  await explicit.startTls();
  await explicit.logIn();
  using implicit = await SecureClient.connect(server.implicit ?? server.address);
  await writeAll(implicit.connection, header);
  await implicit.startTls();
  await implicit.expect(220);
  await implicit.logIn();
});
