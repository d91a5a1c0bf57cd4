/**
 * Data connections: passive (EPSV, then PASV), or active (EPRT, then PORT) where it is asked for.
 *
 * Whatever address a reply names, a data connection goes to the control connection's server and
 * comes from it (RFC 2577 section 3): servers behind NAT tell wrong ones, hostile servers a third
 * host's.
 *
 * @module
 */
import { type Connection, formatTarget, listen, type Listener } from "../../shared/connection.ts";
import {
  formatEprt,
  formatPort,
  isIpv6,
  parseEpsvReply,
  parsePasvReply,
  unmapAddress,
} from "../../shared/endpoint.ts";
import {
  ConnectError,
  ProtocolError,
  reasonOf,
  ReplyError,
  systemReason,
  TimeoutError,
} from "../../shared/errors.ts";
import type { PortRange } from "../client_options.ts";
import { type Control, refused } from "./control.ts";
import { dial } from "./dial.ts";
import { askEpsv, type EarlyPort } from "./early_port.ts";
import type { Proxy } from "./proxy.ts";
import { type DataTls, SecureChannel } from "./secure_channel.ts";

/** What was learnt about a server and holds for its next sessions too. */
export interface ServerHabits {
  /** EPSV was refused, or led nowhere. */
  avoidEpsv: boolean;
  /** EPRT was refused. */
  avoidEprt: boolean;
}

/** How data connections are made. */
export interface DataOptions {
  /** The server connects to us. */
  readonly active: boolean;
  /** The ports for that. */
  readonly activePorts: PortRange | undefined;
  /** The one that the control connection goes through. */
  readonly proxy: Proxy | undefined;
  /** Milliseconds, in either direction. */
  readonly connectTimeout: number;
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /** What is known of the server; written to. */
  readonly habits: ServerHabits;
  /** What secures them; undefined: they are in the clear. */
  readonly tls?: DataTls | undefined;
  /** A port that was asked for already. */
  readonly early?: EarlyPort;
}

/** A data connection that has been agreed on. Disposing it closes whatever is open. */
export interface DataChannel extends Disposable {
  /**
   * The connection. Called once, after the transfer command was sent; inside TLS before its answer
   * is waited for, as some servers answer behind the handshake.
   *
   * @throws {ConnectError} If the server does not come in time, or the channel was closed.
   * @throws {CertificateError} If TLS shows that it is not the server.
   */
  connection(): Promise<Connection>;
  /** Ends the wait for the connection, and the connection. May be called twice. */
  close(): void;
}

/**
 * Agrees with the server on the next data connection.
 *
 * @param control The session's control connection.
 * @param options Mode and limits.
 * @returns The channel; in passive mode it is connected.
 * @throws {ConnectError} If no way leads to a connection.
 * @throws {ReplyError} If the server refuses every way.
 */
export async function openDataChannel(
  control: Control,
  options: DataOptions,
): Promise<DataChannel> {
  const channel = await openPlain(control, options);
  return options.tls === undefined ? channel : new SecureChannel(channel, options.tls);
}

async function openPlain(control: Control, options: DataOptions): Promise<DataChannel> {
  if (options.active) return await openActive(control, options);
  const connection = await openPassive(control, options);
  return {
    connection: () => Promise.resolve(connection),
    close: () => connection.close(),
    [Symbol.dispose]: () => connection.close(),
  };
}

async function openPassive(control: Control, options: DataOptions): Promise<Connection> {
  if (options.habits.avoidEpsv) return await openPasv(control, options);
  let fault: Error;
  try {
    return await openExtended(control, options);
  } catch (error) {
    // Refused for good, not understood, or a firewall that knows only PASV is in the way.
    if (!control.open || !(error instanceof Error) || !fallsBack(error)) throw error;
    fault = error;
  }
  try {
    const connection = await openPasv(control, options);
    options.habits.avoidEpsv = true;
    return connection;
  } catch (error) {
    // Where there is no PASV either, what was wrong with EPSV tells more.
    if (error instanceof ReplyError && !error.transient) throw fault;
    throw error;
  }
}

function fallsBack(error: Error): boolean {
  if (error instanceof ReplyError) return !error.transient;
  return error instanceof ProtocolError || error instanceof ConnectError;
}

/** RFC 2428 section 3. */
async function openExtended(control: Control, options: DataOptions): Promise<Connection> {
  const reply = options.early?.take() ?? await askEpsv(control, options.habits);
  if (reply.code >= 300) throw refused("open a data connection", { verb: "EPSV", reply });
  return await reach(control, { port: parseEpsvReply(reply.lines.join(" ")), options });
}

/** RFC 959 section 4.1.2, PASV. Of the address in the reply only the port counts. */
async function openPasv(control: Control, options: DataOptions): Promise<Connection> {
  const reply = await control.command("PASV");
  if (reply.code >= 300) throw refused("open a data connection", { verb: "PASV", reply });
  return await reach(control, { port: parsePasvReply(reply.lines.join(" ")).port, options });
}

async function reach(
  control: Control,
  way: { readonly port: number; readonly options: DataOptions },
): Promise<Connection> {
  const { signal, connectTimeout, proxy } = way.options;
  const target = { hostname: control.remote.hostname, port: way.port };
  try {
    return await dial(target, { signal, timeout: connectTimeout, proxy });
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    const reason = `Cannot open a data connection: ${reasonOf(error)}`;
    const Class = error instanceof TimeoutError ? TimeoutError : ConnectError;
    throw new Class(reason, { cause: error });
  }
}

async function openActive(control: Control, options: DataOptions): Promise<DataChannel> {
  const listener = listenOn(control.local.hostname, options.activePorts);
  try {
    await announce(control, { listener, habits: options.habits });
  } catch (error) {
    listener.close();
    throw error;
  }
  return new ActiveChannel(listener, { server: control.remote.hostname, options });
}

/** EPRT (RFC 2428 section 2), then PORT (RFC 959 section 4.1.2), which knows only IPv4. */
async function announce(
  control: Control,
  way: { readonly listener: Listener; readonly habits: ServerHabits },
): Promise<void> {
  const { local } = way.listener;
  if (!way.habits.avoidEprt) {
    const reply = await control.command("EPRT", formatEprt(local));
    if (reply.code < 300) return;
    if (reply.code < 500 || isIpv6(local.hostname)) {
      throw refused("open an active data connection", { verb: "EPRT", reply });
    }
    way.habits.avoidEprt = true;
  }
  const reply = await control.command("PORT", formatPort(local));
  if (reply.code >= 300) {
    throw refused("open an active data connection", { verb: "PORT", reply });
  }
}

function listenOn(hostname: string, range: PortRange | undefined): Listener {
  const { first, last } = range ?? { first: 0, last: 0 };
  const where = `Cannot listen on ${range === undefined ? "any port" : `ports ${first}-${last}`}`;
  const count = last - first + 1;
  // A random start keeps several transfers at once from trying the same ports in turn.
  const start = Math.floor(Math.random() * count);
  for (let step = 0; step < count; step++) {
    try {
      return listen({ hostname, port: first + (start + step) % count });
    } catch (error) {
      if (error instanceof Deno.errors.AddrInUse) continue;
      throw new ConnectError(`${where}: ${systemReason(error)}`, { cause: error });
    }
  }
  throw new ConnectError(`${where}: all are in use`);
}

class ActiveChannel implements DataChannel {
  readonly #listener: Listener;
  readonly #server: string;
  readonly #options: DataOptions;
  #connection: Connection | undefined;
  #late = false;

  constructor(
    listener: Listener,
    way: { readonly server: string; readonly options: DataOptions },
  ) {
    this.#listener = listener;
    this.#server = way.server;
    this.#options = way.options;
  }

  async connection(): Promise<Connection> {
    const { signal } = this.#options;
    const close = (): void => this.#listener.close();
    const expire = (): void => {
      this.#late = true;
      close();
    };
    const timer = setTimeout(expire, this.#limit);
    signal.addEventListener("abort", close);
    try {
      return await this.#acceptServer();
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", close);
      close();
    }
  }

  /** Inside TLS the wait begins before the server has answered the command. */
  get #limit(): number {
    const { tls, connectTimeout } = this.#options;
    return tls?.timeout ?? connectTimeout;
  }

  async #acceptServer(): Promise<Connection> {
    for (;;) {
      const connection = await this.#accept();
      if (connection === null) throw this.#reason();
      if (connection.remote.hostname === unmapAddress(this.#server)) {
        return this.#connection = connection;
      }
      connection.close(); // a stranger: the server may still come
    }
  }

  async #accept(): Promise<Connection | null> {
    try {
      return await this.#listener.accept();
    } catch (error) {
      const message = `Cannot take the server's connection: ${systemReason(error)}`;
      throw new ConnectError(message, { cause: error });
    }
  }

  #reason(): Error {
    const { signal } = this.#options;
    if (signal.aborted) return signal.reason;
    const where = `The server did not connect to ${formatTarget(this.#listener.local)}`;
    if (!this.#late) return new ConnectError(where);
    return new TimeoutError(`${where} within ${this.#limit / 1000} s`);
  }

  close(): void {
    this.#listener.close();
    this.#connection?.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
