import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { LineBuffer } from "../../../server/listing/line_buffer.ts";
import { type ListOptions, PLAIN } from "../../../server/listing/list_options.ts";
import { SortedLines } from "../../../server/listing/sorted_lines.ts";
import { ListingMemory } from "../../../server/storage/listing_memory.ts";
import type { Entry } from "../../../server/storage/storage.ts";
import { StorageError } from "../../../shared/errors.ts";
import { shortLease } from "../../support/short_memory.ts";

function entry(facts: Partial<Entry>): Entry {
  const plain = { name: "x", type: "file" as const, size: 0, modified: 0, mode: 0o644, links: 1 };
  return { ...plain, owner: 0, group: 0, device: 0, inode: 0, ...facts };
}

interface Row {
  readonly key: number;
  readonly line: string;
}

async function written(rows: readonly Row[], options: Partial<ListOptions>): Promise<string> {
  const memory = new ListingMemory();
  const sorted = new SortedLines({ options: { ...PLAIN, ...options }, memory: memory.lease() });
  assertEquals(memory.held, 0);
  const fact = options.sort === "size" ? "size" : "modified";
  for (const { key, line } of rows) {
    sorted.add(entry({ [fact]: key }), new TextEncoder().encode(line));
  }
  const out = new LineBuffer();
  await Array.fromAsync(sorted.write(out));
  assertEquals(memory.held > 0, rows.length > 0);
  sorted[Symbol.dispose]();
  assertEquals(memory.held, 0);
  return new TextDecoder().decode(out.bytes);
}

// Of some lines only few fit into a block, and some into none.
const LINE = fc.tuple(fc.string({ maxLength: 20 }), fc.constantFrom(1, 1, 1, 2000, 30_000, 70_000))
  .map(([text, times]) => text.slice(0, 1).repeat(times) + text);
const ROWS = fc.array(fc.record({ key: fc.integer({ min: 0, max: 9 }), line: LINE }));

Deno.test("SortedLines: newest or largest first, equal ones in their order, or all the other way", async () => {
  await fc.assert(
    fc.asyncProperty(
      ROWS,
      fc.constantFrom("time" as const, "size" as const),
      fc.boolean(),
      async (rows, sort, reverse) => {
        const expected = rows.toSorted((a, b) => b.key - a.key);
        if (reverse) expected.reverse();
        assertEquals(
          await written(rows, { sort, reverse }),
          expected.map(({ line }) => line).join(""),
        );
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("SortedLines: names the other way round", async () => {
  const rows = ["a", "b", "c"].map((line, key) => ({ key, line }));
  assertEquals(await written(rows, { reverse: true }), "cba");
});

Deno.test("SortedLines: refused where others hold the memory", () => {
  const sorted = new SortedLines({ options: PLAIN, memory: shortLease(100) });
  assertThrows(
    () => sorted.add(entry({}), new Uint8Array(80)),
    StorageError,
    "Cannot list: other listings hold too much memory",
  );
});
