/**
 * What a person has to know of a certificate that is not accepted.
 *
 * @module
 */
import type { CertificateInfo } from "../../shared/certificate.ts";
import { formatTarget } from "../../shared/connection.ts";
import type { Endpoint } from "../../shared/endpoint.ts";
import { CertificateError } from "../../shared/errors.ts";
import type { CertificateProblem } from "../../shared/tls_security.ts";
import { displayName } from "../remote_name.ts";

/** A certificate that somebody has to decide on. */
export interface ShownCertificate {
  /** Whose it should be: the host as the user named it, and its port. */
  readonly server: Endpoint;
  /** What it says. */
  readonly peer: CertificateInfo;
}

/**
 * Why a certificate is not to be trusted.
 *
 * @param problem What is wrong.
 * @param shown The certificate.
 * @returns The reason in words.
 */
export function problemText(problem: CertificateProblem, { peer }: ShownCertificate): string {
  const texts: Readonly<Record<CertificateProblem, string>> = {
    "expired": "it has expired",
    "not-yet-valid": "it is not valid yet",
    "wrong-host": `it is for ${peer.names.join(", ") || peer.subject || "no host"}`,
    "self-signed": "nobody but itself vouches for it",
    "unknown-issuer": "no authority that is known here vouches for it",
  };
  return texts[problem];
}

/**
 * What a certificate says, for people.
 *
 * @param peer The certificate.
 * @returns Owner, issuer and validity on one line.
 */
export function certificateText({ subject, issuer, validFrom, validTo }: CertificateInfo): string {
  const [from, to] = [validFrom, validTo].map((date) => date.toISOString().slice(0, 10));
  return displayName(`subject ${subject}; issuer ${issuer}; valid ${from} to ${to}`);
}

/**
 * The error for a certificate that is not accepted; it names the option that would accept this one.
 *
 * @param reason Why, as {@linkcode problemText} says it.
 * @param shown The certificate.
 * @returns The error.
 */
export function refusal(reason: string, { server, peer }: ShownCertificate): CertificateError {
  return new CertificateError(
    `Cannot trust the certificate of ${displayName(formatTarget(server))}: ` +
      `${displayName(reason)} (${certificateText(peer)}); ` +
      `to accept just this one: --pin ${peer.fingerprint}`,
  );
}
