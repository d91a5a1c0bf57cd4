/**
 * The sessions with one server: as many as are used at a time, up to a limit, each used again.
 *
 * @module
 */
import { FtpkitError, InterruptedError } from "../../shared/errors.ts";
import type { Session } from "./session.ts";

/** How a pool works. */
export interface PoolOptions {
  /** Opens one session more. */
  readonly open: () => Promise<Session>;
  /** Sessions at a time, 1 or more. */
  readonly limit: number;
  /** The server lets fewer in than were asked for, and this is why. */
  readonly onFewer: (limit: number, error: FtpkitError) => void;
}

/** A session that is lent. Disposing it gives it back. */
export interface Lease extends Disposable {
  readonly session: Session;
}

/** The sessions with one server. Disposing it says goodbye in all that are not lent. */
export class SessionPool implements AsyncDisposable {
  readonly #options: PoolOptions;
  readonly #idle: Session[] = [];
  #limit: number;
  #lent = 0;
  #opening = 0;
  /** The server has refused one, while others are being opened. */
  #refusal: FtpkitError | undefined;
  #change = Promise.withResolvers<void>();

  /** Opens nothing yet. */
  constructor(options: PoolOptions) {
    this.#options = options;
    this.#limit = options.limit;
  }

  /**
   * Lends a session: an idle one, a new one, or the next that is given back. Where the server lets
   * no more in than there are, it goes on with those.
   *
   * @throws {FtpkitError} If there is no session and none can be opened.
   */
  async borrow(): Promise<Lease> {
    for (;;) {
      const idle = this.#takeIdle();
      if (idle !== undefined) return this.#lend(idle);
      if (!this.#mayOpen) {
        await this.#change.promise;
        continue;
      }
      const opened = await this.#open();
      if (opened !== undefined) return opened;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.trim(0);
  }

  /** Says goodbye in all idle sessions but so many. */
  async trim(rest: number): Promise<void> {
    await Promise.all(this.#idle.splice(rest).map((session) => session.close()));
  }

  /** Whether a session waits for something to do. */
  get hasIdle(): boolean {
    return this.#idle.some((session) => session.open);
  }

  /** Sessions that are lent or idle. */
  get live(): number {
    return this.#lent + this.#idle.length;
  }

  /** A login that is refused must be refused once, so the first session is opened alone. */
  get #mayOpen(): boolean {
    if (this.#refusal !== undefined || this.live + this.#opening >= this.#limit) return false;
    return this.live > 0 || this.#opening === 0;
  }

  #takeIdle(): Session | undefined {
    for (let session = this.#idle.pop(); session; session = this.#idle.pop()) {
      if (session.open) return session;
    }
    return undefined;
  }

  /** Opens one more, if the server lets it in or there is no other. */
  async #open(): Promise<Lease | undefined> {
    this.#opening++;
    try {
      return this.#lend(await this.#options.open());
    } catch (error) {
      const isRefusal = error instanceof FtpkitError && !(error instanceof InterruptedError);
      if (this.live === 0 || !isRefusal) throw error;
      this.#refusal = error;
      return undefined;
    } finally {
      this.#opening--;
      this.#shrink();
      this.#changed();
    }
  }

  /** What is still being opened may yet be let in. */
  #shrink(): void {
    const error = this.#refusal;
    if (error === undefined || this.#opening > 0) return;
    this.#refusal = undefined;
    this.#limit = Math.max(1, this.live);
    this.#options.onFewer(this.#limit, error);
  }

  #lend(session: Session): Lease {
    this.#lent++;
    return {
      session,
      [Symbol.dispose]: () => {
        this.#lent--;
        if (session.open) this.#idle.push(session);
        this.#changed();
      },
    };
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers<void>();
  }
}
