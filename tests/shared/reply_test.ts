/**
 * Replies: the wire form, and decoding whatever way the bytes are cut.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { ProtocolError } from "../../shared/errors.ts";
import { encodeReply, type Reply, ReplyDecoder, type ReplyOptions } from "../../shared/reply.ts";
import { anyCut, anyMixOf, cutEverywhere } from "../support/cut.ts";

const encoder = new TextEncoder();
const bytes = (text: string): Uint8Array => encoder.encode(text);
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

interface Outcome {
  readonly replies: Reply[];
  readonly pending?: boolean;
  readonly fault?: string;
}

function decode(pieces: Iterable<Uint8Array>, limits?: ReplyOptions): Outcome {
  const decoder = new ReplyDecoder(limits);
  const replies: Reply[] = [];
  try {
    for (const piece of pieces) replies.push(...decoder.push(piece));
    decoder.push(new Uint8Array());
    return { replies, pending: decoder.pending };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { replies, fault: error.message };
  }
}

Deno.test("encodeReply: writes the wire form", () => {
  const cases: [Reply, string][] = [
    [{ code: 226, lines: ["Transfer complete"] }, "226 Transfer complete\r\n"],
    [{ code: 200, lines: [] }, "200 \r\n"],
    [{ code: 200, lines: [""] }, "200 \r\n"],
    [{ code: 211, lines: ["first", " second", "last"] }, "211-first\r\n second\r\n211 last\r\n"],
    [{ code: 211, lines: ["a", "b"] }, "211-a\r\n211 b\r\n"],
    [{ code: 250, lines: ["a\r\nb\nc"] }, "250 a  b c\r\n"],
    [{ code: 250, lines: ["x", "250 y\r\n", "z"] }, "250-x\r\n 250 y  \r\n250 z\r\n"],
    [
      { code: 250, lines: ["x", "250-y", "331", "250y", "z"] },
      [
        "250-x",
        " 250-y",
        " 331",
        "250y",
        "250 z",
        "",
      ].join("\r\n"),
    ],
    [{ code: 257, lines: ['"/Ü"'] }, '257 "/Ü"\r\n'],
  ];
  for (const [reply, wire] of cases) assertEquals(encodeReply(reply), wire);
});

Deno.test("encodeReply: refuses what is no reply code", () => {
  for (const code of [0, 99, 600, 226.5, NaN]) {
    assertThrows(() => encodeReply({ code, lines: ["x"] }), RangeError, `"${code}"`);
  }
});

Deno.test("ReplyDecoder.push: understands each form of a reply", () => {
  const cases: [string, Uint8Array, Reply[]][] = [
    ["one line", bytes("220 ready\r\n"), [{ code: 220, lines: ["ready"] }]],
    ["no text", bytes("200 \r\n200\r\n"), [
      { code: 200, lines: [""] },
      { code: 200, lines: [""] },
    ]],
    ["bare LF", bytes("220-a\nb\n220 c\n"), [{ code: 220, lines: ["a", "b", "c"] }]],
    ["several", bytes("150 a\r\n226 b\r\n"), [
      { code: 150, lines: ["a"] },
      { code: 226, lines: ["b"] },
    ]],
    ["inner lines with digits", bytes("230-a\r\n226 b\r\n226-c\r\n2300 d\r\n1\r\n230 e\r\n"), [
      { code: 230, lines: ["a", "226 b", "226-c", "2300 d", "1", "e"] },
    ]],
    ["code on each line", bytes("230-a\r\n230-b\r\n230-\r\n230 c\r\n"), [
      { code: 230, lines: ["a", "b", "", "c"] },
    ]],
    ["ends with the code alone", bytes("211-a\r\n211\r\n"), [{ code: 211, lines: ["a", ""] }]],
    ["spaces are kept", bytes("250-\r\n  type=file; x \r\n250 end\r\n"), [
      { code: 250, lines: ["", "  type=file; x ", "end"] },
    ]],
    ["a lone CR stays", bytes("200 a\rb\r\r\n"), [{ code: 200, lines: ["a\rb\r"] }]],
    ["UTF-8", bytes('257 "/\uFEFFÜ😀"\r\n'), [{ code: 257, lines: ['"/\uFEFFÜ😀"'] }]],
    [
      "Latin-1, line by line",
      new Uint8Array([
        ...latin1("257-\xDCbung\r\n"),
        ...bytes("\uFEFFÜbung\r\n257 x\r\n"),
      ]),
      [{ code: 257, lines: ["Übung", "\uFEFFÜbung", "x"] }],
    ],
    [
      "telnet commands",
      latin1("\xFF\xF120\xFF\xFB\x01\xFF\xFE\n0 a\xFF\xF9b\r\n"),
      [
        { code: 200, lines: ["ab"] },
      ],
    ],
    ["a doubled 255", latin1("200 a\xFF\xFFb\r\n"), [{ code: 200, lines: ["aÿb"] }]],
    ["a plain 255", latin1("200 a\xFFb\xFF\r\n"), [{ code: 200, lines: ["aÿbÿ"] }]],
  ];
  for (const [name, wire, replies] of cases) {
    assertEquals(decode([wire]), { replies, pending: false }, name);
    assertEquals(decode(cutEverywhere(wire)), { replies, pending: false }, `${name}, cut`);
  }
});

Deno.test("ReplyDecoder.push: refuses what is no reply", () => {
  const lines = [
    "\r\n",
    " 220 a\r\n",
    "22\r\n",
    "020 a\r\n",
    "600 a\r\n",
    "2200 a\r\n",
    "220:a\r\n",
    "SSH-2.0-x\r\n",
    "220 a\r\nstray\r\n",
  ];
  for (const line of lines) {
    assertStringIncludes(decode([bytes(line)]).fault ?? "", "no code in front", line);
  }
});

Deno.test("ReplyDecoder.push: a fault keeps the replies before it and lasts", () => {
  const decoder = new ReplyDecoder();
  assertEquals(decoder.push(bytes("226 done\r\nstray\r\n")), [{ code: 226, lines: ["done"] }]);
  assertThrows(() => decoder.push(new Uint8Array()), ProtocolError, '"stray"');
  assertThrows(() => decoder.push(bytes("220 a\r\n")), ProtocolError, '"stray"');
});

Deno.test("ReplyDecoder.push: any cut gives the same result", () => {
  const tokens = [
    "200 ok\r\n",
    "211-a\r\n",
    "211 b\r\n",
    "220 ",
    "220-",
    "226 ",
    "226",
    "331 a",
    "\r\n",
    "\r\n",
    "\n",
    "\r",
    "x",
    "text",
    "Ü",
    " ",
    "-",
    "0123456789",
    ...["\xFF", "\xF4", "\xFB", "\xFD\x01", "\xDC"].map(latin1),
  ];
  const limits = { maxLineBytes: 24, maxBytes: 80 };
  fc.assert(
    fc.property(anyCut(anyMixOf(tokens)), ({ whole, pieces }) => {
      const expected = decode([whole], limits);
      assertEquals(decode(pieces, limits), expected);
      assertEquals(decode(cutEverywhere(whole), limits), expected);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("ReplyDecoder.push: decodes what encodeReply wrote", () => {
  const line = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("226 x", "226-x", "226", " 226 x", "2", "-", ""),
  ).map((text) => text.replace(/[\r\n]/g, ""));
  const anyReply = fc.record({
    code: fc.integer({ min: 100, max: 599 }),
    lines: fc.array(line, { minLength: 1, maxLength: 8 }),
  });
  const protect = (text: string, index: number, lines: readonly string[]): string =>
    index > 0 && index < lines.length - 1 && /^\d\d\d([ -]|$)/.test(text) ? ` ${text}` : text;
  fc.assert(fc.property(fc.array(anyReply), (replies) => {
    const wire = bytes(replies.map(encodeReply).join(""));
    const expected = replies.map(({ code, lines }) => ({ code, lines: lines.map(protect) }));
    assertEquals(decode([wire]), { replies: expected, pending: false });
  }));
});

Deno.test("ReplyDecoder.push: any bytes give replies or a ProtocolError", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (input) => {
    const { replies } = decode([bytes("220 a\r\n"), input]);
    assertEquals(replies[0], { code: 220, lines: ["a"] });
  }));
});

Deno.test("ReplyDecoder.push: a line has its limit, ended or not", () => {
  const limits = { maxLineBytes: 10 };
  assertEquals(decode([bytes("220 56789\r\n")], limits).replies.length, 1);
  assertEquals(decode([bytes("220 567890")], limits), { replies: [], pending: true });
  const fault = "Cannot read the reply: a line is longer than 10 bytes";
  assertEquals(decode([bytes("220 567890\r\n")], limits).fault, fault);
  assertEquals(decode([bytes("220 5678901")], limits).fault, fault);
  assertEquals(decode([bytes("220 Ü67890\n")], limits).fault, fault);
  const long = `220 ${"x".repeat(16 * 1024 - 4)}`;
  assertEquals(decode([bytes(`${long}\n`)]).replies.length, 1);
  assertStringIncludes(decode([bytes(`${long}x\n`)]).fault ?? "", "16384 bytes");
});

Deno.test("ReplyDecoder.push: a reply has its limit over all lines", () => {
  const limits = { maxBytes: 20 };
  assertEquals(decode([bytes("220-a\r\nb\r\n220 end\r\n")], limits).replies.length, 1);
  const { fault } = decode([bytes("220-a\r\nbc\r\n220 end..\r\n")], limits);
  assertEquals(fault, "Cannot read the reply 220: it is longer than 20 bytes");
  const endless = bytes("220-x\r\n".repeat(150_000));
  assertStringIncludes(decode([endless]).fault ?? "", "1048576 bytes");
});

Deno.test("ReplyDecoder.push: the buffer may be reused", () => {
  const decoder = new ReplyDecoder();
  const buffer = bytes("220 re");
  decoder.push(buffer);
  buffer.set(bytes("ady\r\n."));
  assertEquals(decoder.push(buffer.subarray(0, 5)), [{ code: 220, lines: ["ready"] }]);
});

Deno.test("ReplyDecoder.pending: tells whether a reply has begun", () => {
  const decoder = new ReplyDecoder();
  const states = ["", "2", "20 a\r\n", "220-a\r\n", "b", "\r\n", "220 c\r\n"].map((text) => {
    decoder.push(bytes(text));
    return decoder.pending;
  });
  assertEquals(states, [false, true, false, true, true, true, false]);
  assert(!new ReplyDecoder().pending);
});
