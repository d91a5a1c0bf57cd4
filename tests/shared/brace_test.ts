import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { expandBraces, isPattern, MOST_ALTERNATIVES } from "../../shared/brace.ts";
import { UsageError } from "../../shared/errors.ts";

const CASES: readonly (readonly [pattern: string, alternatives: readonly string[]])[] = [
  ["", [""]],
  ["abc", ["abc"]],
  ["{a,b}", ["a", "b"]],
  ["x{a,b}y", ["xay", "xby"]],
  ["{a,b}{c,d}", ["ac", "ad", "bc", "bd"]],
  ["x{,.bak}", ["x", "x.bak"]],
  ["{a,b{1,2}c}d", ["ad", "b1cd", "b2cd"]],
  ["{a/b,c}/*.txt", ["a/b/*.txt", "c/*.txt"]],
  ["{a}", ["{a}"]],
  ["{}", ["{}"]],
  ["{a,b", ["{a,b"]],
  ["a,b}", ["a,b}"]],
  ["{{a,b}", ["{a", "{b"]],
  ["{a,b}}", ["a}", "b}"]],
  ["{{a},b}", ["{a}", "b"]],
  ["{x{a,b}}", ["{xa}", "{xb}"]],
  ["\\{a,b}", ["\\{a,b}"]],
  ["{a\\,b}", ["{a\\,b}"]],
  ["{a\\},b}", ["a\\}", "b"]],
  ["{a,b\\", ["{a,b\\"]],
];

for (const [pattern, alternatives] of CASES) {
  Deno.test(`expandBraces: ${JSON.stringify(pattern)}`, () => {
    assertEquals(expandBraces(pattern), alternatives);
  });
}

/** A pattern in its parts: a text, or alternatives that are patterns themselves. */
type Part = string | readonly (readonly Part[])[];

const { parts } = fc.letrec<{ parts: readonly Part[]; part: Part }>((tie) => ({
  parts: fc.array(tie("part"), { maxLength: 3 }),
  part: fc.oneof(
    { depthSize: "small" },
    fc.stringMatching(/^[a-c/*]{0,3}$/),
    fc.array(tie("parts"), { minLength: 2, maxLength: 3 }),
  ),
}));

function written(all: readonly Part[]): string {
  return all.map((part) =>
    typeof part === "string" ? part : `{${part.map((each) => written(each)).join(",")}}`
  ).join("");
}

function meant(all: readonly Part[]): readonly string[] {
  return all.reduce<readonly string[]>((heads, part) => {
    const tails = typeof part === "string" ? [part] : part.flatMap(meant);
    return heads.flatMap((head) => tails.map((tail) => head + tail));
  }, [""]);
}

Deno.test("expandBraces: stands for what it was written from, in order", () => {
  fc.assert(fc.property(parts, (all) => {
    const expected = meant(all);
    fc.pre(expected.length <= MOST_ALTERNATIVES);
    assertEquals(expandBraces(written(all)), expected);
  }));
});

Deno.test("expandBraces: any text gives alternatives or a usage error", () => {
  const text = fc.string({ unit: fc.constantFrom(..."{},\\ab/"), maxLength: 60 });
  fc.assert(fc.property(text, (pattern) => {
    try {
      assert(expandBraces(pattern).length <= MOST_ALTERNATIVES);
    } catch (error) {
      assert(error instanceof UsageError);
    }
  }));
});

for (
  const [what, pattern] of [
    ["a product", "{a,b}".repeat(60)],
    ["a sum", `{${"a,".repeat(2000)}}`],
    ["a depth", `${"{".repeat(50_000)}${",a}".repeat(50_000)}`],
  ] as const
) {
  Deno.test(`expandBraces: ${what} of too many alternatives is refused at once`, () => {
    assertThrows(() => expandBraces(pattern), UsageError, "more than 1000 alternatives");
  });
}

Deno.test("isPattern: globs, and braces with a comma", () => {
  const patterns = ["a*", "a?", "[a]", "{a,b}", "{a,b", "{a}", "a,b", "a", ""].map(isPattern);
  assertEquals(patterns, [true, true, true, true, false, false, false, false, false]);
});
