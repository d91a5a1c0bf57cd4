/**
 * The configuration file: every option of `serve` by its name, and the tables that only a file has.
 *
 * @module
 */
import { dirname, resolve } from "@std/path";
import { parse, TomlError } from "smol-toml";
import { reasonOf } from "../shared/errors.ts";
import { findLines } from "./config_line.ts";
import type { Given, Problems } from "./config_problem.ts";
import { type ConfigSource, ConfigTable } from "./config_table.ts";
import { OPTION_ENTRIES, type OptionName } from "./serve_usage.ts";

/** Key of the shared directory: on the command line it is no option. */
const DIRECTORY = "directory";

/** Some editors put it in front of the first line. */
const BYTE_ORDER_MARK = /^\ufeff/;

/** Tables that only the file has, beside `[users.NAME]`. */
const TABLES = ["public-addresses", "messages", "hooks"] as const;

/** The keys of options, as the file has them. */
const OPTION_KEYS = OPTION_ENTRIES.filter(([, { commandLineOnly }]) => !commandLineOnly);

/** Every key that may stand at the top of the file. */
export const FILE_KEYS: readonly string[] = [
  DIRECTORY,
  ...OPTION_KEYS.map(([name]) => name),
  ...TABLES,
];

/** What a file says. */
export interface ConfigFile {
  /** The options that it gives. */
  readonly options: ReadonlyMap<OptionName, readonly Given[]>;
  /** The shared directory. */
  readonly directory: Given | undefined;
  /** The whole file, for its tables. */
  readonly top: ConfigTable;
}

/**
 * Reads a configuration file.
 *
 * @param path The file; it stands in front of each problem as it is given here.
 * @param problems Takes everything that is wrong with it.
 * @returns What can be understood of it.
 */
export async function readConfigFile(path: string, problems: Problems): Promise<ConfigFile> {
  const read = async (): Promise<string> => {
    try {
      return await Deno.readTextFile(path);
    } catch (error) {
      problems.add({ file: path }, `Cannot read the configuration: ${readProblem(error)}`);
      return "";
    }
  };
  return parseConfigFile(await read(), { path, problems });
}

/**
 * Reads the text of a configuration file.
 *
 * @param text The text.
 * @param options The file's path, and what takes everything that is wrong.
 * @returns What can be understood of it.
 */
export function parseConfigFile(
  text: string,
  { path, problems }: { readonly path: string; readonly problems: Problems },
): ConfigFile {
  const toml = text.replace(BYTE_ORDER_MARK, "");
  const lines = findLines(toml);
  const source = { file: path, base: dirname(resolve(path)), lines, problems };
  const top = new ConfigTable(source, [], parseToml(toml, source));
  top.allow(FILE_KEYS);
  const options = new Map(
    OPTION_KEYS.map(([name, option]) => {
      const form = { ...option, switch: option.value === undefined };
      return [name, top.given(name, form)] as const;
    }),
  );
  return { options, directory: top.given(DIRECTORY).at(-1), top };
}

function readProblem(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "no such file";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.IsADirectory) return "it is a directory";
  return reasonOf(error);
}

/** The values, none where it is not TOML: half of a file says nothing that can be relied on. */
function parseToml(text: string, { file, problems }: ConfigSource): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // Further lines of the message quote the file, and so, perhaps, a password.
    const [reason = ""] = error.message.replace("Invalid TOML document: ", "").split("\n");
    problems.add({ file, line: error.line }, `Not valid TOML: ${reason}`);
    return {};
  }
}
