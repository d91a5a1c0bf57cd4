/**
 * The supervisor's time in a worker.
 *
 * @module
 */
import { type Clock, threadClock } from "../../shared/rate_limit.ts";

/**
 * A clock that shows the same in every worker, whatever is done to the system's.
 *
 * Each thread counts its time from its own start, and only the wall clock, which may be set, says how
 * far these are apart. So the supervisor tells its time with each answer. A message takes some time,
 * never less than none: of all that was told, what puts the clock forward most is nearest to the truth.
 *
 * @example Usage
 * ```ts
 * import { SupervisorClock } from "./supervisor_clock.ts";
 * const clock = new SupervisorClock();
 * clock.told(performance.now() + 1000);
 * if (clock.now() < performance.now() + 900) throw new Error("unexpected");
 * ```
 */
export class SupervisorClock implements Clock {
  readonly #own: Clock;
  #ahead: number | undefined;

  /**
   * Makes a clock that nobody has set: until then it shows the thread's own time.
   *
   * @param own The thread's; tests give their own.
   */
  constructor(own: Clock = threadClock) {
    this.#own = own;
  }

  /** Takes the supervisor's time, in milliseconds, from a message that has just arrived. */
  told(time: number): void {
    const ahead = time - this.#own.now();
    this.#ahead = Math.max(this.#ahead ?? ahead, ahead);
  }

  /** Milliseconds since the supervisor began. */
  now(): number {
    return this.#own.now() + (this.#ahead ?? 0);
  }

  /** Resolves after about `ms` milliseconds. */
  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return this.#own.sleep(ms, signal);
  }
}
