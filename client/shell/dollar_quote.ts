/**
 * Dollar-single-quotes, `$'…'`, for names with characters that nobody can type (POSIX.1-2024, Shell
 * Command Language, section 2.2.4): in them a backslash begins an escape.
 *
 * @module
 */
import { UsageError } from "../../shared/errors.ts";
import { decodeName, encodeName } from "../remote_name.ts";

/** What single letters behind a backslash stand for. */
const LETTERS: ReadonlyMap<string, string> = new Map([
  ["a", "\x07"],
  ["b", "\b"],
  ["t", "\t"],
  ["n", "\n"],
  ["v", "\v"],
  ["f", "\f"],
  ["r", "\r"],
  ["e", "\x1b"],
  ["\\", "\\"],
  ["'", "'"],
  ['"', '"'],
]);

/** Bytes by their numbers: several may be one character. */
const BYTES = /(?:\\(?:x[\da-f]{1,2}|[0-3]?[0-7]{1,2}))+/iy;
/** Ctrl and another key. */
const CONTROL = /\\c(\\\\|[?-[\]-_a-z])/iy;

/** What nobody can type: control characters, and bytes that are not UTF-8. */
// deno-lint-ignore no-control-regex -- they are what is looked for
export const UNTYPED: RegExp = /[\x00-\x1f\x7f-\x9f\udc80-\udcff]/u;

const KEPT = "[\\udc80-\\udcff]";

/**
 * The source of a pattern for what is written as bytes. It goes from the first to the last one that is
 * no part of UTF-8: a half of what is between them, read alone, might be.
 */
export const UNTYPED_RUN: string =
  `${UNTYPED.source}*${KEPT}(?:.*${KEPT})?${UNTYPED.source}*|${UNTYPED.source}+`;
const SPECIAL = new RegExp(`${UNTYPED_RUN}|[\\\\']`, "gsu");

/** What an escape stands for, and where it ends. */
export interface Escape {
  readonly text: string;
  readonly end: number;
}

/**
 * Reads what a backslash begins.
 *
 * @example Usage
 * ```ts
 * import { readEscape } from "./dollar_quote.ts";
 * if (readEscape("a\\x1b[2J", 1).text !== "\x1b") throw new Error("unexpected");
 * ```
 *
 * @param line A line.
 * @param at Where its backslash is.
 * @returns Its characters; a backslash that begins nothing stands for itself. Bytes that follow each
 * other are read as {@linkcode decodeName} does.
 * @throws {UsageError} If nothing is behind it, or it stands for NUL, which no name holds.
 */
export function readEscape(line: string, at: number): Escape {
  const next = line[at + 1];
  if (next === undefined) throw new UsageError("Cannot read the line: nothing is behind its \\");
  const escape = readBytes(line, at) ?? readControl(line, at) ??
    { text: LETTERS.get(next) ?? `\\${next}`, end: at + 2 };
  if (!escape.text.includes("\0")) return escape;
  throw new UsageError(`Cannot read the line: "${line.slice(at, escape.end)}" holds NUL`);
}

function readBytes(line: string, at: number): Escape | undefined {
  const found = matchAt(BYTES, line, at);
  if (found === undefined) return undefined;
  const [escapes] = found;
  const numbers = escapes.slice(1).split("\\").map((number) =>
    /^x/i.test(number) ? parseInt(number.slice(1), 16) : parseInt(number, 8)
  );
  return { text: decodeName(Uint8Array.from(numbers)), end: at + escapes.length };
}

function readControl(line: string, at: number): Escape | undefined {
  const found = matchAt(CONTROL, line, at);
  if (found === undefined) return undefined;
  const [{ length }, key = ""] = found;
  const code = key === "?" ? 0x7f : key.toUpperCase().charCodeAt(0) & 0x1f;
  return { text: String.fromCharCode(code), end: at + length };
}

function matchAt(pattern: RegExp, line: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(line) ?? undefined;
}

/**
 * Writes a text for between `$'` and `'`.
 *
 * @example Usage
 * ```ts
 * import { escapeText } from "./dollar_quote.ts";
 * if (escapeText("it's\x1b\x01") !== "it\\'s\\x1b\\x01") throw new Error("unexpected");
 * ```
 *
 * @param text Any name.
 * @returns Printable text.
 */
export function escapeText(text: string): string {
  return text.replace(SPECIAL, (found) => UNTYPED.test(found) ? byteEscapes(found) : `\\${found}`);
}

/** As names are shown. */
function byteEscapes(characters: string): string {
  const bytes = Array.from(encodeName(characters));
  return bytes.map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}
