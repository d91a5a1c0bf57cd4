/**
 * Turns for work that only a few can do at once, given out fairly: whoever asks for many waits behind
 * himself, not others behind him.
 *
 * @module
 */

/** Gives turns. */
export class FairTurns {
  readonly #most: number;
  #running = 0;
  /** Those who wait, by who asks; the first of the map is next. */
  readonly #waiting = new Map<string, (() => void)[]>();

  /**
   * Makes them.
   *
   * @param most Pieces of work at once.
   */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Does some work when its turn comes. Those who ask take turns with one another; the work of one
   * of them is done in its order.
   *
   * @param who Who asks.
   * @param work The work.
   * @returns What it returns.
   * @throws {unknown} What it throws.
   */
  async run<T>(who: string, work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#most) this.#running++;
    else await this.#wait(who);
    try {
      return await work();
    } finally {
      this.#pass();
    }
  }

  #wait(who: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const queue = this.#waiting.get(who);
    if (queue === undefined) this.#waiting.set(who, [resolve]);
    else queue.push(resolve);
    return promise;
  }

  /** To the next, or to nobody. */
  #pass(): void {
    for (const [who, [next, ...rest]] of this.#waiting) {
      this.#waiting.delete(who);
      if (rest.length > 0) this.#waiting.set(who, rest); // behind all others
      if (next !== undefined) return next();
    }
    this.#running--;
  }
}
