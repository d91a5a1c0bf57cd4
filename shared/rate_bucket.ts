/**
 * How far ahead a rate has been used up: the books of a rate limit, in memory that threads may share.
 *
 * @module
 */

/** A stretch of time that some bytes have for themselves, in nanoseconds of the limit's clock. */
export interface Turn {
  /** The first moment at which they may go. */
  readonly opens: number;
  /** The last one: the stretch itself begins. */
  readonly closes: number;
  /** Where the stretch ends, and that of the next begins. */
  readonly until: number;
}

/** Nanoseconds by which bytes may go before their stretch is over: what a burst can be at most. */
const LEAD = 1e8;

/** The part of that which one call may take; the rest makes up for late timers. */
const PART = 1 / 2;

const NANOSECONDS = 1e9;
const PAID_UNTIL = 0;
const RATE = 1;

/**
 * Gives out stretches of time, each as long as its bytes take at the rate, and no two at the same time.
 *
 * The state is two numbers that change in one step, so any number of threads may give out stretches
 * of one memory, and a thread that dies leaves nothing locked. Whoever uses a turn only while it is
 * open keeps to the rate: in any span of time goes through what the rate allows in it, and a tenth of
 * a second's worth (at least two bytes) more.
 *
 * @example Usage
 * ```ts
 * import { RateBucket } from "./rate_bucket.ts";
 * const bucket = new RateBucket(new SharedArrayBuffer(RateBucket.SIZE));
 * bucket.rate = 1000;
 * const { opens, until } = bucket.book(50, 0);
 * if (opens > 0 || until !== 5e7) throw new Error("unexpected");
 * ```
 */
export class RateBucket {
  /** Bytes of memory that the state takes. */
  static readonly SIZE = 2 * BigInt64Array.BYTES_PER_ELEMENT;
  readonly #state: BigInt64Array;

  /**
   * Opens the books.
   *
   * @param memory {@linkcode RateBucket.SIZE} bytes; all zero: nothing used up, and no limit yet.
   */
  constructor(memory: ArrayBufferLike) {
    this.#state = new BigInt64Array(memory);
  }

  /** Bytes per second; 0: any number. */
  get rate(): number {
    return Number(Atomics.load(this.#state, RATE));
  }

  /** Another rate holds at once, for every thread; turns that are given out stay as they are. */
  set rate(bytesPerSecond: number) {
    Atomics.store(this.#state, RATE, BigInt(Math.floor(bytesPerSecond)));
  }

  /** The most bytes for one turn: a twentieth of a second's worth, at least 1. */
  get burst(): number {
    const { rate } = this;
    return rate === 0 ? Infinity : Math.max(1, Math.floor(rate * PART * LEAD / NANOSECONDS));
  }

  /**
   * Gives out the next stretch.
   *
   * @param bytes How many, at most the burst.
   * @param now The time in nanoseconds.
   * @returns When they may go.
   */
  book(bytes: number, now: number): Turn {
    const { rate } = this;
    if (rate === 0) return { opens: now, closes: Infinity, until: now };
    const cost = Math.ceil(bytes * NANOSECONDS / rate);
    const lead = Math.max(LEAD, NANOSECONDS / rate / PART);
    for (;;) {
      const paid = Number(Atomics.load(this.#state, PAID_UNTIL));
      const closes = Math.max(paid, Math.ceil(now));
      const until = closes + cost;
      // Where the rate was lowered meanwhile, a turn may be longer than the lead.
      if (this.#move(paid, until)) return { opens: Math.min(closes, until - lead), closes, until };
    }
  }

  /** Gives a turn back that was not used. Where others have booked behind it, nobody gains by that. */
  giveBack({ closes, until }: Turn): void {
    this.#move(until, closes);
  }

  #move(from: number, to: number): boolean {
    const expected = BigInt(from);
    return Atomics.compareExchange(this.#state, PAID_UNTIL, expected, BigInt(to)) === expected;
  }
}
