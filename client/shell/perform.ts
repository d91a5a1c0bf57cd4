/**
 * One command from its words to its exit code.
 *
 * @module
 */
import { failureLine, UsageError } from "../../shared/errors.ts";
import { EXIT, exitCodeOf } from "../../shared/exit_code.ts";
import { parseOptions } from "../../shared/options.ts";
import { type Call, type ShellCommand, usageOf } from "./command.ts";
import { findCommand } from "./commands.ts";
import { helpOf } from "./help.ts";
import type { Shell } from "./shell.ts";
import { type CommandLine, splitLine } from "./words.ts";

/** How a line is done. */
export interface LineOptions {
  /** Go on behind a command that failed. */
  readonly keepGoing: boolean;
}

/**
 * Does the commands of a line. What fails is told on standard error.
 *
 * @param shell Where.
 * @param line The line without its end.
 * @param options What to do behind a failure.
 * @returns The exit code of each command that was begun.
 */
export async function performLine(
  shell: Shell,
  line: string,
  options: LineOptions,
): Promise<readonly number[]> {
  let commands: readonly CommandLine[];
  try {
    commands = splitLine(line);
  } catch (error) {
    return [tell(shell, error)];
  }
  const codes: number[] = [];
  for (const command of commands) {
    const code = await perform(shell, command);
    codes.push(code);
    const stopped = code === EXIT.interrupted || (code !== EXIT.done && !options.keepGoing);
    if (stopped || shell.leaving || shell.interrupts.twice) break;
  }
  return codes;
}

async function perform(shell: Shell, line: CommandLine): Promise<number> {
  const { interrupts } = shell;
  interrupts.begin();
  try {
    const { command, call } = await read(shell, line);
    if (call === undefined) return EXIT.done;
    return await run(shell, { command, call });
  } catch (error) {
    return tell(shell, error);
  } finally {
    interrupts.end();
  }
}

/** The command and its call; none where its help was asked for, and shown. */
async function read(
  shell: Shell,
  line: CommandLine,
): Promise<{ readonly command: ShellCommand; readonly call: Call | undefined }> {
  const [first, ...words] = line.words;
  const named = findCommand(first?.text ?? "");
  const { command } = named;
  if (line.background) {
    throw new UsageError(`Cannot run "${command.name}" in the background`);
  }
  // Nothing behind `--` is an option.
  const before = command.verbatim ? ["--"] : named.args;
  const args = [...before, ...words.map(({ text }) => text)];
  const parsed = parseOptions(usageOf(command, named.name), args);
  if (parsed === null) {
    await shell.io.out(helpOf(named));
    return { command, call: undefined };
  }
  const own = parsed.places.flatMap((place) => words[place - before.length] ?? []);
  return { command, call: { parsed, words: own } };
}

async function run(
  shell: Shell,
  work: { readonly command: ShellCommand; readonly call: Call },
): Promise<number> {
  const { command, call } = work;
  await shell.site?.wake();
  try {
    return await command.run(shell, call);
  } finally {
    if (command.changes) shell.site?.listings.clear();
    shell.site?.sleep();
  }
}

function tell(shell: Shell, error: unknown): number {
  shell.io.err(failureLine(error));
  return exitCodeOf(error);
}
