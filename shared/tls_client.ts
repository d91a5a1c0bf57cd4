/**
 * The client's role in TLS: a control connection, and data connections that take its session up
 * again.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import { isIP } from "node:net";
import tls, { type TLSSocket } from "node:tls";
import { splitCertificates } from "./certificate.ts";
import type { CipherStream } from "./cipher_stream.ts";
import type { Connection } from "./connection.ts";
import { TlsError } from "./errors.ts";
import { type HandshakeOptions, shakeHands, type TlsConnection } from "./tls_connection.ts";
import type { TlsIdentity } from "./tls_identity.ts";
import { MIN_TLS_VERSION, securityOf, type TlsSecurity } from "./tls_security.ts";

/** What Deno's own types do not tell of its `node:tls`. */
interface TrustStore {
  setDefaultCACertificates(certificates: readonly string[]): void;
}

const trustStore: TrustStore = tls as typeof tls & TrustStore;

/**
 * Sets who may vouch for servers from now on, in this thread.
 *
 * Sessions are resumed only where the runtime's own authorities judge them, so these are replaced: a
 * list for each connection would cost every resumption.
 *
 * @param pem PEM of the authorities; the system's without it.
 * @throws {TlsError} If there is no certificate in it.
 */
export function trustAuthorities(pem?: string): void {
  const authorities = pem === undefined
    ? [...tls.getCACertificates("system"), ...tls.getCACertificates("extra")]
    : [...splitCertificates(pem)];
  if (pem !== undefined && authorities.length === 0) {
    throw new TlsError("there is no certificate (PEM) in it");
  }
  trustStore.setDefaultCACertificates(authorities);
}

/** How a client connects to one server. */
export interface TlsClientOptions {
  /** Host name or address that the certificate must be for. */
  readonly hostname: string;
  /** What the client shows if it is asked. With one, no session is resumed: the runtime cannot. */
  readonly identity?: TlsIdentity;
  /** The newest version that is offered; for servers that stumble over it. */
  readonly maxVersion?: "TLSv1.2" | "TLSv1.3";
  /**
   * Judges what the server has shown, after the handshake of the control connection; what it throws
   * ends the connection.
   */
  readonly accept: (security: TlsSecurity) => void | Promise<void>;
}

/** Hosts that a control connection of this thread has a session with now. */
const inUse = new Set<string>();

/** How many sessions have got an address in place of a name. */
let addresses = 0;

/**
 * What the runtime remembers a session under. Two control connections to one host must not share it:
 * strict servers refuse a session that is not the control connection's own.
 */
type SessionName =
  /** The host's name, which the server is told as well (SNI). */
  | { readonly servername: string }
  /** An address that leads nowhere; the server is told no name. */
  | { readonly host: string };

function reserveName(hostname: string): SessionName {
  if (isIP(hostname) === 0 && !inUse.has(hostname)) {
    inUse.add(hostname);
    return { servername: hostname };
  }
  const number = ++addresses;
  // Of the block that is set aside for packets to be thrown away (RFC 6666).
  return { host: `100::${(number >>> 16).toString(16)}:${(number & 0xffff).toString(16)}` };
}

/** One session of a client: its control connection, and the data connections beside it. */
export class TlsClient implements Disposable {
  readonly #options: TlsClientOptions;
  readonly #name: SessionName;
  #session: Buffer | undefined;
  #fingerprint: string | undefined;

  /** Reserves what the session is remembered under, until disposed. */
  constructor(options: TlsClientOptions) {
    this.#options = options;
    this.#name = reserveName(options.hostname);
  }

  /**
   * Secures the control connection.
   *
   * @param connection The connection, closed where it fails.
   * @param options How long it may take.
   * @returns The connection inside TLS; the certificate was accepted.
   * @throws {TimeoutError} If it takes too long.
   * @throws {TlsError} If it fails, and whatever `accept` throws.
   */
  async control(connection: Connection, options: HandshakeOptions): Promise<TlsConnection> {
    const secured = await this.#secure(connection, options);
    try {
      await this.#options.accept(secured.security);
    } catch (error) {
      secured.close();
      throw error;
    }
    this.#fingerprint = secured.security.peer?.fingerprint;
    return secured;
  }

  /**
   * Secures a data connection: the client plays the client there too, whoever connected (RFC 4217
   * section 7).
   *
   * @param connection The connection, closed where it fails.
   * @param options How long it may take.
   * @returns The connection inside TLS, with the control connection's certificate.
   * @throws {TimeoutError} If it takes too long.
   * @throws {TlsError} If it fails, or the server shows another certificate.
   */
  async data(connection: Connection, options: HandshakeOptions): Promise<TlsConnection> {
    const secured = await this.#secure(connection, options);
    const fingerprint = secured.security.peer?.fingerprint;
    if (fingerprint !== undefined && fingerprint === this.#fingerprint) return secured;
    secured.close();
    throw new TlsError(
      "Cannot trust the data connection: its certificate is not that of the control connection " +
        `(${fingerprint ?? "none"})`,
    );
  }

  [Symbol.dispose](): void {
    if ("servername" in this.#name) inUse.delete(this.#name.servername);
  }

  #secure(connection: Connection, options: HandshakeOptions): Promise<TlsConnection> {
    const start = async (stream: CipherStream): Promise<TLSSocket> => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const socket = tls.connect({ ...this.#connectOptions(), socket: stream }, resolve);
      socket.once("error", reject);
      await promise;
      this.#session ??= socket.getSession();
      return socket;
    };
    return shakeHands(connection, { start, judge: securityOf }, options);
  }

  #connectOptions(): tls.ConnectionOptions {
    const { hostname, identity, maxVersion } = this.#options;
    return {
      ...this.#name,
      ALPNProtocols: ["ftp"],
      minVersion: MIN_TLS_VERSION,
      ...(maxVersion === undefined ? {} : { maxVersion }),
      ...identity,
      // The certificate is judged all the same, but what follows from it is the caller's to say.
      rejectUnauthorized: false,
      checkServerIdentity: (_name, certificate) => tls.checkServerIdentity(hostname, certificate),
      ...(this.#session === undefined ? {} : { session: this.#session }),
    };
  }
}
