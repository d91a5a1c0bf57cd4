/**
 * Completions for bash, 3.2 or newer.
 *
 * @module
 */
import { type Candidates, type CompletedCommand, quoted, spellings } from "./completion.ts";

/**
 * Writes the script.
 *
 * @param commands The subcommands.
 * @returns What bash is to source.
 */
export function bashScript(commands: readonly CompletedCommand[]): string {
  const names = [...commands.map(({ name }) => name), "--help", "--version"].join(" ");
  return `# Completions of ftpkit for bash: save as
# ~/.local/share/bash-completion/completions/ftpkit, or source it in ~/.bashrc.

_ftpkit_words() {
  local IFS=$' \\t\\n'
  COMPREPLY=( $(compgen -W "$1" -- "$cur") )
}

_ftpkit_local() {
  local name
  compopt -o filenames 2>/dev/null
  while IFS= read -r name; do COMPREPLY+=("$name"); done < <(compgen "$1" -- "$cur")
}

_ftpkit() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  # Behind the colon are the names of a server.
  if [[ $cur == : || $prev == : ]]; then return; fi
  # --option=value comes as three words.
  if [[ $cur == = ]]; then cur=
  elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  if (( COMP_CWORD == 1 )); then _ftpkit_words ${quoted(names)}; return; fi
  case \${COMP_WORDS[1]} in
${commands.map(commandCase).join("")}  esac
}

complete -F _ftpkit ftpkit
`;
}

function commandCase(command: CompletedCommand): string {
  const { name, options, operands } = command;
  const valued = options.filter(({ value }) => value !== undefined);
  const cases = valued.map((option) => {
    const action = actionFor(option.value ?? "nothing");
    return `        ${spellings(option).join("|")}) ${action}return ;;\n`;
  });
  const values = cases.length === 0 ? "" : `      case $prev in\n${cases.join("")}      esac\n`;
  const words = options.flatMap(spellings).join(" ");
  return `    ${name})
${values}      if [[ $cur == -* ]]; then _ftpkit_words ${quoted(words)}; return; fi
      ${operandAction(operands)}
      ;;
`;
}

function operandAction(operands: Candidates): string {
  if (operands === "nothing") return ":";
  const action = actionFor(operands).replace(/; $/, "");
  return typeof operands === "string" ? action : `if (( COMP_CWORD == 2 )); then ${action}; fi`;
}

function actionFor(candidates: Candidates): string {
  if (candidates === "nothing") return "";
  if (candidates === "files") return "_ftpkit_local -f; ";
  if (candidates === "directories") return "_ftpkit_local -d; ";
  return `_ftpkit_words ${quoted(candidates.join(" "))}; `;
}
