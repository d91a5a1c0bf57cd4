/**
 * What commands of the shell find out, for people or for programs.
 *
 * @module
 */
import type { Shell } from "./shell.ts";

/** One result. */
export interface Result {
  /** For people: a line without its end, safe on a terminal. */
  readonly text: string;
  /** For programs, with `--json`: names in it are raw. */
  readonly value: Readonly<Record<string, unknown>>;
}

/**
 * Prints results, each on a line.
 *
 * @param shell Where.
 * @param results In order.
 * @throws {LocalFileError} If nobody reads them any more.
 */
export async function printResults(shell: Shell, results: readonly Result[]): Promise<void> {
  const { json } = shell.settings.client;
  const lines = results.map(({ text, value }) => `${json ? JSON.stringify(value) : text}\n`);
  await shell.io.out(lines.join(""));
}
