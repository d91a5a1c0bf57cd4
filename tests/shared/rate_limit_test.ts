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
import { RateBucket } from "../../shared/rate_bucket.ts";
import { type Clock, JointLimit, RateLimit } from "../../shared/rate_limit.ts";
import { ManualClock } from "../support/manual_clock.ts";

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
          const allowed = (to.time - from.time) * rate / 1000 + Math.max(2, rate / 10);
          assertLessOrEqual(sum, allowed * (1 + 1e-9) + 1e-6);
        }
      }
    }),
  );
});

Deno.test("RateLimit.wait: transfers that share a limit share its rate", async () => {
  const clock = new ManualClock();
  const limit = new RateLimit(10, clock);
  const start = clock.time;
  const transfer = async (): Promise<void> => {
    for (let count = 0; count < 10; count++) await limit.wait(1, never);
  };
  await clock.run(Promise.all([transfer(), transfer(), transfer()]));
  assertEquals(clock.time - start, 2800);
});

Deno.test("RateLimit.wait: refuses more than a burst at once", async () => {
  const limit = new RateLimit(1000);
  for (const bytes of [51, -1, NaN]) {
    await assertRejects(() => limit.wait(bytes, never), RangeError, `${bytes} bytes`);
  }
});

Deno.test("RateLimit.wait: ends with the signal's reason and leaves no timer", async () => {
  const limit = new RateLimit(1);
  for (let count = 0; count < 2; count++) await limit.wait(1, never);
  const controller = new AbortController();
  const waiting = limit.wait(1, controller.signal);
  controller.abort(new Error("enough"));
  await assertRejects(() => waiting, Error, "enough");
  await assertRejects(() => limit.wait(0, controller.signal), Error, "enough");
});

Deno.test("RateLimit.wait: what was given up is not counted", async () => {
  const clock = new FakeClock();
  const limit = new RateLimit(10, clock);
  for (let count = 0; count < 2; count++) await limit.wait(1, never);
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

/** A bucket, and limits on it as several threads have them. */
function sharing(rate: number, threads: number, clock: Clock): readonly RateLimit[] {
  const memory = new SharedArrayBuffer(RateBucket.SIZE);
  new RateBucket(memory).rate = rate;
  return Array.from({ length: threads }, () => new RateLimit(new RateBucket(memory), clock));
}

Deno.test("RateLimit.wait: limits on one bucket take turns, whatever each asks for", async () => {
  const clock = new ManualClock();
  const order: string[] = [];
  const transfer = async (limit: RateLimit | undefined, bytes: number): Promise<void> => {
    for (let count = 0; count < 20; count++) {
      await limit?.wait(bytes, never);
      order.push(`${bytes}`);
    }
  };
  const [one, two] = sharing(10_000, 2, clock);
  await clock.run(Promise.all([transfer(one, 500), transfer(two, 5)]));
  assertEquals(order.slice(6, 36), Array.from({ length: 15 }, () => ["500", "5"]).flat());
});

Deno.test("RateLimit.wait: a turn that is given up in the middle lets nobody through early", async () => {
  const clock = new ManualClock();
  const limits = sharing(1000, 3, clock);
  await clock.run(Promise.all([limits[0]?.wait(50, never), limits[0]?.wait(50, never)]));
  const start = clock.time;
  const controller = new AbortController();
  const given = limits[0]?.wait(50, controller.signal) ?? Promise.resolve();
  const kept = limits[1]?.wait(50, never) ?? Promise.resolve();
  controller.abort(new Error("enough"));
  await assertRejects(() => given, Error, "enough");
  await clock.run(kept);
  assertEquals(clock.time - start, 100);
});

Deno.test("RateLimit.wait: another rate of the bucket holds at once, and none is no limit", async () => {
  const clock = new ManualClock();
  const memory = new SharedArrayBuffer(RateBucket.SIZE);
  const bucket = new RateBucket(memory);
  bucket.rate = 1000;
  const limit = new RateLimit(new RateBucket(memory), clock);
  const send = async (pieces: number): Promise<number> => {
    const start = clock.time;
    for (let piece = 0; piece < pieces; piece++) await limit.wait(50, never);
    return clock.time - start;
  };
  await clock.run(send(2));
  bucket.rate = 2000;
  const faster = send(4);
  await clock.run(faster);
  assertEquals([await faster, limit.burst], [100, 100]);
  bucket.rate = 0;
  assertEquals([await send(100), limit.burst], [0, Infinity]);
});

Deno.test("JointLimit.wait: the strictest holds, whichever it is", async () => {
  for (const rates of [[1000, 5000], [5000, 1000], [1000, 1000, 9000]]) {
    const clock = new ManualClock();
    const limit = new JointLimit(rates.map((rate) => new RateLimit(rate, clock)));
    assertEquals(limit.burst, 50);
    const start = clock.time;
    const sending = (async () => {
      for (let count = 0; count < 102; count++) await limit.wait(50, never);
    })();
    await clock.run(sending);
    assertEquals(clock.time - start, 5000);
  }
});

Deno.test("JointLimit.wait: a rate that is lowered meanwhile is kept", async () => {
  const clock = new ManualClock();
  const memory = new SharedArrayBuffer(RateBucket.SIZE);
  const bucket = new RateBucket(memory);
  bucket.rate = 10_000;
  const own = new RateLimit(1000, clock);
  const limit = new JointLimit([own, new RateLimit(new RateBucket(memory), clock)]);
  await own.wait(50, never);
  await own.wait(50, never);
  const start = clock.time;
  const waiting = limit.wait(50, never);
  bucket.rate = 100;
  await clock.run(waiting);
  assertEquals(clock.time - start, 50 + 400); // 50 bytes, of which 10 go at once
});

Deno.test("RateLimit.wait: over any interleaving never more than the rate and a tenth of a second", async () => {
  const step = fc.record({
    part: fc.double({ min: 0, max: 1, noNaN: true }),
    idle: fc.oneof(fc.constant(0), fc.nat(300)),
    givenUpAfter: fc.option(fc.nat(100), { freq: 4, nil: undefined }),
  });
  const transfers = fc.array(fc.array(step, { minLength: 1, maxLength: 12 }), {
    minLength: 2,
    maxLength: 6,
  });
  const lateness = fc.infiniteStream(fc.constantFrom(0, 0, 0.4, 3, 49, 51, 400));
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 1e9 }),
      lateness,
      transfers,
      async (rate, late, all) => {
        const clock = new ManualClock(() => late.next().value ?? 0);
        const passed: { time: number; bytes: number }[] = [];
        const limits = sharing(rate, all.length, clock);
        const transfer = async (index: number): Promise<void> => {
          const limit = limits[index];
          if (limit === undefined) return;
          for (const { part, idle, givenUpAfter } of all[index] ?? []) {
            if (idle > 0) await clock.sleep(idle);
            const bytes = Math.ceil(limit.burst * part);
            const giveUp = new AbortController();
            if (givenUpAfter !== undefined) {
              clock.sleep(givenUpAfter).then(() => giveUp.abort(), () => {});
            }
            const gone = await limit.wait(bytes, giveUp.signal).then(() => true, () => false);
            if (gone) passed.push({ time: clock.time, bytes });
          }
        };
        await clock.run(Promise.all(all.map((_, index) => transfer(index))));
        for (const [index, from] of passed.entries()) {
          let sum = 0;
          for (const to of passed.slice(index)) {
            sum += to.bytes;
            const allowed = (to.time - from.time) * rate / 1000 + Math.max(2, rate / 10);
            assertLessOrEqual(sum, allowed * (1 + 1e-6));
          }
        }
      },
    ),
  );
});

Deno.test("RateLimit.wait: two workers on one bucket keep to its rate together", async () => {
  const memory = new SharedArrayBuffer(RateBucket.SIZE);
  new RateBucket(memory).rate = 10_000;
  const worker = (): Worker =>
    new Worker(new URL("../support/rate_worker.ts", import.meta.url), { type: "module" });
  const workers = [worker(), worker()];
  const heard = (): Promise<void>[] =>
    workers.map((each) => new Promise((resolve) => each.onmessage = () => resolve()));
  await Promise.all(heard());
  const start = performance.now();
  const done = heard();
  for (const each of workers) each.postMessage({ memory, now: performance.now(), pieces: 5 });
  await Promise.all(done);
  assertGreaterOrEqual(performance.now() - start, 5 * 2 * 50 - 100);
  for (const each of workers) each.terminate();
});
