/**
 * What `help` shows: the table of commands, and each with its options and examples.
 *
 * @module
 */
import { helpText } from "../../shared/options.ts";
import { padText, textWidth } from "../../shared/text_width.ts";
import { usageOf } from "./command.ts";
import { allCommands, type NamedCommand } from "./commands.ts";

/** Below this width a summary stands under its name. */
const NARROW = 60;

const QUOTING =
  "Names that a space or another sign would divide are quoted: 'a b', \"a b\" or a\\ b. " +
  "Characters that cannot be typed are escaped in $'...': $'\\t' is a tab, $'\\x1b' the byte 1b.";

/**
 * All commands, each with its other names and what it does, and how names are quoted.
 *
 * @param width Columns of the terminal.
 * @returns Lines, none of them wider.
 */
export function helpTable(width: number): string {
  const rows = allCommands().map(({ name, aliases, summary }) => ({
    names: [name, ...aliases.map((alias) => alias.name)].join(", "),
    summary,
  }));
  const column = rows.reduce((widest, { names }) => Math.max(widest, textWidth(names)), 0) + 2;
  const lines = rows.flatMap(({ names, summary }) => {
    if (width < NARROW) return [names, ...wrap(summary, width - 5).map((line) => `    ${line}`)];
    const [first = "", ...rest] = wrap(summary, width - 1 - column);
    return [padText(names, column) + first, ...rest.map((line) => " ".repeat(column) + line)];
  });
  return [...lines, "", ...wrap(QUOTING, width - 1)].map((line) => `${line}\n`).join("");
}

/** One command. */
export function helpOf({ name, command, args }: NamedCommand): string {
  const text = helpText(usageOf(command));
  const others = command.aliases.map((alias) => [alias.name, ...alias.args ?? []]);
  const names = others.map(([first, ...rest]) =>
    rest.length === 0 ? first : `${first} (${command.name} ${rest.join(" ")})`
  );
  const stands = args.length === 0 && name === command.name
    ? ""
    : `${name} is ${[command.name, ...args].join(" ")}\n\n`;
  return `${stands}${text}${names.length === 0 ? "" : `\nAlso: ${names.join(", ")}\n`}`;
}

/** Splits a text at its spaces. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && textWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
