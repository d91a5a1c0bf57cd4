/**
 * Connections that a balancer passes on, each with a PROXY header in front.
 *
 * @module
 */
import type { Connection } from "../shared/connection.ts";
import { Deadline } from "../shared/deadline.ts";
import type { Endpoint } from "../shared/endpoint.ts";
import { ProtocolError } from "../shared/errors.ts";
import { type DecodedProxyHeader, ProxyHeaderReader } from "../shared/proxy_protocol.ts";

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
    connection: new ProxiedConnection(connection, { remote, rest }),
    reached: own ? connection.local.hostname : header.destination.hostname,
  };
}

/** The balancer's connection under the client's address. */
class ProxiedConnection implements Connection {
  readonly #inner: Connection;
  readonly remote: Endpoint;
  #rest: Uint8Array;

  constructor(
    inner: Connection,
    parts: { readonly remote: Endpoint; readonly rest: Uint8Array },
  ) {
    this.#inner = inner;
    this.remote = parts.remote;
    this.#rest = parts.rest;
  }

  get local(): Endpoint {
    return this.#inner.local;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    if (this.#rest.length === 0) return this.#inner.read(buffer);
    const part = this.#rest.subarray(0, buffer.length);
    buffer.set(part);
    this.#rest = this.#rest.subarray(part.length);
    return Promise.resolve(part.length);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#inner.write(bytes);
  }

  finish(): Promise<void> {
    return this.#inner.finish();
  }

  close(): void {
    this.#inner.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
