import { assert, assertEquals, assertRejects } from "@std/assert";
import { type DirectoryRecords, namesIn } from "../../../server/storage/directory_records.ts";
import { DirectoryNames } from "../../../server/storage/directory_names.ts";
import { Jail } from "../../../server/storage/jail.ts";
import {
  type LargeDirectory,
  LargeListing,
  type ListingHelp,
  RUN,
} from "../../../server/storage/large_listing.ts";
import { ListingMemory } from "../../../server/storage/listing_memory.ts";
import { Refusal } from "../../../server/storage/os_error.ts";
import { LookupHelp } from "../../../server/storage/lookup_help.ts";
import { SharedLookup, type SharedNames } from "../../../server/storage/shared_names.ts";
import type { Entry, ListUse } from "../../../server/storage/storage.ts";
import { shortLease } from "../../support/short_memory.ts";
import { Shared } from "./support.ts";

/** Two whole runs and a piece of a third. */
const MANY = 2 * RUN + 100;

/** A directory with many files of different sizes, links of all kinds, and names of all kinds. */
function fill(shared: Shared): void {
  Deno.mkdirSync(shared.real("/d/inside"), { recursive: true });
  for (let number = 0; number < MANY; number++) {
    Deno.writeFileSync(shared.real(`/d/f${number * 7919 % MANY}`), new Uint8Array(number % 50));
  }
  for (const name of ["ü", "\ufeffmark", "\u{1f600}", "a b", "new\nline"]) {
    Deno.writeTextFileSync(shared.real(`/d/${name}`), name);
  }
  Deno.symlinkSync("f1", shared.real("/d/link"));
  Deno.symlinkSync("inside", shared.real("/d/to directory"));
  Deno.symlinkSync("../../outside", shared.real("/d/out"));
  Deno.symlinkSync("nowhere", shared.real("/d/broken"));
}

function namesOf(shared: Shared): string[] {
  return [...Deno.readDirSync(shared.real("/d"))].map(({ name }) => name);
}

/** What an entry says, wherever its facts are. */
function said(entry: Entry): Record<string, unknown> {
  const { name, type, size, modified, created, mode, links, owner, group } = entry;
  const { target, device, inode } = entry;
  return { name, type, size, modified, created, mode, links, owner, group, device, inode, target };
}

function open(directory: Omit<LargeDirectory, "use"> & ListUse): LargeListing {
  const { jail, real, help, ...use } = directory;
  return new LargeListing({ jail, real, help, use });
}

async function read(
  shared: Shared,
  help: ListingHelp,
  onRead: () => void = () => {},
): Promise<Record<string, unknown>[]> {
  const jail = new Jail(shared.root);
  using listing = open({ jail, real: shared.real("/d"), help });
  await listing.read(new DirectoryNames());
  onRead();
  return (await rest(listing)).map(said);
}

async function rest(listing: LargeListing): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (;;) {
    const batch = await listing.next();
    if (batch.length === 0) return entries;
    entries.push(...batch);
  }
}

/** Takes all that is shared and does as a sibling may do. */
const SIBLINGS: Readonly<Record<string, (names: SharedNames) => void>> = {
  "that help": (names) => void new LookupHelp().take(names),
  "that never begin": () => {},
  "that take one chunk and hang": (names) => new SharedLookup(names).take(),
  "that take all and die": (names) => new SharedLookup(names).close(),
  "that do every second chunk": (names) => {
    const lookup = new SharedLookup(names);
    for (let chunk = lookup.take(); chunk !== undefined; chunk = lookup.take()) {
      if (chunk % 2 === 0) lookup.lookUp(chunk);
    }
  },
};

Deno.test("LargeListing: with help it is the same as without, whatever becomes of the help", async (t) => {
  await using shared = await Shared.open();
  fill(shared);
  const names = namesOf(shared).sort();
  const expected = await Promise.all(
    names.filter((name) => !["out", "broken"].includes(name))
      .map(async (name) => said(await shared.storage.stat(`/d/${name}`))),
  );
  await t.step("alone", async () => assertEquals(await read(shared, {}), expected));
  for (const [what, share] of Object.entries(SIBLINGS)) {
    await t.step(what, async () => assertEquals(await read(shared, { share }), expected));
  }
});

Deno.test("LargeListing: what another thread writes late into its chunk does not count", async () => {
  await using shared = await Shared.open();
  fill(shared);
  const hung: (() => void)[] = [];
  const share = (names: SharedNames): void => {
    const lookup = new SharedLookup(names);
    const chunk = lookup.take() ?? 0;
    // Its own thread would write while the listing goes on.
    hung.push(() => lookup.facts(chunk).lookUp(0, "/"));
  };
  const jail = new Jail(shared.root);
  using listing = open({ jail, real: shared.real("/d"), help: { share } });
  await listing.read(new DirectoryNames());
  const first = await listing.next();
  const before = first.map(said);
  hung.forEach((write) => write());
  assertEquals(first.map(said), before);
  assertEquals(hung.length, 3);
});

Deno.test("LargeListing: names that go before anybody has looked are left out", async () => {
  await using shared = await Shared.open();
  fill(shared);
  const all = await read(shared, {});
  const gone = new Set(["f1", "f500", "link", "ü"]);
  const remove = (): void => gone.forEach((name) => Deno.removeSync(shared.real(`/d/${name}`)));
  const left = await read(shared, { share: () => {} }, remove);
  assertEquals(
    left.map(({ name }) => name),
    all.map(({ name }) => name).filter((name) => !gone.has(String(name))),
  );
});

Deno.test("LargeListing: where much is held it is read without help, and where too much is, not at all", async () => {
  await using shared = await Shared.open();
  fill(shared);
  const expected = await read(shared, {});
  const memory = new ListingMemory(1_000_000);
  using other = memory.lease();
  other.take(500_000);
  using listing = open({
    jail: new Jail(shared.root),
    real: shared.real("/d"),
    help: { share: () => assert(false, "shared") },
    memory: memory.lease(),
  });
  await listing.read(new DirectoryNames());
  assertEquals((await rest(listing)).map(said), expected);
  const refused = open({
    jail: new Jail(shared.root),
    real: shared.real("/d"),
    help: {},
    memory: shortLease(100),
  });
  const error = await assertRejects(() => refused.read(new DirectoryNames()), Refusal);
  assertEquals(error.kind, "overloaded");
});

Deno.test("LargeListing: one that is aborted while it reads is refused nothing, and holds nothing", async () => {
  await using shared = await Shared.open();
  fill(shared);
  const names = namesOf(shared);
  const memory = new ListingMemory();
  for (const end of ["signal", "lease"] as const) {
    const stopping = new AbortController();
    const lease = memory.lease();
    const blocks = asRecords(names.slice(0, RUN + 5), () => {
      if (end === "signal") stopping.abort();
      else lease[Symbol.dispose]();
    });
    using listing = open({
      jail: new Jail(shared.root),
      real: shared.real("/d"),
      help: { records: () => Promise.resolve(disposable(blocks, () => {})) },
      memory: lease,
      signal: stopping.signal,
    });
    await listing.read(new DirectoryNames());
    assertEquals([await listing.next(), memory.held], [[], 0]);
  }
});

Deno.test("LargeListing: few names are not shared", async () => {
  await using shared = await Shared.open();
  await Deno.mkdir(shared.real("/d"));
  for (let number = 0; number < 100; number++) {
    await Deno.writeTextFile(shared.real(`/d/f${number}`), "");
  }
  const share = (): void => assert(false, "shared");
  assertEquals((await read(shared, { share })).length, 100);
});

Deno.test("LargeListing: a directory that may be read but not entered is denied, whoever finds out", async () => {
  await using shared = await Shared.open();
  fill(shared);
  for (const help of [{}, { share: SIBLINGS["that help"] ?? (() => {}) }]) {
    using _refusing = refuseToEnter("/d/f");
    const error = await assertRejects(() => read(shared, help));
    assertEquals(error instanceof Error && "kind" in error && error.kind, "denied");
  }
});

/** The system says of all paths with that in it that their directory may not be entered. */
function refuseToEnter(part: string): Disposable {
  const { lstatSync } = Deno;
  Deno.lstatSync = (path) => {
    if (!String(path).includes(part)) return lstatSync(path);
    throw Object.assign(new Error("as the test wants"), { code: "EACCES" });
  };
  return { [Symbol.dispose]: () => void (Deno.lstatSync = lstatSync) };
}

Deno.test("LargeListing: records that somebody else has read are as good, and the runtime reads where nobody can", async () => {
  await using shared = await Shared.open();
  fill(shared);
  const expected = await read(shared, {});
  assertEquals(await read(shared, { records: () => Promise.resolve(undefined) }), expected);
  const names = namesOf(shared);
  const asked: string[] = [];
  const disposed = Promise.withResolvers<void>();
  const records = (real: string): Promise<DirectoryRecords> => {
    asked.push(real);
    return Promise.resolve(disposable(asRecords(names), disposed.resolve));
  };
  assertEquals(await read(shared, { records }), expected);
  assertEquals(asked, [shared.real("/d")]);
  await disposed.promise;
});

function disposable(blocks: AsyncIterable<Uint8Array>, onDispose: () => void): DirectoryRecords {
  return {
    [Symbol.asyncIterator]: () => blocks[Symbol.asyncIterator](),
    [Symbol.dispose]: onDispose,
  };
}

async function* asRecords(
  names: readonly string[],
  onEnd: () => void = () => {},
): AsyncGenerator<Uint8Array> {
  for (const name of names) {
    const text = new TextEncoder().encode(name);
    const record = new Uint8Array(19 + text.length + 1);
    record[16] = record.length;
    record.set(text, 19);
    assertEquals(namesIn(record), [name]);
    yield await Promise.resolve(record);
  }
  onEnd();
}

Deno.test("LargeListing: once it is aborted it ends, and leaves nothing for others to do", async () => {
  await using shared = await Shared.open();
  fill(shared);
  const jail = new Jail(shared.root);
  const given: SharedNames[] = [];
  for (const when of ["while it reads", "while it is read"]) {
    const stopping = new AbortController();
    using listing = open({
      jail,
      real: shared.real("/d"),
      help: { share: (names) => given.push(names) },
      signal: stopping.signal,
    });
    if (when === "while it is read") {
      await listing.read(new DirectoryNames());
      assertEquals((await listing.next()).length > 0, true);
      stopping.abort();
    } else {
      const reading = listing.read(new DirectoryNames());
      stopping.abort();
      await reading;
    }
    assertEquals(await listing.next(), []);
    assertEquals(given.map((names) => new SharedLookup(names).take()), given.map(() => undefined));
  }
  assertEquals(given.length >= 3, true);
});

Deno.test("LargeListing: who aborts it does not wait for a directory that cannot be read on", async () => {
  await using shared = await Shared.open();
  const never = new Promise<never>(() => {});
  const silent: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({ next: () => never }),
  };
  const silence = Promise.resolve(disposable(silent, () => {}));
  const nobody = Promise.resolve(undefined);
  using _hanging = hangingReadDir();
  for (const records of [() => never, () => silence, () => nobody]) {
    const abort = new AbortController();
    const { signal } = abort;
    const jail = new Jail(shared.root);
    using listing = open({ jail, real: shared.root, help: { records }, signal });
    const reading = listing.read(new DirectoryNames());
    abort.abort();
    await reading;
    assertEquals(await listing.next(), []);
  }
});

/** The runtime reads no directory to its end. */
function hangingReadDir(): Disposable {
  const { readDir } = Deno;
  Deno.readDir = () => ({
    [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
  });
  return { [Symbol.dispose]: () => void (Deno.readDir = readDir) };
}

Deno.test("LargeListing: a directory that opens when the listing has ended is closed again", async () => {
  await using shared = await Shared.open();
  const opening = Promise.withResolvers<DirectoryRecords>();
  const abort = new AbortController();
  const { signal } = abort;
  const jail = new Jail(shared.root);
  const help = { records: () => opening.promise };
  using listing = open({ jail, real: shared.root, help, signal });
  const reading = listing.read(new DirectoryNames());
  abort.abort();
  await reading;
  const closed = new Promise<void>((resolve) =>
    opening.resolve(disposable(asRecords([]), resolve))
  );
  await closed;
});
