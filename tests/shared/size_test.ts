/**
 * Sizes and rates as people write and read them.
 *
 * @module
 */

import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { UsageError } from "../../shared/errors.ts";
import { formatRate, formatSize, parseSize } from "../../shared/size.ts";

Deno.test("parseSize: reads powers of 1024", () => {
  const cases: [string, number][] = [
    ["0", 0],
    ["123", 123],
    ["123B", 123],
    ["500K", 512_000],
    ["500k", 512_000],
    ["5M", 5_242_880],
    ["5MB", 5_242_880],
    ["5mib", 5_242_880],
    ["5 MiB", 5_242_880],
    ["1.5G", 1_610_612_736],
    ["2T", 2_199_023_255_552],
    ["1P", 1_125_899_906_842_624],
    ["0.3K", 307],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
  ];
  for (const [text, bytes] of cases) assertEquals(parseSize(text), bytes, text);
});

Deno.test("parseSize: refuses anything else and quotes it", () => {
  const bad = ["", "K", "-1", "+1", "1,5M", "1.M", ".5M", "5X", "5MM", "5 M B", "1e3", "0x10", "∞"];
  for (const text of [...bad, "5iB", " 5M", "5M\n", "NaN", "Infinity"]) {
    assertThrows(() => parseSize(text), UsageError, `${JSON.stringify(text)}: not a number`);
  }
  for (const text of ["9007199254740993", "8P", "9".repeat(400)]) {
    assertThrows(() => parseSize(text), UsageError, `"${text}": too large`);
  }
});

Deno.test("parseSize: any text gives a whole number of bytes or a UsageError", () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."0159. kMgiB") }));
  fc.assert(
    fc.property(text, (input) => {
      try {
        const bytes = parseSize(input);
        assert(Number.isSafeInteger(bytes) && bytes >= 0, input);
      } catch (error) {
        assert(error instanceof UsageError, `${input}: ${error}`);
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("formatSize: writes one decimal and the fitting unit", () => {
  const cases: [number, string][] = [
    [0, "0 B"],
    [512, "512 B"],
    [1023, "1023 B"],
    [1023.6, "1.0 KiB"],
    [1024, "1.0 KiB"],
    [1_572_864, "1.5 MiB"],
    [1024 ** 2 - 1, "1.0 MiB"],
    [1023.9 * 1024, "1023.9 KiB"],
    [5 * 1024 ** 3, "5.0 GiB"],
    [1024 ** 5, "1.0 PiB"],
    [5000 * 1024 ** 5, "5000.0 PiB"],
  ];
  for (const [bytes, text] of cases) assertEquals(formatSize(bytes), text);
});

Deno.test("formatSize: parseSize reads it back, to the decimal", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 52 }), (bytes) => {
    const text = formatSize(bytes);
    assert(!text.startsWith("1024"), text);
    assertLess(Math.abs(parseSize(text) - bytes) / bytes, 0.051, text);
  }));
});

Deno.test("formatRate: is a size a second", () => {
  assertEquals(formatRate(1_572_864), "1.5 MiB/s");
  assertEquals(formatRate(0.4), "0 B/s");
});
