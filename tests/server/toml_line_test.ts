import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { stringify } from "smol-toml";
import { keyLines, lineOf } from "../../server/toml_line.ts";

const FILE = `# a comment = [1]
port = 21

welcome = """
not = "a key"
""" # done
deny = [
  "*.exe", # with a comment ]
  "]",
]
"quoted key" = { inline = 1 }
a.b."c.d" = 'x = 1'
[users]
[users."al\\u0069ce x"] # header
home = "/a=b"
[ users . bob ]
home = "/"
directories = {"/in" = "read"}
[[hooks]]
on = 1
[[hooks]]
on = 2
`;

const LINES: readonly (readonly [readonly string[], number])[] = [
  [["port"], 2],
  [["welcome"], 4],
  [["deny"], 7],
  [["quoted key"], 11],
  [["a"], 12],
  [["a", "b", "c.d"], 12],
  [["users"], 13],
  [["users", "alice x"], 14],
  [["users", "alice x", "home"], 15],
  [["users", "bob"], 16],
  [["users", "bob", "home"], 17],
  [["users", "bob", "directories", "/in"], 18],
  [["users", "bob", "none"], 16],
  [["hooks"], 19],
  [["hooks", "0", "on"], 20],
  [["hooks", "1"], 21],
  [["hooks", "1", "on"], 22],
  [["none"], 1],
  [[], 1],
];

for (const [key, line] of LINES) {
  Deno.test(`lineOf: ${key.join(".") || "the file"}`, () => {
    assertEquals(lineOf(keyLines(FILE), key), line);
  });
}

Deno.test("keyLines: finds every key of any table where it was written", () => {
  const key = fc.string({ minLength: 1 }).filter((text) => text !== "__proto__");
  const value = fc.oneof(fc.string(), fc.integer(), fc.array(fc.string()), fc.boolean());
  fc.assert(fc.property(fc.dictionary(key, value), (table) => {
    const text = stringify(table);
    const lines = keyLines(text);
    Object.keys(table).forEach((name, index) => assertEquals(lineOf(lines, [name]), index + 1));
  }));
});
