/**
 * Colours of names on a terminal: directories and links, as `ls` has them.
 *
 * @module
 */
import type { CommandIo } from "../../shared/command_io.ts";
import type { EntryType } from "../listing/entry.ts";

/** Bold blue and cyan. */
const CODES: Partial<Readonly<Record<EntryType, string>>> = { dir: "1;34", link: "36" };

/**
 * Whether standard output is a terminal that has colours, and they are wanted (`NO_COLOR`).
 *
 * @param io The process.
 * @returns True if names may be coloured.
 */
export function hasColours(io: CommandIo): boolean {
  return io.terminals.stdout && !io.env("NO_COLOR") && io.env("TERM") !== "dumb";
}

/**
 * A name in the colour of its type.
 *
 * @example Usage
 * ```ts
 * import { coloured } from "./colour.ts";
 * if (coloured("pub", "dir") !== "\x1b[1;34mpub\x1b[0m") throw new Error("unexpected");
 * ```
 *
 * @param text The name, safe on a terminal.
 * @param type What it is the name of.
 * @returns The name between its codes; as it is where its type has no colour.
 */
export function coloured(text: string, type: EntryType): string {
  const code = CODES[type];
  return code === undefined || text === "" ? text : `\x1b[${code}m${text}\x1b[0m`;
}
