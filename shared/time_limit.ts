/**
 * Time limits that are nearly always called off: one timer of the runtime serves them all, and is not
 * set anew for each.
 *
 * @module
 */

/** What the runtime's timers take at most, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

interface Running {
  /** By the clock of `performance.now()`. */
  readonly end: number;
  readonly expire: () => void;
}

const running = new Set<Running>();
let timer: ReturnType<typeof setTimeout> | undefined;
/** When the timer rings. */
let due = Infinity;

/**
 * Does something when a time is over, unless it is disposed of before.
 *
 * @example Usage
 * ```ts
 * import { TimeLimit } from "./time_limit.ts";
 * using _limit = new TimeLimit(1000, () => Deno.exit(1));
 * ```
 */
export class TimeLimit implements Disposable {
  readonly #running: Running;

  /**
   * Starts the time.
   *
   * @param milliseconds How long; Infinity: for ever.
   * @param expire Called once, when it is over; must not throw.
   */
  constructor(milliseconds: number, expire: () => void) {
    const end = performance.now() + milliseconds;
    this.#running = { end, expire };
    running.add(this.#running);
    if (end < due) setTimer(end);
  }

  /** Calls it off. May be called twice. */
  [Symbol.dispose](): void {
    running.delete(this.#running);
    // A timer would keep the program from ending.
    if (running.size === 0 && due < Infinity) setTimer(Infinity);
  }
}

function setTimer(end: number): void {
  clearTimeout(timer);
  due = end;
  if (end === Infinity) return;
  const left = Math.ceil(end - performance.now());
  timer = setTimeout(ring, Math.min(Math.max(left, 0), LONGEST));
}

function ring(): void {
  const now = performance.now();
  const over = [...running].filter(({ end }) => end <= now);
  for (const limit of over) if (running.delete(limit)) limit.expire();
  setTimer(Math.min(...Array.from(running, ({ end }) => end)));
}
