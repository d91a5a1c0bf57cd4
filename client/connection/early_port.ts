/**
 * The port of a transfer that is about to come, asked for together with something else: of many small
 * files each takes one answer less to wait for.
 *
 * @module
 */
import { isIpv6 } from "../../shared/endpoint.ts";
import { TimeoutError } from "../../shared/errors.ts";
import type { Reply } from "../../shared/reply.ts";
import type { Control } from "./control.ts";
import type { ServerHabits } from "./data_channel.ts";

/** What of a control connection is needed here. */
type Asked = Pick<Control, "command" | "open" | "remote">;

/**
 * Asks for a port (RFC 2428 section 3).
 *
 * @param control Whom.
 * @param habits Written to: of a server that never answers it the next session asks no more; PASV
 * knows only IPv4.
 * @returns The answer, also where it refuses.
 * @throws {ConnectError} If the connection is lost, or no answer comes in time.
 * @throws {ReplyError} If the server ends the session: 421.
 */
export async function askEpsv(control: Asked, habits: ServerHabits): Promise<Reply> {
  try {
    return await control.command("EPSV");
  } catch (error) {
    const isUnanswered = !control.open && error instanceof TimeoutError;
    if (isUnanswered && !isIpv6(control.remote.hostname)) habits.avoidEpsv = true;
    throw error;
  }
}

/** Milliseconds for which an answer is good: servers do not wait for ever on a port. */
const LIFETIME = 1000;

/** The answer to an EPSV that was sent before its transfer. One a session. */
export class EarlyPort {
  readonly #control: Asked;
  readonly #lifetime: number;
  #reply: Reply | undefined;
  #end = 0;

  /** Asks for nothing yet; `lifetime` is in milliseconds. */
  constructor(control: Asked, lifetime: number = LIFETIME) {
    this.#control = control;
    this.#lifetime = lifetime;
  }

  /**
   * Asks, in one piece with what is sent in the same turn, unless there is an answer already.
   *
   * @param habits As of {@linkcode askEpsv}.
   * @throws {ConnectError} If the connection is lost.
   * @throws {ReplyError} If the server ends the session: 421.
   */
  async ask(habits: ServerHabits): Promise<void> {
    if (this.#fresh !== undefined) return;
    this.#reply = await askEpsv(this.#control, habits);
    this.#end = performance.now() + this.#lifetime;
  }

  /** The answer, where there is one that is still good, for one transfer. */
  take(): Reply | undefined {
    const reply = this.#fresh;
    this.#reply = undefined;
    return reply;
  }

  get #fresh(): Reply | undefined {
    return performance.now() < this.#end ? this.#reply : undefined;
  }
}
