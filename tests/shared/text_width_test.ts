import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { padText, shortenText, textWidth } from "../../shared/text_width.ts";

const WIDTHS: readonly (readonly [text: string, columns: number])[] = [
  ["", 0],
  ["plain", 5],
  ["ünïcödé", 7],
  ["u\u0308", 1],
  ["日本語", 6],
  ["ひらカナ", 8],
  ["ｶﾅ", 2],
  ["ｆｕｌｌ", 8],
  ["한글", 4],
  ["\u1112\u1161\u11ab", 2],
  ["𠀀", 2],
  ["привет", 6],
  ["שָׁלוֹם", 4],
  ["नमस्ते", 4],
  ["😀", 2],
  ["☃", 1],
  ["🇩🇪", 2],
  ["a\u200bb", 2],
  ["a\u00adb", 3],
  ["\udc80", 1],
  ["…", 1],
];

for (const [text, columns] of WIDTHS) {
  Deno.test(`textWidth: ${JSON.stringify(text)} takes ${columns}`, () => {
    assertEquals(textWidth(text), columns);
  });
}

const anyText = fc.string({ unit: "binary" });

Deno.test("textWidth: of two texts in a row is the sum of both", () => {
  const whole = fc.string({ unit: "grapheme" });
  fc.assert(fc.property(whole, whole, (first, second) => {
    assertEquals(textWidth(first + second), textWidth(first) + textWidth(second));
  }));
});

Deno.test("padText: fills up to the width, on either side, and cuts nothing", () => {
  assertEquals([padText("日", 4), padText("日", 4, "start"), padText("日本", 3)], [
    "日  ",
    "  日",
    "日本",
  ]);
  fc.assert(fc.property(anyText, fc.nat(100), (text, columns) => {
    assertEquals(textWidth(padText(text, columns)), Math.max(textWidth(text), columns));
  }));
});

Deno.test("shortenText: whole, or a beginning and a sign that it is one", () => {
  const cases = [[10, "日本語"], [6, "日本語"], [5, "日本…"], [4, "日…"], [1, "…"], [
    0,
    "",
  ]] as const;
  for (const [columns, shown] of cases) assertEquals(shortenText("日本語", columns), shown);
  assertEquals(shortenText("e\u0301e\u0301e\u0301", 2), "e\u0301…");
});

Deno.test("shortenText: is never wider, and nothing is lost that fits", () => {
  fc.assert(fc.property(anyText, fc.nat(40), (text, columns) => {
    const shown = shortenText(text, columns);
    assertLessOrEqual(textWidth(shown), columns);
    assert(shown === text || textWidth(text) > columns);
    assert(shown === text || text.startsWith(shown.replace(/…$/, "")));
  }));
});
