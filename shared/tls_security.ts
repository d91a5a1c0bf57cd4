/**
 * What a TLS handshake has settled: how safe the connection is, and with whom.
 *
 * @module
 */
import type { TLSSocket } from "node:tls";
import { type CertificateInfo, readCertificate } from "./certificate.ts";

/** The oldest version that is spoken (RFC 8996 forbids those before). */
export const MIN_TLS_VERSION = "TLSv1.2";

/** Why a peer's certificate is not to be trusted. */
export type CertificateProblem =
  | "expired"
  | "not-yet-valid"
  | "wrong-host"
  | "self-signed"
  | "unknown-issuer";

/** What a handshake has settled. */
export interface TlsSecurity {
  /** `TLSv1.2` or `TLSv1.3`. */
  readonly version: string;
  /** OpenSSL's name of the cipher suite. */
  readonly cipher: string;
  /** Whether an earlier session was taken up again. */
  readonly resumed: boolean;
  /** Whether the peer can take this session up again; a server always can. */
  readonly resumable: boolean;
  /** What both ends agreed to speak (ALPN, RFC 7301). */
  readonly protocol: string | undefined;
  /** The peer's certificate, where it showed one. */
  readonly peer: CertificateInfo | undefined;
  /**
   * Why the peer's certificate is not to be trusted. Undefined where it is, where there is none, and
   * where the session was resumed: it was judged when the session began.
   */
  readonly problem: CertificateProblem | undefined;
}

/**
 * Looks at a socket whose handshake is done.
 *
 * @param socket The socket.
 * @returns What it has settled.
 * @throws {TlsError} If the peer's certificate cannot be read.
 */
export function securityOf(socket: TLSSocket): TlsSecurity {
  const raw: Uint8Array | undefined = socket.getPeerCertificate()?.raw;
  const peer = raw === undefined ? undefined : readCertificate(raw);
  const resumed = socket.isSessionReused();
  const trusted = peer === undefined || resumed || socket.authorized;
  return {
    version: socket.getProtocol() ?? "",
    cipher: socket.getCipher().name,
    resumed,
    resumable: true,
    protocol: typeof socket.alpnProtocol === "string" ? socket.alpnProtocol : undefined,
    peer,
    problem: trusted ? undefined : problemOf(String(socket.authorizationError), peer),
  };
}

/** The runtime has one word for most problems, so the dates are looked at here. */
function problemOf(code: string, { validFrom, validTo }: CertificateInfo): CertificateProblem {
  const now = new Date();
  if (now > validTo) return "expired";
  if (now < validFrom) return "not-yet-valid";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return "wrong-host";
  return code === "DEPTH_ZERO_SELF_SIGNED_CERT" ? "self-signed" : "unknown-issuer";
}
