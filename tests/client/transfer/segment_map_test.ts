/**
 * Which bytes of a file have arrived.
 *
 * @module
 */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import {
  decodeMap,
  FOOTER_SIZE,
  mapLength,
  type Range,
  SegmentMap,
} from "../../../client/transfer/segment_map.ts";

const TOTAL = 1000;

const range: fc.Arbitrary<Range> = fc.tuple(fc.nat(TOTAL), fc.nat(TOTAL)).map(([a, b]) => ({
  start: Math.min(a, b),
  end: Math.max(a, b),
}));

const time = fc.option(fc.date({ noInvalidDate: true }), { nil: undefined });

const seam = fc.tuple(fc.nat(TOTAL - 1), fc.uint8Array({ minLength: 32, maxLength: 32 })).map((
  [start, hash],
) => ({ start, end: start + 1, hash: hash.toHex() }));

const map = fc.tuple(fc.array(range), fc.array(seam), time).map(([ranges, seams, modified]) => {
  const made = new SegmentMap({ total: TOTAL, modified });
  for (const one of ranges) made.add(one);
  for (const one of seams) made.addSeam(one);
  return made;
});

/** One flag a byte. */
function flags(ranges: readonly Range[]): boolean[] {
  const there = new Array<boolean>(TOTAL).fill(false);
  for (const { start, end } of ranges) there.fill(true, start, end);
  return there;
}

Deno.test("SegmentMap: ranges in any order make the bytes that they cover, each run once", () => {
  fc.assert(fc.property(fc.array(range), range, (ranges, asked) => {
    const made = new SegmentMap({ total: TOTAL, modified: undefined });
    for (const one of ranges) made.add(one);
    const there = flags(ranges);
    assertEquals(flags(made.done), there);
    assertEquals(made.bytes, there.filter(Boolean).length);
    assertEquals(made.prefix, [...there, false].indexOf(false));
    assertEquals(flags(made.missing()), there.map((is) => !is));
    made.done.reduce((last, { start, end }) => (assert(last < start && start < end), end), -1);
    const { start, end } = asked;
    if (start < end) assertEquals(made.has(asked), !there.slice(start, end).includes(false));
  }));
});

Deno.test("SegmentMap.pieces: what is missing, all of it and nothing else, in pieces of about a size", () => {
  const count = fc.integer({ min: 1, max: 20 });
  fc.assert(fc.property(map, count, fc.integer({ min: 1, max: 300 }), (made, pieces, smallest) => {
    const found = made.pieces(pieces, smallest);
    assertEquals(flags(found), flags(made.missing()));
    assertEquals(found.reduce((sum, { start, end }) => sum + end - start, 0), TOTAL - made.bytes);
    assertEquals(found.toSorted((a, b) => a.start - b.start), found);
    const size = Math.max(smallest, Math.ceil((TOTAL - made.bytes) / pieces));
    for (const { start, end } of found) assertLessOrEqual(end - start, size * 1.5 + 1);
  }));
});

Deno.test("SegmentMap.pieces: a new file falls into as many as there are connections", () => {
  const made = new SegmentMap({ total: 900, modified: undefined });
  assertEquals(made.pieces(3, 1).map(({ start }) => start), [0, 300, 600]);
  assertEquals(made.pieces(8, 450).length, 2);
});

Deno.test("decodeMap: what was encoded, in place of a longer one too", () => {
  fc.assert(fc.property(map, fc.constantFrom(0, 4096, 12_288), (made, atLeast) => {
    const bytes = made.encode(atLeast);
    assertEquals([bytes.length % 4096, bytes.length >= atLeast], [0, true]);
    assertEquals(mapLength(bytes.subarray(-FOOTER_SIZE)), bytes.length);
    const read = decodeMap(bytes);
    assertEquals([read?.total, read?.modified], [made.total, made.modified]);
    assertEquals([read?.done, read?.seams], [made.done, made.seams]);
  }));
});

Deno.test("decodeMap: a map that was cut or damaged anywhere is none", () => {
  fc.assert(fc.property(map, fc.nat(), fc.integer({ min: 1, max: 255 }), (made, at, change) => {
    const bytes = made.encode();
    assertEquals(decodeMap(bytes.slice(0, at % bytes.length)), undefined);
    const index = at % bytes.length;
    bytes[index] = (bytes[index] ?? 0) ^ change;
    assertEquals(decodeMap(bytes), undefined);
  }));
});

Deno.test("mapLength, decodeMap: the end of any other file is no map", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
    assertEquals(mapLength(bytes.slice(-FOOTER_SIZE)), undefined);
    assertEquals(decodeMap(bytes), undefined);
  }));
});
