/**
 * Names in the encodings of old servers.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { namesIn, refuseUnsendable, UTF8_NAMES } from "../../client/name_coding.ts";
import { openCharset } from "../../shared/charset.ts";
import { FtpkitError } from "../../shared/errors.ts";

const CHARSETS = ["latin1", "cp1251", "koi8-r", "gbk", "gb18030", "shift_jis", "big5", "euc-kr"];

for (const label of [...CHARSETS, "utf-8"]) {
  Deno.test(`namesIn: ${label}: what is read goes back byte for byte, valid or not`, () => {
    const names = namesIn(openCharset(label));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      assertEquals([...names.encode(names.decode(bytes))], [...bytes]);
    }));
  });

  Deno.test(`namesIn: ${label}: each name of a path goes back as it came`, () => {
    const names = namesIn(openCharset(label));
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 12 })), (parts) => {
      const path = parts.map((part) => names.decode(part)).join("/");
      const bytes = parts.flatMap((part, index) => index === 0 ? [...part] : [0x2f, ...part]);
      assertEquals([...names.encode(path)], bytes);
    }));
  });
}

Deno.test("namesIn: of two byte sequences for one character the other one is kept as it is", () => {
  // NEC's and IBM's codes for the same Roman numeral.
  const names = namesIn(openCharset("shift_jis"));
  assertEquals(names.decode(Uint8Array.of(0x87, 0x54)), "Ⅰ");
  assertEquals(names.decode(Uint8Array.of(0xfa, 0x4a)), "\udcfaJ");
});

Deno.test("namesIn: UTF-8 by any label is the default", () => {
  assertEquals(namesIn(openCharset("utf8")), UTF8_NAMES);
});

Deno.test("namesIn: what the encoding lacks is refused, not replaced", () => {
  const names = namesIn(openCharset("latin1"));
  assertEquals([...names.encode("café?")], [0x63, 0x61, 0x66, 0xe9, 0x3f]);
  const words = "the encoding windows-1252 cannot express it";
  assertThrows(() => names.encode("写"), FtpkitError, words);
  assertThrows(() => names.encode("\ud800"), FtpkitError, words);
  const refused = assertThrows(() => refuseUnsendable("a\x1b写", names), FtpkitError);
  assertEquals(refused.message, `Cannot send the name "a\\x1b写": ${words}`);
});
