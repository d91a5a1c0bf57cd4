/**
 * What listings hold, over the wire: bounded, and given back however they end.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { delay } from "@std/async/delay";
import { ListingMemory } from "../../server/storage/listing_memory.ts";
import type { Endpoint } from "../../shared/endpoint.ts";
import type { Entry, Storage } from "../../server/storage/storage.ts";
import { StorageError } from "../../shared/errors.ts";
import { RawClient, readAll } from "../support/raw_client.ts";
import { TestServer, type TestServerOptions } from "../support/test_server.ts";

/** Enough that the directory counts as large on every file system. */
const MANY = 2000;

/** Less than what a listing of them holds. */
const LITTLE = 20_000;

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

/** Somebody else holds all but a little, and more than that. */
function crowd(memory: ListingMemory): Disposable {
  const leases = [memory.lease(), memory.lease()];
  leases[0]?.take(2 * LITTLE);
  leases[1]?.take(LITTLE - 3000);
  return { [Symbol.dispose]: () => leases.forEach((lease) => lease[Symbol.dispose]()) };
}

for (
  const [command, code, text] of [
    ["MLSD", 451, /^Cannot list "\/": other listings hold too much memory/],
    ["LIST -t few", 226, /./],
    ["NLST a*", 451, /^Cannot list "\/": other listings hold too much memory$/],
    ["NLST */*", 451, /^Cannot list "\/": other listings hold too much memory$/],
    ["STAT nothing*", 451, /^Cannot list "\/": other listings hold too much memory$/],
    ["NLST -R", 451, /^Cannot list "\/": other listings hold too much memory/],
  ] as const
) {
  Deno.test(`listings: ${command} where others hold nearly all is ${code}, and no half a listing`, async () => {
    const listingMemory = new ListingMemory(LITTLE);
    await using setting = await stage({ listingMemory });
    await Deno.mkdir(setting.server.path("few"));
    await Deno.writeTextFile(setting.server.path("few/one"), "");
    using client = await RawClient.login(setting.server.address);
    const held = crowd(listingMemory);
    using _data = await client.openData();
    await client.send(`${command}\r\n`);
    const first = await client.next();
    const last = first?.code === 150 ? await client.next() : first;
    assertEquals(last?.code, code);
    assertMatch(last?.lines[0] ?? "", text);
    held[Symbol.dispose]();
    assertEquals((await client.fetchText("NLST")).split("\r\n").length, MANY + 2);
  });
}

Deno.test("listings: a directory of any size in any order, where nobody else holds much", async () => {
  await using setting = await stage({ listingMemory: new ListingMemory(1000) });
  using client = await RawClient.login(setting.server.address);
  for (const command of ["LIST", "LIST -t", "NLST -rR", "NLST -S *", "MLSD"]) {
    assert((await client.fetchText(command)).split("\r\n").length > MANY, command);
  }
});

Deno.test("LIST -tR: a directory that fails in the middle holds nothing any more", async () => {
  const listingMemory = new ListingMemory();
  const held: number[] = [];
  await using server = await TestServer.start({
    listingMemory,
    storage: () => failing(() => held.push(listingMemory.held)),
  });
  using client = await RawClient.login(server.address);
  using data = await client.openData();
  await client.command("LIST -tR", 150);
  await readAll(data);
  await client.expect(451);
  assertEquals(held.length, DIRECTORIES + 1);
  assert(Math.max(...held) < 10_000, String(held));
});

const DIRECTORIES = 20;

/** Directories that tell of many files before they fail. */
function failing(onList: () => void): Storage {
  const entry = (name: string, type: "dir" | "file"): Entry => {
    const facts = { size: 0, modified: 0, mode: 0o755, links: 1, owner: 0, group: 0 };
    return { name, type, device: 1, inode: 1, ...facts };
  };
  const storage: Partial<Storage> = {
    stat: (path) =>
      path === "/"
        ? Promise.resolve(entry("", "dir"))
        : Promise.reject(new StorageError("not-found", "No such file")),
    async *list(path) {
      onList();
      const isRoot = path === "/";
      const count = isRoot ? DIRECTORIES : 500;
      yield await Promise.resolve(
        Array.from({ length: count }, (_, at) => entry(`e${at}`, isRoot ? "dir" : "file")),
      );
      if (!isRoot) throw new StorageError("io", "as the test wants");
    },
  };
  return storage as Storage;
}
