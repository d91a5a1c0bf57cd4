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
import { CertificateError, ConnectError, TlsError } from "./errors.ts";
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
 * @throws {TlsError} If there is no certificate in it, or the runtime takes none.
 */
export function trustAuthorities(pem?: string): void {
  if (!("getCACertificates" in tls)) return requireNoAuthorities(pem);
  const authorities = pem === undefined
    ? [...tls.getCACertificates("system"), ...tls.getCACertificates("extra")]
    : [...splitCertificates(pem)];
  if (pem !== undefined && authorities.length === 0) {
    throw new TlsError("there is no certificate (PEM) in it");
  }
  trustStore.setDefaultCACertificates(authorities);
}

/** Runtimes before 2.9 trust their own authorities alone. */
function requireNoAuthorities(pem: string | undefined): void {
  if (pem !== undefined) throw new TlsError("this runtime takes no authorities but its own");
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

/**
 * Names that sessions are remembered under now; the empty one is that of all addresses. The runtime
 * keeps them by the name that the server is told (SNI), whatever its letters' case.
 */
const inUse = new Set<string>();

/** Fingerprints that were accepted of hosts which were told their own names. */
const shown = new Map<string, Set<string>>();

/** How many sessions have got a name of their own. */
let renamed = 0;

/** What a session is remembered under. */
interface SessionName {
  /** It; empty where the server is told no name. */
  readonly text: string;
  /** It is none of the server's, which may have another certificate for it. */
  readonly isAlias: boolean;
}

/**
 * Two control connections to one host must not share their sessions: strict servers refuse one that
 * is not the control connection's own. So the second goes by the name with the dot of the root, which
 * the server is not told, and further ones by names that nobody has (RFC 2606).
 */
function reserveName(hostname: string): SessionName {
  const name = isIP(hostname) === 0 ? hostname.toLowerCase().replace(/\.$/, "") : "";
  const free = [name, ...(name === "" ? [] : [`${name}.`])].find((each) => !inUse.has(each));
  const text = free ?? `${++renamed}.invalid`;
  inUse.add(text);
  return { text, isAlias: free === undefined };
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
   * @throws {ConnectError} If the server tells its certificates apart by its name, and has as many
   * sessions under that as can be.
   */
  async control(connection: Connection, options: HandshakeOptions): Promise<TlsConnection> {
    const secured = await this.#secure(connection, options);
    try {
      this.#checkName(secured.security);
      await this.#options.accept(secured.security);
    } catch (error) {
      secured.close();
      throw error;
    }
    this.#remember(secured.security);
    return secured;
  }

  /** A name that is not the server's may have led to somebody else's certificate: nobody is asked. */
  #checkName({ peer, problem }: TlsSecurity): void {
    const known = shown.get(this.#options.hostname);
    if (!this.#name.isAlias || problem === undefined || known === undefined) return;
    if (peer !== undefined && known.has(peer.fingerprint)) return;
    throw new ConnectError(
      "No more sessions: the server has several certificates, one for each name",
    );
  }

  #remember({ peer }: TlsSecurity): void {
    this.#fingerprint = peer?.fingerprint;
    if (peer === undefined || this.#name.isAlias) return;
    const { hostname } = this.#options;
    const known = shown.get(hostname) ?? new Set();
    shown.set(hostname, known.add(peer.fingerprint));
  }

  /**
   * Secures a data connection: the client plays the client there too, whoever connected (RFC 4217
   * section 7).
   *
   * @param connection The connection, closed where it fails.
   * @param options How long it may take.
   * @returns The connection inside TLS, with the control connection's certificate.
   * @throws {TimeoutError} If it takes too long.
   * @throws {TlsError} If it fails.
   * @throws {CertificateError} If the server shows another certificate.
   */
  async data(connection: Connection, options: HandshakeOptions): Promise<TlsConnection> {
    const secured = await this.#secure(connection, options);
    const fingerprint = secured.security.peer?.fingerprint;
    if (fingerprint !== undefined && fingerprint === this.#fingerprint) return secured;
    secured.close();
    throw new CertificateError(
      "Cannot trust the data connection: its certificate is not that of the control connection " +
        `(${fingerprint ?? "none"})`,
    );
  }

  [Symbol.dispose](): void {
    inUse.delete(this.#name.text);
  }

  #secure(connection: Connection, options: HandshakeOptions): Promise<TlsConnection> {
    const start = async (stream: CipherStream): Promise<TLSSocket> => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const socket = tls.connect({ ...this.#connectOptions(), socket: stream }, resolve);
      socket.on("error", reject);
      await promise;
      this.#session ??= socket.getSession();
      return socket;
    };
    return shakeHands(connection, { start, judge: securityOf }, options);
  }

  #connectOptions(): tls.ConnectionOptions {
    const { hostname, identity, maxVersion } = this.#options;
    return {
      ...(this.#name.text === "" ? {} : { servername: this.#name.text }),
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
