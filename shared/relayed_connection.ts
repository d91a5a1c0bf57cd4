/**
 * Connections that somebody between the two ends passes on, or whose ends have better names than
 * the socket tells.
 *
 * @module
 */
import type { Connection } from "./connection.ts";
import type { Endpoint } from "./endpoint.ts";
import { WrappedConnection } from "./wrapped_connection.ts";

/** What is different from the connection itself. */
export interface RelayParts {
  /** The peer behind the one in between. */
  readonly remote: Endpoint;
  /** Our end, where the socket does not tell it as it should be. */
  readonly local?: Endpoint;
  /** Bytes of the peer that were read already. */
  readonly rest?: Uint8Array;
}

/** A connection under other addresses. Closing it closes the one that it was made from. */
export class RelayedConnection extends WrappedConnection {
  readonly #parts: RelayParts;
  #rest: Uint8Array;

  /** Takes the connection over. */
  constructor(inner: Connection, parts: RelayParts) {
    super(inner);
    this.#parts = parts;
    this.#rest = parts.rest ?? new Uint8Array();
  }

  /** Our end. */
  override get local(): Endpoint {
    return this.#parts.local ?? this.inner.local;
  }

  /** The peer behind the one in between. */
  override get remote(): Endpoint {
    return this.#parts.remote;
  }

  /** Reads what was read already, then from the connection. */
  override read(buffer: Uint8Array): Promise<number | null> {
    if (this.#rest.length === 0) return this.inner.read(buffer);
    const part = this.#rest.subarray(0, buffer.length);
    buffer.set(part);
    this.#rest = this.#rest.subarray(part.length);
    return Promise.resolve(part.length);
  }
}
