/**
 * A clock for rate limits, which moves only when everybody sleeps.
 *
 * @module
 */
import type { Clock } from "../../shared/rate_limit.ts";

/** Microtasks after which everybody is taken to sleep. */
const ENOUGH = 50;

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/** Wakes sleepers in the order of their times, each at its time and no sooner than the one before. */
export class ManualClock implements Clock {
  readonly #sleepers = new Set<Sleeper>();
  readonly #late: () => number;
  /** Milliseconds. */
  time = 1000;

  /** Makes a clock whose timers are late, each by so many milliseconds. */
  constructor(late: () => number = () => 0) {
    this.#late = late;
  }

  now(): number {
    return this.time;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper = { due: this.time + ms + this.#late(), wake: resolve };
    this.#sleepers.add(sleeper);
    signal?.addEventListener("abort", () => {
      this.#sleepers.delete(sleeper);
      reject(signal.reason);
    }, { once: true });
    return promise;
  }

  /** Lets time pass until that is done. */
  async run(work: Promise<unknown>): Promise<void> {
    let done = false;
    work.finally(() => done = true).catch(() => {}); // told below
    for (;;) {
      for (let turn = 0; turn < ENOUGH && !done; turn++) await Promise.resolve();
      if (done) break;
      this.#wakeNext();
    }
    await work;
  }

  #wakeNext(): void {
    const [next] = [...this.#sleepers].sort((a, b) => a.due - b.due);
    if (next === undefined) throw new Error("Nobody sleeps, and it is not done");
    this.#sleepers.delete(next);
    this.time = Math.max(this.time, next.due);
    next.wake();
  }
}
