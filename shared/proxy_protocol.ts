/**
 * The header that a balancer sends ahead of a connection to say whose it is: PROXY protocol, version
 * 1 (text) and 2 (binary), as HAProxy's specification has them.
 *
 * @module
 */
import { type Endpoint, isIpv6, unmapAddress } from "./endpoint.ts";
import { ProtocolError } from "./errors.ts";

/** Whose connection it is. */
export type ProxyHeader =
  /** A client's: where it comes from, and which address and port it reached at the balancer. */
  | { readonly kind: "client"; readonly source: Endpoint; readonly destination: Endpoint }
  /** The balancer's own, such as a check of health. */
  | { readonly kind: "local" };

/** A header, and what came behind it. */
export interface DecodedProxyHeader {
  /** Whose connection it is. */
  readonly header: ProxyHeader;
  /** Bytes of the connection itself. */
  readonly rest: Uint8Array;
}

/** Longest header of version 1 in bytes, with its CRLF. */
const MAX_TEXT = 107;

/** Most bytes behind the fixed part of version 2: addresses, and extensions that we skip. */
const MAX_PAYLOAD = 4096;

const TEXT_START = new TextEncoder().encode("PROXY ");
const BINARY_START = Uint8Array.of(13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10);
const FIXED_PART = 16;
const LF = 0x0a;

/** Reads one header, whatever way its bytes are cut. */
export class ProxyHeaderReader {
  #held: Uint8Array = new Uint8Array();

  /**
   * Takes the next bytes.
   *
   * @param bytes What arrived; not kept beyond the call.
   * @returns The header and what is behind it, or undefined while more is needed.
   * @throws {ProtocolError} As soon as it is clear that this is no valid header.
   */
  push(bytes: Uint8Array): DecodedProxyHeader | undefined {
    const all = new Uint8Array(this.#held.length + bytes.length);
    all.set(this.#held);
    all.set(bytes, this.#held.length);
    const decoded = decode(all);
    if (decoded === undefined) this.#held = all;
    return decoded;
  }
}

function decode(bytes: Uint8Array): DecodedProxyHeader | undefined {
  if (beginsLike(bytes, TEXT_START)) return decodeText(bytes);
  if (beginsLike(bytes, BINARY_START)) return decodeBinary(bytes);
  throw new ProtocolError("Cannot read the PROXY header: there is none");
}

/** Whether the bytes are the start, or a part of it. */
function beginsLike(bytes: Uint8Array, start: Uint8Array): boolean {
  return bytes.subarray(0, start.length).every((byte, at) => byte === start[at]);
}

function decodeText(bytes: Uint8Array): DecodedProxyHeader | undefined {
  const end = bytes.subarray(0, MAX_TEXT).indexOf(LF);
  if (end < 0 && bytes.length < MAX_TEXT) return undefined;
  if (end < 0) throw new ProtocolError("Cannot read the PROXY header: the line is too long");
  const line = String.fromCharCode(...bytes.subarray(0, end + 1));
  return { header: parseLine(line), rest: bytes.slice(end + 1) };
}

function parseLine(line: string): ProxyHeader {
  if (/^PROXY UNKNOWN(?: [^\r\n]*)?\r\n$/.test(line)) return { kind: "local" };
  const [, family, source = "", destination = "", from = "", to = ""] =
    line.match(/^PROXY TCP([46]) ([0-9A-Fa-f.:]+) ([0-9A-Fa-f.:]+) (\d{1,5}) (\d{1,5})\r\n$/) ?? [];
  const valid = family === "4" ? isIpv4 : isIpv6;
  const ports = [from, to].map(portOf);
  if (family === undefined || !valid(source) || !valid(destination) || ports.includes(undefined)) {
    throw new ProtocolError(`Cannot read the PROXY header: ${JSON.stringify(line.trimEnd())}`);
  }
  return client({ hostname: source, port: ports[0] ?? 0 }, {
    hostname: destination,
    port: ports[1] ?? 0,
  });
}

function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 &&
    parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
}

function portOf(text: string): number | undefined {
  return /^(?:0|[1-9]\d*)$/.test(text) && Number(text) < 65_536 ? Number(text) : undefined;
}

function decodeBinary(bytes: Uint8Array): DecodedProxyHeader | undefined {
  if (bytes.length < FIXED_PART) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const versionAndCommand = view.getUint8(12);
  const length = view.getUint16(14);
  if (versionAndCommand !== 0x20 && versionAndCommand !== 0x21) {
    throw new ProtocolError("Cannot read the PROXY header: unknown version or command");
  }
  if (length > MAX_PAYLOAD) throw new ProtocolError("Cannot read the PROXY header: it is too long");
  if (bytes.length < FIXED_PART + length) return undefined;
  const payload = bytes.subarray(FIXED_PART, FIXED_PART + length);
  const header: ProxyHeader = versionAndCommand === 0x20
    ? { kind: "local" }
    : addresses(view.getUint8(13), payload);
  return { header, rest: bytes.slice(FIXED_PART + length) };
}

function addresses(familyAndProtocol: number, payload: Uint8Array): ProxyHeader {
  if (familyAndProtocol === 0x00) return { kind: "local" };
  const size = familyAndProtocol === 0x11 ? 4 : familyAndProtocol === 0x21 ? 16 : undefined;
  if (size === undefined) {
    throw new ProtocolError("Cannot read the PROXY header: neither TCP over IPv4 nor over IPv6");
  }
  if (payload.length < 2 * size + 4) {
    throw new ProtocolError("Cannot read the PROXY header: the addresses are cut off");
  }
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const at = (offset: number): string => addressText(payload.subarray(offset, offset + size));
  return client({ hostname: at(0), port: view.getUint16(2 * size) }, {
    hostname: at(size),
    port: view.getUint16(2 * size + 2),
  });
}

function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from(
    { length: 8 },
    (_, index) => ((bytes[2 * index] ?? 0) << 8 | (bytes[2 * index + 1] ?? 0)).toString(16),
  );
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}

function client(source: Endpoint, destination: Endpoint): ProxyHeader {
  return { kind: "client", source: plain(source), destination: plain(destination) };
}

/** As the system writes addresses, so that they compare. */
function plain({ hostname, port }: Endpoint): Endpoint {
  const address = hostname.includes(":")
    ? new URL(`http://[${hostname}]/`).hostname.slice(1, -1)
    : hostname;
  return { hostname: unmapAddress(address), port };
}
