/**
 * What is in a directory and below, or matches a pattern, as lines of a listing: sorted, filtered, with
 * memory that does not grow with the directory unless the client asks for another order.
 *
 * @module
 */
import { StorageError } from "../../shared/errors.ts";
import { joinPath } from "../../shared/ftp_path.ts";
import { nextTurn, Slice } from "../../shared/turn.ts";
import type { MemoryLease } from "../storage/listing_memory.ts";
import { type Entry, type Lookup, renamed } from "../storage/storage.ts";
import type { LineBuffer } from "./line_buffer.ts";
import type { ListOptions } from "./list_options.ts";
import type { PatternMatch } from "./path_pattern.ts";
import { SortedLines } from "./sorted_lines.ts";
import { WaitingDirectories, type WalkStart } from "./waiting_directories.ts";

export type { WalkStart };

/** Bytes that are sent at once, where they come fast. */
const PIECE = 32 * 1024;

/** Milliseconds after which a step is followed by sending whatever there is. */
const LATEST = 10;

/** What to list and how. */
export interface WalkRequest {
  /** Where. */
  readonly storage: Lookup;
  /** Which entries, in which order. */
  readonly options: ListOptions;
  /** Where the lines are written. */
  readonly out: LineBuffer;
  /** Writes the line of an entry, with its end. */
  readonly write: (entry: Entry) => void;
  /** What it may hold. */
  readonly memory: MemoryLease;
}

/**
 * The listing of a directory.
 *
 * @param start The directory.
 * @param request What is wanted.
 * @returns Pieces of the listing, made while they are asked for; each is good until then.
 * @throws {StorageError} What reading it throws; `io` where more lines would have to be sorted than
 * {@linkcode SortedLines} takes, or more directories to wait than {@linkcode WaitingDirectories} takes,
 * and, after everything else, where directories below could not be read; `overloaded` where other
 * listings hold too much memory.
 */
export function walkDirectory(start: WalkStart, request: WalkRequest): AsyncIterable<Uint8Array> {
  const { options, memory, out } = request;
  if (!options.recursive) return pieces(inOrder(visible(start.path, request), request), out);
  const waiting = new WaitingDirectories(memory);
  waiting.add(start);
  return pieces(walkTree(waiting, { ...request, only: start }), out);
}

/**
 * The listing of what matches a pattern, and with `-R` of what is in the directories among it.
 *
 * @param matches What matches, in order of the names.
 * @param request What is wanted.
 * @returns Pieces of the listing, as {@linkcode walkDirectory} gives them.
 * @throws {StorageError} As {@linkcode walkDirectory}, and what finding the matches throws.
 */
export function walkMatches(
  matches: AsyncIterable<PatternMatch>,
  request: WalkRequest,
): AsyncIterable<Uint8Array> {
  return pieces(allMatches(matches, request), request.out);
}

/**
 * The line of one entry.
 *
 * @param entry The entry.
 * @param request How it is shown.
 * @returns It, as {@linkcode walkDirectory} gives a listing.
 */
export function walkEntry(
  entry: Entry,
  request: Pick<WalkRequest, "out" | "write">,
): AsyncIterable<Uint8Array> {
  request.write(entry);
  return pieces([], request.out);
}

/** What was written goes once it is much, or some time has passed; and where it fails, all that there is. */
async function* pieces(
  steps: AsyncIterable<void> | Iterable<void>,
  out: LineBuffer,
): AsyncGenerator<Uint8Array> {
  let began = performance.now();
  try {
    for await (const _step of steps) {
      if (out.length < PIECE && performance.now() - began < LATEST) continue;
      yield out.bytes;
      out.clear();
      began = performance.now();
    }
  } catch (error) {
    yield out.bytes;
    throw error;
  }
  yield out.bytes;
}

/** Lines are written; between the steps they can go. */
type Steps = AsyncGenerator<void>;

async function* allMatches(matches: AsyncIterable<PatternMatch>, request: WalkRequest): Steps {
  const { recursive, itself } = request.options;
  const below = new WaitingDirectories(request.memory);
  let found = 0;
  let first: WalkStart | undefined;
  const entries = asWritten(matches, ({ path, written, entry }) => {
    if (!recursive || itself || !isBelow(entry)) return;
    const start = { path, written };
    below.add(start);
    if (found++ === 0) first = start;
  });
  yield* inOrder(entries, request);
  if (first === undefined) return;
  request.out.end();
  yield* walkTree(below, found === 1 ? { ...request, only: first } : request);
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
  { options, out, write, memory }: WalkRequest,
): Steps {
  if (options.sort === "name" && !options.reverse) {
    for await (const batch of batches) {
      for (const entry of batch) write(entry);
      yield;
    }
    return;
  }
  using sorted = new SortedLines({ options, memory });
  for await (const batch of batches) {
    for (const entry of batch) {
      const start = out.length;
      write(entry);
      sorted.add(entry, out.cut(start));
    }
  }
  yield* sorted.write(out);
}

/** As `ls -R`: each directory under its name, an empty line between; `only`: the one that it began with. */
async function* walkTree(
  waiting: WaitingDirectories,
  request: WalkRequest & { readonly only?: WalkStart },
): Steps {
  const { out, only } = request;
  const slice = new Slice();
  let unread = 0;
  let firstUnread = "";
  let gap = false;
  for (let at = waiting.next(); at !== undefined; at = waiting.next()) {
    const { path, written } = at;
    const collect = (entries: readonly Entry[]): void => {
      for (const { name } of entries.filter(isBelow)) {
        waiting.add({ path: joinPath(path, name), written: joinPath(written, name) });
      }
    };
    if (gap) out.end();
    gap = true;
    out.name(written);
    out.ascii(":");
    out.end();
    try {
      yield* inOrder(visible(path, request, collect), request);
    } catch (error) {
      if (at === only || !(error instanceof StorageError)) throw error;
      if (unread++ === 0) firstUnread = path;
    }
    if (slice.over) await nextTurn();
  }
  if (unread === 0) return;
  const text = `${unread} directories could not be read, such as "${firstUnread}"`;
  throw new StorageError("io", text);
}
