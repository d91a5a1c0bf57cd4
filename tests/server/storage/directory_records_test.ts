import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { namesIn } from "../../../server/storage/directory_records.ts";

const encoder = new TextEncoder();

/** A record as the kernel writes it: its length a multiple of eight, NUL behind the name. */
function record(name: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((19 + name.length + 1) / 8) * 8).fill(0xee, 0, 19);
  bytes[16] = bytes.length & 0xff;
  bytes[17] = bytes.length >> 8;
  bytes.set(name, 19);
  return bytes;
}

function records(names: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(names.flatMap((name) => [...record(name)]));
}

const NAME = fc.string({ unit: "binary", minLength: 1, maxLength: 80 })
  .filter((name) => !/[/\0]/.test(name) && name !== "." && name !== ".." && name.isWellFormed());

Deno.test("namesIn: gives every name as it is", () => {
  fc.assert(fc.property(fc.array(NAME), (names) => {
    assertEquals(namesIn(records(names.map((name) => encoder.encode(name)))), names);
  }));
});

Deno.test("namesIn: any bytes give names or a RangeError, never more than there is", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    try {
      namesIn(bytes);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }));
});

Deno.test("namesIn: leaves out the directory itself and the one above", () => {
  const names = [".", "..", "...", ".a"].map((name) => encoder.encode(name));
  assertEquals(namesIn(records(names)), ["...", ".a"]);
});

Deno.test("namesIn: a byte order mark stays, bytes that are not UTF-8 show", () => {
  const names = [Uint8Array.of(0xef, 0xbb, 0xbf, 0x61), Uint8Array.of(0x61, 0xff)];
  assertEquals(namesIn(records(names)), ["\ufeffa", "a\ufffd"]);
});

Deno.test("namesIn: a record that is cut or too short is refused", () => {
  const whole = record(encoder.encode("name"));
  for (let length = 1; length < whole.length; length++) {
    assertThrows(() => namesIn(whole.subarray(0, length)), RangeError);
  }
  for (const claimed of [0, 1, 19, whole.length + 8]) {
    const wrong = whole.slice();
    wrong[16] = claimed;
    assertThrows(() => namesIn(wrong), RangeError);
  }
});
