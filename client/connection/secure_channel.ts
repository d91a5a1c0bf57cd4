/**
 * Data connections inside TLS (RFC 4217 section 7): the client plays the client there too, whoever
 * connected, and takes the control connection's session up again.
 *
 * @module
 */
import type { Connection } from "../../shared/connection.ts";
import { CertificateError, ConnectError, reasonOf, TlsError } from "../../shared/errors.ts";
import type { TlsClient } from "../../shared/tls_client.ts";
import type { TlsConnection } from "../../shared/tls_connection.ts";
import type { TlsSecurity } from "../../shared/tls_security.ts";
import type { DataChannel } from "./data_channel.ts";
import { awaitEnd } from "./data_end.ts";

/** How long new tickets are waited for, in milliseconds, where the server does not refuse. */
const TICKET_GRACE = 1000;

/** How a session's data connections are secured. */
export interface DataTls {
  /** The session's side of TLS. */
  readonly client: TlsClient;
  /** Milliseconds for a handshake, which the server may begin before or after its 150. */
  readonly timeout: number;
  /** Ends the handshake. */
  readonly signal: AbortSignal;
  /** Told what each handshake has settled. */
  readonly trace?: ((line: () => string) => void) | undefined;
  /** The last connection took the session up again, and the next one should. */
  resumes: boolean;
}

/**
 * A new session where the last one should have been taken up again, which strict servers refuse.
 *
 * In TLS 1.3 each ticket is good for one connection (RFC 8446 appendix C.4), and ProFTPD gives a new
 * one with downloads only: two uploads use up what it gave at the start. The handshake that failed
 * to resume has brought new ones, so the same transfer works the second time.
 */
export class SpentSession extends ConnectError {}

/** A channel whose connection is secured before anything moves. */
export class SecureChannel implements DataChannel {
  readonly #channel: DataChannel;
  readonly #tls: DataTls;
  #secured: TlsConnection | undefined;
  /** It ends by itself, soon. */
  #renewing = false;

  /** Takes over the channel below. */
  constructor(channel: DataChannel, tls: DataTls) {
    this.#channel = channel;
    this.#tls = tls;
  }

  /**
   * The connection, inside TLS.
   *
   * @throws {ConnectError} If there is none in time, or the handshake fails.
   * @throws {SpentSession} If the transfer is to be begun again.
   * @throws {CertificateError} If it is with somebody else.
   */
  async connection(): Promise<Connection> {
    const { client, timeout, signal, trace } = this.#tls;
    const plain = await this.#channel.connection();
    try {
      this.#secured = await client.data(plain, { timeout, signal });
    } catch (error) {
      if (!(error instanceof TlsError) || error instanceof CertificateError) throw error;
      // The server may say why on the control connection, and another time it may work.
      throw new ConnectError(`Cannot open a data connection: ${reasonOf(error)}`, { cause: error });
    }
    const { security } = this.#secured;
    trace?.(() => `* data: ${securityText(security)}`);
    const spent = this.#tls.resumes && !security.resumed;
    this.#tls.resumes = security.resumed;
    if (spent) await this.#renew(this.#secured);
    return this.#secured;
  }

  /** The server sends the tickets behind the handshake, and its refusal may be faster. */
  async #renew(secured: TlsConnection): Promise<never> {
    this.#renewing = true;
    await awaitEnd(secured, TICKET_GRACE);
    this.#renewing = false;
    this.close();
    throw new SpentSession("Cannot open a data connection: no TLS ticket is left");
  }

  /** Cuts it: without close_notify nothing looks whole. May be called twice. */
  close(): void {
    if (this.#renewing) return;
    this.#secured?.close();
    this.#channel.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * What a handshake has settled, for `-vv`.
 *
 * @param security What it has.
 * @returns Version, cipher suite, and whether a session was taken up again.
 */
export function securityText({ version, cipher, resumed }: TlsSecurity): string {
  return `${version}, ${cipher}, ${resumed ? "session resumed" : "new session"}`;
}
