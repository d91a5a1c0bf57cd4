/**
 * What a shell can complete of the command line, made of the tables that parse it.
 *
 * @module
 */
import { allOptions, type CommandUsage, type OptionSpec } from "../options.ts";

/** What a word may be completed to. */
export type Candidates = "files" | "directories" | "nothing" | readonly string[];

/** One option. */
export interface CompletedOption {
  /** `-v`, where it has one. */
  readonly short: string | undefined;
  /** `--verbose`. */
  readonly long: string;
  /** Its value; undefined for a switch. */
  readonly value: Candidates | undefined;
  /** The placeholder of its value. */
  readonly placeholder: string;
  readonly repeatable: boolean;
  readonly help: string;
}

/** One subcommand. */
export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  /** Words are for the first argument alone. */
  readonly operands: Candidates;
}

/** Placeholders of values that are local names. */
const LOCAL: Readonly<Record<string, Candidates>> = {
  FILE: "files",
  PEM: "files",
  DIR: "directories",
};

/**
 * Makes the completions of a subcommand.
 *
 * @param usage What it takes.
 * @returns Everything that its words may be completed to.
 */
export function completedCommand(usage: CommandUsage): CompletedCommand {
  const { name, summary, operands } = usage;
  return {
    name,
    summary: summary.split(/\.(?: |$)/, 1)[0] ?? "",
    options: Object.entries(allOptions(usage)).map(([long, spec]) => completedOption(long, spec)),
    operands: operands.complete ?? "nothing",
  };
}

function completedOption(name: string, spec: OptionSpec): CompletedOption {
  const { short, value, choices, repeatable = false, help } = spec;
  const candidates = choices ?? LOCAL[value ?? ""] ?? "nothing";
  return {
    short: short === undefined ? undefined : `-${short}`,
    long: `--${name}`,
    value: value === undefined ? undefined : candidates,
    placeholder: value ?? "",
    repeatable,
    help,
  };
}

/**
 * The spellings of an option.
 *
 * @param option The option.
 * @returns The short one first, where there is one.
 */
export function spellings({ short, long }: CompletedOption): readonly string[] {
  return short === undefined ? [long] : [short, long];
}

/**
 * A text between single quotes, as POSIX shells read it.
 *
 * @param text Any text.
 * @returns The text with its quotes.
 */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
