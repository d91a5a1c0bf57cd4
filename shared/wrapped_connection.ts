/**
 * Connections around another one.
 *
 * @module
 */
import type { Connection } from "./connection.ts";
import type { Endpoint } from "./endpoint.ts";

/** A connection around another one, which does whatever is not said otherwise. */
export abstract class WrappedConnection<Inner extends Connection = Connection>
  implements Connection {
  /** The one inside; another one may take its place. */
  protected inner: Inner;

  /** Takes the connection over. */
  constructor(inner: Inner) {
    this.inner = inner;
  }

  /** Our end. */
  get local(): Endpoint {
    return this.inner.local;
  }

  /** The peer's end. */
  get remote(): Endpoint {
    return this.inner.remote;
  }

  /** Reads what has arrived. */
  read(buffer: Uint8Array): Promise<number | null> {
    return this.inner.read(buffer);
  }

  /** Hands bytes over. */
  write(bytes: Uint8Array): Promise<number> {
    return this.inner.write(bytes);
  }

  /** Ends our direction cleanly. */
  finish(): Promise<void> {
    return this.inner.finish();
  }

  /** Closes at once. May be called twice. */
  close(): void {
    this.inner.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
