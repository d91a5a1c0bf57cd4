import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { UsageError } from "../../shared/errors.ts";
import { addressBlock, inNetwork, parseNetwork } from "../../shared/network.ts";

Deno.test("inNetwork: addresses inside, outside, and of the other family", () => {
  const table: readonly [string, readonly string[], readonly string[]][] = [
    ["192.168.0.0/16", ["192.168.0.0", "192.168.255.255", "::ffff:192.168.1.1"], ["192.169.0.0"]],
    ["10.0.0.1", ["10.0.0.1"], ["10.0.0.0", "10.0.0.2", "::a00:1"]],
    ["10.0.0.128/25", ["10.0.0.129"], ["10.0.0.127"]],
    ["0.0.0.0/0", ["1.2.3.4"], ["::1", "nonsense", ""]],
    ["2001:db8::/32", ["2001:db8::1", "2001:DB8:ffff::"], ["2001:db9::", "32.1.13.184"]],
    ["2001:db8::/33", ["2001:db8:7fff::"], ["2001:db8:8000::"]],
    ["::1", ["::1", "0:0:0:0:0:0:0:1"], ["::2"]],
    ["::/0", ["fe80::1"], ["127.0.0.1"]],
    ["64:ff9b::192.0.2.0/120", ["64:ff9b::c000:201"], ["64:ff9b::c000:301"]],
  ];
  for (const [text, inside, outside] of table) {
    const network = parseNetwork(text);
    for (const address of inside) assert(inNetwork(network, address), `${address} in ${text}`);
    for (const address of outside) {
      assert(!inNetwork(network, address), `${address} not in ${text}`);
    }
  }
});

Deno.test("parseNetwork: anything else is refused, with the text", () => {
  for (
    const text of [
      "",
      "/",
      "10.0.0.0/",
      "10.0.0.0/33",
      "10.0.0/8",
      "10.0.0.256",
      "010.0.0.1",
      "::/129",
      "fe80::1%eth0",
      "host.example",
      "10.0.0.0/8 ",
      "10.0.0.0/-1",
      "1::2::3",
    ]
  ) {
    const error = assertThrows(() => parseNetwork(text), UsageError);
    assert(error.message.startsWith(`Invalid network "${text}"`), error.message);
  }
});

Deno.test("parseNetwork: bits behind the prefix are a mistake worth telling", () => {
  const error = assertThrows(() => parseNetwork("192.168.1.1/24"), UsageError);
  assertEquals(error.message, 'Invalid network "192.168.1.1/24": the address has bits behind /24');
});

Deno.test("parseNetwork: any text throws only UsageError", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6()), (text) => {
    try {
      assert(inNetwork(parseNetwork(text), text));
    } catch (error) {
      assert(error instanceof UsageError, String(error));
    }
  }));
});

Deno.test("inNetwork: a network holds an address just where their first bits agree", () => {
  const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
  const number = (parts: readonly number[]): number =>
    parts.reduce((sum, part) => sum * 256 + part, 0);
  fc.assert(fc.property(octets, octets, fc.nat(32), (a, b, prefix) => {
    const size = 2 ** (32 - prefix);
    const base = Math.floor(number(a) / size) * size;
    const text = [24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256).join(".");
    const expected = Math.floor(number(b) / size) * size === base;
    assertEquals(inNetwork(parseNetwork(`${text}/${prefix}`), b.join(".")), expected);
  }));
});

/** Groups of an IPv6 address as hexadecimal, none left out. */
function written(address: bigint): string {
  return address.toString(16).padStart(32, "0").match(/.{4}/g)?.join(":") ?? "";
}

Deno.test("inNetwork: the same holds for IPv6, and a /64 is what addressBlock says", () => {
  const address = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n })
    .filter((value) => value >> 32n !== 0xffffn); // IPv4 in its IPv6 form
  fc.assert(fc.property(address, address, fc.nat(128), fc.boolean(), (a, b, prefix, near) => {
    const size = 2n ** BigInt(128 - prefix);
    const base = a / size * size;
    const other = near ? base + b % size : b;
    fc.pre(base >> 32n !== 0xffffn && other >> 32n !== 0xffffn);
    const network = parseNetwork(`${written(base)}/${prefix}`);
    assertEquals(inNetwork(network, written(other)), other / size * size === base);
    const sameBlock = addressBlock(written(a)) === addressBlock(written(other));
    assertEquals(sameBlock, a >> 64n === other >> 64n);
  }));
});

Deno.test("addressBlock: IPv4 addresses stand for themselves, however they are written", () => {
  assertEquals(addressBlock("::ffff:10.0.0.1"), addressBlock("10.0.0.1"));
  assert(addressBlock("10.0.0.1") !== addressBlock("10.0.0.2"));
});
