import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parse } from "smol-toml";
import { findLines, type KeyPath } from "../../../server/toml/toml_line.ts";

const FILE = `# a comment with [brackets] and = signs
port = 2121
"quoted key" = 'a = b' # [no.table]
'literal\\key'.inner = 1
dotted . "k.e.y" . deep = true

welcome = """
[not.a.table]
port = 1
"""
list = [
  "one", # ]
  "two", [ 3,
  4 ],
  { a = 1, "b c" = [
    5] },
]
moment = 1979-05-27 07:32:00
[users."al ice"]
password = "x\\"] # y"
[ users . "al\\u0020ice" . directories ]
"/incoming" = "upload"
[[hooks]]
on = "login"
[hooks.more]
x = 1
[[hooks]]

on = "upload"
[[hooks.inner]]
y = 1
[[hooks.inner]]
y = 2
[last]
quotes = """a""\\""""" # 1
raw = '''b''''' # 2
end = 1
many = ["""a""\\""""", '''b''''',
  2]`;

const PLACES: readonly (readonly [path: KeyPath, line: number])[] = [
  [["port"], 2],
  [["quoted key"], 3],
  [["literal\\key", "inner"], 4],
  [["literal\\key"], 4],
  [["dotted", "k.e.y", "deep"], 5],
  [["dotted", "k.e.y"], 5],
  [["welcome"], 7],
  [["list"], 11],
  [["list", 0], 12],
  [["list", 1], 13],
  [["list", 2], 13],
  [["list", 2, 1], 14],
  [["list", 3], 15],
  [["list", 3, "a"], 15],
  [["list", 3, "b c"], 15],
  [["list", 3, "b c", 0], 16],
  [["moment"], 18],
  [["users", "al ice"], 19],
  [["users", "al ice", "password"], 20],
  [["users", "al ice", "directories", "/incoming"], 22],
  [["users"], 19],
  [["hooks", 0], 23],
  [["hooks", 0, "on"], 24],
  [["hooks", 0, "more", "x"], 26],
  [["hooks", 1], 27],
  [["hooks", 1, "on"], 29],
  [["hooks", 1, "inner", 0, "y"], 31],
  [["hooks", 1, "inner", 1, "y"], 33],
  [["last", "quotes"], 35],
  [["last", "raw"], 36],
  [["last", "end"], 37],
  [["last", "many", 1], 38],
  [["last", "many", 2], 39],
  // What stands nowhere: the nearest that holds it.
  [["hooks", 1, "timeout"], 27],
  [["users", "al ice", "home", "x"], 19],
  [["nothing"], 1],
  [[], 1],
];

Deno.test("findLines: every kind of key, table and element", () => {
  parse(FILE); // it is TOML
  const lines = findLines(FILE);
  for (const [path, line] of PLACES) assertEquals(lines.lineOf(path), line, JSON.stringify(path));
});

Deno.test("findLines: ends of lines with CR, and a key on the last line without an end", () => {
  const lines = findLines("a = 1\r\n\r\n[b]\r\nc = [\r\n  1,\r\n  2]\r\nd = 1");
  assertEquals([["a"], ["b"], ["b", "c", 1], ["b", "d"]].map((path) => lines.lineOf(path)), [
    1,
    3,
    6,
    7,
  ]);
});

/** Writes a document and remembers on which line everything went. */
class Writer {
  text = "";
  readonly lines = new Map<string, number>();

  write(text: string): void {
    this.text += text;
  }

  mark(path: KeyPath): void {
    this.lines.set(JSON.stringify(path), this.text.split("\n").length);
  }
}

type Write = (writer: Writer, path: KeyPath) => void;

const word = fc.string({ unit: "grapheme-ascii", maxLength: 8 });
const noise = fc.constantFrom("", " ", "  # [x] = 'y\"", ' # """');
const blank = fc.array(fc.constantFrom("\n", "  ", "\t\n", " # a = [\n", "\r\n"), { maxLength: 3 })
  .map((parts) => parts.join(""));

const scalar: fc.Arbitrary<Write> = fc.oneof(
  fc.constantFrom("1", "-2.5e3", "true", "1979-05-27 07:32:00", "0o22", "inf"),
  word.map((text) => JSON.stringify(text)),
  word.map((text) => `'${text.replaceAll("'", "")}'`),
  fc.array(word, { maxLength: 4 }).map((rows) =>
    `"""${rows.map((row) => JSON.stringify(row).slice(1, -1)).join('\n[x]\ny = "z"\n')}"""`
  ),
  fc.array(word, { maxLength: 4 }).map((rows) =>
    `'''${rows.map((row) => row.replaceAll("'", "")).join("\n# '[x]\n")}'''`
  ),
).map((text): Write => (writer) => writer.write(text));

/** Numbers in front keep keys apart. */
const key = (index: number): fc.Arbitrary<string> => word.map((text) => `${index}${text}`);

const { value } = fc.letrec<{ value: Write; array: Write; table: Write }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, scalar, tie("array"), tie("table")),
  array: fc.array(fc.tuple(blank, tie("value"), blank), { maxLength: 4 }).map((elements): Write => {
    return (writer, path) => {
      writer.write("[");
      elements.forEach(([before, element, after], index) => {
        writer.write(before);
        writer.mark([...path, index]);
        element(writer, [...path, index]);
        // A comment must not swallow the comma.
        writer.write(`${after.includes("#") ? `${after}\n` : after},`);
      });
      writer.write("]");
    };
  }),
  table: fc.array(fc.tuple(word, tie("value")), { maxLength: 3 }).map((entries): Write => {
    return (writer, path) => {
      writer.write("{");
      entries.forEach(([name, write], index) => {
        const own = [...path, `${index}${name}`];
        writer.write(`${index === 0 ? "" : ", "}`);
        writer.mark(own);
        writer.write(`${JSON.stringify(`${index}${name}`)} = `);
        write(writer, own);
      });
      writer.write("}");
    };
  }),
}));

const pairs = fc.array(fc.tuple(blank, word, value, noise), { maxLength: 4 });
const section = fc.record({
  kind: fc.constantFrom("[", "[["),
  name: key(0),
  space: fc.constantFrom("", " "),
  pairs,
});

function writePairs(
  writer: Writer,
  path: KeyPath,
  entries: readonly (readonly [string, string, Write, string])[],
): void {
  entries.forEach(([before, name, write, after], index) => {
    const own = [...path, `${index}${name}`];
    writer.write(`${before}${before.includes("#") ? "\n" : ""}`);
    writer.mark(own);
    writer.write(`${JSON.stringify(`${index}${name}`)} = `);
    write(writer, own);
    writer.write(`${after}\n`);
  });
}

/** All paths in what the parser made. */
function* paths(value: unknown, path: KeyPath = []): Generator<KeyPath> {
  if (path.length > 0) yield path;
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) yield* paths(element, [...path, index]);
  } else if (typeof value === "object" && value !== null && !(value instanceof Date)) {
    for (const [name, element] of Object.entries(value)) yield* paths(element, [...path, name]);
  }
}

Deno.test("findLines: in any document every path of the parser stands where it was written", () => {
  fc.assert(
    fc.property(pairs, fc.array(section, { maxLength: 4 }), (top, sections) => {
      const writer = new Writer();
      writePairs(writer, [], top);
      sections.forEach(({ kind, name, space, pairs }, index) => {
        const table = `s${index}${name}`;
        const path = kind === "[" ? [table] : [table, 0];
        writer.mark(path);
        if (kind === "[[") writer.mark([table]);
        const close = kind === "[" ? "]" : "]]";
        writer.write(`${kind}${space}${JSON.stringify(table)}${space}${close}\n`);
        writePairs(writer, path, pairs);
      });
      const lines = findLines(writer.text);
      for (const path of paths(parse(writer.text))) {
        assertEquals(lines.lineOf(path), writer.lines.get(JSON.stringify(path)), writer.text);
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("findLines: no text makes it fail, and no line is beyond the end", () => {
  const tokens = fc.constantFrom(
    "[",
    "]",
    "[[",
    "{",
    "}",
    '"',
    '"""',
    "'",
    "=",
    ".",
    ",",
    "\n",
    "a",
  );
  const text = fc.oneof(fc.string(), fc.array(tokens).map((parts) => parts.join("")));
  fc.assert(fc.property(text, (text) => {
    const lines = findLines(text);
    for (const path of [["a"], ["a", 0], ["a", "a"], ["a", 0, "a"]]) {
      const line = lines.lineOf(path);
      assert(line >= 1 && line <= text.split("\n").length);
    }
  }));
});
