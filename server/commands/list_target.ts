/**
 * What a client wants to see with LIST, NLST or STAT, and the listing of it.
 *
 * @module
 */
import type { Charset } from "../../shared/charset.ts";
import { StorageError, TransferError } from "../../shared/errors.ts";
import { isGlob } from "../../shared/glob.ts";
import type { CommandContext } from "../session/command.ts";
import { walkDirectory, walkEntry, walkMatches } from "../listing/directory_walk.ts";
import { LineBuffer } from "../listing/line_buffer.ts";
import { type ListOptions, parseListArgument, PLAIN } from "../listing/list_options.ts";
import { writeLongLine, writeNameLine } from "../listing/listing.ts";
import { matchPattern, type PatternMatch } from "../listing/path_pattern.ts";
import type { Session } from "../session/session.ts";
import type { MemoryLease } from "../storage/listing_memory.ts";
import type { Entry, ListUse, Lookup } from "../storage/storage.ts";

/** What a client wants to see. */
export interface Target {
  /** How. */
  readonly options: ListOptions;
  /** What it wrote: one path, or a pattern. */
  readonly written: string;
  /** Whether that is a pattern. */
  readonly isPattern: boolean;
}

/** How a listing is shown where the options do not say otherwise. */
export interface ListingForm {
  /** What to show. */
  readonly target: Target;
  /** Long lines for LIST and STAT, names for NLST. */
  readonly form: "long" | "names";
  /** The encoding of its names. */
  readonly charset: Charset;
  /** NLST names what is in a directory with the path before it, so that it can be fetched. */
  readonly prefixed: boolean;
}

/**
 * Reads the argument of a listing. A name that exists as it was written wins over options and
 * patterns.
 *
 * @param session Who asks.
 * @param argument What stands behind the verb.
 * @returns The target, whether or not it exists.
 */
export async function parseTarget(session: Session, argument: string): Promise<Target> {
  const literal = { options: PLAIN, written: argument, isPattern: false };
  if (/^-|[*?[]/.test(argument) && await exists(session, argument)) return literal;
  const { options, path } = parseListArgument(argument);
  const isPattern = isGlob(path) && !(path !== argument && await exists(session, path));
  return { options, written: path, isPattern };
}

async function exists(session: Session, argument: string): Promise<boolean> {
  try {
    await session.storage.stat(session.resolve(argument));
    return true;
  } catch (error) {
    if (error instanceof StorageError) return false;
    throw error;
  }
}

/** What a listing needs until it has been sent. Disposing it ends what is left of it, and what it holds. */
export class ListingScope implements Disposable {
  /** The session's storage: a search may take long and find nothing to send, and ABOR ends it. */
  readonly storage: Lookup;
  /** What it may hold. */
  readonly memory: MemoryLease;

  /** Opens it for a command. */
  constructor({ session, signal }: CommandContext) {
    this.memory = session.host.listingMemory.lease();
    this.storage = whileRunning(session.storage, { signal, memory: this.memory });
  }

  [Symbol.dispose](): void {
    this.memory[Symbol.dispose]();
  }
}

/**
 * The listing of one path or of what matches a pattern.
 *
 * @param session Who asks.
 * @param scope What it needs.
 * @param listing What to show and how.
 * @returns Pieces of the listing, made while they are asked for; each is good until then.
 * @throws {StorageError} If there is nothing to show, or it cannot be looked at.
 * @throws {TransferError} If the command is aborted.
 */
export async function openListing(
  session: Session,
  scope: ListingScope,
  { target, form, prefixed, charset }: ListingForm,
): Promise<AsyncIterable<Uint8Array>> {
  const { written, options } = target;
  const { storage, memory } = scope;
  const out = new LineBuffer(charset);
  const show = showIn(out, target, form);
  if (target.isPattern) {
    const write = (entry: Entry): void => show(entry, entry.name);
    const matches = await openMatches(session, { storage, target });
    return walkMatches(matches, { storage, options, out, write, memory });
  }
  const path = session.resolve(written);
  const entry = await storage.stat(path);
  if (entry.type !== "dir" || options.itself) {
    return walkEntry(entry, { out, write: (each) => show(each, written || ".") });
  }
  requireList(session, path);
  const prefix = !prefixed || options.recursive ? "" : asPrefix(written);
  const write = (each: Entry): void => show(each, `${prefix}${each.name}`);
  return walkDirectory({ path, written: written || "." }, { storage, options, out, write, memory });
}

/**
 * Asks for the right to list before 150: a listing that is not allowed is no empty one.
 *
 * @param session Who asks.
 * @param path The directory.
 * @throws {StorageError} `denied`.
 */
export function requireList(session: Session, path: string): void {
  if (session.may("list", path)) return;
  throw new StorageError("denied", `Cannot list "${path}": permission denied`);
}

/** Writes the line of an entry, under a name. */
type Show = (entry: Entry, name: string) => void;

function showIn(out: LineBuffer, { options }: Target, form: "long" | "names"): Show {
  if ((options.form ?? form) === "names") return (_entry, name) => writeNameLine(out, name);
  const now = new Date();
  return (entry, name) => writeLongLine(out, entry, { now, name });
}

function whileRunning(storage: Lookup, use: Required<ListUse>): Lookup {
  const { signal } = use;
  const demand = (): void => {
    if (signal.aborted) throw new TransferError("Aborted", { bytes: 0, fault: "cancel" });
  };
  return {
    async stat(path) {
      demand();
      return await storage.stat(path);
    },
    async *list(path) {
      for await (const batch of storage.list(path, use)) {
        demand();
        yield batch;
      }
      demand();
    },
  };
}

/** The first match is looked for before 150, so that none is an error and not an empty listing. */
async function openMatches(
  session: Session,
  { storage, target }: { readonly storage: Lookup; readonly target: Target },
): Promise<AsyncIterable<PatternMatch>> {
  const { written, options } = target;
  const matches = matchPattern(storage, written, {
    resolve: (path) => session.resolve(path),
    hidden: options.hidden,
  });
  const first = await matches.next();
  if (first.done) throw new StorageError("not-found", `Nothing matches "${written}"`);
  return withFirst(first.value, matches);
}

async function* withFirst<T>(first: T, others: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* others;
}

function asPrefix(written: string): string {
  return written === "" || written.endsWith("/") ? written : `${written}/`;
}
