/**
 * What a command of the shell is: one entry of its table.
 *
 * @module
 */
import type { CommandUsage, ParsedOptions } from "../../shared/options.ts";
import type { Shell } from "./shell.ts";
import type { Word } from "./words.ts";

/**
 * What an argument can be completed to; `either` is a name there or here. The last kind of a command is
 * also that of all further arguments that it takes.
 */
export type CompletionKind =
  | "remote"
  | "remote-directory"
  | "local"
  | "local-directory"
  | "either"
  | "command"
  | "bookmark"
  | "setting"
  | "nothing";

/** Another name, and the options that it stands for. */
export interface Alias {
  readonly name: string;
  readonly args?: readonly string[];
}

/** One call of a command. */
export interface Call {
  /** Its options; the arguments without their quoting. */
  readonly parsed: ParsedOptions;
  /** Its arguments. */
  readonly words: readonly Word[];
}

/** A command. */
export interface ShellCommand {
  readonly name: string;
  readonly aliases: readonly Alias[];
  /** What follows the name. */
  readonly synopsis: string;
  /** What it does, in a few words without a full stop. */
  readonly summary: string;
  /** Real command lines. */
  readonly examples: readonly string[];
  readonly options: CommandUsage["options"];
  readonly operands: CommandUsage["operands"];
  /** What its arguments can be completed to: by their order, or also by the options that stand there. */
  readonly completes:
    | readonly CompletionKind[]
    | ((options: ReadonlySet<string>) => readonly CompletionKind[]);
  /** Its arguments are passed on: none of them is an option. */
  readonly verbatim?: boolean;
  /** It may run with `&`. */
  readonly background?: boolean;
  /** It changes what is on the server. */
  readonly changes?: boolean;
  /**
   * Does it.
   *
   * @returns The exit code.
   * @throws {FtpkitError} If it fails and has not said so.
   */
  run(shell: Shell, call: Call): Promise<number>;
}

/** Takes no options. */
export const NO_OPTIONS: CommandUsage["options"] = {};

/** Takes no arguments. */
export const NO_OPERANDS: CommandUsage["operands"] = { min: 0, max: 0, missing: "" };

/**
 * A command as the table of options knows it.
 *
 * @param command The command.
 * @param name The name that it was called by.
 * @returns For parsing and for help.
 */
export function usageOf(command: ShellCommand, name: string = command.name): CommandUsage {
  const { synopsis, summary, examples, options, operands } = command;
  return { program: "", name, synopsis, summary: `${summary}.`, examples, options, operands };
}
