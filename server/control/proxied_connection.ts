/**
 * Connections that a balancer passes on, each with a PROXY header in front.
 *
 * @module
 */
import type { Connection } from "../../shared/connection.ts";
import { Deadline } from "../../shared/deadline.ts";
import { ProtocolError } from "../../shared/errors.ts";
import { type DecodedProxyHeader, ProxyHeaderReader } from "../../shared/proxy_protocol.ts";
import { RelayedConnection } from "../../shared/relayed_connection.ts";

/** A connection, and the address by which its client knows this server. */
export interface Arrival {
  /** Its `remote` is the client. */
  readonly connection: Connection;
  /** The address that the client reached: ours, or the balancer's. */
  readonly reached: string;
}

/** How long to wait for the header. */
export interface HeaderWait {
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly timeout: number;
  /** Called when the wait ends without a header: closes the connection. */
  readonly giveUp: () => void;
}

/** Bytes read at a time. */
const READ_SIZE = 512;

/**
 * Reads the PROXY header of a connection from a balancer.
 *
 * @param connection The connection.
 * @param wait How long.
 * @returns The connection as the client's own; the balancer's own stays as it is. Undefined where it
 * was closed without a byte: so some balancers see whether we are there.
 * @throws {ProtocolError} If there is no valid header in time.
 */
export async function readProxyHeader(
  connection: Connection,
  wait: HeaderWait,
): Promise<Arrival | undefined> {
  using deadline = new Deadline(wait.timeout, wait.signal);
  deadline.signal.addEventListener("abort", wait.giveUp, { once: true });
  const reader = new ProxyHeaderReader();
  const buffer = new Uint8Array(READ_SIZE);
  for (let began = false;; began = true) {
    const count = await connection.read(buffer).catch(() => null);
    if (count === null) {
      if (!began && !deadline.signal.aborted) return undefined;
      throw new ProtocolError("Cannot read the PROXY header: it did not come");
    }
    const decoded = reader.push(buffer.subarray(0, count));
    if (decoded === undefined) continue;
    deadline.signal.removeEventListener("abort", wait.giveUp);
    return arrivalOf(connection, decoded);
  }
}

function arrivalOf(connection: Connection, { header, rest }: DecodedProxyHeader): Arrival {
  const own = header.kind === "local";
  const remote = own ? connection.remote : header.source;
  return {
    connection: new RelayedConnection(connection, { remote, rest }),
    reached: own ? connection.local.hostname : header.destination.hostname,
  };
}
