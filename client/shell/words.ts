/**
 * Command lines of the shell as words, with the quoting of a POSIX shell (section 2.2): `\` takes away
 * the meaning of the next character, `'…'` of all, `"…"` of all but `\`, and in `$'…'` a `\` begins an
 * escape. `;` ends a command, `&` sends it into the background, `#` at the beginning of a word a
 * comment. Nothing is substituted.
 *
 * @module
 */
import { isPattern } from "../../shared/brace.ts";
import { UsageError } from "../../shared/errors.ts";
import { escapeText, readEscape, UNTYPED, UNTYPED_RUN } from "./dollar_quote.ts";

/** One word of a command. */
export interface Word {
  /** What it says, without its quotes. */
  readonly text: string;
  /** The same as a pattern, where something that was not quoted makes it one. */
  readonly pattern?: string;
  /** It begins with a `~` that was not quoted: the user's home, in names of this side. */
  readonly home: boolean;
}

/** One command of a line. */
export interface CommandLine {
  /** Its name and its arguments; never empty. */
  readonly words: readonly Word[];
  /** It ended with `&`. */
  readonly background: boolean;
  /** As it was typed, without its end. */
  readonly text: string;
}

/** What a quoted part of a word begins with; nothing where it is not quoted. */
export type Quote = "'" | '"' | "$'" | "";

/** The part of a line that is being written, for completion. */
export interface OpenWord {
  /** The words of the command before it. */
  readonly before: readonly Word[];
  /** Where it begins in the line. */
  readonly start: number;
  /** What it says so far. */
  readonly text: string;
  /** The quote that is open at its end. */
  readonly quote: Quote;
  /** It begins with a `~` that is not quoted. */
  readonly home: boolean;
}

/** Has a meaning in a pattern, and so is escaped there where it was quoted. */
const PATTERN_CHARACTER = /[*?[\]{},\\]/;
/** Inside double quotes a backslash stands for itself before anything else. */
const ESCAPED_IN_QUOTES = /["\\$`]/;
/** What stands between words. Wider spaces belong to names, as in a POSIX shell. */
const BLANK = /[ \t\n\v\f\r]/;
/** What a POSIX shell does with these, nobody does here. */
const OPERATOR = /[|<>]/;

/** What has to be written in another way without quotes. */
const UNQUOTABLE = new RegExp(`${UNTYPED_RUN}|[ '"\\\\;&|<>*?[\\]{}$\`()!]|^[#~]`, "gsu");
/** The same in quotes. */
const UNQUOTABLE_IN = {
  "'": new RegExp(`${UNTYPED_RUN}|'`, "gsu"),
  '"': new RegExp(`${UNTYPED_RUN}|["\\\\$\`]`, "gsu"),
} as const;

/**
 * Splits a line.
 *
 * @example Usage
 * ```ts
 * import { splitLine } from "./words.ts";
 * const [get] = splitLine("get 'a b' c\\ d; # both");
 * if (get?.words.map(({ text }) => text).join("|") !== "get|a b|c d") throw new Error("unexpected");
 * ```
 *
 * @param line One line without its end.
 * @returns Its commands, in order. A command that begins with `!` has one argument: the rest of the
 * line as it stands.
 * @throws {UsageError} If a quote has no end, a `\` nothing behind it, or it holds `|`, `<`, `>`, or
 * `&` without a command.
 */
export function splitLine(line: string): readonly CommandLine[] {
  const scanner = new Scanner(line);
  scanner.scan();
  scanner.finish();
  return scanner.commands;
}

/**
 * Reads a line up to the cursor.
 *
 * @param line The line, up to the cursor.
 * @returns The word that the cursor is in, which may be empty; undefined where nothing can be
 * completed: in a comment, or behind `!`.
 */
export function openWord(line: string): OpenWord | undefined {
  const scanner = new Scanner(line);
  try {
    scanner.scan();
  } catch {
    return undefined; // there is no right way to go on with a wrong line
  }
  return scanner.open();
}

/**
 * Writes a name as one word.
 *
 * @example Usage
 * ```ts
 * import { quoteWord } from "./words.ts";
 * if (quoteWord("a b", "") !== "a\\ b" || quoteWord("a b", '"') !== '"a b') {
 *   throw new Error("unexpected");
 * }
 * ```
 *
 * @param text The name.
 * @param quote The quote that it begins with; it is left open.
 * @returns The word. Control characters, and bytes that are not UTF-8, are escaped in `$'…'`.
 */
export function quoteWord(text: string, quote: Quote): string {
  if (quote === "$'") return `$'${escapeText(text)}`;
  if (quote === "" && text === "") return "''";
  const special = quote === "" ? UNQUOTABLE : UNQUOTABLE_IN[quote];
  const escape = (found: string): string => {
    if (UNTYPED.test(found)) return `${quote}$'${escapeText(found)}'${quote}`;
    return quote === "'" ? "'\\''" : `\\${found}`;
  };
  return quote + text.replace(special, escape);
}

/**
 * What ends a quoted part of a word.
 *
 * @param quote What it began with.
 * @returns Nothing where it is not quoted.
 */
export function endOfQuote(quote: Quote): string {
  return quote === "$'" ? "'" : quote;
}

/** A word on its way. */
class Draft {
  text = "";
  pattern = "";
  home = false;
  constructor(readonly start: number) {}

  add(character: string, quoted: boolean): void {
    const special = quoted && PATTERN_CHARACTER.test(character);
    this.pattern += special ? `\\${character}` : character;
    this.text += character;
  }

  finish(): Word {
    const { text, pattern, home } = this;
    const unquoted = pattern.replace(/\\./gs, "");
    return isPattern(unquoted) ? { text, pattern, home } : { text, home };
  }
}

class Scanner {
  readonly commands: CommandLine[] = [];
  readonly #line: string;
  #at = 0;
  /** Where the command begins. */
  #start = 0;
  #words: Word[] = [];
  #draft: Draft | undefined;
  #quote: Quote = "";
  /** The rest is a comment, or somebody else's command. */
  #closed = false;

  constructor(line: string) {
    this.#line = line;
  }

  scan(): void {
    while (this.#at < this.#line.length && !this.#closed) {
      const character = this.#line[this.#at++] ?? "";
      if (this.#quote !== "") this.#quoted(character);
      else this.#plain(character);
    }
  }

  finish(): void {
    const end = endOfQuote(this.#quote);
    if (end !== "") throw new UsageError(`Cannot read the line: no ${end} ends it`);
    this.#endCommand(false);
  }

  open(): OpenWord | undefined {
    if (this.#closed) return undefined;
    const draft = this.#draft ?? new Draft(this.#line.length);
    const { start, text, home } = draft;
    return { before: this.#words, start, text, quote: this.#quote, home };
  }

  #quoted(character: string): void {
    if (character === endOfQuote(this.#quote)) {
      this.#quote = "";
      return;
    }
    if (this.#quote === "$'" && character === "\\") return this.#escape();
    const escapes = this.#quote === '"' && character === "\\" &&
      ESCAPED_IN_QUOTES.test(this.#line[this.#at] ?? "");
    this.#word(0).add(escapes ? this.#next() : character, true);
  }

  #escape(): void {
    const { text, end } = readEscape(this.#line, this.#at - 1);
    for (const each of text) this.#word(0).add(each, true);
    this.#at = end;
  }

  #plain(character: string): void {
    if (BLANK.test(character)) return this.#endWord();
    if (character === "'" || character === '"') {
      this.#word(1);
      this.#quote = character;
    } else if (character === "$" && this.#line[this.#at] === "'") {
      this.#word(1);
      this.#quote = "$'";
      this.#at++;
    } else if (character === "\\") this.#word(1).add(this.#next(), true);
    else if (character === ";") this.#endCommand(false);
    else if (character === "&") this.#endCommand(true);
    else if (OPERATOR.test(character)) throw unexpected(character);
    else if (character === "#" && this.#draft === undefined) this.#closed = true;
    else if (character === "!" && this.#draft === undefined && this.#words.length === 0) {
      this.#passOn();
    } else this.#bare(character);
  }

  #bare(character: string): void {
    const first = this.#draft === undefined;
    const word = this.#word(1);
    if (first && character === "~") word.home = /^$|[/\s;&]/.test(this.#line[this.#at] ?? "");
    word.add(character, false);
  }

  /** The word that is being written; a new one began so many characters ago. */
  #word(back: number): Draft {
    return this.#draft ??= new Draft(this.#at - back);
  }

  #next(): string {
    const character = this.#line[this.#at++];
    if (character !== undefined) return character;
    throw new UsageError("Cannot read the line: nothing is behind its \\");
  }

  /** What follows is a line for the system's own shell. */
  #passOn(): void {
    const rest = this.#line.slice(this.#at).trim();
    this.#words.push({ text: "!", home: false });
    if (rest !== "") this.#words.push({ text: rest, home: false });
    this.#closed = true;
  }

  #endWord(): void {
    if (this.#draft !== undefined) this.#words.push(this.#draft.finish());
    this.#draft = undefined;
  }

  #endCommand(background: boolean): void {
    this.#endWord();
    if (this.#words.length === 0) {
      if (background) throw unexpected("&");
      this.#start = this.#at;
      return;
    }
    const text = this.#line.slice(this.#start, this.#at).replace(/[;&]?\s*$/, "").trim();
    this.commands.push({ words: this.#words, background, text });
    this.#words = [];
    this.#start = this.#at;
  }
}

function unexpected(character: string): UsageError {
  return new UsageError(`Unexpected "${character}" (in a name it needs quotes)`);
}
