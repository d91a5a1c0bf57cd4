/**
 * Ctrl-C in the shell: once it stops what runs, twice it leaves.
 *
 * @module
 */
import { InterruptedError } from "../../shared/errors.ts";

/** Milliseconds within which a second Ctrl-C leaves. */
const TWICE = 2000;

/** Milliseconds that a command gets to stop by itself before its sessions are cut. */
const GRACE = 2000;

/** What ends a command, and what ends its sessions. */
export class Interrupts implements Disposable {
  readonly #process: AbortSignal;
  #call = new AbortController();
  #sessions = new AbortController();
  #last = -Infinity;
  #twice = false;
  readonly #left = Promise.withResolvers<void>();
  #cut: ReturnType<typeof setTimeout> | undefined;
  #leaving: ReturnType<typeof setTimeout> | undefined;

  /** Whatever ends the process ends the command and the sessions too. */
  constructor(process: AbortSignal) {
    this.#process = process;
    process.addEventListener("abort", this.#stop);
    if (process.aborted) this.#stop();
  }

  /** Ends the command that runs. */
  get signal(): AbortSignal {
    return this.#call.signal;
  }

  /** Ends the sessions that are opened from now on. */
  get sessionSignal(): AbortSignal {
    return this.#sessions.signal;
  }

  /** Whether the shell is to end. */
  get twice(): boolean {
    return this.#twice || this.#process.aborted;
  }

  /** Resolves a while after the shell was to end: whatever runs still then hangs. */
  get left(): Promise<void> {
    return this.#left.promise;
  }

  /** A command begins: what interrupted the one before does not interrupt this one. */
  begin(): void {
    clearTimeout(this.#cut);
    if (this.#process.aborted) return;
    if (this.#call.signal.aborted) this.#call = new AbortController();
    if (this.#sessions.signal.aborted) this.#sessions = new AbortController();
  }

  /** The command is over, however it ended. */
  end(): void {
    clearTimeout(this.#cut);
  }

  /** Somebody pressed Ctrl-C. */
  interrupt(): void {
    const now = performance.now();
    this.#twice = now - this.#last < TWICE;
    this.#last = now;
    const reason = new InterruptedError("Interrupted");
    this.#call.abort(reason);
    clearTimeout(this.#cut);
    if (this.#twice) {
      this.#sessions.abort(reason);
      // Servers must learn that an upload is not whole before we are gone.
      this.#leaving ??= setTimeout(() => this.#left.resolve(), GRACE);
    } else this.#cut = setTimeout(() => this.#sessions.abort(reason), GRACE);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#cut);
    clearTimeout(this.#leaving);
    this.#process.removeEventListener("abort", this.#stop);
  }

  readonly #stop = (): void => {
    const { reason } = this.#process;
    this.#call.abort(reason);
    this.#sessions.abort(reason);
    this.#left.resolve();
  };
}
