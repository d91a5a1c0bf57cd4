/**
 * Texts that are safe to print: secrets that never show, and what comes from elsewhere without its
 * control characters. Apart from the log, which the client does not need and which takes longer to load.
 *
 * @module
 */

/** A password or another text that prints as `***` however it is printed. */
export class Secret {
  readonly #value: string;

  /** Wraps the text. */
  constructor(value: string) {
    this.#value = value;
  }

  /** The text itself, for the one place that needs it. */
  reveal(): string {
    return this.#value;
  }

  /** Never the text. */
  toString(): string {
    return "***";
  }

  /** Never the text. */
  toJSON(): string {
    return "***";
  }

  /** Never the text. */
  [Symbol.for("Deno.customInspect")](): string {
    return "***";
  }
}

/**
 * Makes a text from the wire or the disk harmless for a terminal and a log.
 *
 * @example Usage
 * ```ts
 * import { escapeControls } from "./safe_text.ts";
 * if (escapeControls("a\x1b[2Jb") !== "a\\x1b[2Jb") throw new Error("unexpected");
 * ```
 *
 * @param text Any text.
 * @returns The text with each control character written as `\x1b`.
 */
export function escapeControls(text: string): string {
  return text.replace(/\p{Cc}/gu, (control) => {
    return `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}
