/**
 * Turns, and in which order they are given.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { FairTurns } from "../../../server/accounts/fair_turns.ts";

Deno.test("FairTurns: those who ask take turns, each in its own order", async () => {
  const turns = new FairTurns(1);
  const order: string[] = [];
  const ask = (who: string, what: string): Promise<unknown> =>
    turns.run(who, () => Promise.resolve(order.push(what)));
  await Promise.all(
    ["a1", "a2", "a3", "b1", "b2", "c1"].map((what) => ask(what.charAt(0), what)),
  );
  assertEquals(order, ["a1", "a2", "b1", "c1", "a3", "b2"]);
});

Deno.test("FairTurns: work that fails gives its turn on", async () => {
  const turns = new FairTurns(1);
  const failing = turns.run("a", () => Promise.reject(new Error("broken")));
  const next = turns.run("a", () => Promise.resolve("next"));
  await assertRejects(() => failing, Error, "broken");
  assertEquals(await next, "next");
  assertEquals(await turns.run("a", () => Promise.resolve("again")), "again");
});

Deno.test("FairTurns: never more at once than it says, and everything is done", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(
        fc.record({ who: fc.constantFrom("a", "b", "c"), steps: fc.integer({ min: 1, max: 3 }) }),
      ),
      async (most, jobs) => {
        const turns = new FairTurns(most);
        let running = 0;
        let highest = 0;
        const done = await Promise.all(jobs.map(({ who, steps }) =>
          turns.run(who, async () => {
            highest = Math.max(highest, ++running);
            for (let step = 0; step < steps; step++) await Promise.resolve();
            running--;
            return who;
          })
        ));
        assertEquals(done, jobs.map(({ who }) => who));
        assertEquals(highest, Math.min(most, jobs.length));
      },
    ),
  );
});
