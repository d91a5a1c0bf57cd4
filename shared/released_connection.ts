/**
 * A connection that was inside TLS and goes on in the clear.
 *
 * @module
 */
import type { Connection } from "./connection.ts";
import type { Endpoint } from "./endpoint.ts";

/** The connection below TLS; its first bytes in the clear were received while TLS still listened. */
export class ReleasedConnection implements Connection {
  readonly #inner: Connection;
  #first: Promise<Uint8Array> | undefined;

  /**
   * Takes the connection over.
   *
   * @param inner The connection below TLS.
   * @param first Its first bytes in the clear, once they are there; none at its end.
   */
  constructor(inner: Connection, first: Promise<Uint8Array>) {
    this.#inner = inner;
    this.#first = first;
  }

  /** Our end. */
  get local(): Endpoint {
    return this.#inner.local;
  }

  /** The peer's end. */
  get remote(): Endpoint {
    return this.#inner.remote;
  }

  /** Reads, first of all what TLS has left. */
  async read(buffer: Uint8Array): Promise<number | null> {
    if (this.#first === undefined) return await this.#inner.read(buffer);
    const first = await this.#first;
    if (first.length === 0) return null;
    const part = first.subarray(0, buffer.length);
    buffer.set(part);
    const rest = first.subarray(part.length);
    this.#first = rest.length === 0 ? undefined : Promise.resolve(rest);
    return part.length;
  }

  /** Hands bytes to the kernel. */
  write(bytes: Uint8Array): Promise<number> {
    return this.#inner.write(bytes);
  }

  /** Ends our direction. */
  finish(): Promise<void> {
    return this.#inner.finish();
  }

  /** Closes it at once. */
  close(): void {
    this.#inner.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
