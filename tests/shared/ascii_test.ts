/**
 * TYPE A in both directions, whatever way the data is cut.
 *
 * @module
 */

import { assertEquals, assertStrictEquals } from "@std/assert";
import * as fc from "fast-check";
import { AsciiDecoder, AsciiEncoder } from "../../shared/ascii.ts";
import { anyCut, anyMixOf, cutEverywhere } from "../support/cut.ts";

interface Converter {
  push(chunk: Uint8Array): Uint8Array;
  finish(): Uint8Array;
}

function convert(converter: Converter, pieces: Iterable<Uint8Array>): string {
  const output: number[] = [];
  for (const piece of pieces) output.push(...converter.push(piece.slice()));
  return String.fromCharCode(...output, ...converter.finish());
}

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
const text = (content: Uint8Array): string => String.fromCharCode(...content);

const anyText = anyMixOf(["\r", "\n", "\r\n", "a", "bcd", "\0", Uint8Array.of(255)]);

Deno.test("AsciiEncoder: LF becomes CRLF and CRLF stays", () => {
  const cases: [string, string][] = [
    ["", ""],
    ["a", "a"],
    ["\n", "\r\n"],
    ["a\nb\n", "a\r\nb\r\n"],
    ["a\r\nb", "a\r\nb"],
    ["\n\n\r\n\n", "\r\n\r\n\r\n\r\n"],
    ["\r\r\n", "\r\r\n"],
    ["a\rb\r", "a\rb\r"],
    ["\xff\n\0", "\xff\r\n\0"],
  ];
  for (const [file, wire] of cases) {
    assertEquals(convert(new AsciiEncoder(), [bytes(file)]), wire, JSON.stringify(file));
    assertEquals(convert(new AsciiEncoder(), cutEverywhere(bytes(file))), wire);
  }
});

Deno.test("AsciiDecoder: CRLF becomes LF and a lone CR stays", () => {
  const cases: [string, string][] = [
    ["", ""],
    ["a", "a"],
    ["\r\n", "\n"],
    ["a\r\nb\r\n", "a\nb\n"],
    ["a\nb", "a\nb"],
    ["\r\r\n", "\r\n"],
    ["\r\n\r\n\r", "\n\n\r"],
    ["a\rb\r\r", "a\rb\r\r"],
    ["\xff\r\n\0", "\xff\n\0"],
  ];
  for (const [wire, file] of cases) {
    assertEquals(convert(new AsciiDecoder(), [bytes(wire)]), file, JSON.stringify(wire));
    assertEquals(convert(new AsciiDecoder(), cutEverywhere(bytes(wire))), file);
  }
});

Deno.test("AsciiEncoder: any cut gives what a replacement in the whole text gives", () => {
  fc.assert(fc.property(anyCut(anyText), ({ whole, pieces }) => {
    const expected = text(whole).replace(/\r?\n/g, "\r\n");
    assertEquals(convert(new AsciiEncoder(), pieces), expected);
  }));
});

Deno.test("AsciiDecoder: any cut gives what a replacement in the whole text gives", () => {
  fc.assert(fc.property(anyCut(anyText), ({ whole, pieces }) => {
    assertEquals(convert(new AsciiDecoder(), pieces), text(whole).replaceAll("\r\n", "\n"));
  }));
});

Deno.test("AsciiDecoder: gives back what AsciiEncoder took, unless it held CRLF", () => {
  fc.assert(fc.property(anyCut(anyText), ({ whole, pieces }) => {
    const wire = bytes(convert(new AsciiEncoder(), pieces));
    assertEquals(convert(new AsciiDecoder(), [wire]), text(whole).replaceAll("\r\n", "\n"));
  }));
});

Deno.test("AsciiEncoder and AsciiDecoder: the chunk itself where nothing changes", () => {
  const plain = bytes("no line end");
  assertStrictEquals(new AsciiEncoder().push(plain), plain);
  assertStrictEquals(new AsciiDecoder().push(plain), plain);
});

Deno.test("AsciiEncoder and AsciiDecoder: the same one serves a second file", () => {
  for (const converter of [new AsciiEncoder(), new AsciiDecoder()]) {
    assertEquals(convert(converter, [bytes("a\r")]), "a\r");
    assertEquals(convert(converter, [bytes("b\r")]), "b\r");
    const fresh = converter instanceof AsciiEncoder ? new AsciiEncoder() : new AsciiDecoder();
    assertEquals(convert(converter, [bytes("\nb\r")]), convert(fresh, [bytes("\nb\r")]));
  }
});
