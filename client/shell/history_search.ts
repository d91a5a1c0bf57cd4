/**
 * Ctrl-R: the newest line that holds what is typed, then older ones.
 *
 * @module
 */

/** A search on its way. */
export class HistorySearch {
  readonly #lines: readonly string[];
  #text = "";
  #at = -1;

  /** Nothing is looked for yet; `lines` are newest first. */
  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  /** What is looked for. */
  get text(): string {
    return this.#text;
  }

  /** The line that was found; undefined: none. */
  get found(): string | undefined {
    return this.#lines[this.#at];
  }

  /** More is typed: the line that was found may do, else an older one. */
  type(character: string): void {
    this.#text += character;
    this.#look(Math.max(0, this.#at));
  }

  /** The last character is taken back. */
  erase(): void {
    this.#text = [...this.#text].slice(0, -1).join("");
    this.#look(0);
  }

  /** The next older line; the one that was found stays where there is none. */
  older(): void {
    const before = this.#at;
    this.#look(before + 1);
    if (this.#at < 0) this.#at = before;
  }

  #look(from: number): void {
    const isMatch = (line: string, at: number): boolean => at >= from && line.includes(this.#text);
    this.#at = this.#text === "" ? -1 : this.#lines.findIndex(isMatch);
  }
}
