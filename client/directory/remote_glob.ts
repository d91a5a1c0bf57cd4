/**
 * What a remote pattern stands for.
 *
 * @module
 */
import {
  type FtpkitError,
  ProtocolError,
  reasonOf,
  RemoteFileError,
  ReplyError,
  TransferError,
} from "../../shared/errors.ts";
import { EXIT, exitCodeOf } from "../../shared/exit_code.ts";
import type { RemoteEntry } from "../listing/entry.ts";
import { displayName } from "../remote_name.ts";
import type { RemoteHost } from "../session/remote_host.ts";
import { type DirectoryContent, type ListOptions, listPath } from "./directory.ts";
import { expandGlob, type GlobMatch } from "./glob_walk.ts";

/** What lists the directories of one server. */
export interface RemoteLister {
  /**
   * Lists a directory; of a file, tells that one entry.
   *
   * @param path The path; empty: the login directory.
   * @param hidden Whether names with a leading dot are wanted.
   * @throws {FtpkitError} If it cannot be listed.
   */
  list(path: string, hidden: boolean): Promise<DirectoryContent>;
  /**
   * What tells a directory from others.
   *
   * @param path The path.
   * @returns As `RemoteEntry.id`; undefined where the server does not tell it.
   */
  identify(path: string): Promise<string | undefined>;
}

/** A directory that could not be listed. */
export interface ListingFailure {
  readonly path: string;
  readonly error: FtpkitError;
}

/** What a pattern stands for. */
export interface RemoteExpansion {
  /** The paths in order, with what their directories' listings tell of them; at least one. */
  readonly matches: readonly GlobMatch<RemoteEntry>[];
  /** Directories that are there and could not be looked into: what matches in them is missing. */
  readonly failures: readonly ListingFailure[];
}

/**
 * Lists through the sessions of a server, with their retries.
 *
 * @param host The server.
 * @param options What to read of each directory.
 * @returns The lister.
 */
export function hostLister(
  host: Pick<RemoteHost, "use">,
  options: Omit<ListOptions, "all">,
): RemoteLister {
  return {
    list: (path, hidden) =>
      host.use((session) => listPath(session, path, { ...options, all: hidden })),
    identify: (path) =>
      host.use(async (session) =>
        session.features.has("MLST") ? (await session.stat(path || ".")).id : undefined
      ),
  };
}

/**
 * Whether an error is that of one directory: others may be listed all the same.
 *
 * @param error What listing it threw.
 * @returns False where the server is lost or turns us away, or where we are interrupted.
 */
export function isListingFailure(error: unknown): error is FtpkitError {
  if (error instanceof ReplyError) {
    const code = exitCodeOf(error);
    return code === EXIT.failed || code === EXIT.remoteFile;
  }
  return error instanceof TransferError || error instanceof ProtocolError;
}

/**
 * Finds the remote paths that match a pattern: `pub/*.txt`, `{a,b}/[0-9]?`.
 *
 * @param lister Lists the directories; only those that the pattern leads to.
 * @param pattern A path with globs; a path that is spelled exactly like it wins.
 * @returns What matches.
 * @throws {RemoteFileError} If nothing does.
 * @throws {UsageError} If its braces stand for too many alternatives.
 * @throws {FtpkitError} If the server is lost, or the only directories to look into cannot be listed.
 */
export async function expandRemote(
  lister: Pick<RemoteLister, "list">,
  pattern: string,
): Promise<RemoteExpansion> {
  const failures: ListingFailure[] = [];
  let refusal: ReplyError | undefined;
  const list = async (
    path: string,
    wish: { readonly hidden: boolean; readonly known: boolean },
  ): Promise<readonly RemoteEntry[]> => {
    try {
      const content = await lister.list(path, wish.hidden);
      return content.isDirectory ? content.entries : [];
    } catch (error) {
      if (!isListingFailure(error)) throw error;
      if (wish.known) failures.push({ path, error });
      else if (error instanceof ReplyError && !error.transient) refusal ??= error;
      else throw error;
      return [];
    }
  };
  const matches = await expandGlob(pattern, { list });
  const [failure] = failures;
  if (matches.length > 0) return { matches, failures };
  if (failure !== undefined) throw failure.error;
  const reason = refusal === undefined ? "nothing matches" : reasonOf(refusal);
  throw new RemoteFileError(`Cannot find "${displayName(pattern)}": ${reason}`, { cause: refusal });
}
