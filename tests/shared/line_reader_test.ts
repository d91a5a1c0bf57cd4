import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { type Line, LineReader } from "../../shared/line_reader.ts";
import { anyCut, cutEverywhere } from "../support/cut.ts";

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

function read(pieces: Iterable<Uint8Array>, maxLineBytes = 8192): Line[] {
  const reader = new LineReader({ maxLineBytes });
  return [...pieces].flatMap((piece) => reader.push(piece));
}

const texts = (lines: readonly Line[]): string[] =>
  lines.map((line) => line.kind === "text" ? line.text : line.kind);

const CASES: readonly (readonly [string, string, readonly string[]])[] = [
  ["CRLF and a bare LF", "NOOP\r\nPWD\n", ["NOOP", "PWD"]],
  ["spaces of a name stay", "RETR  a \r\n", ["RETR  a "]],
  ["an empty line", "\r\n", [""]],
  ["a CR inside is kept for the parser to refuse", "A\rB\r\n", ["A\rB"]],
  ["ABOR with its LF lost", "ABOR\r", ["ABOR"]],
  ["ABOR in two parts of a line end", "ABOR\r\nNOOP\r\n", ["ABOR", "NOOP"]],
  ["a telnet synch", "\xff\xf4\xff\xf2ABOR\r\n", ["ABOR"]],
  ["stray telnet bytes", "\xf2ABOR\r\n", ["ABOR"]],
  ["an option command", "NO\xff\xfb\x01OP\r\n", ["NOOP"]],
  ["not UTF-8", "DELE \xe9\r\n", ["undecodable"]],
];

for (const [what, input, expected] of CASES) {
  Deno.test(`LineReader: ${what}`, () => {
    assertEquals(texts(read([latin1(input)])), expected);
    assertEquals(texts(read(cutEverywhere(latin1(input)))), expected);
  });
}

/** What comes, and what is answered: WILL with DONT, DO with WONT, the others with nothing. */
const NEGOTIATIONS: readonly (readonly [string, string])[] = [
  ["NOOP\r\n", ""],
  ["\xff\xfd\x01NOOP\r\n", "\xff\xfc\x01"],
  ["\xff\xfb\x18\xff\xfd\x03NOOP\r\n", "\xff\xfe\x18\xff\xfc\x03"],
  ["NO\xff\xfd\x06OP\r\n", "\xff\xfc\x06"],
  ["\xff\xfc\x01\xff\xfe\x01NOOP\r\n", ""],
  ["\xff\xfd\x01ABOR\r\n", "\xff\xfc\x01"],
  ["\xff\xf4\xff\xf2ABOR\r\n", ""],
];

Deno.test("LineReader.takeRefusals: every option once, whatever way the bytes are cut", () => {
  for (const [input, refusals] of NEGOTIATIONS) {
    for (const pieces of [[latin1(input)], cutEverywhere(latin1(input))]) {
      const reader = new LineReader();
      const said = pieces.flatMap((piece) => [...reader.push(piece), ...reader.takeRefusals()]);
      assertEquals(said.filter((each) => typeof each === "number"), [...latin1(refusals)], input);
      assertEquals([...reader.takeRefusals()], []);
    }
  }
});

Deno.test("LineReader: the longest line is taken, one byte more is not and its rest never runs", () => {
  assertEquals(texts(read([latin1("x".repeat(10) + "\r\n")], 10)), ["x".repeat(10)]);
  assertEquals(texts(read([latin1("x".repeat(11) + "\r\nNOOP\r\n")], 10)), ["too-long", "NOOP"]);
  const pieces = [latin1("x".repeat(99)), latin1("QUIT"), latin1("\r\nNOOP\r\n")];
  assertEquals(texts(read(pieces, 10)), ["too-long", "NOOP"]);
});

Deno.test("LineReader: any cut of the input gives the same lines", () => {
  const pieces = [
    "NOOP\r\n",
    "RETR a\xc3\xbc \r\n",
    "ABOR\r\n",
    "x".repeat(30) + "\r\n",
    "\xff\xf4\xf2ABOR\r\n",
    "\n",
  ];
  const input = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((all) =>
    latin1(all.join(""))
  );
  fc.assert(fc.property(anyCut(input), ({ whole, pieces }) => {
    assertEquals(read(pieces, 20), read([whole], 20));
  }));
});
