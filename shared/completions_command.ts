/**
 * `ftpkit completions`: what shells need to complete the command line.
 *
 * @module
 */
import { commandEntry } from "./command_entry.ts";
import type { CommandModule } from "./command_io.ts";
import { bashScript } from "./completion/bash.ts";
import { type CompletedCommand, completedCommand } from "./completion/completion.ts";
import { fishScript } from "./completion/fish.ts";
import { powershellScript } from "./completion/powershell.ts";
import { zshScript } from "./completion/zsh.ts";
import { UsageError } from "./errors.ts";
import { EXIT } from "./exit_code.ts";
import { type CommandUsage, nearest } from "./options.ts";

const SCRIPTS = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powershellScript,
} as const satisfies Record<string, (commands: readonly CompletedCommand[]) => string>;

type Shell = keyof typeof SCRIPTS;

const SHELLS = Object.keys(SCRIPTS);

/** What `ftpkit completions` takes. */
export const USAGE: CommandUsage = {
  name: "completions",
  synopsis: SHELLS.join("|"),
  summary: "Print what a shell needs to complete commands, options and their values.",
  examples: [
    "ftpkit completions bash > ~/.local/share/bash-completion/completions/ftpkit",
    "ftpkit completions fish > ~/.config/fish/completions/ftpkit.fish",
  ],
  options: {},
  operands: { min: 1, max: 1, missing: "the shell", complete: SHELLS },
};

/**
 * The subcommand, which completes all others and itself.
 *
 * @param others What the other subcommands take.
 * @returns Its entry.
 */
export function completionsCommand(others: readonly CommandUsage[]): CommandModule {
  const run = commandEntry(USAGE, async ({ operands: [name = ""] }, io) => {
    const shell = readShell(name);
    await io.out(SCRIPTS[shell]([...others, USAGE].map(completedCommand)));
    return EXIT.done;
  });
  return { run, USAGE };
}

function readShell(name: string): Shell {
  if (isShell(name)) return name;
  const near = nearest(name, SHELLS);
  const hint = near === undefined
    ? `: must be one of ${SHELLS.join(", ")}`
    : ` (did you mean ${near}?)`;
  throw new UsageError(`Unknown shell "${name}"${hint}`);
}

function isShell(name: string): name is Shell {
  return Object.hasOwn(SCRIPTS, name);
}
