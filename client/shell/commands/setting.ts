/**
 * Settings: `set`, and the names that other clients have for some of them.
 *
 * @module
 */
import { reasonOf, UsageError } from "../../../shared/errors.ts";
import { EXIT } from "../../../shared/exit_code.ts";
import { padText } from "../../../shared/text_width.ts";
import { type Call, NO_OPERANDS, NO_OPTIONS, type ShellCommand } from "../command.ts";
import { printResults } from "../results.ts";
import { findSetting, SETTINGS } from "../settings.ts";
import type { Shell } from "../shell.ts";

async function set(shell: Shell, { parsed: { operands: [name, value] } }: Call): Promise<number> {
  if (name !== undefined && value !== undefined) {
    change(shell, [name, value]);
    return EXIT.done;
  }
  const names = name === undefined ? Object.keys(SETTINGS) : [name];
  const results = names.map((each) => {
    const { show, values, help } = findSetting(each);
    const now = show(shell.settings);
    const text = `${padText(each, 11)} ${padText(now, 10)} ${help} (${values})`;
    return { text, value: { name: each, value: now } };
  });
  await printResults(shell, results);
  return EXIT.done;
}

function change(shell: Shell, [name, value]: readonly [string, string]): void {
  const setting = findSetting(name);
  try {
    shell.settings = setting.set(shell.settings, value);
  } catch (error) {
    throw new UsageError(`Cannot set ${name} to "${value}": ${reasonOf(error)}`, { cause: error });
  }
}

/** A command that is a setting with a value. */
function shortcut(
  name: string,
  way: { readonly summary: string; readonly setting: readonly [string, string] },
): ShellCommand {
  return {
    name,
    aliases: [],
    synopsis: "",
    summary: way.summary,
    examples: [name],
    options: NO_OPTIONS,
    operands: NO_OPERANDS,
    completes: ["nothing"],
    run(shell) {
      change(shell, way.setting);
      return Promise.resolve(EXIT.done);
    },
  };
}

/** The commands. */
export const SETTING_COMMANDS: readonly ShellCommand[] = [
  {
    name: "set",
    aliases: [],
    synopsis: "[NAME [VALUE]]",
    summary: "show settings, or change one",
    examples: ["set", "set limit-rate 500K", "set type ascii"],
    options: NO_OPTIONS,
    operands: { min: 0, max: 2, missing: "" },
    completes: ["setting", "nothing"],
    run: set,
  },
  shortcut("binary", { summary: "transfer files as they are", setting: ["type", "binary"] }),
  shortcut("ascii", { summary: "transfer files as texts", setting: ["type", "ascii"] }),
  shortcut("passive", { summary: "we connect to the server", setting: ["active", "off"] }),
  shortcut("active", { summary: "the server connects to us", setting: ["active", "on"] }),
];
