/**
 * What a terminal shows: as much of one as the programs under test make use of.
 *
 * @module
 */

import { textWidth } from "../../shared/text_width.ts";

// deno-lint-ignore no-control-regex -- escape sequences begin with one
const TOKEN = /\x1b\[([?0-9;]*)([A-Za-z])|\x1b[()=>]?.?|[\s\S]/gu;

/** A cell: a character, or nothing behind one that takes two. */
type Cell = string;

/** A screen without end: nothing scrolls away. */
export class Screen {
  #columns: number;
  #rows: Cell[][] = [[]];
  #row = 0;
  #column = 0;
  /** Escape sequences that it does not know, and control characters that it should not get. */
  readonly strange: string[] = [];

  /** An empty screen. */
  constructor(columns: number) {
    this.#columns = columns;
  }

  /** It becomes wider or narrower; what stands there stays. */
  resize(columns: number): void {
    this.#columns = columns;
  }

  /** The lines, without spaces at their ends. */
  get text(): string {
    const lines = this.#rows.map((cells) => Array.from(cells, (cell) => cell ?? " ").join(""));
    return lines.map((line) => line.trimEnd()).join("\n").trimEnd();
  }

  /** The line with the cursor, up to the cursor. */
  get line(): string {
    const cells = this.#rows[this.#row] ?? [];
    return Array.from({ length: this.#column }, (_, at) => cells[at] ?? " ").join("");
  }

  /** Takes what a program writes. */
  write(text: string): void {
    for (const match of text.matchAll(TOKEN)) {
      const [token, parameters, final] = match;
      if (final !== undefined) this.#sequence(final, parameters ?? "");
      else this.#character(token);
    }
  }

  #character(character: string): void {
    if (character === "\r") this.#column = 0;
    else if (character === "\n") this.#down();
    else if (character === "\b") this.#column = Math.max(0, this.#column - 1);
    else if (character < " " || character === "\x7f") this.strange.push(JSON.stringify(character));
    else this.#put(character);
  }

  #put(character: string): void {
    const width = textWidth(character);
    const row = this.#rows[this.#row] ??= [];
    if (width === 0) {
      row[this.#column - 1] = (row[this.#column - 1] ?? "") + character;
      return;
    }
    if (this.#column + width > this.#columns) {
      this.#down();
      this.#column = 0;
      return this.#put(character);
    }
    row[this.#column++] = character;
    if (width === 2) row[this.#column++] = "";
  }

  #down(): void {
    this.#row++;
    this.#rows[this.#row] ??= [];
  }

  #sequence(final: string, parameters: string): void {
    const count = Math.max(1, Number(parameters) || 0);
    if (final === "m") return;
    if (final === "A") this.#row = Math.max(0, this.#row - count);
    else if (final === "B") this.#row = Math.min(this.#rows.length - 1, this.#row + count);
    else if (final === "C") this.#column = Math.min(this.#columns - 1, this.#column + count);
    else if (final === "D") this.#column = Math.max(0, this.#column - count);
    else if (final === "G") this.#column = count - 1;
    else if (final === "K" && parameters === "") this.#rows[this.#row]?.splice(this.#column);
    else if (final === "J" && (parameters === "" || parameters === "0")) this.#eraseBelow();
    else this.strange.push(`CSI ${parameters}${final}`);
  }

  #eraseBelow(): void {
    this.#rows[this.#row]?.splice(this.#column);
    this.#rows.splice(this.#row + 1);
  }
}
