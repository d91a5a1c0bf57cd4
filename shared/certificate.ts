/**
 * Certificates: what they say, and how one of them is told from all others.
 *
 * @module
 */
import { X509Certificate } from "node:crypto";
import { reasonOf, TlsError } from "./errors.ts";
import { escapeControls } from "./safe_text.ts";

/** What a certificate says. */
export interface CertificateInfo {
  /** Whose it is, such as `CN=ftp.example.org, O=Example\, Inc.`. */
  readonly subject: string;
  /** Who vouches for it. */
  readonly issuer: string;
  /** When it begins to be valid. */
  readonly validFrom: Date;
  /** When it ends. */
  readonly validTo: Date;
  /** Host names and addresses it is for. */
  readonly names: readonly string[];
  /** The name of its owner: the subject's CN; empty where it has none, or several. */
  readonly commonName: string;
  /** `sha256:` and 64 hexadecimal digits over all of it. */
  readonly fingerprint: string;
}

/** What begins a pin. */
const PIN_PREFIX = "sha256:";

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * Reads what a certificate says.
 *
 * @param certificate PEM of one certificate, or its bytes.
 * @returns What it says.
 * @throws {TlsError} If it is no certificate.
 */
export function readCertificate(certificate: string | Uint8Array): CertificateInfo {
  const x509 = parse(certificate);
  // As text, parts of a name are divided by line ends, which may also be inside of them.
  const { subject, issuer } = x509.toLegacyObject();
  return {
    subject: oneLine(subject),
    issuer: oneLine(issuer),
    validFrom: new Date(x509.validFrom),
    validTo: new Date(x509.validTo),
    names: alternativeNames(x509.subjectAltName ?? ""),
    commonName: onlyValue(subject.CN),
    fingerprint: PIN_PREFIX + x509.fingerprint256.replaceAll(":", "").toLowerCase(),
  };
}

function parse(certificate: string | Uint8Array): X509Certificate {
  try {
    return new X509Certificate(certificate);
  } catch (error) {
    throw new TlsError(`Cannot read the certificate: ${reasonOf(error)}`, { cause: error });
  }
}

type Values = string | readonly string[] | undefined;

function valuesOf(values: Values): readonly string[] {
  return values === undefined ? [] : [values].flat();
}

function onlyValue(values: Values): string {
  const [first = "", ...others] = valuesOf(values);
  return others.length === 0 ? first : "";
}

/** One line for all parts of a name. */
function oneLine(name: object): string {
  const parts: [string, Values][] = Object.entries(name);
  const written = parts.flatMap(([key, values]) =>
    valuesOf(values).map((value) => `${key}=${escaped(value)}`)
  );
  return written.join(", ");
}

/**
 * What belongs to the form of a name is marked (RFC 4514 section 2.4), and what has no form of its own
 * but turns others round is spelt out: whoever made the certificate must not seem to be another.
 */
function escaped(value: string): string {
  const marked = value.replace(/[\\,;+"<>]/g, "\\$&");
  const spelt = (sign: string): string => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`;
  return escapeControls(marked).replace(/\p{Cf}/gu, spelt);
}

function alternativeNames(text: string): string[] {
  return text.split(", ").flatMap((entry) => {
    const [, name] = entry.match(/^(?:DNS|IP Address):(.*)$/) ?? [];
    return name === undefined ? [] : [name];
  });
}

/**
 * The certificates in a PEM file, one after another.
 *
 * @example Usage
 * ```ts
 * import { splitCertificates } from "./certificate.ts";
 * if (splitCertificates("nothing of the kind").length !== 0) throw new Error("unexpected");
 * ```
 *
 * @param pem The text; anything around the certificates is passed over.
 * @returns The PEM of each.
 */
export function splitCertificates(pem: string): readonly string[] {
  return pem.match(PEM_CERTIFICATE) ?? [];
}

/**
 * Reads a pin: the fingerprint of the one certificate that is accepted.
 *
 * @example Usage
 * ```ts
 * import { parsePin } from "./certificate.ts";
 * const pin = parsePin(`SHA256:${"AB:".repeat(31)}AB`);
 * if (pin !== `sha256:${"ab".repeat(32)}`) throw new Error("unexpected");
 * ```
 *
 * @param text `sha256:` and 64 hexadecimal digits, colons between them allowed.
 * @returns It as {@linkcode CertificateInfo.fingerprint} is written, or undefined where it is none.
 */
export function parsePin(text: string): string | undefined {
  const [, digits] = text.toLowerCase().match(/^sha256:((?:[0-9a-f]{2}:?){31}[0-9a-f]{2})$/) ?? [];
  return digits === undefined ? undefined : PIN_PREFIX + digits.replaceAll(":", "");
}
