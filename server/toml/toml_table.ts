/**
 * A TOML table read key by key: every fault is noted with its key, none stops the reading.
 *
 * @module
 */
import { FtpkitError } from "../../shared/errors.ts";
import { nearest } from "../../shared/options.ts";

/** Something that is wrong in a file. */
export interface Problem {
  /** The key, from the file's beginning: `["users", "alice", "home"]`; empty for the file itself. */
  readonly key: readonly string[];
  /** What is wrong with its value. */
  readonly message: string;
}

/** A TOML table. */
export type Table = Readonly<Record<string, unknown>>;

/** Whether a TOML value is a table. */
export function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Date);
}

/**
 * What is wrong with a key that does not exist.
 *
 * @param key The key.
 * @param known All that do.
 * @returns The text, with the one that may have been meant.
 */
export function unknownKey(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return near === undefined ? "unknown key" : `unknown key (did you mean ${near}?)`;
}

/** Reads one table. */
export class TableReader {
  readonly #table: Table;
  readonly #path: readonly string[];
  readonly #known = new Set<string>();
  readonly #problems: Problem[] = [];

  /** Reads `value`, which stands under `path` in the file. */
  constructor(value: unknown, path: readonly string[]) {
    this.#path = path;
    this.#table = isTable(value) ? value : {};
    if (!isTable(value)) this.fault(undefined, "must be a table");
  }

  /** Notes that a key, or the table itself, is wrong. */
  fault(key: string | undefined, message: string): void {
    this.#problems.push({ key: key === undefined ? this.#path : [...this.#path, key], message });
  }

  /**
   * The value of a key through a parser.
   *
   * @param key The key.
   * @param parse Reads the value; what it throws of ours is noted.
   * @returns What it read; undefined where there is none, or it is wrong.
   */
  value<T>(key: string, parse: (value: unknown) => T): T | undefined {
    this.#known.add(key);
    if (!Object.hasOwn(this.#table, key)) return undefined;
    try {
      return parse(this.#table[key]);
    } catch (error) {
      if (!(error instanceof FtpkitError)) throw error;
      this.fault(key, error.message);
      return undefined;
    }
  }

  /** As {@linkcode TableReader.value}, but it must be there. */
  required<T>(key: string, parse: (value: unknown) => T): T | undefined {
    if (!Object.hasOwn(this.#table, key)) this.fault(undefined, `has no ${key}`);
    return this.value(key, parse);
  }

  /** All faults; keys that nobody has asked for are faults too. */
  finish(): readonly Problem[] {
    for (const key of Object.keys(this.#table)) {
      if (this.#known.has(key)) continue;
      this.fault(key, unknownKey(key, [...this.#known]));
    }
    return this.#problems;
  }
}
