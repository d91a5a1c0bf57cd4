/**
 * A TOML file with the lines of its keys, so that every fault is told with its place.
 *
 * @module
 */
import { parse, TomlError } from "smol-toml";
import { LocalFileError, systemReason, UsageError } from "../../shared/errors.ts";
import { findLines, type TomlLines } from "./toml_line.ts";
import type { Problem, Table } from "./toml_table.ts";

/** Some editors put it in front of the first line. */
const BYTE_ORDER_MARK = /^\ufeff/;

/** A file that was read. */
export interface TomlFile {
  /** Its path, as it was given. */
  readonly path: string;
  /** What is in it. */
  readonly table: Table;
  /** Where everything stands. */
  readonly lines: TomlLines;
  /** A fault with its place: `FILE:LINE: Invalid users.alice.home: must begin with /`. */
  readonly place: (problem: Problem) => string;
}

/** Everything that is wrong with a configuration, each fault on a line of its own. */
export class ConfigError extends UsageError {
  /** The faults. */
  readonly faults: readonly string[];

  /** Makes the error. */
  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
    this.faults = faults;
  }
}

/**
 * Reads a file.
 *
 * @param path Its path.
 * @param what What it is, for the error: `configuration`.
 * @returns Its content.
 * @throws {LocalFileError} If it cannot be read.
 * @throws {ConfigError} If it is no TOML.
 */
export async function readTomlFile(path: string, what: string): Promise<TomlFile> {
  return parseTomlFile(await readText(path, what), path);
}

/**
 * Parses the text of a file.
 *
 * @param text The text.
 * @param path Where it came from, for errors.
 * @returns Its content.
 * @throws {ConfigError} If it is no TOML.
 */
export function parseTomlFile(text: string, path: string): TomlFile {
  const toml = text.replace(BYTE_ORDER_MARK, "");
  const table = parseText(toml, path);
  const lines = findLines(toml);
  const place = ({ key, message }: Problem): string => {
    const name = key.length === 0 ? "" : `Invalid ${key.join(".")}: `;
    return `${path}:${lines.lineOf(key)}: ${name}${message}`;
  };
  return { path, table, lines, place };
}

async function readText(path: string, what: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "no such file" : systemReason(error);
    throw new LocalFileError(`Cannot read the ${what} "${path}": ${reason}`, { cause: error });
  }
}

function parseText(text: string, path: string): Table {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The parser's message goes on with a picture of the line.
    const [reason = ""] = error.message.replace("Invalid TOML document: ", "").split("\n");
    throw new ConfigError([`${path}:${error.line}: Not valid TOML: ${reason}`]);
  }
}
