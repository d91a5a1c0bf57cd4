/**
 * The control port: takes connections and runs a session for each.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import { type Connection, type Listener, writeAll } from "../../shared/connection.ts";
import type { Endpoint } from "../../shared/endpoint.ts";
import { ProtocolError, reasonOf, TlsError } from "../../shared/errors.ts";
import { log } from "../../shared/log.ts";
import { inNetwork, type Network, parseNetwork } from "../../shared/network.ts";
import { encodeReply } from "../../shared/reply.ts";
import { reply } from "../../shared/reply_code.ts";
import type { Admission } from "../admission/authority.ts";
import { COMMANDS } from "../commands/commands.ts";
import { runSession } from "./control_loop.ts";
import { IdleWatch } from "./idle_watch.ts";
import { type Arrival, readProxyHeader } from "./proxied_connection.ts";
import { Session } from "../session/session.ts";
import type { SessionHost } from "../session/session_host.ts";

/** Milliseconds to wait when the system has no more file descriptors for another connection. */
const EXHAUSTED_PAUSE = 100;

/**
 * Connections whose admission is not decided yet: more of them wait in the system's queue, where they
 * take no descriptor.
 */
const MOST_UNDECIDED = 64;

/** Milliseconds for a balancer to send its header. */
const PROXY_HEADER_TIME = 5000;

/** What a balancer is told that does not say whose connection it passes on. */
const NO_HEADER = "No valid PROXY header";

/** A listening server that owns its port and its sessions. */
export class ControlListener {
  #host: SessionHost;
  #trusted: readonly Network[];
  readonly #listener: Listener;
  readonly #implicit: boolean;
  readonly #sessions = new Map<Session, Promise<void>>();
  readonly #arriving = new Set<Promise<void>>();
  #undecided = 0;
  #decided = Promise.withResolvers<void>();
  readonly #idle = new IdleWatch(this.#sessions);
  readonly #accepting: Promise<void>;

  /**
   * Starts taking connections.
   *
   * @param host What the sessions share.
   * @param listener The control port, which is its own from now on.
   * @param options Whether TLS begins with the first byte.
   */
  constructor(
    host: SessionHost,
    listener: Listener,
    options: { readonly implicit?: boolean } = {},
  ) {
    this.#host = host;
    this.#implicit = options.implicit ?? false;
    this.#trusted = host.config.trustedProxies.map(parseNetwork);
    this.#listener = listener;
    this.#accepting = this.#accept();
    host.stopping.addEventListener("abort", () => this.#endAll(), { once: true });
  }

  /** Address and port it listens on. */
  get local(): Endpoint {
    return this.#listener.local;
  }

  /** What new sessions share from now on. */
  use(host: SessionHost): void {
    this.#host = host;
    this.#trusted = host.config.trustedProxies.map(parseNetwork);
  }

  /** Takes no more connections; resolves when the port is closed. */
  async close(): Promise<void> {
    this.#listener.close();
    await this.#accepting;
  }

  /** Resolves when no session is left, once the port is closed. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#arriving);
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

  /** No new command in any of them; a transfer that runs may finish. */
  #endAll(): void {
    for (const session of this.#sessions.keys()) session.end("The server is stopping");
  }

  #cutAll(): void {
    for (const session of this.#sessions.keys()) session.cut("The server has stopped");
  }

  async #accept(): Promise<void> {
    let exhausted = false;
    for (;;) {
      try {
        while (this.#undecided >= MOST_UNDECIDED) await this.#decided.promise;
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
    const address = accepted.remote.hostname;
    try {
      const arrival = await this.#arrive(accepted);
      if (arrival === undefined) return;
      const admission = await this.#decide(arrival.connection.remote.hostname);
      if (admission.kind === "turned-away") return await this.#refuse(accepted, admission.reason);
      if (stopping.aborted) {
        authority.ended(admission.session);
        return await this.#refuse(accepted, "The server is stopping");
      }
      const connection = await this.#secured(arrival.connection, admission.session);
      if (connection === undefined) return;
      this.#begin(admission.session, { ...arrival, connection });
      owned.move();
    } catch (error) {
      if (!(error instanceof ProtocolError)) {
        return log.error(`connection from ${address} not admitted: ${reasonOf(error)}`);
      }
      log.warning(`connection from the trusted proxy ${address} refused: ${error.message}`);
      await turnAway(accepted, NO_HEADER);
    }
  }

  async #decide(address: string): Promise<Admission> {
    this.#undecided++;
    try {
      return await this.#host.authority.admit(address);
    } finally {
      this.#undecided--;
      this.#decided.resolve();
      this.#decided = Promise.withResolvers();
    }
  }

  /** From a trusted proxy, and only from there, the first thing that comes is a PROXY header. */
  async #arrive(connection: Connection): Promise<Arrival | undefined> {
    const { local, remote } = connection;
    if (!this.#trusted.some((network) => inNetwork(network, remote.hostname))) {
      return { connection, reached: local.hostname };
    }
    const { config: { loginTimeout }, stopping } = this.#host;
    const timeout = Math.min(loginTimeout, PROXY_HEADER_TIME);
    const giveUp = (): void => {
      turnAway(connection, NO_HEADER).finally(() => connection.close());
    };
    return await readProxyHeader(connection, { signal: stopping, timeout, giveUp });
  }

  /** Whoever waits for TLS could not read a reply in the clear. */
  async #refuse(connection: Connection, reason: string): Promise<void> {
    if (!this.#implicit) await turnAway(connection, reason);
  }

  /** The connection of an admitted session, inside TLS where that comes first. */
  async #secured(connection: Connection, session: number): Promise<Connection | undefined> {
    if (!this.#implicit) return connection;
    const { authority, config, stopping: signal, tls } = this.#host;
    try {
      if (tls === undefined) throw new TlsError("There is no certificate");
      const timeout = config.loginTimeout;
      return await tls.secure(connection, { signal, timeout, purpose: "control" });
    } catch (error) {
      authority.ended(session);
      log.info(`connection from ${connection.remote.hostname} not secured: ${reasonOf(error)}`);
      return undefined;
    }
  }

  #begin(id: number, { connection, reached }: Arrival): void {
    const session = new Session(id, { connection, reached, host: this.#host });
    this.#sessions.set(session, this.#run(session));
    this.#idle.review(session);
  }

  async #run(session: Session): Promise<void> {
    try {
      await runSession(session, { commands: COMMANDS, idle: this.#idle });
    } catch (error) {
      log.error(`session ${session.id} failed: ${error instanceof Error ? error.stack : error}`);
    }
    this.#sessions.delete(session);
    this.#idle.rest();
    session[Symbol.dispose]();
    session.host.ports.release(session);
    // Last: the supervisor itself tells the end of a session that it knows when a worker dies.
    session.host.authority.ended(session.id);
  }
}

/** One line, and gone. */
async function turnAway(connection: Connection, reason: string): Promise<void> {
  const line = new TextEncoder().encode(encodeReply(reply("closing", reason)));
  await writeAll(connection, line).catch(() => {}); // the client closed first
}
