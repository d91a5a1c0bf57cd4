/**
 * Ends sessions that say nothing, those that do not log in, and those that last too long.
 *
 * @module
 */
import type { Session } from "./session.ts";

/** The longest that a timer can wait, in milliseconds: about 24 days. */
const LONGEST_WAIT = 2 ** 31 - 1;

/**
 * Watches one session. The timer is set anew only when it fires, or the session's limit changes; it
 * does not count the time in which a command runs, such as a transfer.
 */
export class IdleTimer implements Disposable {
  readonly #session: Session;
  readonly #onIdle: (reason: string) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #limit: number;

  /**
   * Starts watching.
   *
   * @param session Whom.
   * @param onIdle Called once, with the reason, when the session has to end.
   */
  constructor(session: Session, onIdle: (reason: string) => void) {
    this.#session = session;
    this.#onIdle = onIdle;
    this.#limit = session.idleTimeout;
    this.#check();
  }

  /** To be called behind each command: it may have changed how long the client may be idle. */
  review(): void {
    if (this.#limit === this.#session.idleTimeout) return;
    this.#limit = this.#session.idleTimeout;
    clearTimeout(this.#timer);
    this.#check();
  }

  readonly #check = (): void => {
    const { loginTimeout, sessionTimeout } = this.#session.host.config;
    const { busy, guestSince, idleTimeout, lastActive, started, state } = this.#session;
    const left = (since: number, limit: number): number => since + limit - performance.now();
    const sessionLeft = left(started, sessionTimeout ?? Infinity);
    // The user may go at any moment (REIN), and then the time for the next one runs.
    const loginLeft = state.kind === "ready" ? loginTimeout : left(guestSince, loginTimeout);
    const idleLeft = busy ? idleTimeout : left(lastActive, idleTimeout);
    if (sessionLeft <= 0) return this.#onIdle(`No session lasts over ${seconds(sessionTimeout)}`);
    if (loginLeft <= 0) return this.#onIdle(`No login within ${seconds(loginTimeout)}`);
    if (idleLeft <= 0) return this.#onIdle(`No command for ${seconds(idleTimeout)}`);
    this.#wait(Math.min(sessionLeft, loginLeft, idleLeft));
  };

  #wait(milliseconds: number): void {
    this.#timer = setTimeout(this.#check, Math.min(Math.ceil(milliseconds), LONGEST_WAIT));
  }

  /** Stops watching. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

function seconds(milliseconds = 0): string {
  return `${milliseconds / 1000} s`;
}
