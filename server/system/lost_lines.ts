/**
 * Lines of a log that could not be written: told once when it begins and once when it is over, and
 * counted all the while.
 *
 * @module
 */

/** Who is told. */
export interface LostLinesOptions {
  /** What the lines belong to: `log "/var/log/ftpkit.log"`. */
  readonly what: string;
  /** Told once when lines cannot be written, and once when they can again. */
  readonly onTrouble: (message: string) => void;
  /** Takes the number of lines each time. */
  readonly onLost?: (lines: number) => void;
}

/** Counts them. */
export class LostLines {
  readonly #options: LostLinesOptions;
  #lost = 0;
  #troubled = false;

  /** Starts without trouble. */
  constructor(options: LostLinesOptions) {
    this.#options = options;
  }

  /** Lines are lost. */
  lose(lines: number, reason: string): void {
    const { what, onTrouble, onLost } = this.#options;
    if (!this.#troubled) onTrouble(`cannot write the ${what}: ${reason}`);
    this.#troubled = true;
    this.#lost += lines;
    onLost?.(lines);
  }

  /** Lines are written again, or never will be. */
  end(): void {
    if (!this.#troubled) return;
    this.#options.onTrouble(`${this.#lost} lines of the ${this.#options.what} were lost`);
    this.#troubled = false;
    this.#lost = 0;
  }
}
