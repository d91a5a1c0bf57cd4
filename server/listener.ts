/**
 * The control port: takes connections and runs a session for each.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import { type Connection, listen, type Listener, writeAll } from "../shared/connection.ts";
import type { Endpoint } from "../shared/endpoint.ts";
import { reasonOf } from "../shared/errors.ts";
import { log } from "../shared/log.ts";
import { encodeReply } from "../shared/reply.ts";
import { reply } from "../shared/reply_code.ts";
import { COMMANDS } from "./commands/commands.ts";
import { runSession } from "./control_loop.ts";
import { Session, type SessionHost } from "./session.ts";

/** Milliseconds to wait when the system has no more file descriptors for another connection. */
const EXHAUSTED_PAUSE = 100;

/** A listening server that owns its port and its sessions. */
export class ControlListener {
  readonly #host: SessionHost;
  readonly #listener: Listener;
  readonly #sessions = new Map<Session, Promise<void>>();
  readonly #accepting: Promise<void>;

  /**
   * Starts listening.
   *
   * @param host What the sessions share.
   * @throws {Error} As the system says: `AddrInUse`, `PermissionDenied`.
   */
  constructor(host: SessionHost) {
    this.#host = host;
    this.#listener = listenWhere(host.config);
    this.#accepting = this.#accept();
  }

  /** Address and port it listens on. */
  get local(): Endpoint {
    return this.#listener.local;
  }

  /**
   * Stops: no new session; those that run are ended by the host's `stopping` signal, which the caller
   * aborts, and cut when `drain` is over.
   *
   * @param drain Milliseconds for running transfers.
   */
  async stop(drain: number): Promise<void> {
    this.#listener.close();
    await this.#accepting;
    const ended = Promise.allSettled(this.#sessions.values());
    const cut = setTimeout(() => this.#cutAll(), drain);
    await ended;
    clearTimeout(cut);
  }

  #cutAll(): void {
    for (const session of this.#sessions.keys()) session.cut("The server has stopped");
  }

  async #accept(): Promise<void> {
    for (;;) {
      try {
        const connection = await this.#listener.accept();
        if (connection === null) return;
        this.#admit(connection).catch((error) => log.error(`not admitted: ${reasonOf(error)}`));
      } catch (error) {
        log.error(`cannot accept a connection: ${reasonOf(error)}`);
        await delay(EXHAUSTED_PAUSE);
      }
    }
  }

  async #admit(connection: Connection): Promise<void> {
    const admission = await this.#host.authority.admit(connection.remote.hostname);
    if (admission.kind === "turned-away") return turnAway(connection, admission.reason);
    const session = new Session(admission.session, { connection, host: this.#host });
    const ended = this.#run(session).finally(() => this.#sessions.delete(session));
    this.#sessions.set(session, ended);
  }

  async #run(owned: Session): Promise<void> {
    using session = owned;
    try {
      await runSession(session, COMMANDS);
    } catch (error) {
      log.error(`session ${session.id} failed: ${error instanceof Error ? error.stack : error}`);
    }
    this.#host.authority.ended(session.id);
  }
}

/** One line, and gone: nobody waits for a client that does not read it. */
function turnAway(connection: Connection, reason: string): void {
  const line = new TextEncoder().encode(encodeReply(reply("closing", reason)));
  writeAll(connection, line)
    .catch(() => {})
    .finally(() => connection.close());
}

/** Without an address: all interfaces, IPv4 alone where the machine has no IPv6. */
function listenWhere(
  { host, port }: { readonly host: string | undefined; readonly port: number },
): Listener {
  if (host !== undefined) return listen({ hostname: host, port });
  try {
    return listen({ hostname: "::", port });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse || error instanceof Deno.errors.PermissionDenied) {
      throw error;
    }
    return listen({ hostname: "0.0.0.0", port });
  }
}
