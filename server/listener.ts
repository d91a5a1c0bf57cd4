/**
 * The control port: takes connections and runs a session for each.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import { type Connection, type Listener, writeAll } from "../shared/connection.ts";
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
  #host: SessionHost;
  readonly #listener: Listener;
  readonly #sessions = new Map<Session, Promise<void>>();
  readonly #arriving = new Set<Promise<void>>();
  readonly #accepting: Promise<void>;

  /**
   * Starts taking connections.
   *
   * @param host What the sessions share.
   * @param listener The control port, which is its own from now on.
   */
  constructor(host: SessionHost, listener: Listener) {
    this.#host = host;
    this.#listener = listener;
    this.#accepting = this.#accept();
  }

  /** Address and port it listens on. */
  get local(): Endpoint {
    return this.#listener.local;
  }

  /** What new sessions share from now on. */
  use(host: SessionHost): void {
    this.#host = host;
  }

  /** Takes no more connections; resolves when those that came before are sessions. */
  async close(): Promise<void> {
    this.#listener.close();
    await this.#accepting;
    await Promise.allSettled(this.#arriving);
  }

  /** Resolves when no session is left; new ones must not come any more. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#sessions.values());
  }

  /**
   * Stops: no new session; those that run are ended by the host's `stopping` signal, which the caller
   * aborts, and cut when `drain` is over.
   *
   * @param drain Milliseconds for running transfers.
   */
  async stop(drain: number): Promise<void> {
    await this.close();
    const cut = setTimeout(() => this.#cutAll(), drain);
    await this.ended();
    clearTimeout(cut);
  }

  #cutAll(): void {
    for (const session of this.#sessions.keys()) session.cut("The server has stopped");
  }

  async #accept(): Promise<void> {
    let exhausted = false;
    for (;;) {
      try {
        const connection = await this.#listener.accept();
        if (connection === null) return;
        exhausted = false;
        const arriving = this.#admit(connection).finally(() => this.#arriving.delete(arriving));
        this.#arriving.add(arriving);
      } catch (error) {
        // Once is enough: it may stay so for long.
        if (!exhausted) log.error(`cannot accept a connection: ${reasonOf(error)}`);
        exhausted = true;
        await delay(EXHAUSTED_PAUSE);
      }
    }
  }

  /** Until a session owns the connection, every way out of here closes it. */
  async #admit(accepted: Connection): Promise<void> {
    using owned = new DisposableStack();
    owned.use(accepted);
    const { authority, stopping } = this.#host;
    try {
      const admission = await authority.admit(accepted.remote.hostname);
      if (admission.kind === "turned-away") return await turnAway(accepted, admission.reason);
      if (stopping.aborted) {
        authority.ended(admission.session);
        return await turnAway(accepted, "The server is stopping");
      }
      this.#begin(admission.session, accepted);
      owned.move();
    } catch (error) {
      log.error(`connection from ${accepted.remote.hostname} not admitted: ${reasonOf(error)}`);
    }
  }

  #begin(id: number, connection: Connection): void {
    const session = new Session(id, { connection, host: this.#host });
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
    session.host.authority.ended(session.id);
  }
}

/** One line, and gone. */
async function turnAway(connection: Connection, reason: string): Promise<void> {
  const line = new TextEncoder().encode(encodeReply(reply("closing", reason)));
  await writeAll(connection, line).catch(() => {}); // the client closed first
}
