/**
 * What the system does at once or lets others wait for, depending on where the files are.
 *
 * @module
 */

/** The same step, done here or by another thread. */
export interface Step {
  /** Keeps the thread until it is done. */
  now(): void;
  /** Leaves it to another thread, which is a hop there and back. */
  later(): Promise<void>;
}

/** Milliseconds below which a step is quick, the hop included. */
const QUICK = 0.3;

/** Quick steps in a row before one is done at once. */
const PROOF = 8;

/** Steps that are left to another thread after one that was not quick. */
const PENALTY = 256;

/**
 * Does a step at once where it has been quick for a while, such as fsync in a file system in memory:
 * a hop to another thread costs more. A disk is never quick, and the sessions of a thread must not
 * wait for it.
 */
export class QuickPath {
  /** Steps until the next one that is done at once. */
  #left = PROOF;

  /**
   * Does one step.
   *
   * @param step Both ways to do it.
   * @throws {Error} What the step throws.
   */
  async run(step: Step): Promise<void> {
    const started = performance.now();
    const atOnce = this.#left === 0;
    if (atOnce) step.now();
    else await step.later();
    if (performance.now() - started < QUICK) this.#left = Math.max(0, this.#left - 1);
    else this.#left = atOnce ? PENALTY : Math.max(PROOF, this.#left);
  }
}
