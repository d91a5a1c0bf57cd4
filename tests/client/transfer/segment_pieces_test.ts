/**
 * The pieces of a file over several connections: nothing twice, nothing left, all alike.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { SegmentPieces, SMALLEST_PIECE } from "../../../client/transfer/segment_pieces.ts";

const MIB = 2 ** 20;

Deno.test("SegmentPieces: connections that come one after another have the same to do", () => {
  for (const count of [2, 3, 4, 7]) {
    const pieces = new SegmentPieces([{ start: 0, end: count * 4 * MIB }]);
    pieces.expected = count - 1;
    const taken = [pieces.take()];
    while (pieces.expected > 0) {
      pieces.expected--;
      taken.push(pieces.take());
    }
    const sizes = taken.map((piece) => piece === undefined ? 0 : piece.end - piece.start);
    for (const size of sizes) assert(Math.abs(size - 4 * MIB) <= count, sizes.join());
  }
});

Deno.test("SegmentPieces: one that does not come leaves its share to the others", () => {
  const pieces = new SegmentPieces([{ start: 0, end: 12 * MIB }]);
  pieces.expected = 2;
  const first = pieces.take();
  pieces.expected = 0; // the second is refused, the third comes
  const third = pieces.take();
  assertEquals([first, third], [{ start: 0, end: 6 * MIB }, { start: 6 * MIB, end: 12 * MIB }]);
});

Deno.test("SegmentPieces: what is given back comes first, and only what is missing of it", () => {
  const pieces = new SegmentPieces([{ start: 0, end: 8 * MIB }]);
  const first = pieces.take();
  const second = pieces.take();
  assert(first !== undefined && second !== undefined);
  first.start += MIB;
  pieces.giveBack(first);
  assertEquals(pieces.take(), { start: MIB, end: 4 * MIB });
  second.start = second.end;
  pieces.giveBack(second);
  first.start = first.end;
  pieces.giveBack(first);
  assertEquals([pieces.take(), pieces.hasRunning], [undefined, false]);
});

Deno.test("SegmentPieces: what is too small for two is not divided, and needs no second connection", () => {
  const pieces = new SegmentPieces([{ start: 0, end: 2 * SMALLEST_PIECE - 1 }]);
  assertEquals(pieces.connections(9), 1);
  assert(pieces.take() !== undefined);
  assertEquals(pieces.take(), undefined);
  const gaps = [{ start: 0, end: 1 }, { start: 5, end: 6 }, { start: 9, end: 10 }];
  assertEquals(new SegmentPieces(gaps).connections(2), 2);
});

Deno.test("SegmentPieces: whoever asks whenever, each byte is fetched once", () => {
  const step = fc.record({ who: fc.nat(5), bytes: fc.nat(3 * MIB), isLost: fc.boolean() });
  const size = fc.integer({ min: 1, max: 40 * MIB });
  fc.assert(fc.property(size, fc.nat(5), fc.array(step), (total, expected, steps) => {
    const pieces = new SegmentPieces([{ start: 0, end: total }]);
    pieces.expected = expected;
    const held = new Map<number, { start: number; end: number }>();
    let fetched = 0;
    const advance = (who: number, bytes: number): void => {
      const piece = held.get(who) ?? pieces.take();
      if (piece === undefined) return;
      held.set(who, piece);
      const count = Math.min(bytes, piece.end - piece.start);
      if (count > 0) pieces.came(piece);
      piece.start += count;
      fetched += count;
      if (piece.start === piece.end) end(who);
    };
    const end = (who: number): void => {
      const piece = held.get(who);
      if (piece !== undefined) pieces.giveBack(piece);
      held.delete(who);
    };
    for (const { who, bytes, isLost } of steps) {
      advance(who, bytes);
      if (isLost) end(who);
    }
    for (const who of [...held.keys()]) end(who);
    while (pieces.connections(1) > 0 && fetched < total) advance(0, total);
    assertEquals([fetched, pieces.take()], [total, undefined]);
  }));
});
