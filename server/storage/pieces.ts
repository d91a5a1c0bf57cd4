/**
 * Bytes of a file that are moved at once, as long as the system has them in memory.
 *
 * @module
 */

/** Bytes at once: a hop to another thread for as many takes as long as moving them. */
const PIECE = 512 * 1024;

/** Bytes at once where it is not known whether they are in memory. */
const PROBE = 64 * 1024;

/** Milliseconds for either: what takes longer waits for a disk. */
const QUICK = 1;

/**
 * Steps that are left to another thread before the next probe, at most. After the first slow one it is
 * one, then twice as many each time: the disk is slow for a while, a busy machine only now and then.
 */
const MOST_SLOW_STEPS = 64;

/** Two ways to move bytes; both tell how many. */
export interface Move {
  /** Keeps the thread until it is done. */
  now(most: number): number;
  /** Leaves it to another thread. */
  later(): Promise<number>;
}

/**
 * Decides step by step: the page cache is quicker than another thread, and for a disk the sessions of
 * this thread must not wait.
 */
export class Pieces {
  #size = PROBE;
  #slowSteps = 0;
  #penalty = 1;

  /**
   * Moves some bytes.
   *
   * @param move How.
   * @returns How many.
   * @throws {Error} What `move` throws.
   */
  take(move: Move): number | Promise<number> {
    if (this.#slowSteps > 0) {
      this.#slowSteps--;
      return move.later();
    }
    const started = performance.now();
    const count = move.now(this.#size);
    const quick = performance.now() - started < QUICK;
    this.#size = quick ? PIECE : PROBE;
    this.#slowSteps = quick ? 0 : this.#penalty;
    this.#penalty = quick ? 1 : Math.min(this.#penalty * 2, MOST_SLOW_STEPS);
    return count;
  }
}
