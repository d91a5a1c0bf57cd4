import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { connect, listen } from "../../shared/connection.ts";
import { nextTurn, Slice, sortInTurns } from "../../shared/turn.ts";

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
  await sortInTurns(Array.from({ length: 200_000 }, (_, index) => `${index}`));
  sorting = false;
  await others;
  assert(turns > 3, String(turns));
});

/** Keeps the thread for some milliseconds. */
function work(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end;);
}

/** How many turns four who are busy take until a byte that is sent meanwhile is read. */
async function turnsUntilServed(): Promise<number> {
  using listener = listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = listener.accept();
  using sender = await connect(listener.local, { timeout: 5000 });
  using receiver = await accepting;
  assert(receiver !== null);
  let received = false;
  let turns = 0;
  const busy = Array.from({ length: 4 }, async () => {
    for (; !received && turns < 1000; turns++) {
      work(1);
      await nextTurn();
    }
  });
  const reading = receiver.read(new Uint8Array(1)).then(() => received = true);
  await nextTurn();
  await sender.write(new Uint8Array(1));
  await Promise.all([...busy, reading]);
  return turns;
}

Deno.test("nextTurn: sockets are served between the turns of several who are busy", async () => {
  // On an idle machine it takes 8, with setImmediate alone 240; a busy one may hold a byte back.
  const turns: number[] = [];
  for (let attempt = 0; attempt < 5 && !turns.some((count) => count < 200); attempt++) {
    turns.push(await turnsUntilServed());
  }
  assert(turns.some((count) => count < 200), String(turns));
});

Deno.test("Slice: is over once the thread was kept, and new after a turn", async () => {
  const slice = new Slice();
  work(5);
  assertEquals(slice.over, true);
  await nextTurn();
  assertEquals(slice.over, false);
});
