/**
 * The eye on a copy: ends it when it is cancelled, stalls or fails on one side.
 *
 * @module
 */
import type { TransferFault } from "./errors.ts";

/** What to watch for, and what to do then. */
export interface WatchOptions {
  /** Ends the copy. */
  readonly signal: AbortSignal;
  /**
   * Ends what is pending on the source and the sink: closes the connection. Called at most once, with
   * what is wrong.
   */
  readonly interrupt: (fault: TransferFault) => void;
  /** Milliseconds without a byte in either direction after which the copy fails; none: no limit. */
  readonly stallTimeout?: number;
}

/** Watches for progress and for the signal; interrupts the copy once. */
export class Watch implements Disposable {
  readonly #options: WatchOptions;
  #fault: TransferFault | undefined;
  #cause: unknown;
  #last = performance.now();
  #pacing = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", this.#cancel, { once: true });
    if (options.signal.aborted) this.#interrupt("cancel");
    else this.#arm(options.stallTimeout);
  }

  /** Why the copy was interrupted. */
  get fault(): TransferFault | undefined {
    return this.#fault;
  }

  /** A byte moved. */
  progress(): void {
    this.#last = performance.now();
  }

  /** Waits for the rate: however long that takes, neither side is to blame. */
  async paced(wait: Promise<void>): Promise<void> {
    this.#pacing = true;
    await wait.finally(() => {
      this.#pacing = false;
      this.progress();
    });
  }

  /** What the side that failed first threw; the other one only throws that it was interrupted. */
  get cause(): unknown {
    return this.#cause;
  }

  /** One side failed: the other must not go on waiting. */
  failed(fault: TransferFault, cause: unknown): void {
    if (this.#fault === undefined) this.#cause = cause;
    this.#interrupt(fault);
  }

  readonly #cancel = (): void => this.#interrupt("cancel");

  #arm(delay: number | undefined): void {
    if (delay !== undefined) this.#timer = setTimeout(() => this.#check(delay), delay);
  }

  // The timer is set anew only when it fires, not at each byte.
  #check(limit: number): void {
    if (this.#pacing) this.progress();
    const left = (this.#options.stallTimeout ?? limit) - (performance.now() - this.#last);
    if (left <= 0) this.#interrupt("stall");
    else this.#arm(Math.ceil(left));
  }

  #interrupt(fault: TransferFault): void {
    if (this.#fault !== undefined) return;
    this.#fault = fault;
    this.#options.interrupt(fault);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#options.signal.removeEventListener("abort", this.#cancel);
  }
}
