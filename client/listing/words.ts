/**
 * The words of one line of a listing, as places in it: they are cut out only when they are asked for.
 *
 * @module
 */

const SPACE = 0x20;
const TAB = 0x09;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;

/** In a listing the number of links, owner, group, and the words of the latter come before the size. */
const MOST_WORDS = 24;

/** Words between blanks. One is enough for many lines, of which it holds one at a time. */
export class Words {
  #line = "";
  #count = 0;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** Begins with a line; there may be others. */
  constructor(line = "") {
    this.read(line, 0);
  }

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /**
   * Takes a line in place of the one before; the first 24 words of it.
   *
   * @param line The line.
   * @param start Where its first word is looked for.
   */
  read(line: string, start: number): void {
    this.#line = line;
    this.#count = 0;
    for (let at = start; at < line.length && this.#count < MOST_WORDS; at++) {
      const begin = at;
      while (at < line.length && !isBlank(line.charCodeAt(at))) at++;
      if (at === begin) continue;
      this.#starts[this.#count] = begin;
      this.#ends[this.#count++] = at;
    }
  }

  /** A word; empty where there is none. */
  at(index: number): string {
    return this.#line.slice(this.#start(index), this.end(index));
  }

  /** The words from one up to but without another, with a space between each two. */
  text(from: number, to: number): string {
    let text = this.at(from);
    for (let index = from + 1; index < Math.min(to, this.#count); index++) {
      text += ` ${this.at(index)}`;
    }
    return text;
  }

  /** Behind which character of the line a word ends; 0 where there is none. */
  end(index: number): number {
    return index >= 0 && index < this.#count ? this.#ends[index] ?? 0 : 0;
  }

  /** How many characters a word has; 0 where there is none. */
  length(index: number): number {
    return this.end(index) - this.#start(index);
  }

  /** A character of a word, as a UTF-16 code; NaN behind its end. */
  code(index: number, offset: number): number {
    return offset < this.length(index) ? this.#line.charCodeAt(this.#start(index) + offset) : NaN;
  }

  /**
   * A number in a word.
   *
   * @param index Which word.
   * @param from The first digit.
   * @param to What is behind the last one; the word's end unless given.
   * @returns The number; NaN where it is no digit, or none at all.
   */
  number(index: number, from: number, to: number = this.length(index)): number {
    let number = from < to ? 0 : NaN;
    for (let offset = from; offset < to; offset++) {
      const code = this.code(index, offset);
      number = isDigit(code) ? number * 10 + code - DIGIT_0 : NaN;
    }
    return number;
  }

  /** Whether a word begins with a digit. */
  hasDigit(index: number): boolean {
    return isDigit(this.code(index, 0));
  }

  #start(index: number): number {
    return index >= 0 && index < this.#count ? this.#starts[index] ?? 0 : 0;
  }
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

function isDigit(code: number): boolean {
  return code >= DIGIT_0 && code <= DIGIT_9;
}
