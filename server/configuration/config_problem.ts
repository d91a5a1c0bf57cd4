/**
 * What is wrong with a configuration: all of it at once, each with its place.
 *
 * @module
 */
import { FtpkitError, reasonOf, UsageError } from "../../shared/errors.ts";
import { ConfigError } from "../toml/toml_file.ts";

/** Where something is wrong. */
export interface Place {
  /** The file as it was named. */
  readonly file: string;
  /** The line, from 1; undefined: none in particular. */
  readonly line?: number;
}

/** The command line as a place: its problems begin as all of ours do. */
export const COMMAND_LINE: Place = { file: "ftpkit" };

/** A value as text, and where it was given. */
export interface Given {
  /** Where. */
  readonly place: Place;
  /** What it is called there: `--port`, `port`. */
  readonly name: string;
  /** The value. */
  readonly text: string;
  /** How problems show the value: never with a password. */
  readonly shown: string;
  /** The directory that a relative path in it starts from. */
  readonly base: string;
}

/** Makes a value of a text; throws a `UsageError` that says what it must be. */
export type Reader<T> = (text: string, base: string) => T;

/** Collects what is wrong. */
export class Problems {
  readonly #problems: { readonly place: Place; readonly text: string }[] = [];
  readonly #faults: string[] = [];

  /** Whether nothing is wrong so far. */
  get none(): boolean {
    return this.#problems.length === 0 && this.#faults.length === 0;
  }

  /**
   * Something is wrong.
   *
   * @param place Where.
   * @param text What, without a full stop.
   */
  add(place: Place, text: string): void {
    this.#problems.push({ place, text });
  }

  /**
   * Reads a value.
   *
   * @param given The value as text.
   * @param read Makes a value of it.
   * @returns The value; undefined, and one problem more, where it is not valid.
   */
  read<T>(given: Given, read: Reader<T>): T | undefined {
    try {
      return read(given.text, given.base);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const { place, name, shown } = given;
      this.add(place, `Invalid ${name} ${JSON.stringify(shown)}: ${reasonAlone(error)}`);
      return undefined;
    }
  }

  /**
   * Waits for something that may fail.
   *
   * @param place Where it was asked for.
   * @param work It; a `ConfigError` brings places of its own.
   * @returns What it gives; undefined, and its problems more, where it fails with an error of ours.
   */
  async settle<T>(place: Place, work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof FtpkitError)) throw error;
      if (error instanceof ConfigError) this.#faults.push(...error.faults);
      else this.add(place, error.message);
      return undefined;
    }
  }

  /**
   * Ends the reading.
   *
   * @throws {ConfigError} If anything is wrong: file by file, each in the order of its lines.
   */
  throwIfAny(): void {
    if (this.none) return;
    const files = Map.groupBy(this.#problems, ({ place }) => place.file);
    const lines = [...files.values()].flatMap((problems) =>
      problems
        .toSorted((a, b) => (a.place.line ?? 0) - (b.place.line ?? 0))
        .map(({ place, text }) => `${formatPlace(place)}: ${text}`)
    );
    throw new ConfigError([...lines, ...this.#faults]);
  }
}

/** Our own texts are `Action "value": reason`, and the first half has been said. */
function reasonAlone(error: UsageError): string {
  const text = reasonOf(error);
  const start = text.lastIndexOf('": ');
  return start < 0 ? text : text.slice(start + 3);
}

function formatPlace({ file, line }: Place): string {
  return line === undefined ? file : `${file}:${line}`;
}
