/**
 * How many columns of a terminal a text takes: characters of East Asia and emoji take two, marks that
 * sit on another character none (Unicode Standard Annex 11).
 *
 * @module
 */

const PLAIN = /^[\x20-\x7e]*$/;

/** Marks and formatting; vowels and final consonants of Hangul, which join the syllable before. */
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff\ud7b0-\ud7ff]$/u;

/** Of those, what is drawn all the same: the soft hyphen, and signs around numbers. */
const DRAWN = /^[\u00ad\u0600-\u0605\u06dd\u070f\u08e2\u{110bd}]$/u;

/** Half of a flag: only the two together take two columns. */
const HALF_FLAG = /^[\u{1f1e6}-\u{1f1ff}]$/u;

const WIDE = new RegExp(
  "^(?:\\p{Emoji_Presentation}|[\\u1100-\\u115f\\u2329\\u232a\\u2e80-\\u303e\\u3041-\\u3247" +
    "\\u3250-\\u4dbf\\u4e00-\\ua4c6\\ua960-\\ua97c\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe10-\\ufe19" +
    "\\ufe30-\\ufe6b\\uff01-\\uff60\\uffe0-\\uffe6\\u{16fe0}-\\u{18d08}\\u{1aff0}-\\u{1b2fb}" +
    "\\u{1f200}-\\u{1f265}\\u{20000}-\\u{3fffd}])$",
  "u",
);

/**
 * The columns that a text takes.
 *
 * @example Usage
 * ```ts
 * import { textWidth } from "./text_width.ts";
 * if (textWidth("日本") !== 4 || textWidth("e\u0301") !== 1) throw new Error("unexpected");
 * ```
 *
 * @param text One line without control characters.
 * @returns Columns.
 */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (PLAIN.test(character)) return 1;
  if (ZERO.test(character)) return DRAWN.test(character) ? 1 : 0;
  return WIDE.test(character) && !HALF_FLAG.test(character) ? 2 : 1;
}

/**
 * Fills a text with spaces.
 *
 * @param text One line.
 * @param columns How wide it is to be at least.
 * @param side Where the spaces go.
 * @returns The text of that width, or as it was where it is wider.
 */
export function padText(text: string, columns: number, side: "start" | "end" = "end"): string {
  const spaces = " ".repeat(Math.max(0, columns - textWidth(text)));
  return side === "end" ? text + spaces : spaces + text;
}

/**
 * Shortens a text, with `…` in place of what is left out.
 *
 * @example Usage
 * ```ts
 * import { shortenText } from "./text_width.ts";
 * if (shortenText("日本語", 5) !== "日本…") throw new Error("unexpected");
 * ```
 *
 * @param text One line.
 * @param columns How wide it may be.
 * @returns The text, never wider; marks stay with their character.
 */
export function shortenText(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  if (columns < 1) return "";
  let kept = "";
  let width = 0;
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns - 1) break;
    kept += character;
  }
  return `${kept}…`;
}
