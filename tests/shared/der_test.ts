import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { bitString, integer, objectIdentifier, sequence, tagged, time } from "../../shared/der.ts";

const hex = (bytes: Uint8Array): string => bytes.toHex();

Deno.test("tagged: the length takes one byte up to 127, then as many as it needs", () => {
  for (
    const [length, header] of [[0, "0400"], [127, "047f"], [128, "048180"], [255, "0481ff"], [
      256,
      "04820100",
    ], [70_000, "0483011170"]] as const
  ) {
    const value = tagged(4, new Uint8Array(length));
    assertEquals(hex(value.subarray(0, value.length - length)), header);
  }
});

Deno.test("integer: as short as can be, and never negative", () => {
  const cases = [["00", "020100"], ["7f", "02017f"], ["80", "02020080"], ["000001", "020101"]];
  for (const [bytes = "", der] of cases) assertEquals(hex(integer(Uint8Array.fromHex(bytes))), der);
});

Deno.test("integer: any number comes back", () => {
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 1n << 256n }), (number) => {
    const digits = number.toString(16);
    const bytes = Uint8Array.fromHex(digits.length % 2 === 0 ? digits : `0${digits}`);
    const content = hex(integer(bytes)).slice(4);
    assertEquals(BigInt(`0x${content}`), number);
  }));
});

Deno.test("objectIdentifier: arcs of several bytes", () => {
  assertEquals(hex(objectIdentifier("1.2.840.10045.4.3.2")), "06082a8648ce3d040302");
  assertEquals(hex(objectIdentifier("2.5.4.3")), "0603550403");
});

Deno.test("bitString: says how many bits at the end do not count", () => {
  assertEquals(hex(bitString(Uint8Array.of(0x80), 7)), "03020780");
});

Deno.test("sequence: holds its values", () => {
  assertEquals(hex(sequence(integer(Uint8Array.of(1)), sequence())), "30050201013000");
});

Deno.test("time: two digits for the year until 2049, then four", () => {
  const text = (date: string): string => new TextDecoder().decode(time(new Date(date)).subarray(2));
  assertEquals(text("2049-12-31T23:59:59Z"), "491231235959Z");
  assertEquals(text("2050-01-01T00:00:00Z"), "20500101000000Z");
});
