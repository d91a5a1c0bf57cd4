/**
 * Who one end of a TLS connection is: its certificate and the key to it.
 *
 * @module
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { splitCertificates } from "./certificate.ts";
import { reasonOf, TlsError } from "./errors.ts";

/** A certificate and its key. Plain data: it crosses threads. */
export interface TlsIdentity {
  /** PEM: the certificate first, then those that vouch for it. */
  readonly cert: string;
  /** PEM of the private key, not encrypted. */
  readonly key: string;
}

/** Texts that may hold an identity. */
export interface IdentitySource {
  /** PEM with the certificates, and the key where there is no other text for it. */
  readonly cert: string;
  /** PEM with the key. */
  readonly key?: string;
}

const PEM_KEY = /-----BEGIN ([A-Z ]*)PRIVATE KEY-----[\s\S]+?-----END \1PRIVATE KEY-----/;

/**
 * Takes certificate and key out of PEM texts, and checks that they belong together.
 *
 * @param source The texts.
 * @returns Both.
 * @throws {TlsError} If there is no certificate, no key that can be used, or they do not fit.
 */
export function readIdentity(source: IdentitySource): TlsIdentity {
  const certificates = splitCertificates(source.cert);
  const [leaf] = certificates;
  if (leaf === undefined) throw new TlsError("there is no certificate (PEM) in it");
  const key = readKey(source.key ?? source.cert);
  if (!belongsTo(key.object, leaf)) {
    throw new TlsError("the key does not belong to the certificate");
  }
  return { cert: `${certificates.join("\n")}\n`, key: key.pem };
}

function readKey(text: string): { readonly pem: string; readonly object: KeyObject } {
  const [pem] = text.match(PEM_KEY) ?? [];
  if (pem === undefined) throw new TlsError("there is no private key (PEM) in it");
  if (pem.includes("ENCRYPTED")) {
    throw new TlsError("the private key is encrypted: it must be stored without a password");
  }
  try {
    return { pem: `${pem}\n`, object: createPrivateKey(pem) };
  } catch (error) {
    throw new TlsError(`the private key cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

function belongsTo(key: KeyObject, certificate: string): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(key);
  } catch (error) {
    throw new TlsError(`the certificate cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}
