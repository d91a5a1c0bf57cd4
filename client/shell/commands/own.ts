/**
 * What concerns the shell itself: `!`, `help`, `history`.
 *
 * @module
 */
import { LocalFileError, systemReason } from "../../../shared/errors.ts";
import { EXIT } from "../../../shared/exit_code.ts";
import { displayName } from "../../remote_name.ts";
import { type Call, NO_OPERANDS, NO_OPTIONS, type ShellCommand } from "../command.ts";
import { findCommand } from "../commands.ts";
import { helpOf, helpTable } from "../help.ts";
import { printResults } from "../results.ts";
import type { Shell } from "../shell.ts";

/** Runs a line in the system's shell, on our terminal: Ctrl-C reaches both. */
async function system(shell: Shell, { parsed }: Call): Promise<number> {
  const line = parsed.operands.join(" ");
  const { code } = await start(shell, line).status;
  return code === 0 ? EXIT.done : EXIT.failed;
}

function start(shell: Shell, line: string): Deno.ChildProcess {
  const isWindows = Deno.build.os === "windows";
  const program = isWindows ? shell.io.env("ComSpec") ?? "cmd.exe" : "/bin/sh";
  try {
    return new Deno.Command(program, {
      args: [isWindows ? "/c" : "-c", line],
      cwd: shell.localPath,
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
  } catch (error) {
    const message = `Cannot run "${displayName(line)}": ${systemReason(error)}`;
    throw new LocalFileError(message, { cause: error });
  }
}

async function help(shell: Shell, { parsed: { operands: [name] } }: Call): Promise<number> {
  const { io } = shell;
  await io.out(name === undefined ? helpTable(io.columns()) : helpOf(findCommand(name)));
  return EXIT.done;
}

async function history(shell: Shell): Promise<number> {
  const lines = shell.lines();
  const width = String(lines.length).length;
  const results = lines.map((line, at) => ({
    text: `${String(at + 1).padStart(width)}  ${displayName(line)}`,
    value: { line },
  }));
  await printResults(shell, results);
  return EXIT.done;
}

/** The commands. */
export const OWN_COMMANDS: readonly ShellCommand[] = [
  {
    name: "!",
    aliases: [],
    synopsis: "COMMAND",
    summary: "run the rest of the line in the system's shell",
    examples: ["! ls -l | head"],
    options: NO_OPTIONS,
    operands: { min: 1, max: Infinity, missing: "COMMAND" },
    completes: ["nothing"],
    verbatim: true,
    run: system,
  },
  {
    name: "help",
    aliases: [{ name: "?" }],
    synopsis: "[COMMAND]",
    summary: "show all commands, or one with its options and examples",
    examples: ["help", "help get"],
    options: NO_OPTIONS,
    operands: { min: 0, max: 1, missing: "" },
    completes: ["command"],
    run: help,
  },
  {
    name: "history",
    aliases: [],
    synopsis: "",
    summary: "show the lines that were typed",
    examples: ["history"],
    options: NO_OPTIONS,
    operands: NO_OPERANDS,
    completes: ["nothing"],
    run: history,
  },
];
