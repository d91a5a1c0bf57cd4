/**
 * The argument of LIST, NLST and STAT: options as `ls` has them, then a path.
 *
 * RFC 959 knows only the path, but clients have sent `-a` and `-l` since there were servers on unix.
 *
 * @module
 */

/** What a listing is to look like. */
export interface ListOptions {
  /** `-a`, `-A`: names with a leading dot too. */
  readonly hidden: boolean;
  /** `-l`, `-1`: long lines or names only; undefined: as the command has it. */
  readonly form: "long" | "names" | undefined;
  /** `-R`: directories below too. */
  readonly recursive: boolean;
  /** `-t`: newest first; `-S`: largest first. */
  readonly sort: "name" | "time" | "size";
  /** `-r`: the other way round. */
  readonly reverse: boolean;
  /** `-d`: the directory itself, not what is in it. */
  readonly itself: boolean;
}

/** What a client asked for. */
export interface ListArgument {
  /** The options. */
  readonly options: ListOptions;
  /** The path as it was written; empty: the working directory. */
  readonly path: string;
}

/** A listing without options. */
export const PLAIN: ListOptions = {
  hidden: false,
  form: undefined,
  recursive: false,
  sort: "name",
  reverse: false,
  itself: false,
};

const LETTERS: Readonly<Record<string, Partial<ListOptions>>> = {
  a: { hidden: true },
  A: { hidden: true },
  l: { form: "long" },
  "1": { form: "names" },
  R: { recursive: true },
  t: { sort: "time" },
  S: { sort: "size" },
  r: { reverse: true },
  d: { itself: true },
};

/**
 * Reads the argument of a listing.
 *
 * @example Usage
 * ```ts
 * import { parseListArgument } from "./list_options.ts";
 * const { options, path } = parseListArgument("-la my photos");
 * if (!options.hidden || path !== "my photos") throw new Error("unexpected");
 * ```
 *
 * @param argument Words that begin with `-`, each a run of letters, up to `--` or the path. Letters
 * that mean nothing here are passed over, as clients send those of any `ls`.
 * @returns Options and path; of options that contradict each other the last one counts.
 */
export function parseListArgument(argument: string): ListArgument {
  let options = PLAIN;
  let path = argument;
  for (let word = firstWord(path); word.startsWith("-") && word !== "-"; word = firstWord(path)) {
    path = path.slice(word.length).replace(/^ /, "");
    if (word === "--") break;
    for (const letter of word.slice(1)) options = { ...options, ...LETTERS[letter] };
  }
  return { options, path };
}

function firstWord(text: string): string {
  return text.match(/^\S*/)?.[0] ?? "";
}
