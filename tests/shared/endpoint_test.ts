/**
 * PORT, EPRT, 227 and 229, both ways.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import {
  type Endpoint,
  EprtProtocolError,
  formatEprt,
  formatEpsvReply,
  formatPasvReply,
  formatPort,
  isIpv6,
  parseEprt,
  parseEpsvReply,
  parsePasvReply,
  parsePort,
  unmapAddress,
} from "../../shared/endpoint.ts";
import { ProtocolError } from "../../shared/errors.ts";

const anyPort = fc.integer({ min: 1, max: 65535 });
const anyIpv4Endpoint = fc.record({ hostname: fc.ipV4(), port: anyPort });
const anyIpv6Endpoint = fc.record({ hostname: fc.ipV6().map(unmapAddress), port: anyPort });

function throwsOnlyProtocolError(parse: (text: string) => unknown, text: string): void {
  try {
    parse(text);
  } catch (error) {
    assert(error instanceof ProtocolError, `${text}: ${error}`);
  }
}

Deno.test("parsePort: reads six numbers", () => {
  const cases: [string, Endpoint][] = [
    ["127,0,0,1,4,1", { hostname: "127.0.0.1", port: 1025 }],
    ["255,255,255,255,255,255", { hostname: "255.255.255.255", port: 65535 }],
    ["010,0,000,001,0,001", { hostname: "10.0.0.1", port: 1 }],
  ];
  for (const [argument, endpoint] of cases) assertEquals(parsePort(argument), endpoint);
});

Deno.test("parsePort: refuses anything else", () => {
  const bad = [
    "",
    "127,0,0,1,4",
    "127,0,0,1,4,1,1",
    "256,0,0,1,4,1",
    "127,0,0,1,4,256",
    "127,0,0,1,0,0",
    "127.0.0.1.4.1",
    "127, 0,0,1,4,1",
    " 127,0,0,1,4,1",
    "127,0,0,1,4,1\n",
    "127,0,0,1,,1",
    "-1,0,0,1,4,1",
    "1e1,0,0,1,4,1",
    "١,0,0,1,4,1",
  ];
  for (const argument of bad) {
    assertThrows(() => parsePort(argument), ProtocolError, JSON.stringify(argument));
  }
});

Deno.test("formatPort: parsePort reads it back", () => {
  fc.assert(fc.property(anyIpv4Endpoint, (endpoint) => {
    assertEquals(parsePort(formatPort(endpoint)), endpoint);
  }));
});

Deno.test("formatPort: unwraps IPv4 and refuses the rest", () => {
  assertEquals(formatPort({ hostname: "::ffff:127.0.0.1", port: 1025 }), "127,0,0,1,4,1");
  for (const hostname of ["::1", "localhost", "1.2.3", "1.2.3.4.", "1.2.3.256", "01.2.3.4", ""]) {
    assertThrows(() => formatPort({ hostname, port: 1 }), RangeError, hostname);
  }
  for (const port of [0, 65536, -1, 1.5, NaN]) {
    assertThrows(() => formatPort({ hostname: "127.0.0.1", port }), RangeError, `${port}`);
  }
});

Deno.test("parseEprt: reads both protocols and any delimiter", () => {
  const cases: [string, ReturnType<typeof parseEprt>][] = [
    ["|1|132.235.1.2|6275|", { protocol: 1, hostname: "132.235.1.2", port: 6275 }],
    ["|2|1080::8:800:200C:417A|5282|", {
      protocol: 2,
      hostname: "1080::8:800:200c:417a",
      port: 5282,
    }],
    ["!1!127.0.0.1!1!", { protocol: 1, hostname: "127.0.0.1", port: 1 }],
    ["~2~0:0:0:0:0:0:0:1~65535~", { protocol: 2, hostname: "::1", port: 65535 }],
    ["|2|::ffff:10.0.0.1|99|", { protocol: 2, hostname: "10.0.0.1", port: 99 }],
  ];
  for (const [argument, expected] of cases) assertEquals(parseEprt(argument), expected);
});

Deno.test("parseEprt: an unknown protocol has an error of its own", () => {
  for (const protocol of ["0", "3", "4", "11", "99999999999999999999"]) {
    assertThrows(() => parseEprt(`|${protocol}|x|1|`), EprtProtocolError, `"${protocol}"`);
  }
});

Deno.test("parseEprt: refuses anything else", () => {
  const bad = [
    "",
    "|",
    "|||||",
    "|1|127.0.0.1|1025",
    "1|127.0.0.1|1025|",
    "|1|127.0.0.1|1025||",
    "|1|127.0.0.1|1025| ",
    "|1|127.0.0.1|0|",
    "|1|127.0.0.1|65536|",
    "|1|127.0.0.1|+1|",
    "|1|127.0.0.1||",
    "|1|127.0.0|1025|",
    "|1|127.0.0.01|1025|",
    "|1|::1|1025|",
    "|2|127.0.0.1|1025|",
    "|2|::1%lo|1025|",
    "|2|[::1]|1025|",
    "|2||1025|",
    "|x|127.0.0.1|1025|",
    " 1 127.0.0.1 1025 ",
    "é1é127.0.0.1é1025é",
  ];
  for (const argument of bad) {
    const error = assertThrows(() => parseEprt(argument), ProtocolError, JSON.stringify(argument));
    assert(!(error instanceof EprtProtocolError), argument);
  }
});

Deno.test("formatEprt: parseEprt reads it back", () => {
  fc.assert(fc.property(fc.oneof(anyIpv4Endpoint, anyIpv6Endpoint), (endpoint) => {
    const protocol = isIpv6(endpoint.hostname) ? 2 : 1;
    assertEquals(parseEprt(formatEprt(endpoint)), { protocol, ...endpoint });
  }));
});

Deno.test("formatEprt: leaves out zone ids and refuses host names", () => {
  assertEquals(formatEprt({ hostname: "fe80::1%eth0", port: 20 }), "|2|fe80::1|20|");
  assertThrows(() => formatEprt({ hostname: "localhost", port: 20 }), RangeError, "localhost");
  assertThrows(() => formatEprt({ hostname: "::1", port: 0 }), RangeError, "0");
});

Deno.test("parsePasvReply: finds the numbers in the texts of odd servers", () => {
  const texts = [
    "Entering Passive Mode (127,0,0,1,4,1)",
    "Entering Passive Mode (127,0,0,1,4,1).",
    "Entering Passive Mode. 127,0,0,1,4,1",
    "Entering Passive Mode 127, 0, 0, 1, 4, 1",
    "Entering Passive Mode ( 127 , 0 , 0 , 1 , 4 , 1 )",
    "=127,0,0,1,4,1",
    "127,0,0,1,4,1",
    "Passive Mode v2.0 OK at 12:30 (127,0,0,1,4,1)",
    "Passive since 12 30 (127,0,0,1,4,1)",
    "since 12 30 127,0,0,1,4,1",
    "[127.0.0.1.4.1]",
    "ok 127 0 0 1 4 1",
    "127.0.0.1,4,1",
    "Passivmodus für Übung (127,0,0,1,4,1) ☺",
  ];
  for (const text of texts) {
    assertEquals(parsePasvReply(text), { hostname: "127.0.0.1", port: 1025 }, text);
  }
});

Deno.test("parsePasvReply: refuses a text without an endpoint", () => {
  const bad = ["", "Entering", "(127,0,0,1,4)", "(1270,0,0,1,4,1)", "(127,0,0,1,4,1000)"];
  for (const text of [...bad, "(127,0,0,1,0,0)", "(127,0,0,1,4,256)", "|||1025|"]) {
    assertThrows(() => parsePasvReply(text), ProtocolError, JSON.stringify(text));
  }
});

Deno.test("parsePasvReply: long hostile texts take no time", () => {
  for (const text of ["1 ".repeat(8000), `1${" ".repeat(16000)}`, "1,".repeat(8000)]) {
    const start = performance.now();
    throwsOnlyProtocolError(parsePasvReply, text);
    assert(performance.now() - start < 1000, text.slice(0, 10));
  }
});

Deno.test("formatPasvReply: parsePasvReply reads it back", () => {
  const text = formatPasvReply({ hostname: "127.0.0.1", port: 1025 });
  assertEquals(text, "Entering Passive Mode (127,0,0,1,4,1)");
  fc.assert(fc.property(anyIpv4Endpoint, (endpoint) => {
    assertEquals(parsePasvReply(formatPasvReply(endpoint)), endpoint);
  }));
});

Deno.test("parseEpsvReply: finds the port, whatever delimits it", () => {
  const cases: [string, number][] = [
    ["Entering Extended Passive Mode (|||6446|)", 6446],
    ["Entering Extended Passive Mode (!!!1!).", 1],
    ["ok --- (|||65535|)", 65535],
    ["|||21|", 21],
  ];
  for (const [text, port] of cases) assertEquals(parseEpsvReply(text), port, text);
});

Deno.test("parseEpsvReply: refuses a text without a port", () => {
  const bad = ["", "(||6446|)", "(|||6446)", "(|||0|)", "(|||65536|)", "(|!|6446|)", "(111644611)"];
  for (const text of bad) {
    assertThrows(() => parseEpsvReply(text), ProtocolError, JSON.stringify(text));
  }
});

Deno.test("formatEpsvReply: parseEpsvReply reads it back", () => {
  assertEquals(formatEpsvReply(6446), "Entering Extended Passive Mode (|||6446|)");
  assertThrows(() => formatEpsvReply(65536), RangeError, "65536");
  fc.assert(fc.property(anyPort, (port) => {
    assertEquals(parseEpsvReply(formatEpsvReply(port)), port);
  }));
});

Deno.test("parsers of endpoint.ts: any text throws only ProtocolError", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom(..."0125,.|!:a %()\n") }),
  );
  fc.assert(
    fc.property(text, (input) => {
      for (const parse of [parsePort, parseEprt, parsePasvReply, parseEpsvReply]) {
        throwsOnlyProtocolError(parse, input);
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("unmapAddress: one form for each address", () => {
  const cases: [string, string][] = [
    ["::ffff:1.2.3.4", "1.2.3.4"],
    ["::FFFF:1.2.3.4", "1.2.3.4"],
    ["::ffff:102:304", "1.2.3.4"],
    ["0:0:0:0:0:ffff:0102:0304", "1.2.3.4"],
    ["::ffff:0:0", "0.0.0.0"],
    ["::ffff:1.2.3.4%eth0", "1.2.3.4"],
    ["FE80::1%eth0", "fe80::1"],
    ["2001:0DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["::1", "::1"],
    ["1.2.3.4", "1.2.3.4"],
    ["FTP.Example.ORG", "ftp.example.org"],
    ["::1]:80/[", "::1]:80/["],
  ];
  for (const [hostname, expected] of cases) assertEquals(unmapAddress(hostname), expected);
});

Deno.test("unmapAddress: twice is the same as once", () => {
  fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), (hostname) => {
    const once = unmapAddress(hostname);
    assertEquals(unmapAddress(once), once);
  }));
});

Deno.test("isIpv6: tells IPv6 addresses from everything else", () => {
  for (const yes of ["::", "::1", "fe80::1%eth0", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8"]) {
    assert(isIpv6(yes), yes);
  }
  for (const no of ["", ":", "1.2.3.4", "[::1]", "::1]:80/[", "1::2::3", "a.b", "12345::", "::g"]) {
    assert(!isIpv6(no), no);
  }
  fc.assert(fc.property(fc.ipV6(), (hostname) => isIpv6(hostname)));
});
