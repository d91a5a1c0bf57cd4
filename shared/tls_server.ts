/**
 * The server's role in TLS.
 *
 * @module
 */
import tls, { type TLSSocket } from "node:tls";
import { readCertificate, splitCertificates } from "./certificate.ts";
import type { CipherStream } from "./cipher_stream.ts";
import { keepsTickets } from "./client_hello.ts";
import type { Connection } from "./connection.ts";
import { TlsError } from "./errors.ts";
import { type HandshakeOptions, shakeHands, type TlsConnection } from "./tls_connection.ts";
import type { TlsIdentity } from "./tls_identity.ts";
import { MIN_TLS_VERSION, securityOf, type TlsSecurity } from "./tls_security.ts";

/** What a connection carries; clients name it in the handshake (ALPN, RFC 7301). */
export type TlsPurpose = "control" | "data";

/**
 * What clients may name; any other protocol ends the handshake, so that no browser's request passes
 * for FTP. FileZilla names data connections by a word of its own.
 */
const PROTOCOLS: Readonly<Record<TlsPurpose, readonly string[]>> = {
  control: ["ftp", "x-filezilla-ftp"],
  data: ["ftp-data", "ftp", "x-filezilla-ftp"],
};

/** Clients' certificates that are remembered. */
const MOST_REMEMBERED = 10_000;

/** How a server shows itself, and whom it asks. Plain data: it crosses threads. */
export interface TlsServerConfig {
  /** Its certificates; the first is shown to clients that name no host, or one that is in none. */
  readonly identities: readonly TlsIdentity[];
  /** PEM of those who vouch for clients; clients are asked for a certificate where it is there. */
  readonly clientAuthorities: string | undefined;
}

/**
 * Whether a runtime can play the server on connections that are already open.
 *
 * @example Usage
 * ```ts
 * import { canServeTls } from "./tls_server.ts";
 * if (canServeTls("2.8.3") || !canServeTls("2.10.0")) throw new Error("unexpected");
 * ```
 *
 * @param version Deno's version; that of this process without it.
 * @returns Whether it is 2.9 or newer.
 */
export function canServeTls(version: string = Deno.version.deno): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 2 || (major === 2 && minor >= 9);
}

/** How to secure one connection. */
export interface ServerHandshakeOptions extends HandshakeOptions {
  /** What it carries. */
  readonly purpose: TlsPurpose;
}

/** A server's certificates in use. Sessions that clients resume are known to the whole thread. */
export class TlsServer {
  readonly #options: tls.TlsOptions;
  /** Fingerprints of clients' certificates that held. */
  readonly #verified = new Set<string>();
  readonly #byName: readonly (readonly [string, tls.SecureContextOptions])[];

  /**
   * Takes the certificates.
   *
   * @throws {TlsError} If there is none.
   */
  constructor({ identities, clientAuthorities }: TlsServerConfig) {
    const [first] = identities;
    if (first === undefined) throw new TlsError("There is no certificate");
    const asked = clientAuthorities === undefined
      ? {}
      : { ca: [...splitCertificates(clientAuthorities)], requestCert: true };
    const common = { ...asked, minVersion: MIN_TLS_VERSION } as const;
    this.#options = { ...first, ...common, rejectUnauthorized: false };
    this.#byName = identities.length === 1
      ? []
      : identities.flatMap((identity) =>
        namesOf(identity).map((name) => [name, { ...identity, ...common }] as const)
      );
  }

  /**
   * Plays the server in a handshake.
   *
   * @param connection The connection, closed where it fails.
   * @param options What it carries and how long it may take.
   * @returns The connection inside TLS.
   * @throws {TimeoutError} If it takes too long.
   * @throws {TlsError} If it fails.
   */
  async secure(connection: Connection, options: ServerHandshakeOptions): Promise<TlsConnection> {
    const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
    // A server object costs little, and tells whose handshake has ended.
    const server = tls.createServer({
      ...this.#options,
      ALPNProtocols: [...PROTOCOLS[options.purpose]],
    }, resolve);
    for (const [name, context] of this.#byName) server.addContext(name, context);
    server.once("tlsClientError", reject);
    const start = (stream: object): Promise<TLSSocket> => {
      server.emit("connection", stream);
      return promise;
    };
    return await shakeHands(
      connection,
      { start, judge: (...ends) => this.#judge(...ends) },
      options,
    );
  }

  #judge(socket: TLSSocket, stream: CipherStream): TlsSecurity {
    const security = this.#judgePeer(securityOf(socket));
    const resumable = security.version !== "TLSv1.2" || keepsTickets(stream.first);
    return { ...security, resumable };
  }

  /** A session brings along a certificate that nobody looked at again: only one that held counts. */
  #judgePeer(security: TlsSecurity): TlsSecurity {
    const { peer, problem, resumed } = security;
    if (peer === undefined || problem !== undefined) return security;
    if (!resumed) this.#remember(peer.fingerprint);
    const holds = this.#verified.has(peer.fingerprint) && peer.validTo > new Date();
    return holds ? security : { ...security, problem: "unknown-issuer" };
  }

  #remember(fingerprint: string): void {
    this.#verified.add(fingerprint);
    const oldest = this.#verified.keys().next();
    if (this.#verified.size > MOST_REMEMBERED && !oldest.done) this.#verified.delete(oldest.value);
  }
}

/** Host names that a certificate is for; without any, its owner's name. */
function namesOf({ cert }: TlsIdentity): readonly string[] {
  const { names, commonName } = readCertificate(cert);
  return names.length > 0 ? names : [commonName];
}
