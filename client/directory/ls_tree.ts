/**
 * A remote directory and what is below it, one directory after another.
 *
 * @module
 */
import type { RemoteEntry } from "../listing/entry.ts";
import { childPath } from "../location.ts";
import { Ancestry } from "./ancestry.ts";
import { isListingFailure, type ListingFailure, type RemoteLister } from "./remote_glob.ts";

/** A directory that was listed, or the file that a path leads to. */
export interface ListedPath {
  readonly path: string;
  /** What is to be shown, in order. */
  readonly entries: readonly RemoteEntry[];
  readonly isDirectory: boolean;
}

/** How to go through a tree. */
export interface TreeOptions {
  /** Directories below too; links to directories are not followed. */
  readonly recursive: boolean;
  /** Names with a leading dot too. */
  readonly hidden: boolean;
  /** Puts the entries of one directory in order. */
  readonly arrange: (entries: readonly RemoteEntry[]) => RemoteEntry[];
  /** Told of a directory that leads back to one above it, and is not gone into. */
  readonly onLoop: (path: string) => void;
}

/** Directories wait their turn, the next one last. */
interface Waiting {
  readonly path: string;
  /** Undefined for the first one, which no listing has shown. */
  readonly ancestry: Ancestry | undefined;
}

/**
 * Lists a directory and, where that is asked for, those below it: each before what is in it, in the
 * order of its entries.
 *
 * @param lister Lists the directories.
 * @param start Where to begin; a file is listed as itself.
 * @param options How to go on.
 * @returns What was listed, and where it could not be; both as they come.
 * @throws {FtpkitError} If the server is lost.
 */
export async function* listTree(
  lister: RemoteLister,
  start: string,
  options: TreeOptions,
): AsyncGenerator<ListedPath | ListingFailure> {
  const waiting: Waiting[] = [{ path: start, ancestry: undefined }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { path } = next;
    try {
      const listed = await listOne(lister, path, options);
      yield listed;
      if (!options.recursive) continue;
      const ancestry = next.ancestry ?? await root(lister, listed);
      waiting.push(...below(listed, { ancestry, onLoop: options.onLoop }).reverse());
    } catch (error) {
      if (!isListingFailure(error)) throw error;
      yield { path, error };
    }
  }
}

async function listOne(
  lister: RemoteLister,
  path: string,
  options: TreeOptions,
): Promise<ListedPath> {
  const { hidden, arrange } = options;
  const { entries, isDirectory } = await lister.list(path, hidden);
  const isShown = ({ name }: RemoteEntry): boolean =>
    hidden || !isDirectory || !name.startsWith(".");
  return { path, entries: arrange(entries.filter(isShown)), isDirectory };
}

/** The first directory is asked for only where what is in it could lead back to it. */
async function root(lister: RemoteLister, listed: ListedPath): Promise<Ancestry> {
  const { path: name, entries } = listed;
  const asks = entries.some((entry) => entry.type === "dir" && entry.id !== undefined);
  return new Ancestry({ name, id: asks ? await lister.identify(name) : undefined });
}

function below(
  listed: ListedPath,
  way: Pick<TreeOptions, "onLoop"> & { readonly ancestry: Ancestry },
): Waiting[] {
  const found: Waiting[] = [];
  for (const entry of listed.entries) {
    // A name with a slash would lead elsewhere.
    if (entry.type !== "dir" || entry.name.includes("/")) continue;
    const path = childPath(listed.path, entry.name);
    const ancestry = way.ancestry.child(entry);
    if (ancestry === undefined) way.onLoop(path);
    else found.push({ path, ancestry });
  }
  return found;
}
