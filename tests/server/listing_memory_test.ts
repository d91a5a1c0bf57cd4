/**
 * What listings hold, over the wire: bounded, and given back however they end.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { delay } from "@std/async/delay";
import { ListingMemory } from "../../server/storage/listing_memory.ts";
import type { Endpoint } from "../../shared/endpoint.ts";
import { RawClient, readAll } from "../support/raw_client.ts";
import { TestServer, type TestServerOptions } from "../support/test_server.ts";

/** Enough that the directory counts as large on every file system. */
const MANY = 2000;

/** Enough for what one listing of them holds, and not for two. */
const ENOUGH_FOR_ONE = 50_000;

interface Stage extends AsyncDisposable {
  readonly server: TestServer;
  readonly memory: ListingMemory;
}

async function stage(options: TestServerOptions = {}): Promise<Stage> {
  const { listingMemory = new ListingMemory() } = options;
  const server = await TestServer.start({ ...options, listingMemory });
  fill(server);
  return { server, memory: listingMemory, [Symbol.asyncDispose]: () => server.stop() };
}

function fill(server: TestServer): void {
  for (let number = 0; number < MANY; number++) {
    Deno.writeFileSync(server.path(`a file ${number}`), new Uint8Array());
  }
}

async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo(); turn++) {
    assert(turn < 4000, "it does not come");
    await delay(5);
  }
}

/** So slow that it is there as long as a test wants it. */
const SLOW = { config: { limitRate: 5000 } };

/** Ways for a listing to end. */
const ENDS: Readonly<Record<string, (to: Endpoint, held: () => number) => Promise<void>>> = {
  "ABOR": async (to, held) => {
    using client = await RawClient.login(to);
    using _data = await client.openData();
    await client.command("MLSD", 150);
    await until(() => held() > 0);
    await client.send("ABOR\r\n");
    await client.expect(426);
    await client.expect(226);
  },
  "the client hangs up": async (to, held) => {
    using client = await RawClient.login(to);
    using _data = await client.openData();
    await client.command("LIST -t", 150);
    await until(() => held() > 0);
  },
  "the data connection ends": async (to, held) => {
    using client = await RawClient.login(to);
    const data = await client.openData();
    await client.command("LIST", 150);
    await until(() => held() > 0);
    data.close();
    await client.expect(426);
  },
  "there is no data connection": async (to) => {
    using client = await RawClient.login(to);
    await client.command("NLST a*", 425);
  },
  "STAT is refused": async (to) => {
    using client = await RawClient.login(to);
    await client.command("STAT .", 451);
  },
};

for (const [how, end] of Object.entries(ENDS)) {
  Deno.test(`listings: what they hold comes back when ${how}`, async () => {
    await using setting = await stage(SLOW);
    await end(setting.server.address, () => setting.memory.held);
    await until(() => setting.memory.held === 0);
  });
}

Deno.test("listings: what they hold comes back when they are done", async () => {
  await using setting = await stage();
  using client = await RawClient.login(setting.server.address);
  for (const command of ["LIST", "LIST -t", "NLST -R", "MLSD", "NLST *1*"]) {
    await client.fetch(command);
    assertEquals(setting.memory.held, 0, command);
  }
});

Deno.test("listings: one that would need what others hold is refused, and is not half a listing", async () => {
  const listingMemory = new ListingMemory(ENOUGH_FOR_ONE);
  await using setting = await stage({ ...SLOW, listingMemory });
  using slow = await RawClient.login(setting.server.address);
  using other = await RawClient.login(setting.server.address, "bob");
  using _unread = await slow.openData();
  await slow.command("MLSD", 150);
  await until(() => setting.memory.held > ENOUGH_FOR_ONE / 2);
  using data = await other.openData();
  await other.command("MLSD", 150);
  assertEquals((await readAll(data)).length, 0);
  const { lines } = await other.expect(451);
  assertMatch(lines[0] ?? "", /^Cannot list "\/": other listings hold too much memory/);
  await slow.send("ABOR\r\n");
  await until(() => setting.memory.held === 0);
  using again = await other.openData();
  await other.command("NLST -1 a*9", 150);
  assert((await readAll(again)).length > 0);
  await other.expect(226);
});
