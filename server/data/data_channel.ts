/**
 * The way to a data connection: passive (see `passive_port.ts`) and active behind one interface.
 *
 * @module
 */
import { connect, type Connection } from "../../shared/connection.ts";
import type { Endpoint } from "../../shared/endpoint.ts";

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
