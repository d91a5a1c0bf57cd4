/**
 * One command from its words to its exit code.
 *
 * @module
 */
import { failureLine, UsageError } from "../../shared/errors.ts";
import { EXIT, exitCodeOf } from "../../shared/exit_code.ts";
import { parseOptions } from "../../shared/options.ts";
import { displayName } from "../remote_name.ts";
import { type Call, type ShellCommand, usageOf } from "./command.ts";
import { findCommand } from "./commands.ts";
import { helpOf } from "./help.ts";
import { jobResult } from "./jobs.ts";
import { printResults } from "./results.ts";
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
    const work = await read(shell, line);
    if (work === undefined) return EXIT.done;
    if (!line.background) return await run(shell, work);
    const job = shell.jobs.start(shell, {
      text: line.text,
      work: (fork) => runApart(fork, { work, shell }),
    });
    const text = displayName(`[${job.number}] ${job.text}`);
    await printResults(shell, [{ ...jobResult(job), text }]);
    return EXIT.done;
  } catch (error) {
    return tell(shell, error);
  } finally {
    interrupts.end();
  }
}

/** A command and its call. */
interface Work {
  readonly command: ShellCommand;
  readonly call: Call;
}

/** What is to be done; nothing where help was asked for, and shown. */
async function read(shell: Shell, line: CommandLine): Promise<Work | undefined> {
  const [first, ...words] = line.words;
  const named = findCommand(first?.text ?? "");
  const { command } = named;
  if (line.background && !command.background) {
    throw new UsageError(`Cannot run "${command.name}" in the background: only transfers`);
  }
  // Nothing behind `--` is an option.
  const before = command.verbatim ? ["--"] : named.args;
  const args = [...before, ...words.map(({ text }) => text)];
  const parsed = parseOptions(usageOf(command, named.name), args);
  if (parsed === null) {
    await shell.io.out(helpOf(named));
    return undefined;
  }
  const own = parsed.places.flatMap((place) => words[place - before.length] ?? []);
  return { command, call: { parsed, words: own } };
}

async function run(shell: Shell, { command, call }: Work): Promise<number> {
  const { site } = shell;
  await site?.wake();
  try {
    const code = await command.run(shell, call);
    // What was interrupted before it began has nothing to tell.
    if (code === EXIT.done) shell.io.signal.throwIfAborted();
    return code;
  } finally {
    if (command.changes) site?.listings.clear();
    shell.site?.sleep();
  }
}

/** In the background, on sessions of its own. */
async function runApart(
  fork: Shell,
  what: { readonly work: Work; readonly shell: Shell },
): Promise<number> {
  try {
    return await run(fork, what.work);
  } catch (error) {
    return tell(fork, error);
  } finally {
    if (what.work.command.changes) what.shell.site?.listings.clear();
  }
}

function tell(shell: Shell, error: unknown): number {
  // What was typed, or came in a script, may hold anything.
  shell.io.err(`${displayName(failureLine(error).trimEnd())}\n`);
  return exitCodeOf(error);
}
