/**
 * Completions for zsh.
 *
 * @module
 */
import {
  type Candidates,
  type CompletedCommand,
  type CompletedOption,
  quoted,
  spellings,
} from "./completion.ts";

/**
 * Writes the script.
 *
 * @param commands The subcommands.
 * @returns An autoload function that may also be sourced.
 */
export function zshScript(commands: readonly CompletedCommand[]): string {
  const list = commands.map(({ name, summary }) =>
    `      ${quoted(`${name}:${plain(summary)}`)}\n`
  );
  return `#compdef ftpkit
# Completions of ftpkit for zsh: save as _ftpkit in a directory of $fpath, or source it behind compinit.

_ftpkit() {
  if (( CURRENT == 2 )); then
    local -a commands=(
${list.join("")}    )
    _describe -t commands 'ftpkit command' commands
    _arguments '--version[print the version]' '(-h --help)'{-h,--help}'[show the help]'
    return
  fi
  local command=$words[2] curcontext="\${curcontext%:*:*}:ftpkit-$words[2]:"
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map(commandCase).join("")}  esac
}

if [[ $funcstack[1] == _ftpkit ]]; then _ftpkit "$@"; else compdef _ftpkit ftpkit; fi
`;
}

function commandCase({ name, options, operands }: CompletedCommand): string {
  const position = typeof operands === "string" ? "*" : "1";
  const specs = [
    ...options.map(optionSpec),
    quoted(`${position}:argument:${action(operands)}`),
  ];
  return `    ${name})
      _arguments -s -S \\
        ${specs.join(" \\\n        ")}
      ;;
`;
}

/** `'(-P --port)'{-P+,--port=}'[control port]:N: '` */
function optionSpec(option: CompletedOption): string {
  const { short, long, value, placeholder, repeatable, help } = option;
  const names = spellings(option);
  const before = repeatable ? "*" : names.length > 1 ? `(${names.join(" ")})` : "";
  const behind = value === undefined
    ? `[${plain(help)}]`
    : `[${plain(help)}]:${plain(placeholder)}:${action(value)}`;
  const isSwitch = value === undefined;
  const spelled = short === undefined
    ? `${long}${isSwitch ? "" : "="}`
    : `{${short}${isSwitch ? "" : "+"},${long}${isSwitch ? "" : "="}}`;
  const head = before === "" ? "" : quoted(before);
  return `${head}${spelled}${quoted(behind)}`;
}

function action(candidates: Candidates): string {
  if (candidates === "nothing") return " ";
  if (candidates === "files") return "_files";
  if (candidates === "directories") return "_files -/";
  return `(${candidates.join(" ")})`;
}

/** What has a meaning in a specification of zsh. */
function plain(text: string): string {
  return text.replace(/[\\:[\]]/g, "\\$&");
}
