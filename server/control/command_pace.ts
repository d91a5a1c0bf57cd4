/**
 * Slows a client that gives more commands a second than it may; nothing is refused or lost.
 *
 * @module
 */
import { delay } from "@std/async/delay";

/** Where a pace gets its time from. */
export interface PaceClock {
  /** Milliseconds since some moment; never goes back. */
  now(): number;
  /** Resolves later. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

const systemClock: PaceClock = {
  now: () => performance.now(),
  sleep: (milliseconds, signal) => delay(milliseconds, { signal }),
};

/**
 * A second's worth of commands may come at once; beyond that they are taken at the steady rate.
 *
 * @example Usage
 * ```ts
 * import { CommandPace } from "./command_pace.ts";
 * const pace = new CommandPace(2);
 * if (pace.take() !== 0 || pace.take() !== 0) throw new Error("unexpected");
 * if (pace.take() <= 0) throw new Error("unexpected");
 * ```
 */
export class CommandPace {
  readonly #perSecond: number;
  readonly #clock: PaceClock;
  #credit: number;
  #creditAt: number;

  /**
   * Makes a pace.
   *
   * @param perSecond Commands per second, at least 1.
   * @param clock Measures time; the system's unless given.
   */
  constructor(perSecond: number, clock: PaceClock = systemClock) {
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#credit = perSecond;
    this.#creditAt = clock.now();
  }

  /**
   * Counts a command.
   *
   * @returns Milliseconds that it has to wait; 0: it may run now.
   */
  take(): number {
    const now = this.#clock.now();
    const earned = (now - this.#creditAt) * this.#perSecond / 1000;
    this.#credit = Math.min(this.#perSecond, this.#credit + earned) - 1;
    this.#creditAt = now;
    return this.#credit >= 0 ? 0 : -this.#credit * 1000 / this.#perSecond;
  }

  /**
   * Counts a command and waits until it may run.
   *
   * @param signal Ends the wait.
   * @throws The signal's reason when it aborts.
   */
  async wait(signal: AbortSignal): Promise<void> {
    const pause = this.take();
    if (pause > 0) await this.#clock.sleep(pause, signal);
  }
}
