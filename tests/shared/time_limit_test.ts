/**
 * Time limits that share one timer.
 *
 * @module
 */
import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { TimeLimit } from "../../shared/time_limit.ts";

/** What rings, in its order, and the wait for so many of them. */
function bells(count: number): {
  readonly rung: string[];
  readonly all: Promise<void>;
  readonly limit: (name: string, milliseconds: number) => TimeLimit;
} {
  const rung: string[] = [];
  const { promise: all, resolve } = Promise.withResolvers<void>();
  const ring = (name: string): void => {
    if (rung.push(name) === count) resolve();
  };
  const limit = (name: string, milliseconds: number): TimeLimit =>
    new TimeLimit(milliseconds, () => ring(name));
  return { rung, all, limit };
}

Deno.test("TimeLimit: each rings once, in the order of their ends, whenever they were set", async () => {
  const { rung, all, limit } = bells(3);
  using _last = limit("last", 60);
  using _first = limit("first", 1);
  using _middle = limit("middle", 30);
  await all;
  assertEquals(rung, ["first", "middle", "last"]);
});

Deno.test("TimeLimit: none rings before its time, though an earlier one was called off", async () => {
  const { all, limit } = bells(1);
  const started = performance.now();
  limit("off", 5)[Symbol.dispose]();
  const earlier = limit("earlier", 10);
  using _limit = limit("late", 40);
  earlier[Symbol.dispose]();
  await all;
  assertGreaterOrEqual(performance.now() - started, 40);
});

Deno.test("TimeLimit: disposed, it rings no more and keeps nothing awake", () => {
  const { rung, limit } = bells(1);
  for (const time of [0, 60_000, 2 ** 40, Infinity]) {
    const off = limit("off", time);
    off[Symbol.dispose]();
    off[Symbol.dispose]();
  }
  assertEquals(rung, []);
});

Deno.test("TimeLimit: one that is over may call off another that is over too", async () => {
  const { rung, all, limit } = bells(2);
  const { promise: first, resolve } = Promise.withResolvers<void>();
  const others: TimeLimit[] = [];
  using _first = new TimeLimit(1, () => {
    for (const other of others) other[Symbol.dispose]();
    resolve();
  });
  others.push(limit("other", 1));
  // Both are over before the timer can ring.
  for (const begun = performance.now(); performance.now() - begun < 5;);
  await first;
  using _third = limit("third", 1);
  using _fourth = limit("fourth", 2);
  await all;
  assertEquals(rung, ["third", "fourth"]);
});
