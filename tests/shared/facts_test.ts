/**
 * Times and facts of RFC 3659, both ways.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { ProtocolError } from "../../shared/errors.ts";
import { FactLine } from "../../shared/fact_line.ts";
import { formatFacts, formatTimeVal, parseFacts, parseTimeVal } from "../../shared/facts.ts";

const FIRST_TIME = new Date("0000-01-01T00:00:00Z");
const LAST_TIME = new Date("9999-12-31T23:59:59.999Z");

Deno.test("formatTimeVal: writes UTC, with milliseconds only when asked", () => {
  const date = new Date("2024-02-29T23:59:58.070Z");
  assertEquals(formatTimeVal(date), "20240229235958");
  assertEquals(formatTimeVal(date.getTime()), "20240229235958");
  assertEquals(formatTimeVal(date, { milliseconds: false }), "20240229235958");
  assertEquals(formatTimeVal(date, { milliseconds: true }), "20240229235958.070");
});

Deno.test("formatTimeVal: years beyond four digits become the nearest time", () => {
  assertEquals(formatTimeVal(new Date(FIRST_TIME.getTime() - 1)), "00000101000000");
  assertEquals(formatTimeVal(new Date(LAST_TIME.getTime() + 1)), "99991231235959");
  assertThrows(() => formatTimeVal(new Date(NaN)), RangeError);
});

Deno.test("parseTimeVal: reads what servers write", () => {
  const cases: [string, string][] = [
    ["20240229235958", "2024-02-29T23:59:58.000Z"],
    [" 20240229235958\r", "2024-02-29T23:59:58.000Z"],
    ["20240229235958.5", "2024-02-29T23:59:58.500Z"],
    ["20240229235958.070", "2024-02-29T23:59:58.070Z"],
    ["20240229235958.999999999999", "2024-02-29T23:59:58.999Z"],
    ["20161231235960", "2017-01-01T00:00:00.000Z"],
    ["00010203040506", "0001-02-03T04:05:06.000Z"],
    ["19991231000000", "1999-12-31T00:00:00.000Z"],
    ["191000101000000", "2000-01-01T00:00:00.000Z"],
    ["191240229010203.25", "2024-02-29T01:02:03.250Z"],
  ];
  for (const [text, expected] of cases) {
    assertEquals(parseTimeVal(text).toISOString(), expected, text);
  }
});

Deno.test("parseTimeVal: refuses what is no time", () => {
  const bad: [string, string][] = [
    ["", "not YYYYMMDDHHMMSS"],
    ["2024022923595", "not YYYYMMDDHHMMSS"],
    ["202402292359580", "not YYYYMMDDHHMMSS"],
    ["20240229235958.", "not YYYYMMDDHHMMSS"],
    ["20240229235958Z", "not YYYYMMDDHHMMSS"],
    ["2024-02-29 23:59", "not YYYYMMDDHHMMSS"],
    ["+1240229235958", "not YYYYMMDDHHMMSS"],
    ["20230229000000", "no such day"],
    ["20240001000000", "no such day"],
    ["20241301000000", "no such day"],
    ["20240100000000", "no such day"],
    ["20240431000000", "no such day"],
    ["20240101240000", "no such time of day"],
    ["20240101006000", "no such time of day"],
    ["20240101000061", "no such time of day"],
  ];
  for (const [text, reason] of bad) {
    assertThrows(() => parseTimeVal(text), ProtocolError, `${JSON.stringify(text)}: ${reason}`);
  }
});

Deno.test("parseTimeVal: reads back every time that formatTimeVal writes", () => {
  const anyDate = fc.date({ min: FIRST_TIME, max: LAST_TIME, noInvalidDate: true });
  fc.assert(fc.property(anyDate, (date) => {
    assertEquals(parseTimeVal(formatTimeVal(date, { milliseconds: true })), date);
    const seconds = Math.floor(date.getTime() / 1000) * 1000;
    assertEquals(parseTimeVal(formatTimeVal(date)).getTime(), seconds);
  }));
});

Deno.test("parseTimeVal: any text throws only ProtocolError", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom(..."0123459."), minLength: 13, maxLength: 17 }),
  );
  fc.assert(
    fc.property(text, (input) => {
      try {
        assert(!Number.isNaN(parseTimeVal(input).getTime()), input);
      } catch (error) {
        assert(error instanceof ProtocolError, `${input}: ${error}`);
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("formatFacts: writes one entry", () => {
  assertEquals(formatFacts([["type", "file"], ["size", "3"]], "a b"), "type=file;size=3; a b");
  assertEquals(formatFacts([], " x "), "  x ");
  assertEquals(formatFacts(new Map([["UNIX.mode", "0644"]]), "; ="), "UNIX.mode=0644; ; =");
});

Deno.test("formatFacts: leaves out a fact that would break the line", () => {
  for (const value of ["a b", "a;b", "a\r\nb", "a\tb", "a\0b", "a\x7f"]) {
    assertEquals(formatFacts([["UNIX.owner", value], ["size", "3"]], "x"), "size=3; x");
  }
});

Deno.test("formatFacts: refuses a name that would break the listing", () => {
  for (const name of ["", "a\rb", "a\nb", "a\0b"]) {
    assertThrows(() => formatFacts([], name), RangeError, JSON.stringify(name));
  }
});

Deno.test("parseFacts: reads what servers write", () => {
  const cases: [string, string, Record<string, string>][] = [
    ["type=file;size=3; a b", "a b", { type: "file", size: "3" }],
    ["Type=OS.unix=slink:/x;Perm=; y", "y", { type: "OS.unix=slink:/x", perm: "" }],
    [" x", "x", {}],
    ["  x; y ", " x; y ", {}],
    ["type=dir;  lead and trail ", " lead and trail ", { type: "dir" }],
    ["type=dir; ;", ";", { type: "dir" }],
    ["size=1;size=2; x", "x", { size: "2" }],
    ["UNIX.owner=a b;type=file; c; d", "c; d", { "unix.owner": "a b", type: "file" }],
    ["type=file; Ü😀", "Ü😀", { type: "file" }],
  ];
  for (const [line, name, facts] of cases) {
    assertEquals(parseFacts(line), { name, facts: new Map(Object.entries(facts)) }, line);
  }
});

Deno.test("parseFacts: refuses anything else", () => {
  const bad = [
    "",
    " ",
    "x",
    "type=file;",
    "type=file; ",
    "type=file;x",
    "type=file x",
    "type; x",
    "=file; x",
    "; x",
    "type=file;; x",
    "type=file; a\rb",
    "type=file; a\0b",
    "-rw-r--r-- 1 a b 3 Jan 1 00:00 x",
  ];
  for (const line of bad) {
    assertThrows(() => parseFacts(line), ProtocolError, JSON.stringify(line));
  }
});

Deno.test("parseFacts: reads back what formatFacts writes", () => {
  const anyFacts = fc.dictionary(
    fc.stringMatching(/^[a-z.]+$/),
    fc.stringMatching(/^[!-:<-~]*$/),
    { noNullPrototype: true },
  );
  const anyName = fc.string({ unit: "grapheme", minLength: 1 })
    .filter((name) => !/[\0\r\n]/.test(name));
  fc.assert(fc.property(anyFacts, anyName, (record, name) => {
    const facts = new Map(Object.entries(record));
    assertEquals(parseFacts(formatFacts(facts, name)), { name, facts });
  }));
});

Deno.test("parseFacts: any text throws only ProtocolError", () => {
  const line = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom("type", "=", ";", "; ", " ", "x", "\r") }),
  );
  fc.assert(
    fc.property(line, (input) => {
      try {
        const { name, facts } = parseFacts(input);
        assert(input.endsWith(` ${name}`) && !facts.has(""), input);
      } catch (error) {
        assert(error instanceof ProtocolError, `${input}: ${error}`);
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("FactLine: whatever lines came before, each is read as alone", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "B", "size", "=", "é", ".") });
  const fact = fc.tuple(word, word).map(([name, value]) => `${name}=${value};`);
  const line = fc.tuple(fc.array(fact, { maxLength: 4 }), word)
    .map(([facts, name]) => `${facts.join("")} ${name}`);
  fc.assert(fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
    const reader = new FactLine();
    for (const text of lines) {
      const read = (): [string, Map<string, string>] => {
        reader.read(text);
        return [reader.name, new Map(reader)];
      };
      const alone = (): [string, ReadonlyMap<string, string>] => {
        const { name, facts } = parseFacts(text);
        return [name, facts];
      };
      assertEquals(outcome(read), outcome(alone));
    }
  }));
});

/** What it returns, or what it throws. */
function outcome(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    assert(error instanceof ProtocolError);
    return error.message;
  }
}

Deno.test("FactLine.get: the last of a name in any case, undefined where there is none", () => {
  const line = new FactLine();
  line.read("Size=1;SIZE=22;type=; a");
  assertEquals([line.get("size"), line.get("type"), line.get("modify")], ["22", "", undefined]);
  line.read("Size=3; a");
  assertEquals([line.get("size"), line.get("type"), [...line]], ["3", undefined, [["size", "3"]]]);
  line.read("modify=3; a");
  assertEquals(line.get("size"), undefined);
});
