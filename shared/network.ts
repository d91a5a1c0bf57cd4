/**
 * Networks: `192.168.0.0/16`, `2001:db8::/32`, or one address.
 *
 * @module
 */
import { isIpv6, unmapAddress } from "./endpoint.ts";
import { UsageError } from "./errors.ts";

/** A network of IPv4 or IPv6 addresses. */
export interface Network {
  /** As it was written. */
  readonly text: string;
  /** Its lowest address, 4 or 16 bytes. */
  readonly address: Uint8Array;
  /** How many bits of it count. */
  readonly prefix: number;
}

/**
 * Reads a network.
 *
 * @example Usage
 * ```ts
 * import { inNetwork, parseNetwork } from "./network.ts";
 * const network = parseNetwork("10.0.0.0/8");
 * if (!inNetwork(network, "10.1.2.3") || inNetwork(network, "11.0.0.1")) {
 *   throw new Error("unexpected");
 * }
 * ```
 *
 * @param text An address, or an address, `/` and the number of bits.
 * @returns The network.
 * @throws {UsageError} If it is anything else, or the address has bits behind the prefix.
 */
export function parseNetwork(text: string): Network {
  const [, host = "", bits] = text.match(/^([^/]*)(?:\/(\d{1,3}))?$/) ?? [];
  const address = host.includes("%") ? undefined : addressBytes(host);
  const longest = (address?.length ?? 0) * 8;
  const prefix = bits === undefined ? longest : Number(bits);
  if (address === undefined || prefix > longest) {
    throw new UsageError(`Invalid network "${text}": must be like 192.168.0.0/16 or 2001:db8::/32`);
  }
  if (!sameBits(address, new Uint8Array(address.length), { from: prefix, to: longest })) {
    throw new UsageError(`Invalid network "${text}": the address has bits behind /${prefix}`);
  }
  return { text, address, prefix };
}

/**
 * Whether an address belongs to a network. IPv4 written as IPv6 counts as IPv4.
 *
 * @param network The network.
 * @param address An address; what is none belongs to no network.
 * @returns Whether it does.
 */
export function inNetwork(network: Network, address: string): boolean {
  const bytes = addressBytes(address);
  return bytes !== undefined && bytes.length === network.address.length &&
    sameBits(bytes, network.address, { from: 0, to: network.prefix });
}

function sameBits(
  a: Uint8Array,
  b: Uint8Array,
  { from, to }: { readonly from: number; readonly to: number },
): boolean {
  const bit = (bytes: Uint8Array, at: number): number =>
    ((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
  for (let at = from; at < to; at++) if (bit(a, at) !== bit(b, at)) return false;
  return true;
}

/**
 * The bytes of an address, in the order of the network.
 *
 * @example Usage
 * ```ts
 * import { addressBytes } from "./network.ts";
 * if (addressBytes("127.0.0.1")?.join() !== "127,0,0,1") throw new Error("unexpected");
 * ```
 *
 * @param text An address; a zone id is left out.
 * @returns 4 or 16 bytes (IPv4 written as IPv6 has 4), or undefined where it is no address.
 */
export function addressBytes(text: string): Uint8Array | undefined {
  const address = unmapAddress(text);
  const octets = ipv4Bytes(address);
  if (octets !== undefined) return octets;
  return isIpv6(address) ? ipv6Bytes(address) : undefined;
}

function ipv4Bytes(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  const valid = parts.length === 4 &&
    parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  return valid ? Uint8Array.from(parts, Number) : undefined;
}

/** The address is known to be valid. */
function ipv6Bytes(text: string): Uint8Array {
  const [head = "", tail] = text.split("::");
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const zeros = new Array<number>(Math.max(0, 8 - front.length - back.length)).fill(0);
  return Uint8Array.from(
    [...front, ...zeros, ...back].flatMap((group) => [group >> 8, group & 255]),
  );
}

/** The last two groups may be written as an IPv4 address. */
function groups(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    const [a = 0, b = 0, c = 0, d = 0] = ipv4Bytes(group) ?? [];
    return group.includes(".") ? [a << 8 | b, c << 8 | d] : [parseInt(group, 16)];
  });
}

/**
 * What counts as one client: an IPv4 address, or the /64 of an IPv6 address, which is what one
 * subscriber gets.
 *
 * @param address An address.
 * @returns A text that is the same for all addresses of that block.
 */
export function addressBlock(address: string): string {
  const bytes = addressBytes(address);
  if (bytes === undefined || bytes.length === 4) return unmapAddress(address);
  return bytes.slice(0, 8).toHex();
}
