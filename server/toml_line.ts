/**
 * Where a key stands in a TOML file: parsers tell what is there, not in which line.
 *
 * @module
 */

/** What the finder knows of a file: the line of each key and table, by its path. */
export type KeyLines = ReadonlyMap<string, number>;

/**
 * Finds the lines of all keys.
 *
 * @example Usage
 * ```ts
 * import { keyLines, lineOf } from "./toml_line.ts";
 * const lines = keyLines('port = 21\n[users."a b"]\nhome = "/a"\n');
 * if (lineOf(lines, ["users", "a b", "home"]) !== 3) throw new Error("unexpected");
 * ```
 *
 * @param text A file that a TOML parser has accepted.
 * @returns The lines, counted from 1.
 */
export function keyLines(text: string): KeyLines {
  const found = new Map<string, number>();
  const arrays = new Map<string, number>();
  let table: readonly string[] = [];
  for (const { content, line } of statements(text)) {
    const header = content.match(/^\[(\[?)(.*?)\]?\]$/s);
    if (header === null) {
      note(found, { table, key: splitKey(content), line });
      continue;
    }
    const [, array, name = ""] = header;
    table = splitKey(name);
    if (array !== "") {
      const id = idOf(table);
      const index = arrays.get(id) ?? 0;
      arrays.set(id, index + 1);
      note(found, { table: [], key: table, line });
      table = [...table, String(index)];
    }
    note(found, { table: [], key: table, line });
  }
  return found;
}

/**
 * The line of a key.
 *
 * @param lines What {@linkcode keyLines} found.
 * @param key The key from the file's beginning; elements of arrays of tables by their index.
 * @returns The line of the key, or of the nearest table above it that has one; 1 where none has.
 */
export function lineOf(lines: KeyLines, key: readonly string[]): number {
  for (let length = key.length; length > 0; length--) {
    const line = lines.get(idOf(key.slice(0, length)));
    if (line !== undefined) return line;
  }
  return 1;
}

function idOf(key: readonly string[]): string {
  return JSON.stringify(key);
}

/** The first line counts, for every part of a dotted key. */
function note(
  found: Map<string, number>,
  at: { readonly table: readonly string[]; readonly key: readonly string[]; readonly line: number },
): void {
  for (let length = 1; length <= at.key.length; length++) {
    const id = idOf([...at.table, ...at.key.slice(0, length)]);
    if (!found.has(id)) found.set(id, at.line);
  }
}

interface Statement {
  /** A header with its brackets, or what stands before the equals sign. */
  readonly content: string;
  readonly line: number;
}

/** Headers and keys; values are passed over, however many lines they take. */
function* statements(text: string): Generator<Statement> {
  const scanner = new Scanner(text);
  while (scanner.skipBlank()) {
    const { line } = scanner;
    if (scanner.at("[")) {
      yield { content: scanner.until((scan) => scan.at("\n") || scan.at("#")), line };
    } else {
      yield { content: scanner.until((scan) => scan.at("=")), line };
      scanner.skipValue();
    }
  }
}

class Scanner {
  readonly #text: string;
  #at = 0;
  line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  at(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  get #ended(): boolean {
    return this.#at >= this.#text.length;
  }

  #step(count = 1): void {
    const passed = this.#text.slice(this.#at, this.#at + count);
    this.line += passed.split("\n").length - 1;
    this.#at += count;
  }

  /** Goes to the next statement; false at the end. */
  skipBlank(): boolean {
    while (!this.#ended) {
      if (this.at("#")) this.#skipComment();
      else if (/\s/.test(this.#text[this.#at] ?? "")) this.#step();
      else return true;
    }
    return false;
  }

  /** Everything up to a place outside of quotes. */
  until(stop: (scanner: Scanner) => boolean): string {
    const start = this.#at;
    while (!this.#ended && !stop(this)) this.#skipOne();
    return this.#text.slice(start, this.#at).trim();
  }

  /** A value ends with its line, but for those in brackets. */
  skipValue(): void {
    let depth = 0;
    while (!this.#ended && !(depth <= 0 && this.at("\n"))) {
      if (this.at("[") || this.at("{")) depth++;
      if (this.at("]") || this.at("}")) depth--;
      if (this.at("#")) this.#skipComment();
      else this.#skipOne();
    }
  }

  #skipComment(): void {
    while (!this.#ended && !this.at("\n")) this.#step();
  }

  #skipOne(): void {
    for (const quote of ['"""', "'''", '"', "'"]) {
      if (this.at(quote)) return this.#skipQuoted(quote);
    }
    this.#step();
  }

  #skipQuoted(quote: string): void {
    this.#step(quote.length);
    while (!this.#ended && !this.at(quote)) this.#step(this.at("\\") && quote[0] === '"' ? 2 : 1);
    this.#step(quote.length);
    // Up to two quotes more may stand right before the end of a long text.
    while (quote.length > 1 && this.at(quote[0] ?? "")) this.#step();
  }
}

/** `a."b.c".'d'` → a, b.c, d */
function splitKey(text: string): string[] {
  const parts = text.matchAll(/\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^.\s]+))\s*\.?/gs);
  return Array.from(parts, ([, basic, literal, bare]) => {
    if (basic !== undefined) return unescape(basic);
    return literal ?? bare ?? "";
  });
}

const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  t: "\t",
  n: "\n",
  f: "\f",
  r: "\r",
  e: "\x1b",
};

function unescape(text: string): string {
  return text.replace(/\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gis, (_all, short, long, letter) => {
    const code: string | undefined = short ?? long;
    if (code !== undefined) return String.fromCodePoint(parseInt(code, 16));
    return ESCAPES[letter] ?? letter;
  });
}
