import { assertEquals } from "@std/assert";
import { DirectoryReadings } from "../../../server/system/directory_readings.ts";
import { blockIn, readingMemory } from "../../../server/system/reading_memory.ts";
import { namesIn } from "../../../server/storage/directory_records.ts";

const MOST_OPEN = 16;

/** A directory with `shared/many` in it, full of names, and `outside`. */
interface Tree {
  readonly base: string;
  readonly root: string;
  readonly names: readonly string[];
}

async function withTree(run: (tree: Tree) => Promise<void>): Promise<void> {
  const base = await Deno.realPath(await Deno.makeTempDir());
  const root = `${base}/shared`;
  // More than fit into one block.
  const names = Array.from({ length: 600 }, (_, index) => `${index}${"n".repeat(250)}`).sort();
  await Deno.mkdir(`${root}/many`, { recursive: true });
  await Deno.mkdir(`${base}/outside`);
  for (const name of names) await Deno.writeTextFile(`${root}/many/${name}`, "");
  try {
    await run({ base, root, names });
  } finally {
    await Deno.remove(base, { recursive: true });
  }
}

/** Tests what only Linux has. */
function treeTest(name: string, run: (tree: Tree) => Promise<void>): void {
  const ignore = Deno.build.os !== "linux";
  Deno.test({ name: `DirectoryReadings${name}`, ignore, fn: () => withTree(run) });
}

treeTest(": gives all names, block by block, and then the end", async ({ root, names }) => {
  using readings = new DirectoryReadings();
  const id = await open(readings, root, `${root}/many`);
  const blocks = await readAll(readings, id);
  assertEquals(blocks.length > 1, true);
  assertEquals(blocks.flatMap(namesIn).sort(), names);
  assertEquals(await readings.next(id ?? 0), undefined);
});

treeTest(
  ".open: nothing but directories below the root, and no link on the way",
  async ({ base, root }) => {
    await Deno.symlink("../outside", `${root}/out`);
    await Deno.symlink("many", `${root}/link`);
    await Deno.symlink("shared", `${base}/alias`);
    await Deno.writeTextFile(`${root}/file`, "");
    using readings = new DirectoryReadings();
    const refused = [
      `${base}/outside`,
      base,
      `${root}-other`,
      `${root}/../outside`,
      `${root}/out`,
      `${root}/link`,
      `${root}/file`,
      `${root}/missing`,
      `${root}/many\0`,
      "many",
      "",
    ];
    for (const path of refused) assertEquals(await open(readings, root, path), undefined, path);
    assertEquals(await open(readings, `${base}/alias`, `${base}/alias/many`), undefined);
    const inRoot = (await readAll(readings, await open(readings, root, root))).flatMap(namesIn);
    assertEquals(inRoot.sort(), ["file", "link", "many", "out"]);
    assertEquals(
      (await readAll(readings, await open(readings, "/", `${root}/many`))).length > 0,
      true,
    );
  },
);

treeTest(
  ": no more than a few are open at once, and each is closed at its end",
  async ({ root }) => {
    using readings = new DirectoryReadings();
    const openOne = (): Promise<number | undefined> => open(readings, root, `${root}/many`);
    const ids = await Promise.all(Array.from({ length: MOST_OPEN + 1 }, openOne));
    assertEquals(ids.indexOf(undefined), MOST_OPEN);
    await readAll(readings, ids[0]);
    const another = await openOne();
    assertEquals([typeof another, await openOne()], ["number", undefined]);
    for (const id of [...ids.slice(1, MOST_OPEN), another]) await readAll(readings, id);
    assertEquals(openIn(root), []);
  },
);

treeTest(": one that is given up is closed at the end of all", async ({ root }) => {
  const readings = new DirectoryReadings();
  const id = await open(readings, root, `${root}/many`) ?? 0;
  const pending = readings.next(id);
  readings[Symbol.dispose]();
  assertEquals(await pending !== 0, true);
  assertEquals(await readings.next(id), undefined);
  assertEquals(openIn(root), []);
});

treeTest(
  ".close: one that nobody reads to its end leaves room for others at once",
  async ({ root }) => {
    using readings = new DirectoryReadings();
    for (let times = 0; times < 3 * MOST_OPEN; times++) {
      const id = await open(readings, root, `${root}/many`);
      assertEquals(typeof id, "number");
      assertEquals(await readings.next(id ?? 0) !== 0, true);
      readings.close(id ?? 0);
      assertEquals(await readings.next(id ?? 0), undefined);
    }
    assertEquals(typeof await open(readings, root, root), "number");
  },
);

treeTest(".next: who asks twice at once is answered once", async ({ root, names }) => {
  using readings = new DirectoryReadings();
  const id = await open(readings, root, `${root}/many`) ?? 0;
  const [first, second] = await Promise.all([readings.next(id), readings.next(id)]);
  assertEquals(second, undefined);
  const head = blockIn(memories[id] ?? readingMemory(), 0).slice(0, first);
  const read = [head, ...await readAll(readings, id, 1)].flatMap(namesIn);
  assertEquals(read.sort(), names);
});

treeTest(": one that opens at the end of all is closed too", async ({ root }) => {
  const readings = new DirectoryReadings();
  const opening = open(readings, root, `${root}/many`);
  readings[Symbol.dispose]();
  assertEquals(await opening, undefined);
  assertEquals(openIn(root), []);
});

/** Of each reading, by its number. */
const memories: Record<number, SharedArrayBuffer> = {};

async function open(
  readings: DirectoryReadings,
  root: string,
  path: string,
): Promise<number | undefined> {
  const opened = await readings.open(root, path);
  if (opened !== undefined) memories[opened.reading] = opened.memory;
  return opened?.reading;
}

async function readAll(
  readings: DirectoryReadings,
  id: number | undefined,
  from = 0,
): Promise<readonly Uint8Array[]> {
  const blocks: Uint8Array[] = [];
  for (let block = from;; block++) {
    const bytes = await readings.next(id ?? 0);
    if (bytes === undefined || bytes === 0) return blocks;
    blocks.push(blockIn(memories[id ?? 0] ?? readingMemory(), block).slice(0, bytes));
  }
}

/** What this process has open of a directory. */
function openIn(root: string): string[] {
  const targets = Array.from(Deno.readDirSync("/proc/self/fd"), ({ name }) => targetOf(name));
  return targets.filter((target) => target.startsWith(root));
}

function targetOf(descriptor: string): string {
  try {
    return Deno.readLinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return ""; // That was the list itself.
  }
}
