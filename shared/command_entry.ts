/**
 * What all subcommands begin with: their options are read, or their help is shown.
 *
 * @module
 */
import type { CommandEntry, CommandIo } from "./command_io.ts";
import { EXIT } from "./exit_code.ts";
import { type CommandUsage, helpText, type ParsedOptions, parseOptions } from "./options.ts";

/**
 * Makes the entry of a subcommand.
 *
 * @example Usage
 * ```ts
 * import { commandEntry } from "./command_entry.ts";
 * import { EXIT } from "./exit_code.ts";
 * const USAGE = {
 *   name: "greet",
 *   synopsis: "NAME",
 *   summary: "Greet somebody.",
 *   examples: ["ftpkit greet Ann"],
 *   options: {},
 *   operands: { min: 1, max: 1, missing: "NAME" },
 * };
 * const run = commandEntry(USAGE, async ({ operands: [name] }, io) => {
 *   await io.out(`Hello ${name}\n`);
 *   return EXIT.done;
 * });
 * if (run.length !== 2) throw new Error("unexpected");
 * ```
 *
 * @param usage What it takes.
 * @param run Does it, with a command line that is valid, and gives the exit code.
 * @returns The entry; it throws a `UsageError` where the command line is not valid.
 */
export function commandEntry(
  usage: CommandUsage,
  run: (options: ParsedOptions, io: CommandIo) => Promise<number>,
): CommandEntry {
  return async (args, io) => {
    const options = parseOptions(usage, args);
    if (options !== null) return await run(options, io);
    await io.out(helpText(usage));
    return EXIT.done;
  };
}
