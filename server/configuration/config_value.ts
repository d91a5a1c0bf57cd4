/**
 * Values of the configuration, from the texts in which people give them. Each reader throws a
 * `UsageError` that says what the text must be; where it stands, the caller knows.
 *
 * @module
 */
import { isIPv4 } from "node:net";
import { resolve } from "node:path";
import { openCharset } from "../../shared/charset.ts";
import { type Endpoint, isIpv6 } from "../../shared/endpoint.ts";
import { UsageError } from "../../shared/errors.ts";
import { normalizePath } from "../../shared/ftp_path.ts";
import { parseNetwork } from "../../shared/network.ts";
import { parseInteger, parseSeconds } from "../../shared/options.ts";
import { parseSize } from "../../shared/size.ts";
import type { PortRange } from "./config.ts";

/** The highest number of a TCP port. */
export const HIGHEST_PORT = 65_535;

const LOWEST_UNPRIVILEGED_PORT = 1024;
const MOST_WORKERS = 64;

/** Labels of letters, digits and hyphens, the last of them no number (RFC 1123 section 2.1). */
const HOST_NAME = /^(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)*[a-z](?:[a-z\d-]{0,61}[a-z\d])?\.?$/i;

/** A switch has no text: that it is there is all. */
export function given(): true {
  return true;
}

/**
 * Reads one of several words.
 *
 * @param words The words.
 * @returns What reads them.
 */
export function word<const T extends string>(words: readonly T[]): (text: string) => T {
  return (text) => {
    const found = words.find((known) => known === text);
    if (found === undefined) throw new UsageError(`must be one of ${words.join(", ")}`);
    return found;
  };
}

/**
 * Reads a whole number.
 *
 * @param min The lowest that is valid.
 * @param max The highest that is valid; a million unless given.
 * @returns What reads it.
 */
export function wholeNumber(min: number, max = 1_000_000): (text: string) => number {
  return (text) => parseInteger(text, { min, max });
}

/** Reads seconds, fractions allowed, as milliseconds. */
export function milliseconds(text: string): number {
  return parseSeconds(text) * 1000;
}

/** Reads bytes per second, above 0. */
export function byteRate(text: string): number {
  const rate = parseSize(text);
  if (rate === 0) throw new UsageError("must be above 0");
  return rate;
}

/** Reads any text that is not empty and has no control characters. */
export function oneLine(text: string): string {
  if (text === "") throw new UsageError("must not be empty");
  if (/\p{Cc}/u.test(text)) throw new UsageError("must be one line without control characters");
  return text;
}

/** Reads a text of one or more lines; the end of the last one does not count. */
export function someLines(text: string): string {
  const clean = text.replaceAll("\r\n", "\n").replace(/\n$/, "");
  if (/[^\P{Cc}\n\t]/u.test(clean)) throw new UsageError("must not have control characters");
  return clean;
}

/** Reads an absolute path as clients see it. */
export function virtualPath(text: string): string {
  if (!text.startsWith("/")) throw new UsageError("must begin with a slash");
  return normalizePath("/", oneLine(text));
}

/** Reads a path of this machine, as an absolute one. */
export function localPath(text: string, base: string): string {
  return resolve(base, oneLine(text));
}

/**
 * Reads `A-B`.
 *
 * @param text Two ports from 1024 on, the lower first.
 * @returns The range.
 * @throws {UsageError} If it is anything else.
 */
export function portRange(text: string): PortRange {
  const [, first, last] = text.match(/^(\d{1,5})-(\d{1,5})$/) ?? [];
  const range = { first: Number(first), last: Number(last) };
  const valid = range.first >= LOWEST_UNPRIVILEGED_PORT && range.first <= range.last &&
    range.last <= HIGHEST_PORT;
  if (!valid) throw new UsageError("must be two ports from 1024 to 65535, such as 50000-50100");
  return range;
}

/** Reads the address for 227: IPv4, or a host name that is looked up. */
export function publicAddress(text: string): string {
  if (isIPv4(text) || HOST_NAME.test(text)) return text;
  throw new UsageError(
    isIpv6(text) ? "PASV knows only IPv4 addresses" : "must be an IPv4 address or a host name",
  );
}

/** Reads the address for 227 of one network: IPv4, or `local` for the one that the client reached. */
export function networkAddress(text: string): string {
  if (isIPv4(text) || text === "local") return text;
  throw new UsageError('must be an IPv4 address or "local"');
}

/** Reads `192.168.0.0/16`, `2001:db8::/32` or one address. */
export function network(text: string): string {
  return parseNetwork(text).text;
}

/** Reads `[HOST:]PORT`; an IPv6 address stands in brackets, and without a host it is 127.0.0.1. */
export function endpoint(text: string): Endpoint {
  const [, ipv6, name, port] = text.match(/^(?:\[([^\]]+)\]:|([^:[\]]+):)?(\d{1,5})$/) ?? [];
  const hostname = ipv6 ?? name ?? "127.0.0.1";
  const valid = ipv6 === undefined ? isIPv4(hostname) || HOST_NAME.test(hostname) : isIpv6(ipv6);
  if (valid && Number(port) <= HIGHEST_PORT) return { hostname, port: Number(port) };
  throw new UsageError("must be a port, or an address and a port: 127.0.0.1:9100 or [::1]:9100");
}

/** Reads permission bits in octal. */
export function octalBits(text: string): number {
  if (!/^0?[0-7]{1,3}$/.test(text)) throw new UsageError("must be octal, such as 022");
  return parseInt(text, 8);
}

/** Reads a glob that is matched against single names. */
export function nameGlob(text: string): string {
  if (text.includes("/")) throw new UsageError("must be a pattern for one name, without a slash");
  return oneLine(text);
}

/** Reads the name of an encoding. */
export function charset(text: string): string {
  return openCharset(text).label;
}

/** Reads `USER[:GROUP]`. */
export function systemUserName(text: string): string {
  if (/^[^\s:]+(?::[^\s:]+)?$/.test(text)) return text;
  throw new UsageError("must be USER or USER:GROUP");
}

/** Reads a number of workers, or `auto`. */
export function workerNumber(text: string): number | "auto" {
  return text === "auto" ? text : wholeNumber(1, MOST_WORKERS)(text);
}
