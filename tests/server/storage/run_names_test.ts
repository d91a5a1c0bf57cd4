import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { CHUNK, namesOf, PackedNames } from "../../../server/storage/run_names.ts";

const NAMES = fc.array(
  fc.string({ unit: "binary", minLength: 1, maxLength: 40 })
    .filter((name) => !name.includes("\0") && name.isWellFormed()),
  { maxLength: 3 * CHUNK },
);

Deno.test("PackedNames: gives every name as it was, chunk by chunk, and copies the text", () => {
  fc.assert(fc.property(NAMES, fc.nat(100), (names, start) => {
    const packed = new PackedNames(names);
    const chunks = Math.ceil(names.length / CHUNK);
    const all = Array.from({ length: chunks }, (_, chunk) => packed.chunk(chunk)).flat();
    assertEquals([all, packed.chunk(chunks)], [names, []]);
    const bytes = new Uint8Array(start + packed.textBytes);
    const ends = packed.writeTo(bytes, start);
    const copied = ends.map((end, at) => namesOf(bytes.subarray(ends[at - 1] ?? start, end)))
      .flat();
    assertEquals(copied, names);
  }));
});
