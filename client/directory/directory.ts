/**
 * What is in a remote directory.
 *
 * @module
 */
import { ProtocolError, reasonOf, ReplyError, TransferError } from "../../shared/errors.ts";
import type { RateLimit } from "../../shared/rate_limit.ts";
import { refused } from "../connection/control.ts";
import { receive } from "../connection/transfer.ts";
import type { RemoteEntry } from "../listing/entry.ts";
import { Listing } from "../listing/listing.ts";
import { remoteBaseName } from "../location.ts";
import type { Report } from "../output/report.ts";
import { displayName } from "../remote_name.ts";
import type { Session } from "../session/session.ts";
import { inServerZone } from "./server_zone.ts";

/** What a path leads to. */
export interface DirectoryContent {
  /** The entries; the file itself, where the path leads to a file. */
  readonly entries: readonly RemoteEntry[];
  /** Whether the path is a directory. */
  readonly isDirectory: boolean;
  /** How many lines of the listing could not be read. */
  readonly strangeLines: number;
  /** It may hold more: the server says that we may not enter it. */
  readonly isClosed: boolean;
}

/** What to read, and what is told meanwhile. */
export interface ListOptions {
  /** Also ask LIST for names that begin with a dot; MLSD has them always. */
  readonly all: boolean;
  /** Find the zone of local times, which takes a few questions of a listing by LIST. */
  readonly exactTimes?: boolean;
  readonly rateLimit: RateLimit | undefined;
  readonly report: Report;
}

/** The facts that entries are made of (RFC 3659 section 7.5; owners: as servers name them). */
const FACTS = [
  "type",
  "size",
  "modify",
  "unix.mode",
  "unix.owner",
  "unix.ownername",
  "unix.uid",
  "unix.group",
  "unix.groupname",
  "unix.gid",
  "unique",
];

/** The server knows no MLSD. */
const NO_MLSD: ReadonlySet<number> = new Set([500, 502, 504]);

/**
 * Lists a directory, by MLSD where there is one, else by LIST. Of a file, tells that one entry.
 *
 * @param session Where.
 * @param path The directory or file; empty: the login directory.
 * @param options What to read.
 * @returns The entries.
 * @throws {ReplyError} If there is no such path, or the listing breaks off.
 * @throws {TransferError} If no line of the listing can be read.
 */
export async function listPath(
  session: Session,
  path: string,
  options: ListOptions,
): Promise<DirectoryContent> {
  const asked = { path, options };
  if (session.features.has("MLST") || session.features.has("MLSD")) {
    await session.requestFacts(FACTS);
    try {
      return directory(await fetchListing(session, { ...asked, command: ["MLSD", path] }));
    } catch (error) {
      if (!isRefusal(error, "MLSD")) throw error;
      if (!NO_MLSD.has(error.code)) return await fileAt(session, { ...asked, refusal: error });
    }
  }
  // Servers take an argument of LIST for options or for a pattern, so the path goes to CWD.
  const list = async (): Promise<DirectoryContent> => {
    const content = directory(await listHere(session, asked));
    if (!options.exactTimes) return content;
    const modifiedOf = (name: string): Promise<Date | undefined> => session.modified(name);
    return { ...content, entries: await inServerZone(content.entries, modifiedOf) };
  };
  if (path === "") return await list();
  try {
    return await session.directory.visit(path, list);
  } catch (error) {
    if (!isRefusal(error, "CWD")) throw error;
    return await fileAt(session, { ...asked, refusal: error });
  }
}

/** Whether a command was refused for good. */
function isRefusal(error: unknown, command: string): error is ReplyError {
  return error instanceof ReplyError && error.command === command && !error.transient;
}

interface Asked {
  readonly path: string;
  readonly options: ListOptions;
}

async function listHere(session: Session, asked: Asked): Promise<Listing> {
  if (!asked.options.all) return await fetchListing(session, { ...asked, command: ["LIST", ""] });
  try {
    const listing = await fetchListing(session, { ...asked, command: ["LIST", "-a"] });
    // To some servers it is the name of a file, and they list none.
    if (!listing.isBlank) return listing;
  } catch (error) {
    if (!isRefusal(error, "LIST")) throw error;
  }
  return await fetchListing(session, { ...asked, command: ["LIST", ""] });
}

/** RFC 959 section 3.1.1: a listing is text. */
async function fetchListing(
  session: Session,
  way: Asked & { readonly command: readonly ["MLSD" | "LIST", string] },
): Promise<Listing> {
  const [verb, argument] = way.command;
  const { path, options } = way;
  const { progress } = options.report;
  const action = `list "${displayName(path || ".")}"`;
  const listing = new Listing(verb, { decode: session.link.control.names.decode });
  await session.prepareTransfer("A");
  using meter = progress.begin({ name: path, total: undefined, offset: 0, aside: true });
  const bytes = await receive(session.link, {
    action,
    verb,
    argument: argument === "" ? undefined : argument,
    sink: { write: (piece) => named(action, () => listing.write(piece)) },
    rateLimit: options.rateLimit,
    onBytes: (count) => meter.add(count),
  });
  await named(action, () => listing.finish());
  // Lines of MLSD end with CRLF (RFC 3659 section 7.2), those of LIST are what they are.
  if (verb === "MLSD" && listing.endsOpen) {
    throw new TransferError(`Cannot ${action}: it was cut in the middle of a line`, { bytes });
  }
  const { firstStrange: strange } = listing;
  if (listing.entries.length > 0 || strange === undefined) return listing;
  const line = displayName(strange.slice(0, 80));
  throw new TransferError(`Cannot ${action}: the listing cannot be read: ${line}`, { bytes });
}

/** What is wrong with a listing is told with its directory: there may be many. */
async function named<T>(action: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ProtocolError(`Cannot ${action}: ${reasonOf(error)}`, { cause: error });
  }
}

function directory(listing: Listing): DirectoryContent {
  const { entries, strangeLines, isClosed } = listing;
  return { entries, isDirectory: true, strangeLines, isClosed };
}

/** The path is no directory: it may be a file. */
async function fileAt(
  session: Session,
  way: Asked & { readonly refusal: ReplyError },
): Promise<DirectoryContent> {
  const { path, options, refusal } = way;
  const name = remoteBaseName(path);
  const { size, modified, type, refusal: missing } = await session.stat(path);
  // 501 may also be said to a directory that is not there, 550 is clear.
  if (missing !== undefined && session.features.has("MLST")) {
    throw refused(`list "${displayName(path)}"`, { verb: "MLST", reply: missing });
  }
  if (name === undefined || type === "dir") throw refusal;
  if (size === undefined) {
    // Some servers send an empty listing for what is not there.
    const [entry] = await listFile(session, { path, options });
    if (entry === undefined) throw refusal;
    return fileOnly({ ...entry, name });
  }
  const time = modified === undefined
    ? {}
    : { modified: { date: modified, precision: "second" as const, zoneKnown: true } };
  return fileOnly({ name, type: "file", size, ...time });
}

function fileOnly(entry: RemoteEntry): DirectoryContent {
  return { entries: [entry], isDirectory: false, strangeLines: 0, isClosed: false };
}

async function listFile(session: Session, asked: Asked): Promise<readonly RemoteEntry[]> {
  try {
    return (await fetchListing(session, { ...asked, command: ["LIST", asked.path] })).entries;
  } catch (error) {
    // The first refusal says more; ProFTPD's answer here is 450, as if it could change.
    if (error instanceof ReplyError && error.command === "LIST") return [];
    throw error;
  }
}
