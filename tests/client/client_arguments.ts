/**
 * Command lines of the client in a test, without a command around them.
 *
 * @module
 */
import { assertExists } from "@std/assert";
import { CLIENT_OPTIONS } from "../../client/client_options.ts";
import { type OptionSpec, type ParsedOptions, parseOptions } from "../../shared/options.ts";

/** Parses options and no operand; without `options` it knows those of all commands. */
export function parsedOptions(
  args: readonly string[],
  options: Readonly<Record<string, OptionSpec>> = CLIENT_OPTIONS,
): ParsedOptions {
  const parsed = parseOptions({
    name: "get",
    synopsis: "",
    summary: "",
    examples: [],
    options,
    operands: { min: 0, max: 0, missing: "" },
  }, args);
  assertExists(parsed);
  return parsed;
}
