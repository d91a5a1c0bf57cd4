import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { openCharset, UTF8 } from "../../shared/charset.ts";
import { UsageError } from "../../shared/errors.ts";

const NAMES: readonly (readonly [string, string, string])[] = [
  ["latin1", "Grüße", "47 72 fc df 65"],
  ["cp1251", "Отчёт", "ce f2 f7 b8 f2"],
  ["gbk", "报告", "b1 a8 b8 e6"],
  ["shift_jis", "写真ソ", "8e ca 90 5e 83 5c"],
  ["euc-kr", "사진", "bb e7 c1 f8"],
  ["utf-8", "Grüße", "47 72 c3 bc c3 9f 65"],
];

for (const [label, text, bytes] of NAMES) {
  Deno.test(`openCharset: ${label} both ways`, () => {
    const charset = openCharset(label);
    const encoded = charset.encode(text);
    assertEquals(Array.from(encoded, (byte) => byte.toString(16)).join(" "), bytes);
    assertEquals(charset.decode(encoded), text);
  });
}

Deno.test("openCharset: a character that the encoding lacks becomes a question mark", () => {
  assertEquals(openCharset("latin1").decode(openCharset("latin1").encode("a写b")), "a?b");
});

Deno.test("openCharset: what is unknown or does not contain ASCII is refused", () => {
  for (const label of ["klingon", "utf-16le", "iso-2022-jp", ""]) {
    assertThrows(() => openCharset(label), UsageError);
  }
});

Deno.test("openCharset: UTF-8 by any of its labels is the one that needs no table", () => {
  assertEquals(openCharset("UTF8"), UTF8);
});

Deno.test("openCharset: decode and encode are each other's inverse where text came from bytes", () => {
  for (const label of ["latin1", "cp1251", "gbk", "shift_jis", "big5", "koi8-r"]) {
    const charset = openCharset(label);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      let text: string;
      try {
        text = charset.decode(bytes);
      } catch {
        return;
      }
      if (text.includes("?")) return;
      const again = charset.decode(charset.encode(text));
      // What needs three or four bytes is the one thing that cannot be said.
      if (!again.includes("?")) assertEquals(again, text);
    }));
  }
});
