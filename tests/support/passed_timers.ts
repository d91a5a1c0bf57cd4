/**
 * Waits of a program that a test notes and passes over.
 *
 * @module
 */

/** Until it is disposed, every timer fires at once. */
export class PassedTimers implements Disposable {
  /** How long each was to take. */
  readonly milliseconds: number[] = [];
  readonly #setTimeout = globalThis.setTimeout;

  constructor() {
    globalThis.setTimeout = ((run: () => void, milliseconds: number) => {
      this.milliseconds.push(milliseconds);
      return this.#setTimeout.call(globalThis, run, 0);
    }) as typeof setTimeout;
  }

  [Symbol.dispose](): void {
    globalThis.setTimeout = this.#setTimeout;
  }
}
