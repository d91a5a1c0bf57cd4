/**
 * The rate limit, on a clock of the test's own.
 *
 * @module
 */

import {
  assertEquals,
  assertGreaterOrEqual,
  assertLessOrEqual,
  assertRejects,
  assertThrows,
} from "@std/assert";
import * as fc from "fast-check";
import { type Clock, RateLimit } from "../../shared/rate_limit.ts";

const never = new AbortController().signal;

/** A clock that moves only by sleeping, and then by `late` milliseconds more than asked. */
class FakeClock implements Clock {
  readonly sleeps: number[] = [];
  readonly late: number;
  time = 1000;
  /** What the next sleeps end with, instead of waking up. */
  fault: Error | undefined;

  constructor(late = 0) {
    this.late = late;
  }

  now(): number {
    return this.time;
  }

  sleep(ms: number): Promise<void> {
    if (this.fault !== undefined) return Promise.reject(this.fault);
    this.sleeps.push(ms);
    this.time += ms + this.late;
    return Promise.resolve();
  }
}

Deno.test("RateLimit.burst: at most a tenth of a second's worth, at least 1", () => {
  const cases: [number, number][] = [[1, 1], [10, 1], [39, 1], [40, 2], [1024, 51]];
  for (const [rate, burst] of cases) assertEquals(new RateLimit(rate).burst, burst);
});

Deno.test("RateLimit: refuses a rate that is no rate", () => {
  for (const rate of [0, 0.5, -1, NaN, Infinity]) {
    assertThrows(() => new RateLimit(rate), RangeError, `"${rate}"`);
  }
});

Deno.test("RateLimit.wait: a tenth of a second's worth at once, then at the rate", async () => {
  const clock = new FakeClock();
  const limit = new RateLimit(10_000, clock);
  for (const bytes of [500, 400, 100]) await limit.wait(bytes, never);
  assertEquals(clock.sleeps, []);
  await limit.wait(500, never);
  await limit.wait(10, never);
  assertEquals(clock.sleeps, [50, 1]);
});

Deno.test("RateLimit.wait: an idle time saves up a tenth of a second's worth", async () => {
  const clock = new FakeClock();
  const limit = new RateLimit(10_000, clock);
  clock.time += 3_600_000;
  for (let count = 0; count < 3; count++) await limit.wait(500, never);
  assertEquals(clock.sleeps, [50]);
});

Deno.test("RateLimit.wait: the long-run rate is exact, also when timers are late", async () => {
  for (const late of [0, 0.7, 40]) {
    const clock = new FakeClock(late);
    const limit = new RateLimit(10_000, clock);
    const start = clock.time;
    for (let count = 0; count < 2002; count++) await limit.wait(500, never);
    assertGreaterOrEqual(clock.time - start, 100_000);
    assertLessOrEqual(clock.time - start, 100_001 + late);
  }
});

Deno.test("RateLimit.wait: a timer that fires early lets nothing through early", async () => {
  const clock = new FakeClock(-0.75);
  const limit = new RateLimit(10_000, clock);
  const start = clock.time;
  for (let count = 0; count < 3; count++) await limit.wait(500, never);
  assertGreaterOrEqual(clock.time - start, 50);
});

Deno.test("RateLimit.wait: never more than the rate and a tenth of a second in any span", async () => {
  const steps = fc.array(
    fc.record({ part: fc.double({ min: 0, max: 1, noNaN: true }), idle: fc.nat(300) }),
    { minLength: 2, maxLength: 40 },
  );
  const anyRate = fc.integer({ min: 1, max: 1e8 });
  const anyLateness = fc.constantFrom(0, 0.3, 20, 500);
  await fc.assert(
    fc.asyncProperty(anyRate, anyLateness, steps, async (rate, late, plan) => {
      const clock = new FakeClock(late);
      const limit = new RateLimit(rate, clock);
      const passed: { time: number; bytes: number }[] = [];
      for (const { part, idle } of plan) {
        const bytes = Math.ceil(limit.burst * part);
        clock.time += idle;
        await limit.wait(bytes, never);
        passed.push({ time: clock.time, bytes });
      }
      for (const [index, from] of passed.entries()) {
        let sum = 0;
        for (const to of passed.slice(index)) {
          sum += to.bytes;
          const allowed = (to.time - from.time) * rate / 1000 + Math.max(1, rate / 10);
          assertLessOrEqual(sum, allowed * (1 + 1e-9) + 1e-6);
        }
      }
    }),
  );
});

Deno.test("RateLimit.wait: transfers that share a limit share its rate", async () => {
  const clock = new FakeClock();
  const limit = new RateLimit(10, clock);
  const start = clock.time;
  const transfer = async (): Promise<void> => {
    for (let count = 0; count < 10; count++) await limit.wait(1, never);
  };
  await Promise.all([transfer(), transfer(), transfer()]);
  assertGreaterOrEqual(clock.time - start, 2900);
});

Deno.test("RateLimit.wait: refuses more than a burst at once", async () => {
  const limit = new RateLimit(1000);
  for (const bytes of [51, -1, NaN]) {
    await assertRejects(() => limit.wait(bytes, never), RangeError, `${bytes} bytes`);
  }
});

Deno.test("RateLimit.wait: ends with the signal's reason and leaves no timer", async () => {
  const limit = new RateLimit(1);
  await limit.wait(1, never);
  const controller = new AbortController();
  const waiting = limit.wait(1, controller.signal);
  controller.abort(new Error("enough"));
  await assertRejects(() => waiting, Error, "enough");
  await assertRejects(() => limit.wait(0, controller.signal), Error, "enough");
});

Deno.test("RateLimit.wait: what was given up is not counted", async () => {
  const clock = new FakeClock();
  const limit = new RateLimit(10, clock);
  await limit.wait(1, never);
  clock.fault = new Error("stop");
  for (let count = 0; count < 5; count++) {
    await assertRejects(() => limit.wait(1, never), Error, "stop");
  }
  clock.time += 100;
  await limit.wait(1, never);
});

Deno.test("RateLimit.wait: the system's clock holds the rate", async () => {
  const limit = new RateLimit(1000);
  const start = performance.now();
  for (let count = 0; count < 4; count++) await limit.wait(limit.burst, never);
  assertGreaterOrEqual(performance.now() - start, 100);
});
