/**
 * Arguments of a command as options, their values and operands, whatever sense they make.
 *
 * @module
 */
import { parseArgs } from "node:util";

/** What of an option decides how arguments are read. */
export interface OptionShape {
  /** One-letter name. */
  readonly short?: string;
  /** It takes a value. */
  readonly value?: string;
}

/** One argument, or one option of several in one argument. */
export type OptionToken =
  | {
    readonly kind: "option";
    /** Its long name; what was written where there is no such option. */
    readonly name: string;
    /** With its dashes, as it was written. */
    readonly rawName: string;
    /** What was given to it; one that takes a value may stand at the end without. */
    readonly value?: string | undefined;
  }
  | {
    readonly kind: "positional";
    readonly value: string;
    /** Which of the arguments it is. */
    readonly index: number;
  }
  /** `--`: nothing behind it is an option. */
  | { readonly kind: "option-terminator" };

/**
 * Reads arguments.
 *
 * @param table The options by long name.
 * @param args The arguments.
 * @returns What they are, in order.
 */
export function optionTokens(
  table: Readonly<Record<string, OptionShape>>,
  args: readonly string[],
): readonly OptionToken[] {
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(table).map(([name, { short, value }]) => [name, {
        type: value === undefined ? "boolean" as const : "string" as const,
        ...(short === undefined ? {} : { short }),
      }]),
    ),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  return tokens;
}
