/**
 * PROXY headers as a balancer sends them.
 *
 * @module
 */
import type { Endpoint } from "../../shared/endpoint.ts";
import { parseNetwork } from "../../shared/network.ts";

/** Version 1, for two addresses of one family. */
export function encodeProxyV1(source: Endpoint, destination: Endpoint): Uint8Array {
  const family = source.hostname.includes(":") ? "TCP6" : "TCP4";
  const addresses = `${source.hostname} ${destination.hostname}`;
  return new TextEncoder().encode(
    `PROXY ${family} ${addresses} ${source.port} ${destination.port}\r\n`,
  );
}

/** Version 2, for two addresses of one family. */
export function encodeProxyV2(source: Endpoint, destination: Endpoint): Uint8Array {
  const [from, to] = [source, destination].map(({ hostname }) => addressBytes(hostname));
  const payload = [...from ?? [], ...to ?? [], ...two(source.port), ...two(destination.port)];
  const signature = new TextEncoder().encode("\r\n\r\n\0\r\nQUIT\n");
  const family = source.hostname.includes(":") ? 0x21 : 0x11;
  return Uint8Array.of(...signature, 0x21, family, ...two(payload.length), ...payload);
}

/** Also of an IPv4 address that is written as IPv6: then 16 bytes. */
function addressBytes(hostname: string): readonly number[] {
  const bytes = [...parseNetwork(hostname).address];
  const mapped = hostname.includes(":") && bytes.length === 4;
  return mapped ? [...new Array<number>(10).fill(0), 0xff, 0xff, ...bytes] : bytes;
}

function two(value: number): [number, number] {
  return [value >> 8, value & 255];
}
