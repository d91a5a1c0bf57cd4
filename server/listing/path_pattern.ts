/**
 * Paths with globs, as LIST, NLST and STAT take them: `scans/*.pdf`.
 *
 * A glob stands for names of one directory; there are no braces and no recursion, and how many names
 * are looked at is bounded, so that no pattern keeps the server busy.
 *
 * @module
 */
import { StorageError, type StorageErrorKind } from "../../shared/errors.ts";
import { joinPath } from "../../shared/ftp_path.ts";
import { compileGlob, isGlob } from "../../shared/glob.ts";
import { nextTurn, Slice } from "../../shared/turn.ts";
import type { Entry, Lookup } from "../storage/storage.ts";

/** Names that one pattern may look at. */
export const MAX_LOOKED_AT = 200_000;

/** A path that matched. */
export interface PatternMatch {
  /** Virtual path. */
  readonly path: string;
  /** The path in the form in which the pattern was written. */
  readonly written: string;
  /** What is there. */
  readonly entry: Entry;
}

/** How to look. */
export interface PatternOptions {
  /** Gives the virtual path for what the client wrote. */
  readonly resolve: (written: string) => string;
  /** Whether a star also takes names with a leading dot. */
  readonly hidden: boolean;
}

/**
 * Finds what matches a pattern, in order of the names.
 *
 * @param storage Where.
 * @param pattern What the client wrote.
 * @param options How to look.
 * @returns The matches, found while they are asked for.
 * @throws {StorageError} `io` where the pattern looks at more than {@linkcode MAX_LOOKED_AT} names, or
 * the disk fails; `overloaded` where other listings hold too much memory.
 */
export async function* matchPattern(
  storage: Lookup,
  pattern: string,
  options: PatternOptions,
): AsyncGenerator<PatternMatch> {
  const names = pattern.split("/");
  const first = names.findIndex(isGlob);
  if (first < 0 || names.slice(first).includes("..")) return;
  const head = names.slice(0, first).map((name) => `${name}/`).join("");
  const below = names.slice(first).filter((name) => name !== "" && name !== ".");
  const search = new Search(storage, { pattern, hidden: options.hidden });
  yield* search.below({ path: options.resolve(head), written: head }, below);
}

interface Directory {
  readonly path: string;
  /** Ends with a slash, or is empty. */
  readonly written: string;
}

class Search {
  readonly #storage: Lookup;
  readonly #pattern: string;
  readonly #slice = new Slice();
  readonly #hidden: boolean;
  #left = MAX_LOOKED_AT;

  constructor(storage: Lookup, options: { readonly pattern: string; readonly hidden: boolean }) {
    this.#storage = storage;
    this.#pattern = options.pattern;
    this.#hidden = options.hidden;
  }

  async *below(directory: Directory, names: readonly string[]): AsyncGenerator<PatternMatch> {
    const [name = "", ...rest] = names;
    const found = isGlob(name) ? this.#matching(directory, name) : this.#named(directory, name);
    for await (const match of found) {
      if (rest.length === 0) yield match;
      else if (match.entry.type === "dir") {
        yield* this.below({ path: match.path, written: `${match.written}/` }, rest);
      }
    }
  }

  async *#named(directory: Directory, name: string): AsyncGenerator<PatternMatch> {
    const path = joinPath(directory.path, name);
    this.#count(1);
    const entry = await absentIfRefused(() => this.#storage.stat(path));
    if (entry !== undefined) yield { path, written: directory.written + name, entry };
  }

  async *#matching(directory: Directory, glob: string): AsyncGenerator<PatternMatch> {
    const matches = compileGlob(glob);
    const dots = this.#hidden || glob.startsWith(".");
    if (this.#slice.over) await nextTurn();
    const batches = this.#storage.list(directory.path)[Symbol.asyncIterator]();
    for (;;) {
      const batch = await absentIfRefused(() => batches.next());
      if (batch === undefined || batch.done) return;
      this.#count(batch.value.length);
      for (const entry of batch.value) {
        if (!matches(entry.name) || (entry.name.startsWith(".") && !dots)) continue;
        yield {
          path: joinPath(directory.path, entry.name),
          written: directory.written + entry.name,
          entry,
        };
      }
    }
  }

  #count(names: number): void {
    this.#left -= names;
    if (this.#left >= 0) return;
    throw new StorageError(
      "io",
      `Cannot list "${this.#pattern}": it looks at more than ${MAX_LOOKED_AT} names`,
    );
  }
}

/** A name that is not there, or may not be looked at, does not match; what fails is no answer. */
async function absentIfRefused<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof StorageError && !FAILURES.has(error.kind)) return undefined;
    throw error;
  }
}

const FAILURES: ReadonlySet<StorageErrorKind> = new Set(["overloaded", "io"]);
