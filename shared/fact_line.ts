/**
 * One line of a machine-readable listing, `fact=value;fact=value; name` (RFC 3659 section 7.2).
 *
 * @module
 */

import { ProtocolError } from "./errors.ts";

/** What no name may hold: it would break the listing. */
export const UNFIT_NAME: RegExp = /[\0\r\n]/;

/**
 * One line, whose values are cut out only when they are asked for. One is enough for a whole listing:
 * neighbours have the same facts in the same order, and often the same values, which are kept from
 * one line to the next.
 *
 * @example Usage
 * ```ts
 * import { FactLine } from "./fact_line.ts";
 * const line = new FactLine();
 * line.read("type=file;size=3; a");
 * if (line.get("size") !== "3") throw new Error("unexpected");
 * ```
 */
export class FactLine implements Iterable<[string, string]> {
  #line = "";
  #nameAt = 0;
  /** How many facts there are; what is behind them in the arrays is of lines before. */
  #count = 0;
  /** Each name as it is written, with the equals sign. */
  readonly #labels: string[] = [];
  /** Each name in lower case. */
  readonly #names: string[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #values: string[] = [];

  /**
   * Takes a line in place of the one before.
   *
   * @param line The line without its end.
   * @throws {ProtocolError} If it is not in that form, or the name is empty or holds CR, LF or NUL.
   */
  read(line: string): void {
    const end = line.startsWith(" ") ? 0 : line.indexOf("; ") + 1;
    if (line.charAt(end) !== " " || line.length === end + 1 || UNFIT_NAME.test(line)) {
      throw notAnEntry(line, "not fact=value; name");
    }
    this.#line = line;
    this.#nameAt = end + 1;
    this.#count = 0;
    for (let at = 0; at < end;) {
      const next = line.indexOf(";", at);
      this.#addFact(at, next);
      at = next + 1;
    }
  }

  #addFact(start: number, end: number): void {
    const line = this.#line;
    const at = this.#count++;
    let label = this.#labels[at];
    if (label === undefined || !line.startsWith(label, start)) {
      label = line.slice(start, line.indexOf("=", start) + 1);
      if (label.length < 2 || start + label.length > end) {
        throw notAnEntry(line, `no value in ${JSON.stringify(line.slice(start, end))}`);
      }
      this.#labels[at] = label;
      this.#names[at] = label.slice(0, -1).toLowerCase();
    }
    this.#starts[at] = start + label.length;
    this.#ends[at] = end;
  }

  /** The path as the peer wrote it. */
  get name(): string {
    return this.#line.slice(this.#nameAt);
  }

  /**
   * A fact.
   *
   * @param fact Its name in lower case.
   * @returns Its value; undefined where the line has none. Of a fact given twice it is the last one.
   */
  get(fact: string): string | undefined {
    for (let at = this.#count - 1; at >= 0; at--) {
      if (this.#names[at] === fact) return this.#value(at);
    }
    return undefined;
  }

  /** All facts, in their order. */
  *[Symbol.iterator](): Iterator<[string, string]> {
    for (let at = 0; at < this.#count; at++) yield [this.#names[at] ?? "", this.#value(at)];
  }

  #value(at: number): string {
    const start = this.#starts[at] ?? 0;
    const end = this.#ends[at] ?? 0;
    const before = this.#values[at];
    if (before?.length === end - start && this.#line.startsWith(before, start)) return before;
    return this.#values[at] = this.#line.slice(start, end);
  }
}

function notAnEntry(line: string, reason: string): ProtocolError {
  const quoted = JSON.stringify(line.slice(0, 200));
  return new ProtocolError(`Cannot read the listing entry ${quoted}: ${reason}`);
}
