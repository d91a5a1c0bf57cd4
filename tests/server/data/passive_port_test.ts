/**
 * Passive ports from one transfer to the next, and the pool they come from.
 *
 * @module
 */
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { PortPool } from "../../../server/data/port_pool.ts";
import { parseEpsvReply } from "../../../shared/endpoint.ts";
import { ConnectError } from "../../../shared/errors.ts";
import { freePort } from "../../support/free_port.ts";
import { RawClient, readAll } from "../../support/raw_client.ts";
import { TestServer } from "../../support/test_server.ts";

const HERE = "127.0.0.1";

async function askPort(client: RawClient): Promise<number> {
  const { lines: [text = ""] } = await client.command("EPSV", 229);
  return parseEpsvReply(text);
}

/** Fetches `file` through a port that was asked for. */
async function fetchAt(client: RawClient, port: number): Promise<string> {
  using data = await Deno.connect({ hostname: HERE, port });
  await client.command("RETR file", 150);
  const bytes = await readAll(data);
  await client.expect(226);
  return new TextDecoder().decode(bytes);
}

async function start(passivePorts?: { first: number; last: number }): Promise<TestServer> {
  const server = await TestServer.start(
    passivePorts === undefined ? {} : { config: { passivePorts } },
  );
  await Deno.writeTextFile(server.path("file"), "content");
  return server;
}

/** A range in which every port was free a moment ago. */
function freeRange(count: number): { first: number; last: number } {
  for (;;) {
    const first = freePort(HERE);
    try {
      using _all = listenOn(Array.from({ length: count }, (_, step) => first + step));
      return { first, last: first + count - 1 };
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

function listenOn(ports: readonly number[]): Disposable {
  using stack = new DisposableStack();
  for (const port of ports) stack.use(Deno.listen({ hostname: HERE, port }));
  return stack.move();
}

Deno.test("EPSV: one transfer after another comes through the same port", async () => {
  await using server = await start();
  using client = await RawClient.login(server.address);
  const port = await askPort(client);
  assertEquals(await fetchAt(client, port), "content");
  for (let again = 0; again < 5; again++) {
    assertEquals(await askPort(client), port);
    assertEquals(await fetchAt(client, port), "content");
  }
});

Deno.test("EPSV: who connects before it is asked for is dropped, and gets nothing", async () => {
  await using server = await start();
  using client = await RawClient.login(server.address);
  const port = await askPort(client);
  await fetchAt(client, port);
  using early = await Deno.connect({ hostname: HERE, port });
  assertEquals(await readAll(early), new Uint8Array());
  assertEquals(await askPort(client), port);
  assertEquals(await fetchAt(client, port), "content");
});

Deno.test("EPSV: a second connection to the port is dropped", async () => {
  await using server = await start();
  using client = await RawClient.login(server.address);
  const port = await askPort(client);
  using data = await Deno.connect({ hostname: HERE, port });
  using second = await Deno.connect({ hostname: HERE, port });
  assertEquals(await readAll(second), new Uint8Array());
  await client.command("RETR file", 150);
  assertEquals((await readAll(data)).length, "content".length);
  await client.expect(226);
});

Deno.test("EPSV: after a port that no transfer used, the next one is new", async () => {
  await using server = await start();
  using client = await RawClient.login(server.address);
  const port = await askPort(client);
  using unused = await Deno.connect({ hostname: HERE, port });
  const next = await askPort(client);
  assertNotEquals(next, port);
  assertEquals(await readAll(unused).catch(() => new Uint8Array()), new Uint8Array());
  assertEquals(await fetchAt(client, next), "content");
});

Deno.test("EPSV: the port closes with its session", async () => {
  await using server = await start();
  using client = await RawClient.login(server.address);
  const port = await askPort(client);
  await fetchAt(client, port);
  await client.command("QUIT", 221);
  assertEquals(await client.next(), null);
  await server.retire();
  using again = Deno.listen({ hostname: HERE, port });
  assertEquals(again.addr.port, port);
});

Deno.test("PortPool: ten ports serve a thousand transfers of twenty sessions", async () => {
  await using server = await start(freeRange(10));
  const work = async (): Promise<void> => {
    using client = await RawClient.login(server.address);
    for (let count = 0; count < 50; count++) {
      assertEquals(await client.fetchText("RETR file"), "content");
    }
  };
  await Promise.all(Array.from({ length: 20 }, work));
});

Deno.test("PortPool: a port that rests is given up for one that is needed", async () => {
  await using server = await start(freeRange(8));
  using first = await RawClient.login(server.address);
  const kept = await askPort(first);
  await fetchAt(first, kept);
  const others = await Promise.all(
    Array.from({ length: 8 }, () => RawClient.login(server.address)),
  );
  using stack = new DisposableStack();
  others.forEach((other) => stack.use(other));
  const ports = await Promise.all(others.map(askPort));
  assertEquals(new Set(ports).size, 8);
  assert(ports.includes(kept));
});

Deno.test("PortPool: it says so when every port is taken", async () => {
  const { first, last } = freeRange(2);
  using _taken = listenOn([first, last]);
  const pool = new PortPool({ first, last });
  const { signal } = new AbortController();
  const request = { hostname: HERE, client: HERE, signal };
  const error = await assertRejects(() => pool.port({}, request), ConnectError);
  assertEquals(error.message, `No passive port is free from ${first} to ${last}`);
});
