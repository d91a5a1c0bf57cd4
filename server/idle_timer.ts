/**
 * Ends sessions that say nothing, and those that do not log in.
 *
 * @module
 */
import type { Session } from "./session.ts";

/**
 * Watches one session. The timer is set anew only when it fires; it rests while a transfer runs.
 */
export class IdleTimer implements Disposable {
  readonly #session: Session;
  readonly #onIdle: (reason: string) => void;
  readonly #started = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Starts watching.
   *
   * @param session Whom.
   * @param onIdle Called once, with the reason, when the session has to end.
   */
  constructor(session: Session, onIdle: (reason: string) => void) {
    this.#session = session;
    this.#onIdle = onIdle;
    this.#check();
  }

  readonly #check = (): void => {
    const { config } = this.#session.host;
    const now = performance.now();
    const loggedIn = this.#session.state.kind === "ready";
    const idleLeft = this.#session.lastActive + config.idleTimeout - now;
    const loginLeft = this.#started + config.loginTimeout - now;
    if (!loggedIn && loginLeft <= 0) {
      return this.#onIdle(`No login within ${config.loginTimeout / 1000} s`);
    }
    if (this.#session.transfer !== undefined) return this.#wait(config.idleTimeout);
    if (idleLeft <= 0) return this.#onIdle(`No command for ${config.idleTimeout / 1000} s`);
    this.#wait(loggedIn ? idleLeft : Math.min(idleLeft, loginLeft));
  };

  #wait(milliseconds: number): void {
    this.#timer = setTimeout(this.#check, Math.ceil(milliseconds));
  }

  /** Stops watching. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
