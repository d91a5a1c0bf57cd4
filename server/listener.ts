/**
 * The control port: takes connections and runs a session for each.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import { type Connection, listen, type Listener } from "../shared/connection.ts";
import type { Endpoint } from "../shared/endpoint.ts";
import { reasonOf } from "../shared/errors.ts";
import { log } from "../shared/log.ts";
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
  #next = 1;

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
        this.#serve(connection);
      } catch (error) {
        log.error(`cannot accept a connection: ${reasonOf(error)}`);
        await delay(EXHAUSTED_PAUSE);
      }
    }
  }

  #serve(connection: Connection): void {
    const session = new Session(this.#next++, { connection, host: this.#host });
    session.note(`from ${connection.remote.hostname}`);
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
    session.note("ended");
  }
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
