/**
 * The configuration file: every option of `serve` by its name, and the tables that only a file has.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import { COMMAND_LINE, type Given, type Problems } from "./config_problem.ts";
import { ConfigTable } from "./config_table.ts";
import { OPTION_ENTRIES, type OptionName } from "./serve_usage.ts";
import { readTomlFile, type TomlFile } from "../toml/toml_file.ts";
import { isTable } from "../toml/toml_table.ts";

/** Key of the shared directory: on the command line it is no option. */
const DIRECTORY = "directory";

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
 * @returns What it says; undefined where it cannot be read or is not TOML.
 */
export async function readConfigFile(
  path: string,
  problems: Problems,
): Promise<ConfigFile | undefined> {
  const file = await problems.settle(COMMAND_LINE, readTomlFile(path, "configuration"));
  return file === undefined ? undefined : configFile(file, problems);
}

/**
 * Takes what a configuration file says.
 *
 * @param file The file.
 * @param problems Takes everything that is wrong with it.
 * @returns What is valid in it.
 */
export function configFile({ path, table, lines }: TomlFile, problems: Problems): ConfigFile {
  const base = dirname(resolve(path));
  const top = new ConfigTable({ file: path, base, lines, problems }, [], table);
  top.allow(FILE_KEYS);
  const options = OPTION_KEYS
    // As a table it holds the users themselves.
    .filter(([name]) => !(name === "users" && isTable(top.parsed(name))))
    .map(([name, option]) => {
      const form = { ...option, switch: option.value === undefined };
      return [name, top.given(name, form)] as const;
    });
  return { options: new Map(options), directory: top.given(DIRECTORY).at(-1), top };
}
