/**
 * On which line of a TOML file a key stands: the parser does not say.
 *
 * @module
 */

/** Names of tables and keys from the outside in; a number is the place in an array, from 0. */
export type KeyPath = readonly (string | number)[];

/** Where everything stands. */
export interface TomlLines {
  /**
   * Finds a key, a table or an element of an array.
   *
   * @param path Which.
   * @returns Its line, from 1; where there is none, that of what holds it, 1 for the whole file.
   */
  lineOf(path: KeyPath): number;
}

/**
 * Finds all keys of a file.
 *
 * @example Usage
 * ```ts
 * import { findLines } from "./toml_line.ts";
 * const lines = findLines('[users."a b"]\nhome = "/x"\n[[hooks]]\non = [\n  "login",\n]');
 * if (lines.lineOf(["users", "a b", "home"]) !== 2) throw new Error("unexpected");
 * if (lines.lineOf(["hooks", 0, "on", 0]) !== 5) throw new Error("unexpected");
 * ```
 *
 * @param text TOML. Of what is not valid, as much as can be understood.
 * @returns Where everything stands.
 */
export function findLines(text: string): TomlLines {
  const scanner = new KeyScanner(text);
  scanner.run();
  return scanner.found;
}

const SPACE = /[ \t\r]/;
const BARE_KEY = /[\w-]+/y;
const BASIC_STRING = /"((?:[^"\\\n]|\\[^\n])*)"/y;
const LITERAL_STRING = /'([^'\n]*)'/y;
/** Up to two quotes may stand right before the three that end it. */
const LONG_STRING = /"""(?:\\[^]|[^\\])*?"""(?:"{0,2}(?!"))|'''[^]*?'''(?:'{0,2}(?!'))/y;
/** A number, a truth or a time; a date and its time may have a space between them. */
const BARE_VALUE = /[^\s,\]}#]+(?: (?=\d\d:)[^\s,\]}#]+)?/y;

class FoundLines implements TomlLines {
  readonly #lines = new Map<string, number>();

  lineOf(path: KeyPath): number {
    for (let length = path.length; length > 0; length--) {
      const line = this.#lines.get(JSON.stringify(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return 1;
  }

  /** Something stands on that line, and so, where they stand nowhere yet, do those that hold it. */
  add(path: KeyPath, line: number): void {
    for (let length = 1; length < path.length; length++) {
      const holder = JSON.stringify(path.slice(0, length));
      if (!this.#lines.has(holder)) this.#lines.set(holder, line);
    }
    this.#lines.set(JSON.stringify(path), line);
  }
}

class KeyScanner {
  readonly #text: string;
  readonly found = new FoundLines();
  /** How many elements each array of tables has so far. */
  readonly #elements = new Map<string, number>();
  #at = 0;
  #line = 1;
  #counted = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): void {
    let table: KeyPath = [];
    for (this.#skipBlank(); this.#at < this.#text.length; this.#skipBlank()) {
      if (this.#take("[[")) table = this.#elementHeader();
      else if (this.#take("[")) table = this.#tableHeader();
      else this.#pair(table);
      this.#skipLine();
    }
  }

  #tableHeader(): KeyPath {
    const path = this.#inElements(this.#dottedKey());
    this.found.add(path, this.#currentLine());
    return path;
  }

  #elementHeader(): KeyPath {
    const names = this.#dottedKey();
    const array = [...this.#inElements(names.slice(0, -1)), ...names.slice(-1)];
    const key = JSON.stringify(array);
    const index = this.#elements.get(key) ?? 0;
    this.#elements.set(key, index + 1);
    const path = [...array, index];
    this.found.add(path, this.#currentLine());
    return path;
  }

  /** Where a name leads to an array of tables, its last element is meant. */
  #inElements(names: KeyPath): KeyPath {
    let path: KeyPath = [];
    for (const name of names) {
      path = [...path, name];
      const count = this.#elements.get(JSON.stringify(path));
      if (count !== undefined) path = [...path, count - 1];
    }
    return path;
  }

  #pair(table: KeyPath): void {
    const names = this.#dottedKey();
    if (names.length === 0) return;
    const path = [...table, ...names];
    this.found.add(path, this.#currentLine());
    if (this.#take("=")) this.#value(path);
  }

  #dottedKey(): string[] {
    const names: string[] = [];
    do {
      this.#skipSpace();
      const name = this.#key();
      if (name === undefined) break;
      names.push(name);
      this.#skipSpace();
    } while (this.#take("."));
    return names;
  }

  #key(): string | undefined {
    const quoted = this.#match(BASIC_STRING)?.[1];
    if (quoted !== undefined) return unescape(quoted);
    return this.#match(LITERAL_STRING)?.[1] ?? this.#match(BARE_KEY)?.[0];
  }

  #value(path: KeyPath): void {
    this.#skipSpace();
    if (this.#take("[")) this.#array(path);
    else if (this.#take("{")) this.#inlineTable(path);
    else {
      this.#match(LONG_STRING) ?? this.#match(BASIC_STRING) ?? this.#match(LITERAL_STRING) ??
        this.#match(BARE_VALUE);
    }
  }

  #array(path: KeyPath): void {
    for (let index = 0;; index++) {
      this.#skipBlank();
      if (this.#take("]") || this.#at >= this.#text.length) return;
      const element = [...path, index];
      this.found.add(element, this.#currentLine());
      this.#value(element);
      this.#skipBlank();
      if (!this.#take(",")) return void this.#take("]");
    }
  }

  #inlineTable(path: KeyPath): void {
    do {
      this.#skipBlank();
      this.#pair(path);
      this.#skipBlank();
    } while (this.#take(","));
    this.#take("}");
  }

  /** Takes a text right here. */
  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text) ?? undefined;
    this.#at += found?.[0].length ?? 0;
    return found;
  }

  #skipSpace(): void {
    while (SPACE.test(this.#text.charAt(this.#at))) this.#at++;
  }

  /** Skips spaces, ends of lines and comments. */
  #skipBlank(): void {
    for (;;) {
      this.#skipSpace();
      if (this.#text.startsWith("#", this.#at)) this.#skipLine();
      else if (!this.#take("\n")) return;
    }
  }

  #skipLine(): void {
    const end = this.#text.indexOf("\n", this.#at);
    this.#at = end < 0 ? this.#text.length : end + 1;
  }

  #currentLine(): number {
    for (; this.#counted < this.#at; this.#counted++) {
      if (this.#text[this.#counted] === "\n") this.#line++;
    }
    return this.#line;
  }
}

/** The escapes of TOML are those of JSON, but for ones that no key needs. */
function unescape(quoted: string): string {
  try {
    return String(JSON.parse(`"${quoted}"`));
  } catch {
    return quoted;
  }
}
