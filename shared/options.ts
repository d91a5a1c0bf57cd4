/**
 * Command-line options: one table for each subcommand gives both the parser and the help text.
 *
 * @module
 */
import { closestString } from "@std/text/closest-string";
import { levenshteinDistance } from "@std/text/levenshtein-distance";
import { maskUrl } from "./command_line.ts";
import { reasonOf, UsageError } from "./errors.ts";
import { optionTokens } from "./option_tokens.ts";

/** One option. */
export interface OptionSpec {
  /** One-letter name. */
  readonly short?: string;
  /** Placeholder of its value in the help; without one it is a switch. */
  readonly value?: string;
  /** The only values it takes. */
  readonly choices?: readonly string[];
  /** One line of help; says the default where there is one. */
  readonly help: string;
  /** It may be given several times. */
  readonly repeatable?: boolean;
}

/** The arguments of a subcommand. */
export interface OperandSpec {
  /** How many it takes. */
  readonly min: number;
  readonly max: number;
  /** What the first missing one is called. */
  readonly missing: string;
  /** What a shell completes them to: local names, or these words for the first; else nothing. */
  readonly complete?: "files" | "directories" | readonly string[];
}

/** What a subcommand takes. */
export interface CommandUsage {
  /** What stands before the name: `ftpkit `, unless it is said. */
  readonly program?: string;
  /** Name of the subcommand. */
  readonly name: string;
  /** What follows the name in the usage line. */
  readonly synopsis: string;
  /** What it does, in one sentence. */
  readonly summary: string;
  /** Real command lines, shown first in the help. */
  readonly examples: readonly string[];
  /** The options by long name. */
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Its arguments. */
  readonly operands: OperandSpec;
}

const HELP: OptionSpec = { help: "show this text" };

/**
 * Every option of a subcommand; `-h` is the help where nothing else has that letter.
 *
 * @param usage What it takes.
 * @returns Its options by long name, `help` among them.
 */
export function allOptions({ options }: CommandUsage): Readonly<Record<string, OptionSpec>> {
  const taken = Object.values(options).some(({ short }) => short === "h");
  return { ...options, help: taken ? HELP : { ...HELP, short: "h" } };
}

/** The options and arguments of one command line. */
export class ParsedOptions {
  readonly #values: ReadonlyMap<string, readonly string[]>;
  /** The arguments that are not options. */
  readonly operands: readonly string[];
  /** Where each of them stands among all arguments. */
  readonly places: readonly number[];

  /** Made by {@linkcode parseOptions}. */
  constructor(
    values: ReadonlyMap<string, readonly string[]>,
    operands: readonly { readonly value: string; readonly index: number }[],
  ) {
    this.#values = values;
    this.operands = operands.map(({ value }) => value);
    this.places = operands.map(({ index }) => index);
  }

  /** Whether the option was given. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** How often the option was given. */
  count(name: string): number {
    return this.#values.get(name)?.length ?? 0;
  }

  /** Its last value, if it was given. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  /** All its values, in order. */
  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /**
   * Its last value through a parser, if it was given.
   *
   * @throws {UsageError} If the parser refuses the value.
   */
  parsed<T>(name: string, parse: (text: string) => T): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    try {
      return parse(text);
    } catch (error) {
      throw new UsageError(`Invalid --${name} "${text}": ${reasonOf(error)}`, { cause: error });
    }
  }

  /**
   * Its last value as a whole number, or the default.
   *
   * @throws {UsageError} If it is not one, or out of range.
   */
  integer(name: string, range: { min: number; max: number; default: number }): number {
    const parse = (text: string): number => parseInteger(text, range);
    return this.parsed(name, parse) ?? range.default;
  }

  /**
   * Its last value in seconds (fractions allowed), as milliseconds.
   *
   * @throws {UsageError} If it is not a positive number of at most a million seconds.
   */
  seconds(name: string, fallback: number): number {
    return (this.parsed(name, parseSeconds) ?? fallback) * 1000;
  }
}

/**
 * Reads a whole number.
 *
 * @param text What was given.
 * @param range The lowest and the highest number that are valid.
 * @returns The number.
 * @throws {UsageError} If it is anything else; the text is the reason alone.
 */
export function parseInteger(text: string, range: { min: number; max: number }): number {
  const number = Number(text);
  if (!/^\d{1,15}$/.test(text) || number < range.min || number > range.max) {
    throw new UsageError(`not a whole number from ${range.min} to ${range.max}`);
  }
  return number;
}

/**
 * Reads a time; fractions are allowed.
 *
 * @param text What was given.
 * @returns Seconds, above 0 and at most a million.
 * @throws {UsageError} If it is anything else; the text is the reason alone.
 */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || seconds <= 0 || seconds > 1_000_000) {
    throw new UsageError("not a number of seconds above 0");
  }
  return seconds;
}

/**
 * Parses the arguments behind the subcommand's name.
 *
 * @param usage What it takes.
 * @param args The arguments.
 * @returns The options, or null where the help was asked for.
 * @throws {UsageError} On an unknown option, a value that is missing, superfluous or not among the
 * choices, an option given twice, and a wrong number of arguments.
 */
export function parseOptions(usage: CommandUsage, args: readonly string[]): ParsedOptions | null {
  const table = allOptions(usage);
  const values = new Map<string, string[]>();
  const operands: { value: string; index: number }[] = [];
  for (const token of optionTokens(table, args)) {
    if (token.kind === "positional") operands.push(token);
    if (token.kind !== "option") continue;
    const spec = Object.hasOwn(table, token.name) ? table[token.name] : undefined;
    if (spec === undefined) throw unknownOption(token.rawName, Object.keys(table));
    const value = optionValue(token, spec);
    const earlier = values.get(token.name);
    if (earlier === undefined) values.set(token.name, [value]);
    else if (spec.repeatable) earlier.push(value);
    else throw new UsageError(`Option ${token.rawName} is given twice`);
  }
  if (values.has("help")) return null;
  checkOperands(usage, operands);
  return new ParsedOptions(values, operands);
}

function optionValue(
  token: { rawName: string; value?: string | undefined },
  spec: OptionSpec,
): string {
  const { rawName, value } = token;
  if (spec.value === undefined) {
    if (value !== undefined) throw new UsageError(`Option ${rawName} takes no value`);
    return "";
  }
  if (value === undefined) throw new UsageError(`Option ${rawName} needs a value: ${spec.value}`);
  if (spec.choices !== undefined && !spec.choices.includes(value)) {
    const choices = spec.choices.join(", ");
    throw new UsageError(`Invalid ${rawName} "${value}": must be one of ${choices}`);
  }
  return value;
}

function checkOperands(usage: CommandUsage, operands: readonly { readonly value: string }[]): void {
  const { min, max, missing } = usage.operands;
  if (operands.length < min) throw new UsageError(`Missing ${missing}: ${usageLine(usage)}`);
  const extra = operands[max]?.value;
  if (extra !== undefined) throw new UsageError(`Unexpected argument "${maskUrl(extra)}"`);
}

function usageLine({ program = "ftpkit ", name, synopsis }: CommandUsage): string {
  return `${program}${name} ${synopsis}`.trimEnd();
}

function unknownOption(rawName: string, names: readonly string[]): UsageError {
  const near = rawName.startsWith("--") ? nearest(rawName.slice(2), names) : undefined;
  const hint = near === undefined ? "" : ` (did you mean --${near}?)`;
  return new UsageError(`Unknown option ${rawName}${hint}`);
}

/**
 * The name a user may have meant.
 *
 * @example Usage
 * ```ts
 * import { nearest } from "./options.ts";
 * if (nearest("servr", ["serve", "get"]) !== "serve") throw new Error("unexpected");
 * ```
 *
 * @param given What was written.
 * @param names What there is.
 * @returns The closest name, or undefined where none is close.
 */
export function nearest(given: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const name = closestString(given, names);
  return levenshteinDistance(given, name) <= Math.max(1, Math.ceil(name.length / 3))
    ? name
    : undefined;
}

/**
 * The help text of a subcommand: examples first.
 *
 * @param usage What it takes.
 * @returns Several lines, with an end of line at each.
 */
export function helpText(usage: CommandUsage): string {
  const rows = Object.entries(allOptions(usage)).map(([name, spec]) => {
    const short = spec.short === undefined ? "    " : `-${spec.short}, `;
    const value = spec.value === undefined ? "" : ` ${spec.choices?.join("|") ?? spec.value}`;
    return { left: `  ${short}--${name}${value}`, help: spec.help };
  });
  const width = Math.min(34, Math.max(...rows.map((row) => row.left.length)));
  const options = rows.map(({ left, help }) =>
    left.length > width
      ? `${left}\n${" ".repeat(width)}  ${help}`
      : `${left.padEnd(width)}  ${help}`
  );
  const examples = usage.examples.map((example) => `  ${example}`);
  const head = `Usage: ${usageLine(usage)}`;
  return [...examples, "", head, usage.summary, "", "Options:", ...options, ""].join("\n");
}
