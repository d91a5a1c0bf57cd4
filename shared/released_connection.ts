/**
 * A connection that was inside TLS and goes on in the clear.
 *
 * @module
 */
import type { Connection } from "./connection.ts";
import { WrappedConnection } from "./wrapped_connection.ts";

/** The connection below TLS; its first bytes in the clear were received while TLS still listened. */
export class ReleasedConnection extends WrappedConnection {
  #first: Promise<Uint8Array> | undefined;

  /**
   * Takes the connection over.
   *
   * @param inner The connection below TLS.
   * @param first Its first bytes in the clear, once they are there; none at its end.
   */
  constructor(inner: Connection, first: Promise<Uint8Array>) {
    super(inner);
    this.#first = first;
  }

  /** Reads, first of all what TLS has left. */
  override async read(buffer: Uint8Array): Promise<number | null> {
    if (this.#first === undefined) return await this.inner.read(buffer);
    const first = await this.#first;
    if (first.length === 0) return null;
    const part = first.subarray(0, buffer.length);
    buffer.set(part);
    const rest = first.subarray(part.length);
    this.#first = rest.length === 0 ? undefined : Promise.resolve(rest);
    return part.length;
  }
}
