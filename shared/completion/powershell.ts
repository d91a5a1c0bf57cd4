/**
 * Completions for PowerShell, 5.1 or newer.
 *
 * @module
 */
import {
  type Candidates,
  type CompletedCommand,
  type CompletedOption,
  spellings,
} from "./completion.ts";

/**
 * Writes the script. Where it gives no candidates, PowerShell completes local names by itself.
 *
 * @param commands The subcommands.
 * @returns What PowerShell is to run.
 */
export function powershellScript(commands: readonly CompletedCommand[]): string {
  return `# Completions of ftpkit for PowerShell: in $PROFILE,
# ftpkit completions powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName ftpkit -ScriptBlock {
    param($word, $ast, $position)
    $commands = [ordered]@{
${commands.map(commandEntry).join("")}    }
    $before = @($ast.CommandElements |
        Where-Object { $_.Extent.EndOffset -lt $position } |
        ForEach-Object { $_.ToString() })
    $candidates = @()
    if ($before.Count -lt 2) {
        $candidates = @($commands.Keys | ForEach-Object { @{ Text = $_; Help = $commands[$_].Help } })
    } elseif ($commands.Contains($before[1])) {
        $command = $commands[$before[1]]
        $previous = $before[-1]
        $valued = $command.Options | Where-Object { $_.Valued -and $_.Names -ccontains $previous }
        if ($valued) {
            $candidates = @($valued.Words | ForEach-Object { @{ Text = $_; Help = $_ } })
        } elseif ($word.StartsWith('-')) {
            $candidates = @($command.Options | ForEach-Object {
                $help = $_.Help
                $_.Names | ForEach-Object { @{ Text = $_; Help = $help } }
            })
        } elseif ($before.Count -eq 2) {
            $candidates = @($command.Words | ForEach-Object { @{ Text = $_; Help = $_ } })
        }
    }
    $candidates | Where-Object { $_.Text.StartsWith($word) } | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new($_.Text, $_.Text, 'ParameterValue', $_.Help)
    }
}
`;
}

function commandEntry({ name, summary, options, operands }: CompletedCommand): string {
  return `        ${quoted(name)} = @{
            Help = ${quoted(summary)}
            Words = ${wordList(operands)}
            Options = @(
${options.map((option) => `                ${optionEntry(option)}\n`).join("")}            )
        }
`;
}

function optionEntry(option: CompletedOption): string {
  const { value, help } = option;
  const parts = [
    `Names = ${wordList(spellings(option))}`,
    `Valued = ${value === undefined ? "$false" : "$true"}`,
    `Words = ${wordList(value ?? "nothing")}`,
    `Help = ${quoted(help)}`,
  ];
  return `@{ ${parts.join("; ")} }`;
}

function wordList(candidates: Candidates): string {
  return typeof candidates === "string" ? "@()" : `@(${candidates.map(quoted).join(", ")})`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
