import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { unmapAddress } from "../../shared/endpoint.ts";
import { ProtocolError } from "../../shared/errors.ts";
import { type ProxyHeader, ProxyHeaderReader } from "../../shared/proxy_protocol.ts";
import { encodeProxyV1, encodeProxyV2 } from "../support/proxy_header.ts";

const encoder = new TextEncoder();
const bytesOf = (text: string): Uint8Array => encoder.encode(text);

function decode(bytes: Uint8Array): ReturnType<ProxyHeaderReader["push"]> {
  return new ProxyHeaderReader().push(bytes);
}

const SIGNATURE = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10];

Deno.test("ProxyHeaderReader: version 1, as HAProxy writes it", () => {
  assertEquals(decode(bytesOf("PROXY TCP4 192.0.2.1 198.51.100.7 56324 21\r\nUSER a\r\n")), {
    header: {
      kind: "client",
      source: { hostname: "192.0.2.1", port: 56324 },
      destination: { hostname: "198.51.100.7", port: 21 },
    },
    rest: bytesOf("USER a\r\n"),
  });
  assertEquals(decode(bytesOf("PROXY TCP6 2001:DB8::1 2001:0db8:0:0::2 1 65535\r\n"))?.header, {
    kind: "client",
    source: { hostname: "2001:db8::1", port: 1 },
    destination: { hostname: "2001:db8::2", port: 65535 },
  });
});

Deno.test("ProxyHeaderReader: UNKNOWN and LOCAL are the balancer's own, whatever follows", () => {
  const own: readonly Uint8Array[] = [
    bytesOf("PROXY UNKNOWN\r\n"),
    bytesOf("PROXY UNKNOWN ffff::1 any thing 1 2\r\n"),
    Uint8Array.of(...SIGNATURE, 0x20, 0x00, 0, 0),
    Uint8Array.of(...SIGNATURE, 0x20, 0x11, 0, 3, 1, 2, 3),
    Uint8Array.of(...SIGNATURE, 0x21, 0x00, 0, 1, 9),
  ];
  for (const bytes of own) {
    assertEquals(decode(bytes), { header: { kind: "local" }, rest: new Uint8Array() });
  }
});

Deno.test("ProxyHeaderReader: version 2 skips extensions behind the addresses", () => {
  const header = Uint8Array.of(...SIGNATURE, 0x21, 0x11, 0, 15, 192, 0, 2, 1, 10, 0, 0, 1);
  const bytes = Uint8Array.of(...header, 0xdc, 0x04, 0, 21, 4, 0, 0, 0x51);
  assertEquals(decode(bytes), {
    header: {
      kind: "client",
      source: { hostname: "192.0.2.1", port: 56324 },
      destination: { hostname: "10.0.0.1", port: 21 },
    },
    rest: Uint8Array.of(0x51),
  });
});

Deno.test("ProxyHeaderReader: what is no header is refused as soon as that is clear", () => {
  const bad: readonly (string | Uint8Array)[] = [
    "U",
    "USER anonymous\r\n",
    "PROXX",
    "\r\n\r\nX",
    "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n",
    "PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n",
    "PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n",
    "PROXY TCP4 192.0.2.01 192.0.2.2 1 2\r\n",
    "PROXY TCP4 ::1 ::1 1 2\r\n",
    "PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n",
    "PROXY TCP6 fe80::1%a ::1 1 2\r\n",
    "PROXY TCP4 192.0.2.1 192.0.2.2 1 65536\r\n",
    "PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n",
    "PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n",
    "PROXY UNKNOWN\n",
    "PROXY \r\n",
    `PROXY UNKNOWN ${"x".repeat(120)}`,
    Uint8Array.of(...SIGNATURE, 0x11, 0x11, 0, 0),
    Uint8Array.of(...SIGNATURE, 0x22, 0x11, 0, 0),
    Uint8Array.of(...SIGNATURE, 0x21, 0x11, 0, 4, 1, 2, 3, 4),
    Uint8Array.of(...SIGNATURE, 0x21, 0x11, 0xff, 0xff),
  ];
  for (const input of bad) {
    const bytes = typeof input === "string" ? bytesOf(input) : input;
    assertThrows(() => decode(bytes), ProtocolError, "Cannot read the PROXY header");
  }
});

Deno.test("ProxyHeaderReader: version 2 knows TCP alone", () => {
  for (const family of [0x12, 0x22, 0x31, 0x32, 0x41]) {
    const bytes = Uint8Array.of(...SIGNATURE, 0x21, family, 0, 36, ...new Uint8Array(36));
    assertThrows(() => decode(bytes), ProtocolError, "neither TCP over IPv4 nor over IPv6");
  }
});

const port = fc.nat(65_535);
const endpointOf = (address: fc.Arbitrary<string>) => fc.record({ hostname: address, port });
const pair = fc.oneof(
  fc.tuple(endpointOf(fc.ipV4()), endpointOf(fc.ipV4())),
  fc.tuple(endpointOf(fc.ipV6()), endpointOf(fc.ipV6())),
);

/** As the system writes addresses. */
function plain(hostname: string): string {
  if (!hostname.includes(":")) return hostname;
  return unmapAddress(new URL(`http://[${hostname}]/`).hostname.slice(1, -1));
}

Deno.test("ProxyHeaderReader: any cut of any header gives what was encoded, and the rest untouched", () => {
  const cuts = fc.array(fc.nat(200), { maxLength: 6 });
  fc.assert(
    fc.property(
      pair,
      fc.boolean(),
      fc.uint8Array({ maxLength: 40 }),
      cuts,
      (ends, text, rest, at) => {
        const [source, destination] = ends;
        const encoded = text
          ? encodeProxyV1(source, destination)
          : encodeProxyV2(source, destination);
        const bytes = Uint8Array.of(...encoded, ...rest);
        const expected: ProxyHeader = {
          kind: "client",
          source: { ...source, hostname: plain(source.hostname) },
          destination: { ...destination, hostname: plain(destination.hostname) },
        };
        const reader = new ProxyHeaderReader();
        const edges = [...new Set(at.map((edge) => edge % bytes.length))].sort((a, b) => a - b);
        let start = 0;
        for (const edge of [...edges, bytes.length]) {
          const decoded = reader.push(bytes.subarray(start, edge));
          start = edge;
          if (decoded === undefined) continue;
          assertEquals(decoded.header, expected);
          assertEquals([...decoded.rest, ...bytes.subarray(start)], [...rest]);
          return;
        }
        throw new Error("never decoded");
      },
    ),
  );
});

Deno.test("ProxyHeaderReader: random bytes throw only ProtocolError, and little is held", () => {
  const start = fc.constantFrom<readonly number[]>([], [...bytesOf("PROXY ")], SIGNATURE);
  fc.assert(fc.property(start, fc.uint8Array({ maxLength: 300 }), (head, tail) => {
    const reader = new ProxyHeaderReader();
    try {
      const decoded = reader.push(Uint8Array.of(...head, ...tail));
      assert(decoded !== undefined || head.length + tail.length < 5000);
    } catch (error) {
      assert(error instanceof ProtocolError, String(error));
    }
  }));
});
