/**
 * Names with characters that nobody can type.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { escapeText, readEscape } from "../../../client/shell/dollar_quote.ts";

for (
  const [escape, text] of [
    ["\\a\\b\\t\\n\\v\\f\\r\\e", "\x07\b\t\n\v\f\r\x1b"],
    ["\\\\\\'\\\"", "\\'\""],
    ["\\x1bx", "\x1bx"],
    ["\\x1B\\x7", "\x1b\x07"],
    ["\\33\\0011", "\x1b\x011"],
    ["\\cA\\c[\\c\\\\\\c?", "\x01\x1b\x1c\x7f"],
    ["\\xc3\\xa9\\303\\251", "éé"],
    ["\\xc3-\\xa9", "\udcc3-\udca9"],
    ["\\q\\x\\c!", "\\q\\x\\c!"],
  ] as const
) {
  Deno.test(`readEscape: ${escape}`, () => {
    let read = "";
    for (let at = 0; at < escape.length;) {
      const { text, end } = escape[at] === "\\"
        ? readEscape(escape, at)
        : { text: escape[at], end: at + 1 };
      read += text;
      at = end;
    }
    assertEquals(read, text);
  });
}

Deno.test("escapeText: control characters and bytes are shown as names are", () => {
  assertEquals(escapeText("it's a\\b\t\x9bé\udce9"), "it\\'s a\\\\b\\x09\\xc2\\x9bé\\xe9");
});
