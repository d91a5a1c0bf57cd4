/**
 * What the argument is that is being written: an option's value, or which of a command's operands.
 *
 * @module
 */
import { optionTokens } from "../../shared/option_tokens.ts";
import { allOptions } from "../../shared/options.ts";
import { type CompletionKind, usageOf } from "./command.ts";
import type { NamedCommand } from "./commands.ts";

/** What it can be. */
export interface OpenArgument {
  /** It is the value of an option: one of these, or any where there are none. */
  readonly values?: readonly string[];
  /** It is an option if it begins with a dash. */
  readonly mayBeOption: boolean;
  /** What it is completed to as an operand. */
  readonly kind: CompletionKind;
}

/**
 * Reads the arguments before it.
 *
 * @param named The command.
 * @param before The arguments before it.
 * @returns What it can be; nothing can be completed where the command takes no more operands.
 */
export function openArgument(named: NamedCommand, before: readonly string[]): OpenArgument {
  const { command, args } = named;
  const table = allOptions(usageOf(command));
  const tokens = optionTokens(table, [...command.verbatim ? ["--"] : args, ...before]);
  const last = tokens.at(-1);
  const mayBeOption = !tokens.some(({ kind }) => kind === "option-terminator");
  if (last?.kind === "option" && last.value === undefined && Object.hasOwn(table, last.name)) {
    const { value, choices = [] } = table[last.name] ?? {};
    if (value !== undefined) return { values: choices, mayBeOption, kind: "nothing" };
  }
  const operands = tokens.filter(({ kind }) => kind === "positional").length;
  const options = tokens.flatMap((token) => token.kind === "option" ? [token.name] : []);
  const { completes } = command;
  const kinds = typeof completes === "function" ? completes(new Set(options)) : completes;
  const kind = operands < command.operands.max ? kinds[operands] ?? kinds.at(-1) : undefined;
  return { mayBeOption, kind: kind ?? "nothing" };
}
