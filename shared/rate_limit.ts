/**
 * Holds a transfer to a number of bytes per second.
 *
 * @module
 */

/** What a {@linkcode RateLimit} measures time with. */
export interface Clock {
  /** Milliseconds since any fixed point; never goes back. */
  now(): number;
  /** Resolves after about `ms` milliseconds; rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

const systemClock: Clock = {
  now: () => performance.now(),
  sleep(ms, signal) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = (): void => reject(signal.reason);
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", abort);
    return promise.finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    });
  },
};

/**
 * Lets bytes through at a steady rate, never more than a tenth of a second's worth at once.
 *
 * In any span of time at most the rate times that span, plus a tenth of a second's worth, goes
 * through. A timer that is late by up to a twentieth of a second is made up for, so the rate holds
 * in the long run. One limit may be shared by several transfers.
 *
 * @example Usage
 * ```ts
 * import { RateLimit } from "./rate_limit.ts";
 * const limit = new RateLimit(5000);
 * if (limit.burst !== 250) throw new Error("unexpected");
 * await limit.wait(limit.burst, AbortSignal.timeout(1000));
 * ```
 */
export class RateLimit {
  /** The most bytes to ask for in one call: a twentieth of a second's worth, at least 1. */
  readonly burst: number;
  readonly #bytesPerMs: number;
  readonly #capacity: number;
  readonly #clock: Clock;
  #credit: number;
  #creditAt: number;

  /**
   * Makes a limit.
   *
   * @param bytesPerSecond The rate, at least 1.
   * @param clock Measures time; the system's unless given.
   * @throws {RangeError} If the rate is less, or not a number.
   */
  constructor(bytesPerSecond: number, clock: Clock = systemClock) {
    if (!(bytesPerSecond >= 1 && Number.isFinite(bytesPerSecond))) {
      throw new RangeError(`Cannot limit the rate to "${bytesPerSecond}": not 1 or more`);
    }
    // Twice what one call may take: what comes in while a late timer is awaited is not lost.
    this.#capacity = Math.max(1, bytesPerSecond / 10);
    this.burst = Math.max(1, Math.floor(this.#capacity / 2));
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#clock = clock;
    this.#credit = this.#capacity;
    this.#creditAt = clock.now();
  }

  /**
   * Resolves when `bytes` may go. Where the wait is given up, they are not counted.
   *
   * @param bytes How many, at most {@linkcode RateLimit.burst}.
   * @param signal Ends the wait.
   * @throws {RangeError} If `bytes` is more than the burst.
   * @throws The signal's reason when it aborts.
   */
  async wait(bytes: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!(bytes >= 0 && bytes <= this.burst)) {
      throw new RangeError(`Cannot let ${bytes} bytes through at once: not 0 to ${this.burst}`);
    }
    // Timers may fire early, and another transfer may take the credit first: look again.
    for (;;) {
      const missing = bytes - this.#refill();
      if (missing <= 0) break;
      await this.#clock.sleep(Math.ceil(missing / this.#bytesPerMs), signal);
    }
    this.#credit -= bytes;
  }

  #refill(): number {
    const now = this.#clock.now();
    const earned = (now - this.#creditAt) * this.#bytesPerMs;
    this.#credit = Math.min(this.#capacity, this.#credit + earned);
    this.#creditAt = now;
    return this.#credit;
  }
}
