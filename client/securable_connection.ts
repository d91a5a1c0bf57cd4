/**
 * A control connection that begins in the clear and goes on inside TLS.
 *
 * @module
 */
import type { Connection } from "../shared/connection.ts";
import type { Endpoint } from "../shared/endpoint.ts";
import type { TlsClient } from "../shared/tls_client.ts";
import type { HandshakeOptions } from "../shared/tls_connection.ts";
import type { TlsSecurity } from "../shared/tls_security.ts";

/** One connection; who reads and writes does not see that it is secured meanwhile. */
export class SecurableConnection implements Connection {
  #connection: Connection;
  #tls: TlsClient | undefined;

  /** Takes a connection over. */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Our end. */
  get local(): Endpoint {
    return this.#connection.local;
  }

  /** The server's end. */
  get remote(): Endpoint {
    return this.#connection.remote;
  }

  /** Whether it is inside TLS. */
  get secured(): boolean {
    return this.#tls !== undefined;
  }

  /**
   * Secures it. Nobody may be reading it.
   *
   * @param tls Our side of TLS, disposed of when the connection is closed.
   * @param options How long it may take.
   * @returns What was settled.
   * @throws {TimeoutError} If it takes too long.
   * @throws {TlsError} If it fails or the certificate is not accepted; the connection is closed then.
   */
  async secure(tls: TlsClient, options: HandshakeOptions): Promise<TlsSecurity> {
    this.#tls = tls;
    const secured = await tls.control(this.#connection, options);
    this.#connection = secured;
    return secured.security;
  }

  /** Reads what has arrived. */
  read(buffer: Uint8Array): Promise<number | null> {
    return this.#connection.read(buffer);
  }

  /** Hands bytes over. */
  write(bytes: Uint8Array): Promise<number> {
    return this.#connection.write(bytes);
  }

  /** Ends our direction cleanly. */
  finish(): Promise<void> {
    return this.#connection.finish();
  }

  /** Closes at once. May be called twice. */
  close(): void {
    this.#connection.close();
    this.#tls?.[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
