/**
 * A data connection that outlives its transfer: MODE B and C say where a file ends, so nothing has
 * to be closed for that (RFC 959 section 3.3).
 *
 * @module
 */
import type { Connection } from "../../shared/connection.ts";
import type { Endpoint } from "../../shared/endpoint.ts";
import { ConnectError } from "../../shared/errors.ts";
import type { DataChannel } from "./data_channel.ts";

/**
 * A data connection, and at the same time the channel of the transfers that follow. While none runs,
 * it is watched: it closes when the client closes it, or sends what nobody asked for.
 */
export class KeptConnection implements Connection, DataChannel {
  readonly #inner: Connection;
  readonly #byte = new Uint8Array(1);
  /** A read that was begun to watch the client; the next real one gets what it finds. */
  #watch: Promise<number | null> | undefined;
  #watchEnded = false;
  #idle = false;
  #closed = false;

  /** Takes over a connection in the middle of its first transfer. */
  constructor(inner: Connection) {
    this.#inner = inner;
  }

  /** Our end. */
  get local(): Endpoint {
    return this.#inner.local;
  }

  /** The client's end. */
  get remote(): Endpoint {
    return this.#inner.remote;
  }

  /** Whether another transfer can use it. */
  get state(): "open" | "closed" {
    return this.#closed ? "closed" : "open";
  }

  /**
   * Begins the next transfer.
   *
   * @throws {ConnectError} If the client has closed it meanwhile.
   */
  open(): Promise<Connection> {
    this.#idle = false;
    if (!this.#closed) return Promise.resolve(this);
    return Promise.reject(new ConnectError("The open data connection was closed"));
  }

  /** A transfer has ended well: from now on the client is watched. */
  rest(): void {
    this.#idle = true;
    // What was found during the transfer was its end, or out of place.
    if (this.#closed || this.#watchEnded) return this.close();
    this.#watch ??= this.#watchClient();
    this.#watch.catch(() => {}); // the one who reads next is told
  }

  /** Reads, first of all what the watch has found. */
  async read(buffer: Uint8Array): Promise<number | null> {
    if (this.#watch === undefined) return await this.#inner.read(buffer);
    const found = await this.#watch;
    if (found === null) return null;
    this.#watch = undefined;
    this.#watchEnded = false;
    buffer.set(this.#byte);
    return this.#byte.length;
  }

  /** Hands bytes to the kernel. */
  write(bytes: Uint8Array): Promise<number> {
    return this.#inner.write(bytes);
  }

  /** Ends our direction. */
  finish(): Promise<void> {
    return this.#inner.finish();
  }

  /** Closes it for good. */
  close(): void {
    this.#closed = true;
    this.#inner.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #watchClient(): Promise<number | null> {
    try {
      return await this.#inner.read(this.#byte);
    } finally {
      this.#watchEnded = true;
      if (this.#idle) this.close();
    }
  }
}
