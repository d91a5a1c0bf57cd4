/**
 * What waits for one hook, and what runs of it: so that one hook that hangs holds up no other.
 *
 * @module
 */

/** Runs of one hook at once. */
const AT_ONCE = 4;

/** Events that may wait for one hook; what comes beyond is dropped. */
const MOST_WAITING = 1000;

/** One run of the hook. It does not throw. */
export type HookRun = () => Promise<void>;

/** How a queue is made. */
export interface HookQueueOptions {
  /** Told once when events are dropped, and once how many they were. */
  readonly onTrouble: (message: string) => void;
  /** An event was dropped. */
  readonly onDropped: () => void;
}

/** The queue of one hook. */
export class HookQueue {
  readonly #options: HookQueueOptions;
  readonly #waiting: HookRun[] = [];
  readonly #running = new Set<Promise<void>>();
  #dropped = 0;

  /** Makes an empty one. */
  constructor(options: HookQueueOptions) {
    this.#options = options;
  }

  /** Whether nothing runs and nothing waits. */
  get idle(): boolean {
    return this.#running.size === 0;
  }

  /** Runs it as soon as it is its turn. */
  add(run: HookRun): void {
    if (this.#waiting.length >= MOST_WAITING) return this.#drop();
    this.#waiting.push(run);
    this.#next();
  }

  /** Resolves when nothing runs and nothing waits. */
  async ended(): Promise<void> {
    while (!this.idle) await Promise.all(this.#running);
  }

  /**
   * Forgets what waits.
   *
   * @returns How many events that were.
   */
  clear(): number {
    return this.#waiting.splice(0).length;
  }

  #drop(): void {
    this.#options.onDropped();
    if (this.#dropped++ > 0) return;
    this.#options.onTrouble(`${MOST_WAITING} events wait already, further ones are dropped`);
  }

  #next(): void {
    while (this.#running.size < AT_ONCE) {
      const run = this.#waiting.shift();
      if (run === undefined) return this.#caughtUp();
      const running = run().finally(() => {
        this.#running.delete(running);
        this.#next();
      });
      this.#running.add(running);
    }
  }

  #caughtUp(): void {
    if (this.#dropped === 0) return;
    this.#options.onTrouble(`${this.#dropped} events were dropped`);
    this.#dropped = 0;
  }
}
