import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { nextTurn, sortInTurns } from "../../shared/turn.ts";

Deno.test("sortInTurns: sorts as sort() does, whatever the length", async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.string()), async (texts) => {
    assertEquals(await sortInTurns(texts), [...texts].sort());
  }));
  const many = Array.from({ length: 20_001 }, (_, index) => `${(index * 7919) % 20_001}`);
  assertEquals(await sortInTurns(many), [...many].sort());
});

Deno.test("sortInTurns: sorts anything as sort(compare) does, and leaves equal ones in their order", async () => {
  const compare = (a: { key: number }, b: { key: number }): number => b.key - a.key;
  const many = Array.from({ length: 20_001 }, (_, at) => ({ key: (at * 7919) % 100, at }));
  assertEquals(await sortInTurns(many, compare), many.toSorted(compare));
});

Deno.test("sortInTurns: others get their turn meanwhile", async () => {
  let turns = 0;
  let sorting = true;
  const others = (async () => {
    for (; sorting; turns++) await nextTurn();
  })();
  await sortInTurns(Array.from({ length: 50_000 }, (_, index) => `${index}`));
  sorting = false;
  await others;
  assert(turns > 10, String(turns));
});
