/**
 * Holds transfers to a number of bytes per second: one transfer, or many, also of several threads.
 *
 * @module
 */
import { RateBucket } from "./rate_bucket.ts";

/** What a {@linkcode RateLimit} measures time with. */
export interface Clock {
  /** Milliseconds since any fixed point; never goes back. */
  now(): number;
  /** Resolves after about `ms` milliseconds; rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Lets bytes through in time. */
export interface Pace {
  /** The most bytes to ask for in one call, at least 1. */
  readonly burst: number;
  /**
   * Resolves when `bytes` may go.
   *
   * @param bytes How many, at most the burst.
   * @param signal Ends the wait.
   * @throws The signal's reason when it aborts.
   */
  wait(bytes: number, signal: AbortSignal): Promise<void>;
}

/** The time of the thread that it runs in. */
export const threadClock: Clock = {
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

const NANOSECONDS_PER_MS = 1e6;

/**
 * Lets bytes through at a steady rate, never more than a tenth of a second's worth at once.
 *
 * In any span of time at most the rate times that span, plus a tenth of a second's worth (at least
 * two bytes), goes through. A timer that is late by up to a twentieth of a second is made up for, so
 * the rate holds in the long run. One limit may be shared by several transfers, and one bucket by the
 * limits of several threads: they take turns, in the order in which they ask.
 *
 * @example Usage
 * ```ts
 * import { RateLimit } from "./rate_limit.ts";
 * const limit = new RateLimit(5000);
 * if (limit.burst !== 250) throw new Error("unexpected");
 * await limit.wait(limit.burst, AbortSignal.timeout(1000));
 * ```
 */
export class RateLimit implements Pace {
  readonly #bucket: RateBucket;
  readonly #clock: Clock;

  /**
   * Makes a limit.
   *
   * @param rate Bytes per second, at least 1; or the bucket that it shares with limits elsewhere.
   * @param clock Measures time, the same for all that share a bucket; the thread's unless given.
   * @throws {RangeError} If the rate is less, or not a number.
   */
  constructor(rate: number | RateBucket, clock: Clock = threadClock) {
    this.#bucket = rate instanceof RateBucket ? rate : bucketOf(rate);
    this.#clock = clock;
  }

  /**
   * The most bytes to ask for in one call: a twentieth of a second's worth, at least 1. It follows the
   * rate of a shared bucket.
   */
  get burst(): number {
    return this.#bucket.burst;
  }

  /**
   * Resolves when `bytes` may go. Where the wait is given up, they are not counted, unless others wait
   * behind them.
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
    for (;;) {
      const asked = this.#now();
      const turn = this.#bucket.book(bytes, asked);
      if (turn.opens <= asked) return;
      try {
        await this.#until(turn.opens, signal);
      } catch (error) {
        this.#bucket.giveBack(turn);
        throw error;
      }
      if (this.#now() <= turn.closes) return;
      // Far too late: to go now, together with those whose turn it is, would be too much.
      this.#bucket.giveBack(turn);
    }
  }

  /** Timers may fire early: looks again. */
  async #until(time: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      const missing = time - this.#now();
      if (missing <= 0) return;
      await this.#clock.sleep(Math.ceil(missing / NANOSECONDS_PER_MS), signal);
    }
  }

  #now(): number {
    return this.#clock.now() * NANOSECONDS_PER_MS;
  }
}

function bucketOf(rate: number): RateBucket {
  if (!(rate >= 1 && Number.isFinite(rate))) {
    throw new RangeError(`Cannot limit the rate to "${rate}": not 1 or more`);
  }
  const bucket = new RateBucket(new ArrayBuffer(RateBucket.SIZE));
  bucket.rate = rate;
  return bucket;
}

/** Several limits at once: the strictest holds. */
export class JointLimit implements Pace {
  readonly #limits: readonly RateLimit[];

  /**
   * Joins limits.
   *
   * @param limits At least one; those that fewer transfers share first, so that nobody keeps a turn of
   * many while waiting for one of its own.
   */
  constructor(limits: readonly RateLimit[]) {
    this.#limits = limits;
  }

  /** The most bytes to ask for in one call. */
  get burst(): number {
    return Math.min(...this.#limits.map(({ burst }) => burst));
  }

  /**
   * Resolves when every limit lets `bytes` go.
   *
   * @param bytes How many, at most the burst.
   * @param signal Ends the wait.
   * @throws The signal's reason when it aborts.
   */
  async wait(bytes: number, signal: AbortSignal): Promise<void> {
    for (const limit of this.#limits) {
      // The rate of one may be lowered while another is waited for.
      for (let left = bytes; left > 0;) {
        const part = Math.min(left, limit.burst);
        await limit.wait(part, signal);
        left -= part;
      }
    }
  }
}
