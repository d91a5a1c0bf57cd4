/**
 * Ends sessions that say nothing, those that do not log in, and those that last too long.
 *
 * @module
 */
import type { Session } from "../session/session.ts";

/** The longest that a timer can wait, in milliseconds: about 24 days. */
const LONGEST_WAIT = 2 ** 31 - 1;

/** Sessions that are looked at in a millisecond, all in all: a hundredth of what the thread could. */
const PACE = 100;

/**
 * Watches all sessions of a listener with one timer, which is set anew only when it fires, or a limit
 * becomes shorter. The time in which a command runs, such as a transfer, does not count.
 */
export class IdleWatch {
  readonly #sessions: ReadonlyMap<Session, unknown>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer fires. */
  #due = Infinity;

  /** Makes a watch that sleeps; `sessions` are those to watch, whoever comes and goes. */
  constructor(sessions: ReadonlyMap<Session, unknown>) {
    this.#sessions = sessions;
  }

  /** To be called when a session has come, or its limit has changed. */
  review(session: Session): void {
    this.#wake(earliest(deadlinesOf(session)));
  }

  /** To be called when a session has gone: without any there is no timer. */
  rest(): void {
    if (this.#sessions.size > 0) return;
    clearTimeout(this.#timer);
    this.#due = Infinity;
  }

  #wake(at: number): void {
    if (at >= this.#due) return;
    this.#due = at;
    clearTimeout(this.#timer);
    const wait = Math.max(0, Math.ceil(at - performance.now()));
    this.#timer = setTimeout(this.#look, Math.min(wait, LONGEST_WAIT));
  }

  readonly #look = (): void => {
    this.#due = Infinity;
    const now = performance.now();
    let next = Infinity;
    for (const session of this.#sessions.keys()) {
      const deadlines = deadlinesOf(session);
      const at = earliest(deadlines);
      if (at <= now) session.end(reasonOf(session, deadlines));
      else next = Math.min(next, at);
    }
    // Thousands of sessions do not keep the thread busy each time one is due.
    if (next < Infinity) this.#wake(Math.max(next, now + this.#sessions.size / PACE));
  };
}

/** When each limit of a session is reached, in milliseconds since the program began. */
interface Deadlines {
  readonly session: number;
  readonly login: number;
  readonly idle: number;
}

function deadlinesOf(session: Session): Deadlines {
  const { loginTimeout, sessionTimeout = Infinity } = session.host.config;
  const { busy, guestSince, idleTimeout, lastActive, started, state } = session;
  const now = performance.now();
  return {
    session: started + sessionTimeout,
    // The user may go at any moment (REIN), and then the time for the next one runs.
    login: (state.kind === "ready" ? now : guestSince) + loginTimeout,
    idle: (busy ? now : lastActive) + idleTimeout,
  };
}

function earliest({ session, login, idle }: Deadlines): number {
  return Math.min(session, login, idle);
}

/** What the client is told at the earliest one. */
function reasonOf(session: Session, deadlines: Deadlines): string {
  const { loginTimeout, sessionTimeout } = session.host.config;
  const at = earliest(deadlines);
  if (at === deadlines.session) return `No session lasts over ${seconds(sessionTimeout)}`;
  if (at === deadlines.login) return `No login within ${seconds(loginTimeout)}`;
  return `No command for ${seconds(session.idleTimeout)}`;
}

function seconds(milliseconds = 0): string {
  return `${milliseconds / 1000} s`;
}
