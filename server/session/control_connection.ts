/**
 * The control connection as a session holds it: in the clear first, and inside TLS from AUTH on.
 *
 * @module
 */
import type { Connection } from "../../shared/connection.ts";
import type { TlsConnection } from "../../shared/tls_connection.ts";
import type { TlsSecurity } from "../../shared/tls_security.ts";
import type { ServerHandshakeOptions, TlsServer } from "../../shared/tls_server.ts";
import { WrappedConnection } from "../../shared/wrapped_connection.ts";

/** One connection whose readers and writers stay the same when TLS begins. */
export class ControlConnection extends WrappedConnection<Connection | TlsConnection> {
  /** What TLS has settled; undefined in the clear. */
  get security(): TlsSecurity | undefined {
    return "security" in this.inner ? this.inner.security : undefined;
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
    this.inner = await server.secure(this.inner, options);
  }

  /**
   * Ends TLS and goes on in the clear. Nobody may read or write meanwhile.
   *
   * @throws {Error} If the connection is lost.
   */
  async reveal(): Promise<void> {
    if ("unwrap" in this.inner) this.inner = await this.inner.unwrap();
  }
}
