/**
 * The words of a line as places in it.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Words } from "../../../client/listing/words.ts";

Deno.test("Words: the same as a split at spaces and tabs", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "7", " ", "\t", "é", ":") });
  const words = new Words();
  fc.assert(fc.property(text, (line) => {
    words.read(line, 0);
    const expected = line.split(/[ \t]+/).filter((word) => word !== "").slice(0, 24);
    assertEquals(Array.from({ length: words.count }, (_, at) => words.at(at)), expected);
    assertEquals(words.text(0, words.count), expected.join(" "));
    for (const [at, word] of expected.entries()) {
      assertEquals(words.length(at), word.length);
      assertEquals(words.number(at, 0), /^\d+$/.test(word) ? Number(word) : NaN);
      assertEquals(words.hasDigit(at), /^\d/.test(word));
      assertEquals(line.slice(0, words.end(at)).endsWith(word), true);
    }
  }));
});

Deno.test("Words: where there is no word there is nothing", () => {
  const words = new Words("one 12");
  assertEquals([words.at(2), words.at(-1), words.length(2), words.end(2)], ["", "", 0, 0]);
  assertEquals([words.number(2, 0), words.code(2, 0), words.code(0, 3)], [NaN, NaN, NaN]);
  assertEquals([words.number(1, 1), words.number(1, 0, 1), words.hasDigit(2)], [2, 1, false]);
  words.read("three", 2);
  assertEquals([words.count, words.at(0)], [1, "ree"]);
});
