/**
 * SIGINT and SIGTERM: the first one asks a command to end, a second one ends the process.
 *
 * @module
 */
import { InterruptedError } from "./errors.ts";

/** What interrupts the program. */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #leave: () => void;
  readonly #listeners: (() => void)[] = [];

  /** Nothing has happened yet; `leave` ends the process. */
  constructor(leave: () => void) {
    this.#leave = leave;
  }

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** SIGTERM came, or a SIGINT that nobody takes. */
  readonly stop = (): void => {
    if (this.signal.aborted) this.#leave();
    else this.#controller.abort(new InterruptedError("Interrupted"));
  };

  /** SIGINT came. */
  readonly interrupt = (): void => {
    const listener = this.#listeners.at(-1);
    if (listener === undefined) this.stop();
    else listener();
  };

  /** Takes each SIGINT, until disposed. */
  divert(listener: () => void): Disposable {
    this.#listeners.push(listener);
    const remove = (): void => {
      const place = this.#listeners.lastIndexOf(listener);
      if (place >= 0) this.#listeners.splice(place, 1);
    };
    return { [Symbol.dispose]: remove };
  }
}
