/**
 * The wall clock of the test's thread, set back or forward as an administrator or NTP does it.
 *
 * @module
 */

/** Milliseconds of an hour. */
export const HOUR = 3_600_000;

/** A wall clock that is wrong until it is disposed. Timers and `performance.now()` go by another. */
export class WallClock implements Disposable {
  readonly #real = Date;

  /**
   * Sets it.
   *
   * @param offset Milliseconds from the right time; negative: back.
   */
  constructor(offset: number) {
    const now = (): number => this.#real.now() + offset;
    globalThis.Date = new Proxy(this.#real, {
      construct: (target, given: unknown[], newTarget) =>
        Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
      get: (target, key) => key === "now" ? now : Reflect.get(target, key),
    });
  }

  [Symbol.dispose](): void {
    globalThis.Date = this.#real;
  }
}
