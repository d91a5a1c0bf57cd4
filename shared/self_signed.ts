/**
 * Certificates that vouch for themselves: ECDSA P-256, for a server only, with every name and
 * address in the alternative names (RFC 5280).
 *
 * @module
 */
import {
  bitString,
  concat,
  type Der,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  tagged,
  time,
  utf8String,
  yes,
} from "./der.ts";
import { isIpv6 } from "./endpoint.ts";
import type { TlsIdentity } from "./tls_identity.ts";

/** What a self-signed certificate says. */
export interface SelfSignedOptions {
  /** Host names and addresses (IPv4, IPv6) it is for; the first of them is the subject's name. */
  readonly names: readonly string[];
  /** Days that it is valid; browsers and some clients refuse more than 825. */
  readonly days: number;
}

const ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
const COMMON_NAME = "2.5.4.3";
const BASIC_CONSTRAINTS = "2.5.29.19";
const KEY_USAGE = "2.5.29.15";
const EXTENDED_KEY_USAGE = "2.5.29.37";
const ALTERNATIVE_NAMES = "2.5.29.17";
const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";

/** Version 3, in its context tag (RFC 5280 section 4.1.2.1). */
const VERSION_3 = tagged(0xa0, integer(Uint8Array.of(2)));

/** Tags of dNSName and iPAddress (RFC 5280 section 4.2.1.6). */
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;

/** Longest common name (RFC 5280 appendix A.1). */
const MAX_COMMON_NAME = 64;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * Makes a key and a certificate for it.
 *
 * It is no authority (CA:FALSE): verifiers refuse an authority's certificate as that of a server.
 *
 * @param options Names and validity.
 * @returns Both as PEM.
 */
export async function makeSelfSigned(options: SelfSignedOptions): Promise<TlsIdentity> {
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const keys = await crypto.subtle.generateKey(curve, true, ["sign", "verify"]);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey));
  const privateKey = new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
  const body = toBeSigned(options, publicKey);
  const hash = { name: "ECDSA", hash: "SHA-256" };
  const signature = new Uint8Array(await crypto.subtle.sign(hash, keys.privateKey, body));
  const certificate = sequence(body, algorithm(), bitString(asSequence(signature)));
  return { cert: pem("CERTIFICATE", certificate), key: pem("PRIVATE KEY", privateKey) };
}

function toBeSigned({ names, days }: SelfSignedOptions, publicKey: Uint8Array): Der {
  const now = Date.now();
  const name = commonName(names[0] ?? "ftpkit");
  // A clock that is a little late must not find it from the future.
  const validity = sequence(time(new Date(now - HOUR)), time(new Date(now + days * DAY)));
  return sequence(
    VERSION_3,
    integer(serialNumber()),
    algorithm(),
    name,
    validity,
    name,
    publicKey,
    tagged(0xa3, extensions(names)),
  );
}

/** Random, and never zero nor negative. */
function serialNumber(): Uint8Array {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return concat(Uint8Array.of(1), bytes);
}

function algorithm(): Der {
  return sequence(objectIdentifier(ECDSA_WITH_SHA256));
}

function commonName(text: string): Der {
  const attribute = sequence(
    objectIdentifier(COMMON_NAME),
    utf8String(text.slice(0, MAX_COMMON_NAME)),
  );
  return sequence(set(attribute));
}

function extensions(names: readonly string[]): Der {
  const digitalSignature = bitString(Uint8Array.of(0x80), 7);
  return sequence(
    extension(BASIC_CONSTRAINTS, sequence(), "critical"),
    extension(KEY_USAGE, digitalSignature, "critical"),
    extension(EXTENDED_KEY_USAGE, sequence(objectIdentifier(SERVER_AUTH))),
    extension(ALTERNATIVE_NAMES, sequence(...names.map(alternativeName))),
  );
}

function extension(id: string, value: Der, weight?: "critical"): Der {
  const critical = weight === undefined ? [] : [yes()];
  return sequence(objectIdentifier(id), ...critical, octetString(value));
}

function alternativeName(name: string): Der {
  const address = addressBytes(name);
  if (address !== undefined) return tagged(IP_ADDRESS, address);
  return tagged(DNS_NAME, new TextEncoder().encode(name));
}

function addressBytes(name: string): Uint8Array | undefined {
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(name)) return Uint8Array.from(name.split("."), Number);
  return isIpv6(name) ? ipv6Bytes(name) : undefined;
}

function ipv6Bytes(name: string): Uint8Array {
  // A URL writes every IPv6 address in hexadecimal groups, with at most one gap.
  const canonical = new URL(`http://[${name}]/`).hostname.slice(1, -1);
  const [head = "", tail = ""] = canonical.split("::");
  const groups = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((group) => parseInt(group, 16));
  const [left, right] = [groups(head), groups(tail)];
  const gap = Array<number>(8 - left.length - right.length).fill(0);
  const all = [...left, ...gap, ...right];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

/** WebCrypto gives the two numbers side by side; X.509 wants them as a SEQUENCE (RFC 3279). */
function asSequence(signature: Uint8Array): Der {
  const half = signature.length / 2;
  return sequence(integer(signature.subarray(0, half)), integer(signature.subarray(half)));
}

function pem(label: string, bytes: Uint8Array): string {
  const lines = bytes.toBase64().match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
