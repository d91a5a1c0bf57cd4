/**
 * Completions for fish.
 *
 * @module
 */
import type { Candidates, CompletedCommand, CompletedOption } from "./completion.ts";

const START = "complete -c ftpkit";

/**
 * Writes the script.
 *
 * @param commands The subcommands.
 * @returns What fish is to source.
 */
export function fishScript(commands: readonly CompletedCommand[]): string {
  const first = `${START} -n __fish_use_subcommand`;
  return [
    "# Completions of ftpkit for fish: save as ~/.config/fish/completions/ftpkit.fish",
    `${START} -f`,
    `${first} -s h -l help -d 'show the help'`,
    `${first} -l version -d 'print the version'`,
    ...commands.map(({ name, summary }) => `${first} -a ${name} -d ${quoted(summary)}`),
    ...commands.flatMap(commandLines),
    "",
  ].join("\n");
}

function commandLines({ name, options, operands }: CompletedCommand): readonly string[] {
  const start = `${START} -n '__fish_seen_subcommand_from ${name}'`;
  const lines = options.map((option) => `${start} ${optionFlags(option)}`);
  if (operands === "nothing") return lines;
  if (typeof operands === "string") return [...lines, `${start} ${localFlags(operands)}`];
  const words = operands.join(" ");
  const none = `not __fish_seen_subcommand_from ${words}`;
  return [...lines, `${START} -n '__fish_seen_subcommand_from ${name}; and ${none}' -a '${words}'`];
}

function optionFlags({ short, long, value, help }: CompletedOption): string {
  const names = `${short === undefined ? "" : `-s ${short.slice(1)} `}-l ${long.slice(2)}`;
  return `${names}${valueFlags(value)} -d ${quoted(help)}`;
}

function valueFlags(value: Candidates | undefined): string {
  if (value === undefined) return "";
  if (value === "nothing") return " -x";
  if (value === "files") return " -r -F";
  if (value === "directories") return ` -x ${localFlags(value)}`;
  return ` -x -a ${quoted(value.join(" "))}`;
}

function localFlags(operands: "files" | "directories"): string {
  return operands === "files" ? "-F" : "-a '(__fish_complete_directories)'";
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
