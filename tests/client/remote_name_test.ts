/**
 * Names as bytes, as text and on a terminal.
 *
 * @module
 */

import { assertEquals, assertNotMatch } from "@std/assert";
import fc from "fast-check";
import { decodeName, displayName, encodeName, readableName } from "../../client/remote_name.ts";

Deno.test("encodeName: gives back every byte that decodeName has read", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => {
    assertEquals([...encodeName(decodeName(bytes))], [...bytes]);
  }));
});

Deno.test("encodeName: a path may mix names of both kinds", () => {
  const latin1 = decodeName(Uint8Array.of(0xe9));
  assertEquals([...encodeName(`é/${latin1}/x`)], [0xc3, 0xa9, 0x2f, 0xe9, 0x2f, 0x78]);
});

Deno.test("decodeName: UTF-8 is text as it is, a byte order mark included", () => {
  assertEquals(decodeName(new TextEncoder().encode("\ufeffä 日本 😀")), "\ufeffä 日本 😀");
});

Deno.test("readableName: bytes that are not UTF-8 are read as Latin-1", () => {
  assertEquals(readableName(decodeName(Uint8Array.of(0x63, 0x61, 0x66, 0xe9))), "café");
  assertEquals(readableName("naïve 😀"), "naïve 😀");
});

Deno.test("displayName: no control character reaches the terminal", () => {
  assertEquals(displayName("a\r\n\x1b]0;x\x07\x9b"), "a\\x0d\\x0a\\x1b]0;x\\x07\\x9b");
  fc.assert(fc.property(fc.uint8Array(), (bytes) => {
    // deno-lint-ignore no-control-regex -- that is what must not be there
    assertNotMatch(displayName(decodeName(bytes)), /[\x00-\x1f\x7f-\x9f]/);
  }));
});
