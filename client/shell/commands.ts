/**
 * The commands of the shell: one table, joined from those of each theme.
 *
 * @module
 */
import { UsageError } from "../../shared/errors.ts";
import { nearest } from "../../shared/options.ts";
import { displayName } from "../remote_name.ts";
import type { ShellCommand } from "./command.ts";
import { BOOKMARK_COMMANDS } from "./commands/bookmark.ts";
import { CHANGE_COMMANDS } from "./commands/change.ts";
import { JOB_COMMANDS } from "./commands/job.ts";
import { LOOK_COMMANDS } from "./commands/look.ts";
import { MOVE_COMMANDS } from "./commands/move.ts";
import { OWN_COMMANDS } from "./commands/own.ts";
import { SESSION_COMMANDS } from "./commands/session.ts";
import { SETTING_COMMANDS } from "./commands/setting.ts";
import { TRANSFER_COMMANDS } from "./commands/transfer.ts";
import { WIRE_COMMANDS } from "./commands/wire.ts";

/** A name of a command, and the options that the name stands for. */
export interface NamedCommand {
  readonly name: string;
  readonly command: ShellCommand;
  readonly args: readonly string[];
}

/**
 * Every command, in the order of the help. A function, since commands that look into the table are
 * in it.
 */
export function allCommands(): readonly ShellCommand[] {
  return [
    ...SESSION_COMMANDS,
    ...BOOKMARK_COMMANDS,
    ...LOOK_COMMANDS,
    ...MOVE_COMMANDS,
    ...TRANSFER_COMMANDS,
    ...CHANGE_COMMANDS,
    ...SETTING_COMMANDS,
    ...WIRE_COMMANDS,
    ...JOB_COMMANDS,
    ...OWN_COMMANDS,
  ];
}

/** Every name, other names included. */
export function commandNames(): readonly NamedCommand[] {
  return allCommands().flatMap((command) => [
    { name: command.name, command, args: [] },
    ...command.aliases.map(({ name, args }) => ({ name, command, args: args ?? [] })),
  ]);
}

/**
 * The command of a name.
 *
 * @param name As it was typed.
 * @returns The command.
 * @throws {UsageError} If there is none; it tells the nearest name.
 */
export function findCommand(name: string): NamedCommand {
  const names = commandNames();
  const found = names.find((each) => each.name === name);
  if (found !== undefined) return found;
  const near = nearest(name, names.map((each) => each.name));
  const hint = near === undefined ? "help shows all" : `did you mean ${near}?`;
  throw new UsageError(`Unknown command "${displayName(name)}" (${hint})`);
}
