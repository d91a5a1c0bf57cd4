/**
 * Quoting and splitting of the shell's lines.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { decodeName, encodeName } from "../../../client/remote_name.ts";
import { endOfQuote, openWord, quoteWord, splitLine } from "../../../client/shell/words.ts";
import { UsageError } from "../../../shared/errors.ts";

/** The texts of all commands of a line; `&` behind one in the background. */
function texts(line: string): string[][] {
  return splitLine(line).map(({ words, background }) => [
    ...words.map(({ text }) => text),
    ...(background ? ["&"] : []),
  ]);
}

for (
  const [line, wanted] of [
    ["", []],
    ["   ", []],
    ["# only a comment", []],
    ["ls", [["ls"]]],
    ["  get  a\tb ", [["get", "a", "b"]]],
    ["get 'a b' \"c d\" e\\ f", [["get", "a b", "c d", "e f"]]],
    ["get a'b c'd", [["get", "ab cd"]]],
    ["get ''", [["get", ""]]],
    [`get "a\\"b" 'a\\b' "a\\b"`, [["get", 'a"b', "a\\b", "a\\b"]]],
    ["get $'a\\tb'c$'\\'' \"$'\" $ a$", [["get", "a\tbc'", "$'", "$", "a$"]]],
    ["cd a; ls", [["cd", "a"], ["ls"]]],
    ["cd a;;; ls ;", [["cd", "a"], ["ls"]]],
    ["get a & get b&", [["get", "a", "&"], ["get", "b", "&"]]],
    ["get a#b # rest; x", [["get", "a#b"]]],
    ["get \\#a '#b'", [["get", "#a", "#b"]]],
    ["get a\\;b 'c&d'", [["get", "a;b", "c&d"]]],
    ["! ls -l | wc; date", [["!", "ls -l | wc; date"]]],
    ["!ls 'x", [["!", "ls 'x"]]],
    ["pwd; !date # x", [["pwd"], ["!", "date # x"]]],
    ["get wow!", [["get", "wow!"]]],
    ["get ünï 文字", [["get", "ünï", "文字"]]],
    ["get a\u3000b c\u00a0d\u202f", [["get", "a\u3000b", "c\u00a0d\u202f"]]],
  ] as const
) {
  Deno.test(`splitLine: ${JSON.stringify(line)}`, () => {
    assertEquals(texts(line), wanted.map((words) => [...words]));
  });
}

for (
  const line of [
    "get $'a",
    "get $'a\\",
    "get $'\\x00'",
    "get $'\\c@'",
    "get 'a",
    'get "a',
    "get a\\",
    "ls | wc",
    "ls > x",
    "cat < x",
    "&",
    "ls && ls",
  ]
) {
  Deno.test(`splitLine: ${line} is a usage error`, () => {
    assertThrows(() => splitLine(line), UsageError);
  });
}

Deno.test("splitLine: only what is not quoted makes a pattern, and what is quoted stays itself in it", () => {
  const line = "rm *.txt '*' \\*x* a[b] {a,b} {a} 'a'*'[b]' \\*, '?'] {a','b} $'*' *$'?\\x2a'";
  const patterns = splitLine(line)[0]?.words.slice(1);
  assertEquals(patterns?.map(({ pattern }) => pattern), [
    "*.txt",
    undefined,
    "\\*x*",
    "a[b]",
    "{a,b}",
    undefined,
    "a*\\[b\\]",
    undefined,
    undefined,
    undefined,
    undefined,
    "*\\?\\*",
  ]);
});

Deno.test("splitLine: a tilde that is not quoted is the user's home", () => {
  const words = splitLine("lcd ~ ~/x ~x '~' \\~/x a~")[0]?.words.slice(1);
  assertEquals(words?.map(({ home }) => home), [true, true, false, false, false, false]);
});

Deno.test("quoteWord: any name comes back from splitLine as it was, in every quoting, and is printable", () => {
  const name = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: fc.constantFrom(..."ab01x'\"\\$*~\x01\x1b\t\r\n\x7f\x9b") }),
    fc.uint8Array().map(decodeName),
  ).filter((text) => !text.includes("\0"));
  const quotes = fc.constantFrom("" as const, "'" as const, '"' as const, "$'" as const);
  fc.assert(fc.property(fc.array(fc.tuple(name, quotes), { minLength: 1 }), (pairs) => {
    const quoted = pairs.map(([text, quote]) => quoteWord(text, quote) + endOfQuote(quote));
    const line = `get ${quoted.join(" ")}`;
    // deno-lint-ignore no-control-regex -- none may be left
    assertEquals(/[\x00-\x1f\x7f-\x9f\udc80-\udcff]/u.test(line), false);
    const words = splitLine(line)[0]?.words.slice(1) ?? [];
    assertEquals(
      words.map(({ text }) => encodeName(text)),
      pairs.map(([text]) => encodeName(text)),
    );
    assertEquals(words.every(({ pattern, home }) => pattern === undefined && !home), true);
  }));
});

Deno.test("quoteWord: a name that is not UTF-8 is read as listings have it, in every quoting", () => {
  const piece = fc.constantFrom([0xc3, 0xa9], [0xff], [0x61], [0x27], [0x5c], [0x22], [0x01]);
  const bytes = fc.array(piece).map((pieces) => Uint8Array.from([...pieces.flat(), 0xe9]));
  const quotes = fc.constantFrom("" as const, "'" as const, '"' as const, "$'" as const);
  fc.assert(fc.property(bytes.map(decodeName), quotes, (name, quote) => {
    const [command] = splitLine(`get ${quoteWord(name, quote)}${endOfQuote(quote)}`);
    assertEquals(command?.words.map(({ text }) => text), ["get", name]);
  }));
});

Deno.test("splitLine: any line is split or refused, never more", () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(..."abx0 $'\"\\;&#!~*|\t") }), (line) => {
    try {
      splitLine(line);
    } catch (error) {
      assertEquals(error instanceof UsageError, true);
    }
  }));
});

for (
  const [line, before, word] of [
    ["", [], { start: 0, text: "", quote: "" }],
    ["ge", [], { start: 0, text: "ge", quote: "" }],
    ["get ", ["get"], { start: 4, text: "", quote: "" }],
    ["get a\\ b", ["get"], { start: 4, text: "a b", quote: "" }],
    ["get 'a b", ["get"], { start: 4, text: "a b", quote: "'" }],
    ['get "a b', ["get"], { start: 4, text: "a b", quote: '"' }],
    ["get $'a\\x1b", ["get"], { start: 4, text: "a\x1b", quote: "$'" }],
    ["ls; get x y", ["get", "x"], { start: 10, text: "y", quote: "" }],
  ] as const
) {
  Deno.test(`openWord: ${JSON.stringify(line)}`, () => {
    const open = openWord(line);
    assertEquals(open?.before.map(({ text }) => text), [...before]);
    assertEquals({ start: open?.start, text: open?.text, quote: open?.quote }, { ...word });
  });
}

for (const line of ["! l", "ls # x", "ls | x"]) {
  Deno.test(`openWord: nothing can be completed in ${JSON.stringify(line)}`, () => {
    assertEquals(openWord(line), undefined);
  });
}
