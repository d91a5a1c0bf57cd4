/**
 * The port of a transfer that is about to come, asked for together with something else: of many small
 * files each takes one answer less to wait for.
 *
 * @module
 */
import type { Reply } from "../shared/reply.ts";
import type { Control } from "./control.ts";

/** Milliseconds for which an answer is good: servers do not wait for ever on a port. */
const LIFETIME = 1000;

/** The answer to an EPSV (RFC 2428 section 3) that was sent before its transfer. One a session. */
export class EarlyPort {
  readonly #control: Pick<Control, "command">;
  readonly #lifetime: number;
  #reply: Reply | undefined;
  #end = 0;

  /** Asks for nothing yet; `lifetime` is in milliseconds. */
  constructor(control: Pick<Control, "command">, lifetime: number = LIFETIME) {
    this.#control = control;
    this.#lifetime = lifetime;
  }

  /**
   * Asks, in one piece with what is sent in the same turn.
   *
   * @throws {ConnectError} If the connection is lost.
   * @throws {ReplyError} If the server ends the session: 421.
   */
  async ask(): Promise<void> {
    this.#reply = undefined;
    this.#reply = await this.#control.command("EPSV");
    this.#end = performance.now() + this.#lifetime;
  }

  /** The answer, where there is one that is still good, for one transfer. */
  take(): Reply | undefined {
    const reply = performance.now() < this.#end ? this.#reply : undefined;
    this.#reply = undefined;
    return reply;
  }
}
