/**
 * A control connection that begins in the clear and goes on inside TLS.
 *
 * @module
 */
import type { TlsClient } from "../../shared/tls_client.ts";
import type { HandshakeOptions } from "../../shared/tls_connection.ts";
import type { TlsSecurity } from "../../shared/tls_security.ts";
import { WrappedConnection } from "../../shared/wrapped_connection.ts";

/** One connection; who reads and writes does not see that it is secured meanwhile. */
export class SecurableConnection extends WrappedConnection {
  #tls: TlsClient | undefined;

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
    const secured = await tls.control(this.inner, options);
    this.inner = secured;
    return secured.security;
  }

  /** Closes at once. May be called twice. */
  override close(): void {
    super.close();
    this.#tls?.[Symbol.dispose]();
  }
}
