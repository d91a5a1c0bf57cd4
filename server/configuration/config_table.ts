/**
 * A table of the configuration file: its values as texts that know where they stand.
 *
 * @module
 */
import type { Given, Place, Problems, Reader } from "./config_problem.ts";
import type { KeyPath, TomlLines } from "../toml/toml_line.ts";
import { isTable, type Problem, type Table, unknownKey } from "../toml/toml_table.ts";

/** The file that a table belongs to. */
export interface ConfigSource {
  /** The file as it was named. */
  readonly file: string;
  /** The directory that relative paths in it start from. */
  readonly base: string;
  /** Where everything stands. */
  readonly lines: TomlLines;
  /** Takes what is wrong. */
  readonly problems: Problems;
}

/** What a value may look like, beside a text in quotes. */
export interface ValueForm {
  /** It is `true` or `false`, and nothing else. */
  readonly switch?: boolean;
  /** It may be a number. */
  readonly number?: boolean;
  /** It may be several in brackets. */
  readonly repeatable?: boolean;
  /** Empty brackets are not valid. */
  readonly needed?: boolean;
  /** How problems show it, where it may hold a password. */
  readonly shown?: (text: string) => string;
}

/** What reads a table whose keys are values too. */
export interface PairReaders<K, V> {
  /** What a key is. */
  readonly name: string;
  /** Reads a key. */
  readonly key: Reader<K>;
  /** Reads a value. */
  readonly value: Reader<V>;
}

/** One table, or the whole file. */
export class ConfigTable {
  readonly #source: ConfigSource;
  readonly #path: KeyPath;
  readonly #values: Table;

  /**
   * Wraps a table.
   *
   * @param source The file.
   * @param path Where in it the table is.
   * @param values What the parser made of it.
   */
  constructor(source: ConfigSource, path: KeyPath, values: Table) {
    this.#source = source;
    this.#path = path;
    this.#values = values;
  }

  /** Its keys, in the order of the file. */
  get keys(): readonly string[] {
    return Object.keys(this.#values);
  }

  /** Whether the key is there. */
  has(key: string): boolean {
    return Object.hasOwn(this.#values, key);
  }

  /** The place of what is behind the keys; of the table itself without any. */
  place(...keys: KeyPath): Place {
    const { file, lines } = this.#source;
    return { file, line: lines.lineOf([...this.#path, ...keys]) };
  }

  /** Something is wrong with a key, or with the table as a whole. */
  problem(text: string, key?: string): void {
    this.#source.problems.add(key === undefined ? this.place() : this.place(key), text);
  }

  /** As {@linkcode ConfigTable.problem}, with the keys as from this table on. */
  fault({ key, message }: Problem): void {
    this.#source.problems.add(this.place(...key), `Invalid ${key.join(".")}: ${message}`);
  }

  /** Tells each key that is not among the known ones. */
  allow(known: readonly string[]): void {
    for (const key of this.keys.filter((key) => !known.includes(key))) {
      this.fault({ key: [key], message: unknownKey(key, known) });
    }
  }

  /** What the parser made of the key's value; undefined where it is missing. */
  parsed(key: string): unknown {
    return this.has(key) ? this.#values[key] : undefined;
  }

  /** The table behind the key; an empty one, and a problem, where something else stands there. */
  table(key: string): ConfigTable {
    const value = this.has(key) ? this.#values[key] : {};
    if (!isTable(value)) this.problem(`Invalid ${key}: must be a table, [${key}]`, key);
    return new ConfigTable(this.#source, [...this.#path, key], isTable(value) ? value : {});
  }

  /** The tables of an array of tables; none, and a problem, where something else stands there. */
  tables(key: string): readonly ConfigTable[] {
    const value = this.has(key) ? this.#values[key] : [];
    if (!Array.isArray(value) || !value.every(isTable)) {
      this.problem(`Invalid ${key}: must be a list of tables, each [[${key}]]`, key);
      return [];
    }
    return value.map((table, index) =>
      new ConfigTable(this.#source, [...this.#path, key, index], table)
    );
  }

  /**
   * The values behind a key as texts. A switch that is on has one, empty; one that is off has none.
   *
   * @param key Which.
   * @param form What they may look like.
   * @returns None where the key is missing, or, with a problem, where it holds something else.
   */
  given(key: string, form: ValueForm = {}): readonly Given[] {
    if (!this.has(key)) return [];
    const value = this.#values[key];
    if (form.switch && typeof value === "boolean") return value ? [this.#one("", [key], form)] : [];
    const several = form.repeatable === true && Array.isArray(value);
    const texts = (several ? value : [value]).map((one) => textOf(one, form));
    if (texts.includes(undefined) || (form.needed && texts.length === 0)) {
      this.problem(`Invalid ${key}: must be ${formText(form)}`, key);
      return [];
    }
    return texts.filter((text) => text !== undefined)
      .map((text, index) => this.#one(text, several ? [key, index] : [key], form));
  }

  /**
   * The value behind a key.
   *
   * @param key Which.
   * @param read Makes a value of its text.
   * @param form What it may look like.
   * @returns Undefined where the key is missing or, with a problem, where it is not valid.
   */
  value<T>(key: string, read: Reader<T>, form: ValueForm = {}): T | undefined {
    return this.values(key, read, form).at(-1);
  }

  /** All values behind a key, as {@linkcode ConfigTable.value}. */
  values<T>(key: string, read: Reader<T>, form: ValueForm): readonly T[] {
    return this.given(key, form)
      .map((given) => this.#source.problems.read(given, read))
      .filter((value) => value !== undefined);
  }

  /**
   * All keys and values of a table whose keys are values too.
   *
   * @param readers What a key is called, and what reads keys and values.
   * @returns The valid ones, in the order of the file.
   */
  pairs<K, V>(readers: PairReaders<K, V>): readonly (readonly [K, V])[] {
    return this.keys.flatMap((text) => {
      const given = { ...this.#one(text, [text], {}), name: readers.name };
      const key = this.#source.problems.read(given, readers.key);
      const value = this.value(text, readers.value);
      return key === undefined || value === undefined ? [] : [[key, value] as const];
    });
  }

  #one(text: string, keys: KeyPath, { shown }: ValueForm): Given {
    return {
      place: this.place(...keys),
      name: String(keys[0]),
      text,
      shown: shown?.(text) ?? text,
      base: this.#source.base,
    };
  }
}

function textOf(value: unknown, form: ValueForm): string | undefined {
  if (form.switch) return undefined;
  if (typeof value === "string") return value;
  return form.number && typeof value === "number" ? String(value) : undefined;
}

function formText({ switch: isSwitch, number, repeatable }: ValueForm): string {
  if (isSwitch) return "true or false";
  if (number) return "a number, or a text in quotes";
  return repeatable ? "a text in quotes, or several in brackets" : "a text in quotes";
}
