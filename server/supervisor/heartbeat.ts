/**
 * Notices that a thread hangs: it has not died, and does nothing any more.
 *
 * @module
 */

/** Milliseconds between two looks. */
const INTERVAL = 1000;

/** Looks in a row without an answer after which the thread counts as hanging. */
const MOST_UNANSWERED = 30;

/** Seconds without an answer after which a thread counts as hanging. */
export const MOST_SILENCE = INTERVAL * MOST_UNANSWERED / 1000;

/** What a heartbeat needs. */
export interface HeartbeatOptions {
  /** Asks the thread for a sign of life. */
  readonly ask: () => void;
  /** Called when {@linkcode Heartbeat.late} has changed. */
  readonly onLate?: () => void;
  /** Called once, when it has given none for {@linkcode MOST_SILENCE} seconds. */
  readonly onSilent: () => void;
}

/**
 * Asks one thread every second, one question at a time. It counts its own looks and not the
 * time: a process that was stopped for an hour finds its threads as it left them.
 */
export class Heartbeat implements Disposable {
  readonly #options: HeartbeatOptions;
  readonly #timer: ReturnType<typeof setInterval>;
  #waiting = false;
  #unanswered = 0;

  /** Starts looking. */
  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), INTERVAL);
  }

  /** The thread has answered. */
  heard(): void {
    const { late } = this;
    this.#waiting = false;
    this.#unanswered = 0;
    if (late) this.#options.onLate?.();
  }

  /** Whether it has not answered a question before the next look. */
  get late(): boolean {
    return this.#unanswered > 0;
  }

  #look(): void {
    if (!this.#waiting) {
      this.#waiting = true;
      return this.#options.ask();
    }
    this.#unanswered++;
    if (this.#unanswered === 1) this.#options.onLate?.();
    if (this.#unanswered < MOST_UNANSWERED) return;
    this[Symbol.dispose]();
    this.#options.onSilent();
  }

  /** Stops looking. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
