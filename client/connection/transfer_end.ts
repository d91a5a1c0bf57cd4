/**
 * How a transfer ends on the control connection: its final reply, or our ABOR.
 *
 * @module
 */
import { TimeoutError } from "../../shared/errors.ts";
import type { Reply } from "../../shared/reply.ts";
import { TimeLimit } from "../../shared/time_limit.ts";
import type { Control } from "./control.ts";
import type { KeepAlive } from "./keep_alive.ts";
import { synchronise } from "./synchronise.ts";

/** How long the answer to ABOR is waited for, in milliseconds. */
const ABORT_GRACE = 1000;

/**
 * ABOR before an upload that is given up closes its data connection: in plain FTP that close looks
 * like the end of a whole file (RFC 959 section 4.1.3).
 */
export class Abort implements Disposable {
  readonly #control: Control;
  readonly #outcome: Outcome;
  readonly #isUpload: boolean;
  #said: Promise<void> | undefined;

  /** Nothing is said until it has to be. */
  constructor(
    control: Control,
    about: { readonly outcome: Outcome; readonly isUpload: boolean },
  ) {
    this.#control = control;
    this.#outcome = about.outcome;
    this.#isUpload = about.isUpload;
    if (about.isUpload) control.farewell = () => this.say();
  }

  /** Resolves when what was said has been answered, or nothing was. */
  get said(): Promise<void> {
    return this.#said ?? Promise.resolve();
  }

  /** Tells the server of an upload, and waits a little for its answer. */
  say(): Promise<void> {
    if (!this.#isUpload || !this.#control.open) return Promise.resolve();
    return this.#said ??= this.#tell();
  }

  /**
   * Called when the data connection is closed. Where only the transfer was cancelled, and not the
   * session, the server is told and the session made fit for the next command; else it is over.
   */
  async leave(
    ended: { readonly transfer: AbortSignal; readonly session: AbortSignal },
  ): Promise<void> {
    await this.said;
    if (!ended.transfer.aborted || ended.session.aborted) {
      // An answer to ABOR may still be on its way, which no later command must take for its own.
      if (this.#said !== undefined) this.#control.close();
      return;
    }
    if (this.#said === undefined) await this.#tell();
    if (this.#control.open) await synchronise(this.#control);
  }

  async #tell(): Promise<void> {
    try {
      await this.#control.send("ABOR");
      await this.#outcome.settled(ABORT_GRACE);
    } catch {
      // The server is gone: it will find out by itself.
    }
  }

  /** From here on the session says no farewell. */
  [Symbol.dispose](): void {
    this.#control.farewell = undefined;
  }
}

/** The final reply, which is read while the data moves. */
export class Outcome implements Disposable {
  readonly #control: Control;
  readonly #keepAlive: KeepAlive;
  readonly #final: Promise<Reply>;
  #preliminary = Promise.withResolvers<void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #over = false;

  /** `first` is the final reply where the server leaves the preliminary one out. */
  constructor(
    session: { readonly control: Control; readonly keepAlive: KeepAlive },
    first: Reply,
  ) {
    this.#control = session.control;
    this.#keepAlive = session.keepAlive;
    this.#final = first.code >= 200 ? Promise.resolve(first) : this.#wait();
  }

  /** Until it comes the control connection would be silent. */
  async #wait(): Promise<Reply> {
    this.#keepAlive.start();
    try {
      for (;;) {
        const reply = await this.#control.reply(Infinity);
        if (reply.code < 200) this.#preliminary.resolve();
        else if (!this.#keepAlive.takes(reply)) {
          this.#keepAlive.answers(reply);
          return reply;
        }
      }
    } finally {
      this.#keepAlive.stop();
    }
  }

  /** Calls `stop` so many milliseconds after the server has given the transfer up, or is gone. */
  onFailure(stop: () => void, delay: () => number): void {
    const failed = (): void => {
      if (!this.#over) this.#timer = setTimeout(stop, delay());
    };
    this.#final.then((reply) => reply.code >= 300 && failed(), failed);
  }

  /** Waits for it, now that the data has ended, at most so many milliseconds. */
  async reply(limit: number): Promise<Reply> {
    using _limit = new TimeLimit(limit, () => {
      const message = `No final reply within ${limit / 1000} s after the data`;
      this.#control.abandon(new TimeoutError(message));
    });
    return await this.#final;
  }

  /**
   * Waits for it, now that the data connection was closed from here. Pure-FTPd says only a 150 to
   * that and goes on with the next command, so there the answer to PWD is the final reply.
   */
  async replyToClose(limit: number): Promise<Reply> {
    this.#keepAlive.expectStrays();
    this.#preliminary = Promise.withResolvers<void>();
    const notice = this.#preliminary.promise.then(() => this.#keepAlive.ask());
    await Promise.race([notice, this.reply(limit)]);
    return await this.reply(limit);
  }

  /** Waits until it has come or cannot come any more, at most so many milliseconds. */
  async settled(limit: number): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, limit);
    await Promise.race([this.#final.then(() => {}, () => {}), late]);
    clearTimeout(timer);
  }

  /** Stops waiting for a failure. */
  [Symbol.dispose](): void {
    this.#over = true;
    this.#keepAlive.stop();
    clearTimeout(this.#timer);
  }
}
