/**
 * A time limit that leaves nothing behind: no timer, no listener on a signal that lives longer.
 *
 * @module
 */
import { TimeLimit } from "./time_limit.ts";

/** A signal that aborts after some time, or with another signal. Dispose it when the work is done. */
export class Deadline implements Disposable {
  readonly #controller = new AbortController();
  readonly #parent: AbortSignal | undefined;
  readonly #limit: TimeLimit;
  #expired = false;

  /**
   * Starts the time.
   *
   * @param milliseconds How long.
   * @param parent Another signal that ends the work.
   */
  constructor(milliseconds: number, parent?: AbortSignal) {
    this.#parent = parent;
    this.#limit = new TimeLimit(milliseconds, this.#expire);
    if (parent?.aborted) this.#follow();
    else parent?.addEventListener("abort", this.#follow, { once: true });
  }

  /** Aborted when the time is over or the other signal was aborted. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether it was the time. */
  get expired(): boolean {
    return this.#expired;
  }

  readonly #expire = (): void => {
    this.#expired = true;
    this.#controller.abort(new DOMException("The time is over", "TimeoutError"));
  };

  readonly #follow = (): void => this.#controller.abort(this.#parent?.reason);

  /** Stops the time. */
  [Symbol.dispose](): void {
    this.#limit[Symbol.dispose]();
    this.#parent?.removeEventListener("abort", this.#follow);
  }
}
