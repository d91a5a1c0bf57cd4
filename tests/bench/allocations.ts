/**
 * What the hot paths allocate, in bytes a line, reply or piece: results that are kept count too.
 *
 * `deno bench` cannot tell it. So each is called between two looks at the heap, with so much room for
 * new objects that no collection comes between them. Run with
 * `--v8-flags=--expose-gc,--min-semi-space-size=64,--max-semi-space-size=64`.
 *
 * @module
 */
import process from "node:process";
import { HOT_PATHS, type HotPath } from "./hot_paths.ts";

/** Calls before the first look: what is compiled or cached is there then. */
const WARM_UP = 300;

/** Looks; the least one counts, as a collection or the compiler may have been at work. */
const LOOKS = 20;

/** Calls between two looks, so that the size of one is no matter of rounding. */
const LEAST_COUNT = 1000;

declare const gc: () => void;

async function look(path: HotPath): Promise<{ heap: number; buffers: number }> {
  const calls = Math.ceil(LEAST_COUNT / path.count);
  gc();
  const before = process.memoryUsage();
  for (let call = 0; call < calls; call++) await path.run();
  const after = process.memoryUsage();
  const each = (name: "heapUsed" | "arrayBuffers"): number =>
    (after[name] - before[name]) / (calls * path.count);
  return { heap: each("heapUsed"), buffers: each("arrayBuffers") };
}

async function least(path: HotPath): Promise<{ heap: number; buffers: number }> {
  for (let call = 0; call < WARM_UP; call++) await path.run();
  const looks: { heap: number; buffers: number }[] = [];
  for (let count = 0; count < LOOKS; count++) looks.push(await look(path));
  const whole = looks.filter(({ heap }) => heap >= 0);
  return whole.sort((a, b) => a.heap - b.heap)[0] ?? { heap: NaN, buffers: NaN };
}

function print(cells: readonly string[]): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`| ${cells.join(" | ")} |\n`));
}

print(["allocated for", "heap, bytes", "buffers, bytes"]);
print(["---", "---:", "---:"]);
for (const path of HOT_PATHS) {
  const { heap, buffers } = await least(path);
  print([path.name, heap.toFixed(0), buffers.toFixed(0)]);
}
