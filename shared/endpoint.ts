/**
 * Addresses of data connections as FTP writes them: PORT and 227 (RFC 959 sections 4.1.2 and 4.2),
 * EPRT and 229 (RFC 2428).
 *
 * @module
 */

import { ProtocolError } from "./errors.ts";

/** Where a data connection goes. */
export interface Endpoint {
  /** An IPv4 or IPv6 address, without brackets. */
  readonly hostname: string;
  /** The TCP port, 1 to 65535. */
  readonly port: number;
}

/** What EPRT names: an endpoint and its network protocol (RFC 2428 section 2). */
export interface EprtEndpoint extends Endpoint {
  /** 1 for IPv4, 2 for IPv6. */
  readonly protocol: 1 | 2;
}

/** EPRT names a network protocol that is neither 1 nor 2: reply 522 (RFC 2428 section 2). */
export class EprtProtocolError extends ProtocolError {}

const PORT_ARGUMENT = /^\d{1,3}(?:,\d{1,3}){5}$/;
const SIX_WITH_COMMAS = /(?<!\d)\d{1,3}(?:\s*,\s*\d{1,3}){5}(?!\d)/;
const SIX_NUMBERS = /(?<!\d)\d{1,3}(?:[\s,.;]+\d{1,3}){5}(?!\d)/;
const EPSV_PORT = /([!-/:-~])\1\1(\d{1,5})\1/;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const IPV6_LETTERS = /^[0-9a-f.]*:[0-9a-f:.]*$/i;
const MAPPED_IPV4 = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/**
 * Reads the argument of PORT (RFC 959 section 4.1.2).
 *
 * @example Usage
 * ```ts
 * import { parsePort } from "./endpoint.ts";
 * if (parsePort("127,0,0,1,4,1").port !== 1025) throw new Error("unexpected");
 * ```
 *
 * @param argument Six decimal numbers with commas.
 * @returns The endpoint.
 * @throws {ProtocolError} If it is anything else, or the port is 0.
 */
export function parsePort(argument: string): Endpoint {
  const endpoint = PORT_ARGUMENT.test(argument) ? fromSixNumbers(argument) : undefined;
  if (endpoint !== undefined) return endpoint;
  throw new ProtocolError(`Cannot read the address ${quote(argument)}: not h1,h2,h3,h4,p1,p2`);
}

/**
 * Writes the argument of PORT (RFC 959 section 4.1.2).
 *
 * @param endpoint An IPv4 endpoint; an IPv4 address in its IPv6 form counts as one.
 * @returns Six numbers, such as `127,0,0,1,4,1`.
 * @throws {RangeError} If the address is not IPv4 or the port not 1 to 65535.
 */
export function formatPort(endpoint: Endpoint): string {
  const hostname = unmapAddress(endpoint.hostname);
  if (!IPV4.test(hostname)) throw new RangeError(`Not an IPv4 address: ${quote(hostname)}`);
  const port = checkedPort(endpoint.port);
  return [...hostname.split("."), port >> 8, port & 255].join(",");
}

/**
 * Reads the argument of EPRT (RFC 2428 section 2); any ASCII character from 33 to 126 may delimit.
 *
 * @example Usage
 * ```ts
 * import { parseEprt } from "./endpoint.ts";
 * const { protocol, hostname, port } = parseEprt("|2|::1|1025|");
 * if (protocol !== 2 || hostname !== "::1" || port !== 1025) throw new Error("unexpected");
 * ```
 *
 * @param argument Protocol, address and port between delimiters.
 * @returns The endpoint, its address as {@linkcode unmapAddress} gives it.
 * @throws {EprtProtocolError} If the protocol is a number other than 1 and 2.
 * @throws {ProtocolError} If it is anything else that cannot be read.
 */
export function parseEprt(argument: string): EprtEndpoint {
  const delimiter = argument.charAt(0);
  const fields = /^[!-~]$/.test(delimiter) ? argument.split(delimiter) : [];
  const [, protocolText = "", address = "", portText = "", tail] = fields;
  if (fields.length !== 5 || tail !== "" || !/^\d+$/.test(protocolText)) {
    throw new ProtocolError(`Cannot read the address ${quote(argument)}: not |1|address|port|`);
  }
  const protocol = Number(protocolText);
  if (protocol !== 1 && protocol !== 2) {
    throw new EprtProtocolError(
      `Cannot use the network protocol "${protocolText}": only 1 (IPv4) and 2 (IPv6) are known`,
    );
  }
  const valid = protocol === 1 ? IPV4.test(address) : !address.includes("%") && isIpv6(address);
  const port = parsePortNumber(portText);
  if (!valid || port === undefined) {
    throw new ProtocolError(
      `Cannot read the address ${quote(argument)}: not an address and port of protocol ${protocol}`,
    );
  }
  return { protocol, hostname: unmapAddress(address), port };
}

/**
 * Writes the argument of EPRT (RFC 2428 section 2).
 *
 * @param endpoint Any endpoint; a zone id is left out, since it means nothing to the peer.
 * @returns The argument, such as `|1|127.0.0.1|1025|`.
 * @throws {RangeError} If the host name is no address or the port not 1 to 65535.
 */
export function formatEprt(endpoint: Endpoint): string {
  const hostname = unmapAddress(endpoint.hostname);
  const port = checkedPort(endpoint.port);
  if (IPV4.test(hostname)) return `|1|${hostname}|${port}|`;
  if (isIpv6(hostname)) return `|2|${hostname}|${port}|`;
  throw new RangeError(`Not an IP address: ${quote(hostname)}`);
}

/**
 * Finds the endpoint in the text of a 227 reply. RFC 959 does not say how it stands there, so
 * RFC 1123 section 4.1.2.6 has clients search for it: old servers leave out the parentheses, put
 * spaces after the commas or a "=" in front.
 *
 * @param text The text after the code.
 * @returns The endpoint. Its address is the server's word only: connect to the control host.
 * @throws {ProtocolError} If there are no six numbers, or the port is 0.
 */
export function parsePasvReply(text: string): Endpoint {
  const found = SIX_WITH_COMMAS.exec(text) ?? SIX_NUMBERS.exec(text);
  const endpoint = found === null ? undefined : fromSixNumbers(found[0]);
  if (endpoint !== undefined) return endpoint;
  throw new ProtocolError(`Cannot read the passive address in ${quote(text)}: no six numbers`);
}

/**
 * Writes the text of a 227 reply.
 *
 * @param endpoint An IPv4 endpoint.
 * @returns The text, such as `Entering Passive Mode (127,0,0,1,4,1)`.
 * @throws {RangeError} If the address is not IPv4 or the port not 1 to 65535.
 */
export function formatPasvReply(endpoint: Endpoint): string {
  return `Entering Passive Mode (${formatPort(endpoint)})`;
}

/**
 * Finds the port in the text of a 229 reply (RFC 2428 section 3); any delimiter, and the
 * parentheses may be missing.
 *
 * @param text The text after the code.
 * @returns The port, 1 to 65535.
 * @throws {ProtocolError} If there is none.
 */
export function parseEpsvReply(text: string): number {
  const port = parsePortNumber(EPSV_PORT.exec(text)?.[2] ?? "");
  if (port !== undefined) return port;
  throw new ProtocolError(`Cannot read the passive port in ${quote(text)}: no (|||port|)`);
}

/**
 * Writes the text of a 229 reply (RFC 2428 section 3).
 *
 * @param port The port, 1 to 65535.
 * @returns The text, such as `Entering Extended Passive Mode (|||6446|)`.
 * @throws {RangeError} If the port is not 1 to 65535.
 */
export function formatEpsvReply(port: number): string {
  return `Entering Extended Passive Mode (|||${checkedPort(port)}|)`;
}

/**
 * The one form of an address that is fit for comparing: an IPv4 address in its IPv6 form becomes
 * plain (a dual-stack listener shows IPv4 peers so), IPv6 is lower case, at its shortest and
 * without zone id. Anything else becomes lower case only.
 *
 * @example Usage
 * ```ts
 * import { unmapAddress } from "./endpoint.ts";
 * if (unmapAddress("::FFFF:127.0.0.1") !== "127.0.0.1") throw new Error("unexpected");
 * if (unmapAddress("FE80:0::1%eth0") !== "fe80::1") throw new Error("unexpected");
 * ```
 *
 * @param hostname An address or a host name.
 * @returns The comparable form.
 */
export function unmapAddress(hostname: string): string {
  if (!isIpv6(hostname)) return hostname.toLowerCase();
  const shortest = new URL(ipv6Url(hostname)).hostname.slice(1, -1);
  const [, high, low] = MAPPED_IPV4.exec(shortest) ?? [];
  if (high === undefined || low === undefined) return shortest;
  return [high, low].flatMap((hex) => [parseInt(hex, 16) >> 8, parseInt(hex, 16) & 255]).join(".");
}

/**
 * Whether a host name is an IPv6 address; a zone id may follow it.
 *
 * @param hostname An address or a host name, without brackets.
 * @returns True also for an IPv4 address in its IPv6 form: see {@linkcode unmapAddress}.
 */
export function isIpv6(hostname: string): boolean {
  return IPV6_LETTERS.test(withoutZone(hostname)) && URL.canParse(ipv6Url(hostname));
}

function ipv6Url(hostname: string): string {
  return `http://[${withoutZone(hostname)}]/`;
}

function withoutZone(hostname: string): string {
  return hostname.replace(/%.*$/s, "");
}

function fromSixNumbers(text: string): Endpoint | undefined {
  const numbers = text.split(/\D+/).map(Number);
  const [high = 0, low = 0] = numbers.slice(4);
  const port = high * 256 + low;
  if (port === 0 || numbers.some((number) => number > 255)) return undefined;
  return { hostname: numbers.slice(0, 4).join("."), port };
}

function parsePortNumber(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65535 ? port : undefined;
}

function checkedPort(port: number): number {
  if (Number.isInteger(port) && port >= 1 && port <= 65535) return port;
  throw new RangeError(`Not a TCP port: ${port}`);
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
