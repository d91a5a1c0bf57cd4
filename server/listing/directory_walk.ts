/**
 * What is in a directory and below, or matches a pattern, as lines of a listing: sorted, filtered, with memory that does
 * not grow with the directory unless the client asks for another order.
 *
 * @module
 */
import { StorageError } from "../../shared/errors.ts";
import { joinPath } from "../../shared/ftp_path.ts";
import { nextTurn, Slice, sortInTurns } from "../../shared/turn.ts";
import type { ListOptions } from "./list_options.ts";
import { nameInLine } from "./listing.ts";
import type { PatternMatch } from "./path_pattern.ts";
import { type Entry, type Lookup, renamed } from "../storage/storage.ts";

/** Lines that are held in memory to put them into another order, and directories that wait for `-R`. */
export const MAX_SORTED = 200_000;

/** What to list and how. */
export interface WalkRequest {
  /** Where. */
  readonly storage: Lookup;
  /** Which entries, in which order. */
  readonly options: ListOptions;
  /** The line of an entry, with its end. */
  readonly line: (entry: Entry) => string;
}

/** A directory and how the listing calls it. */
export interface WalkStart {
  /** Virtual path. */
  readonly path: string;
  /** What stands above its entries where the listing goes deeper: the path as it was written. */
  readonly written: string;
}

/**
 * The listing of a directory.
 *
 * @param start The directory.
 * @param request What is wanted.
 * @returns Pieces of the listing, made while they are asked for.
 * @throws {StorageError} What reading it throws; `io` where more than {@linkcode MAX_SORTED} entries
 * would have to be sorted, or as many directories to wait, and, after everything else, where
 * directories below could not be read.
 */
export function walkDirectory(start: WalkStart, request: WalkRequest): AsyncIterable<string> {
  if (request.options.recursive) return walkTree([start], request);
  return inOrder(visible(start.path, request), request);
}

/**
 * The listing of what matches a pattern, and with `-R` of what is in the directories among it.
 *
 * @param matches What matches, in order of the names.
 * @param request What is wanted.
 * @returns Pieces of the listing, as {@linkcode walkDirectory} gives them.
 * @throws {StorageError} As {@linkcode walkDirectory}, and what finding the matches throws.
 */
export async function* walkMatches(
  matches: AsyncIterable<PatternMatch>,
  request: WalkRequest,
): AsyncGenerator<string> {
  const { recursive, itself } = request.options;
  const below: WalkStart[] = [];
  const entries = asWritten(matches, ({ path, written, entry }) => {
    if (recursive && !itself && isBelow(entry)) below.push({ path, written });
  });
  yield* inOrder(entries, request);
  if (below.length === 0) return;
  yield "\r\n";
  yield* walkTree(below, request);
}

async function* asWritten(
  matches: AsyncIterable<PatternMatch>,
  onMatch: (match: PatternMatch) => void,
): AsyncGenerator<readonly Entry[]> {
  for await (const match of matches) {
    onMatch(match);
    yield [renamed(match.entry, match.written)];
  }
}

/** Links are not followed. */
function isBelow({ type, target }: Entry): boolean {
  return type === "dir" && target === undefined;
}

async function* visible(
  path: string,
  { storage, options }: WalkRequest,
  onEntries: (entries: readonly Entry[]) => void = () => {},
): AsyncGenerator<readonly Entry[]> {
  for await (const batch of storage.list(path)) {
    const shown = options.hidden ? batch : batch.filter(({ name }) => !name.startsWith("."));
    onEntries(shown);
    yield shown;
  }
}

async function* inOrder(
  batches: AsyncIterable<readonly Entry[]>,
  { options, line }: WalkRequest,
): AsyncGenerator<string> {
  const sorted = options.sort === "name" && !options.reverse ? undefined : new SortedLines(options);
  for await (const batch of batches) {
    if (sorted === undefined) yield batch.map(line).join("");
    else batch.forEach((entry) => sorted.add(entry, line(entry)));
  }
  if (sorted !== undefined) yield* sorted.pieces();
}

/** As `ls -R`: each directory under its name, an empty line between. */
async function* walkTree(
  starts: readonly WalkStart[],
  request: WalkRequest,
): AsyncGenerator<string> {
  const slice = new Slice();
  let unread = 0;
  let firstUnread = "";
  const waiting = starts.toReversed();
  let gap = "";
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const { path, written } = at;
    const below: WalkStart[] = [];
    const collect = (entries: readonly Entry[]): void => {
      for (const { name } of entries.filter(isBelow)) {
        if (waiting.length + below.length >= MAX_SORTED) throw tooMany("directories cannot wait");
        below.push({ path: joinPath(path, name), written: joinPath(written, name) });
      }
    };
    yield `${gap}${nameInLine(written)}:\r\n`;
    gap = "\r\n";
    try {
      yield* inOrder(visible(path, request, collect), request);
    } catch (error) {
      if (starts.length === 1 && at === starts[0] || !(error instanceof StorageError)) throw error;
      if (unread++ === 0) firstUnread = path;
    }
    for (const start of below.reverse()) waiting.push(start);
    if (slice.over) await nextTurn();
  }
  if (unread === 0) return;
  const text = `${unread} directories could not be read, such as "${firstUnread}"`;
  throw new StorageError("io", text);
}

function tooMany(what: string): StorageError {
  return new StorageError("io", `More than ${MAX_SORTED} ${what}`);
}

const PIECE = 256;

/** Lines in another order than that of the names. */
class SortedLines {
  readonly #options: ListOptions;
  readonly #rows: { readonly key: number; readonly line: string }[] = [];

  constructor(options: ListOptions) {
    this.#options = options;
  }

  add(entry: Entry, line: string): void {
    if (this.#rows.length === MAX_SORTED) throw tooMany("entries cannot be sorted");
    this.#rows.push({ key: this.#keyOf(entry), line });
  }

  /** Newest and largest first; what is equal stays in the order of the names. */
  async *pieces(): AsyncGenerator<string> {
    const sorted = await sortInTurns(this.#rows, (a, b) => b.key - a.key);
    const rows = this.#options.reverse ? sorted.toReversed() : sorted;
    for (let start = 0; start < rows.length; start += PIECE) {
      yield rows.slice(start, start + PIECE).map(({ line }) => line).join("");
    }
  }

  #keyOf(entry: Entry): number {
    if (this.#options.sort === "time") return entry.modified;
    return this.#options.sort === "size" ? entry.size : 0;
  }
}
