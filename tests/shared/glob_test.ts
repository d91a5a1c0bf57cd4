import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { compileGlob, isGlob, literalText } from "../../shared/glob.ts";

/** Pattern, names that match, names that do not. */
const CASES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["", [""], ["a"]],
  ["a", ["a"], ["", "b", "aa", "A"]],
  ["*", ["", "a", "a.b", " "], []],
  ["*.txt", [".txt", "a.txt", "a.b.txt"], ["a.txtx", "txt"]],
  ["a*b*c", ["abc", "axbxc", "abbcc", "abcbc"], ["acb", "ab"]],
  ["?", ["a", "ü", "😀"], ["", "ab"]],
  ["??.*", ["ab.", "ab.c"], ["a.b"]],
  ["[abc]", ["a", "c"], ["d", "ab", ""]],
  ["[a-c0-9]x", ["bx", "7x"], ["dx", "-x"]],
  ["[!a-c]", ["d", "!"], ["a", "b"]],
  ["[^a-c]", ["d", "^"], ["a"]],
  ["[]a]", ["]", "a"], ["b"]],
  ["[!]a]", ["b"], ["]", "a"]],
  ["[a-]", ["a", "-"], ["b"]],
  ["[z-a]", [], ["z", "m", "a"]],
  ["[a", ["[a"], ["a"]],
  ["\\*", ["*"], ["a", "\\*"]],
  ["a\\", ["a\\"], ["a"]],
  ["[а-я]*", ["привет"], ["hello"]],
];

for (const [pattern, matching, others] of CASES) {
  Deno.test(`compileGlob: ${JSON.stringify(pattern)}`, () => {
    const matches = compileGlob(pattern);
    for (const name of matching) assert(matches(name), `should match ${name}`);
    for (const name of others) assert(!matches(name), `should not match ${name}`);
  });
}

Deno.test("isGlob: what stands for more than itself", () => {
  assertEquals(["a*", "a?", "[a]", "a", "{a,b}", "a]"].map(isGlob), [
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

Deno.test("compileGlob: every name matches itself when its special characters are escaped", () => {
  fc.assert(fc.property(fc.string(), (name) => {
    const escaped = name.replace(/[*?[\\]/g, "\\$&");
    assert(compileGlob(escaped)(name));
  }));
});

Deno.test("literalText: the only name that matches, where there is one", () => {
  const patterns = ["a", "a\\*b", "\\\\", "[a", "a*", "?", "[a]", ""];
  assertEquals(patterns.map(literalText), [
    "a",
    "a*b",
    "\\",
    "[a",
    undefined,
    undefined,
    undefined,
    "",
  ]);
});

const REGEXPS: Readonly<Record<string, string>> = {
  "*": ".*",
  "?": ".",
  a: "a",
  b: "b",
  ".": "\\.",
  "[ab]": "[ab]",
  "[!a]": "[^a]",
};

Deno.test("compileGlob: agrees with the regular expression that it stands for", () => {
  const piece = fc.constantFrom(...Object.keys(REGEXPS));
  const name = fc.array(fc.constantFrom("a", "b", ".")).map((characters) => characters.join(""));
  fc.assert(fc.property(fc.array(piece), name, (pieces, name) => {
    const source = pieces.map((each) => REGEXPS[each]).join("");
    assertEquals(compileGlob(pieces.join(""))(name), new RegExp(`^${source}$`).test(name));
  }));
});

Deno.test("compileGlob: many stars against a long name that nearly matches end at once", () => {
  assert(!compileGlob("*a".repeat(100) + "b")("a".repeat(4000)));
});

Deno.test("compileGlob: a set agrees with its members, however they overlap", () => {
  const letter = fc.constantFrom(..."abcdefgh");
  const member = fc.oneof(letter, fc.tuple(letter, letter).map(([low, high]) => `${low}-${high}`));
  fc.assert(fc.property(fc.array(member, { minLength: 1 }), letter, (members, given) => {
    const expected = members.some((each) =>
      each.charAt(0) <= given && given <= (each.at(-1) ?? "")
    );
    assertEquals(compileGlob(`[${members.join("")}]`)(given), expected);
    assertEquals(compileGlob(`[!${members.join("")}]`)(given), !expected);
  }));
});

Deno.test("compileGlob: a set of thousands of members is asked in few steps", () => {
  const members = Array.from({ length: 8000 }, (_, at) => String.fromCharCode(0x4e00 + 2 * at));
  const matches = compileGlob(`*[${members.join("")}]`);
  const started = performance.now();
  for (let name = 0; name < 1000; name++) assert(!matches("a".repeat(250)));
  const took = performance.now() - started;
  // Member by member these are 2,000 million comparisons.
  assert(took < 1000, `took ${Math.round(took)} ms`);
});
