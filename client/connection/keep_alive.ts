/**
 * NOOP while a long transfer runs, since firewalls forget control connections that are silent; and
 * which replies behind a transfer nobody must take for his own.
 *
 * Servers answer NOOP at once, or only behind the final reply of the transfer (vsftpd), or never. So
 * the answers are told apart by their codes while the transfer runs, and what is still owed behind
 * it is passed over up to the answer to a PWD.
 *
 * @module
 */
import { ProtocolError } from "../../shared/errors.ts";
import type { Reply } from "../../shared/reply.ts";
import { TimeLimit } from "../../shared/time_limit.ts";
import type { Control } from "./control.ts";

/** Milliseconds between two of them: well below what the most forgetful firewalls keep. */
export const KEEP_ALIVE_INTERVAL = 30_000;

/** How long the answer to PWD is waited for, in milliseconds; the session is given up then. */
const PATIENCE = 5000;

/** Replies behind a transfer that answer neither a NOOP nor the PWD, such as 226 behind 426. */
const MOST_STRAYS = 10;

/** The NOOPs of one session. */
export class KeepAlive {
  readonly #control: Control;
  readonly #interval: number;
  #limit: TimeLimit | undefined;
  /** How many have no answer yet. */
  #owed = 0;
  #refused = false;
  /** How many PWDs have no answer yet. */
  #asked = 0;
  /** More than the final reply may come behind a transfer. */
  #strays = false;

  /** Sends nothing yet; `interval` is in milliseconds. */
  constructor(control: Control, interval: number = KEEP_ALIVE_INTERVAL) {
    this.#control = control;
    this.#interval = interval;
  }

  /** A transfer runs; ends with {@linkcode KeepAlive.stop}. */
  start(): void {
    if (!this.#refused) this.#limit = new TimeLimit(this.#interval, () => this.#say());
  }

  /** The transfer's final reply has come, or nobody waits for it any more. May be called twice. */
  stop(): void {
    this.#limit?.[Symbol.dispose]();
  }

  /**
   * Takes the answer to a NOOP (RFC 959 section 5.4: 200, 500; others say 501 to 503), none of which
   * ends a transfer that has begun.
   *
   * @param reply What came while a transfer runs.
   * @returns Whether it is one.
   */
  takes(reply: Reply): boolean {
    const isAnswer = reply.code === 200 || (reply.code >= 500 && reply.code <= 503);
    if (this.#owed === 0 || !isAnswer) return false;
    this.#owed--;
    if (reply.code === 200) return true;
    this.#refused = true;
    this.stop();
    return true;
  }

  /** The transfer was ended from here: there may be two replies to that, or none. */
  expectStrays(): void {
    this.#strays = true;
  }

  /** Asks for the working directory: what comes before the answer belongs to what was before. */
  async ask(): Promise<void> {
    this.#asked++;
    await this.#control.send("PWD");
  }

  /**
   * Takes the answer to {@linkcode KeepAlive.ask}: only PWD is answered with 257 (RFC 959 section
   * 5.4).
   *
   * @param reply What came.
   * @returns Whether it is one.
   */
  answers(reply: Reply): boolean {
    if (this.#asked === 0 || reply.code !== 257) return false;
    this.#asked--;
    if (this.#asked > 0) return true;
    this.#owed = 0;
    this.#strays = false;
    return true;
  }

  /**
   * Called behind a transfer, so that no answer that is still to come is taken for the next
   * command's. Where the server does not answer PWD the session is closed; the transfer counts.
   */
  async settle(): Promise<void> {
    const isSettled = this.#owed === 0 && this.#asked === 0 && !this.#strays;
    if (isSettled || !this.#control.open) return;
    try {
      await this.#synchronise();
    } catch (error) {
      if (this.#control.open) throw error;
    }
  }

  async #synchronise(): Promise<void> {
    if (this.#asked === 0) await this.ask();
    for (let left = this.#owed + MOST_STRAYS; left > 0; left--) {
      const reply = await this.#control.reply(PATIENCE);
      if (this.answers(reply) && this.#asked === 0) return;
      if (!this.takes(reply) && reply.code >= 500) break;
    }
    this.#control.abandon(new ProtocolError("The server does not answer PWD behind a transfer"));
  }

  #say(): void {
    if (!this.#control.open) return;
    this.start();
    this.#owed++;
    // Where it cannot be sent the connection is lost, which the transfer learns by itself.
    this.#control.send("NOOP").catch(() => {});
  }
}
