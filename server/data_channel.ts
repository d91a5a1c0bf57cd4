/**
 * The way to a data connection: passive and active behind one interface.
 *
 * @module
 */
import { connect, type Connection, type Listener } from "../shared/connection.ts";
import { Deadline } from "../shared/deadline.ts";
import type { Endpoint } from "../shared/endpoint.ts";
import { ConnectError, reasonOf, TimeoutError } from "../shared/errors.ts";
import { log } from "../shared/log.ts";

/** How long to wait for a data connection. */
export interface OpenOptions {
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Prepared by PASV, EPSV, PORT or EPRT, or left open by the transfer before. */
export interface DataChannel extends Disposable {
  /** `waiting`: good for one connection; `open`: the one of the transfer before; `closed`: neither. */
  readonly state: "waiting" | "open" | "closed";
  /**
   * Waits for the client to connect, or connects to it.
   *
   * @returns The connection, which the caller owns.
   * @throws {ConnectError} If there is none in time, or the client cannot be reached.
   */
  open(options: OpenOptions): Promise<Connection>;
}

/**
 * Waits on a port for one connection from the client's address; strangers are dropped and the wait
 * goes on (RFC 2577 section 4).
 *
 * @param listener The port; the channel owns it from now on.
 * @param client Address of the control connection's peer.
 * @returns The channel.
 */
export function passiveChannel(listener: Listener, client: string): DataChannel {
  return {
    state: "waiting",
    open: (options) => acceptFrom(listener, { ...options, client }),
    [Symbol.dispose]: () => listener.close(),
  };
}

/**
 * Connects to where the client listens.
 *
 * @param target The address and port of PORT or EPRT, already checked.
 * @returns The channel.
 */
export function activeChannel(target: Endpoint): DataChannel {
  return {
    state: "waiting",
    open: (options) => connect(target, options),
    [Symbol.dispose]: () => {},
  };
}

/** The system may have no descriptor for it. */
async function nextConnection(listener: Listener): Promise<Connection | null> {
  try {
    return await listener.accept();
  } catch (error) {
    throw new ConnectError(`Cannot take the data connection: ${reasonOf(error)}`, { cause: error });
  }
}

async function acceptFrom(
  listener: Listener,
  { client, signal, timeout }: OpenOptions & { readonly client: string },
): Promise<Connection> {
  using _port = listener;
  using deadline = new Deadline(timeout, signal);
  const close = (): void => listener.close();
  deadline.signal.addEventListener("abort", close, { once: true });
  if (deadline.signal.aborted) close();
  for (;;) {
    const connection = await nextConnection(listener);
    if (connection === null) break;
    if (connection.remote.hostname === client) return connection;
    log.warning(`data connection from ${connection.remote.hostname} dropped: not ${client}`);
    connection.close();
  }
  signal.throwIfAborted();
  if (deadline.expired) throw new TimeoutError(`No data connection within ${timeout / 1000} s`);
  throw new ConnectError("The passive port was closed");
}
