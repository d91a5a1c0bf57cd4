import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { LookupHelp } from "../../../server/storage/lookup_help.ts";
import { CHUNK, PackedNames } from "../../../server/storage/run_names.ts";
import { SharedLookup } from "../../../server/storage/shared_names.ts";
import { clockThat } from "../../support/steady_clock.ts";
import { setImmediate } from "node:timers";
import { Shared } from "./support.ts";

/** Makes files, each as long as its number. */
async function fill(shared: Shared, count: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, index) => `f${index}`);
  for (const [size, name] of names.entries()) {
    await Deno.writeFile(shared.real(`/${name}`), new Uint8Array(size));
  }
  return names;
}

/** Sizes of all files, where they have been looked up. */
function sizesIn(lookup: SharedLookup, count: number): (number | undefined)[] {
  return Array.from({ length: count }, (_, at) => {
    const chunk = Math.floor(at / CHUNK);
    return lookup.isDone(chunk) ? lookup.facts(chunk).size(at % CHUNK) : undefined;
  });
}

/** The system finds nothing, and tells what was looked for. */
function nothingThere(onLook: (path: string) => void): Disposable {
  const { lstatSync } = Deno;
  Deno.lstatSync = (path) => {
    onLook(String(path));
    throw new Error("as the test wants");
  };
  return { [Symbol.dispose]: () => void (Deno.lstatSync = lstatSync) };
}

const NAME = fc.string({ unit: "binary", minLength: 1, maxLength: 40 })
  .filter((name) => !name.includes("\0") && name.isWellFormed());

Deno.test("SharedLookup: whoever looks up finds every name as it was shared", () => {
  fc.assert(fc.property(fc.array(NAME, { minLength: 1, maxLength: 3 * CHUNK }), (names) => {
    const asked: string[] = [];
    using _none = nothingThere((path) => asked.push(path));
    const { shared } = SharedLookup.share("/d", new PackedNames(names));
    const other = new SharedLookup(structuredClone(shared));
    for (let chunk = other.take(); chunk !== undefined; chunk = other.take()) {
      other.lookUp(chunk);
    }
    assertEquals(asked, names.map((name) => `/d/${name}`));
  }));
});

Deno.test("SharedLookup: a chunk is taken once, and its facts are there when it is done", async () => {
  await using shared = await Shared.open();
  const names = await fill(shared, CHUNK + 2);
  const own = SharedLookup.share(shared.root, new PackedNames(names));
  const other = new SharedLookup(own.shared);
  assertEquals(other.take(), 0);
  assertEquals([own.lookup.takeThis(0), own.lookup.isDone(0)], [false, false]);
  other.lookUp(0);
  assertEquals([own.lookup.isDone(0), own.lookup.isDone(1)], [true, false]);
  assertEquals([own.lookup.takeThis(1), other.take()], [true, undefined]);
  own.lookup.lookUp(1);
  assertEquals(sizesIn(other, names.length), names.map((_, size) => size));
});

Deno.test("SharedLookup.close: leaves nothing to take", () => {
  const own = SharedLookup.share("/", new PackedNames(["a", "b"]));
  own.lookup.close();
  assertEquals(new SharedLookup(own.shared).take(), undefined);
});

Deno.test("SharedLookup: memory that is too small for what it says is refused", () => {
  const memory = new SharedArrayBuffer(16);
  new Int32Array(memory)[0] = 10_000;
  assertThrows(() => new SharedLookup({ directory: "/", memory }), RangeError);
});

Deno.test("LookupHelp: works on what is shared, whatever was wrong with what came before", async () => {
  await using shared = await Shared.open();
  const names = await fill(shared, 3);
  const own = SharedLookup.share(shared.root, new PackedNames(names));
  const help = new LookupHelp();
  await help.take({ directory: "/", memory: new SharedArrayBuffer(0) });
  await help.take(own.shared);
  assertEquals(sizesIn(own.lookup, 3), [0, 1, 2]);
});

Deno.test("LookupHelp: lets others have their turn, and leaves where the disk is slow", async () => {
  const names = Array.from({ length: 4 * CHUNK }, (_, index) => `f${index}`);
  // More than anybody may keep the thread for the first chunk, and too long for the second.
  const pauses = new Map([["/f0", 1], [`/f${CHUNK}`, 50]]);
  let now = performance.now();
  using _clock = clockThat(() => now);
  using _none = nothingThere((path) => now += pauses.get(path) ?? 0);
  const { shared, lookup } = SharedLookup.share("/", new PackedNames(names));
  const waiting = SharedLookup.share("/", new PackedNames(names));
  const help = new LookupHelp();
  let doneAtTurn: boolean | undefined;
  setImmediate(() => doneAtTurn = lookup.isDone(1));
  const helped = help.take(shared);
  await help.take(waiting.shared);
  await helped;
  assertEquals(doneAtTurn, false);
  assertEquals([lookup.isDone(0), lookup.isDone(1)], [true, true]);
  assertEquals([lookup.take(), waiting.lookup.take()], [2, 0]);
});

Deno.test("LookupHelp: after a disk that was slow it rests, whatever is shared meanwhile", async () => {
  const names = ["quick", "slow"];
  let now = performance.now();
  using _clock = clockThat(() => now);
  const asked: string[] = [];
  using _none = nothingThere((path) => {
    asked.push(path);
    if (path === "/1/slow") now += 50;
  });
  const help = new LookupHelp();
  const share = (directory: string): Promise<void> =>
    help.take(SharedLookup.share(directory, new PackedNames(names)).shared);
  await share("/1");
  await share("/2");
  now += 2000;
  await share("/3");
  assertEquals(asked, ["/1/quick", "/1/slow", "/3/quick", "/3/slow"]);
});
