/**
 * Intervals that pass when a test says so.
 *
 * @module
 */

/** Holds back every interval that is started while it lives. */
export class Ticks implements Disposable {
  readonly #setInterval = globalThis.setInterval;
  readonly #clearInterval = globalThis.clearInterval;
  readonly #running = new Map<number, () => void>();
  #next = -1;

  constructor() {
    globalThis.setInterval = ((run: () => void) => {
      const id = this.#next--;
      this.#running.set(id, run);
      return id;
    }) as unknown as typeof setInterval;
    globalThis.clearInterval = ((id: number | undefined) => {
      // One that was started before is the real one's.
      if (id === undefined || !this.#running.delete(id)) this.#clearInterval(id);
    }) as unknown as typeof clearInterval;
  }

  /** Intervals that run. */
  get running(): number {
    return this.#running.size;
  }

  /** Lets each interval pass that many times. */
  pass(times = 1): void {
    for (let time = 0; time < times; time++) {
      for (const run of [...this.#running.values()]) run();
    }
  }

  [Symbol.dispose](): void {
    globalThis.setInterval = this.#setInterval;
    globalThis.clearInterval = this.#clearInterval;
  }
}
