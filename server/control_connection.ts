/**
 * The control connection as a session holds it: in the clear first, and inside TLS from AUTH on.
 *
 * @module
 */
import type { Connection } from "../shared/connection.ts";
import type { Endpoint } from "../shared/endpoint.ts";
import type { TlsConnection } from "../shared/tls_connection.ts";
import type { TlsSecurity } from "../shared/tls_security.ts";
import type { ServerHandshakeOptions, TlsServer } from "../shared/tls_server.ts";

/** One connection whose readers and writers stay the same when TLS begins. */
export class ControlConnection implements Connection {
  #inner: Connection | TlsConnection;

  /** Takes a connection over, in the clear or inside TLS. */
  constructor(inner: Connection | TlsConnection) {
    this.#inner = inner;
  }

  /** What TLS has settled; undefined in the clear. */
  get security(): TlsSecurity | undefined {
    return "security" in this.#inner ? this.#inner.security : undefined;
  }

  /** Our end. */
  get local(): Endpoint {
    return this.#inner.local;
  }

  /** The client's end. */
  get remote(): Endpoint {
    return this.#inner.remote;
  }

  /**
   * Begins TLS. Nobody may read or write meanwhile.
   *
   * @param server Plays the server.
   * @param options How long the handshake may take.
   * @throws {TimeoutError} If it takes too long; the connection is closed then.
   * @throws {TlsError} If it fails; the connection is closed then.
   */
  async secure(server: TlsServer, options: ServerHandshakeOptions): Promise<void> {
    this.#inner = await server.secure(this.#inner, options);
  }

  /**
   * Ends TLS and goes on in the clear. Nobody may read or write meanwhile.
   *
   * @throws {Error} If the connection is lost.
   */
  async reveal(): Promise<void> {
    if ("unwrap" in this.#inner) this.#inner = await this.#inner.unwrap();
  }

  /** Reads what has arrived. */
  read(buffer: Uint8Array): Promise<number | null> {
    return this.#inner.read(buffer);
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
