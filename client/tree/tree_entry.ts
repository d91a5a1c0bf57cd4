/**
 * One entry of a tree, here or on a server: what a plan is made of.
 *
 * @module
 */
import type { EntryTime, EntryType, RemoteEntry } from "../listing/entry.ts";

/** An entry. What is not known is left out. */
export interface TreeEntry {
  readonly name: string;
  /** A link that was looked behind has the type of what it leads to. */
  readonly type: EntryType;
  /** Bytes, of files. */
  readonly size?: number;
  readonly modified?: EntryTime;
  /** Permission bits, 0 to 0o777. */
  readonly mode?: number;
  /** The same for two names only where they are one file or directory. */
  readonly id?: string;
  /** It is a link, whatever its type says. */
  readonly isLink?: boolean;
  /** Where the link leads, as it is written there. */
  readonly target?: string;
  /** Why it cannot be looked at. */
  readonly fault?: Error;
}

/** The content of a directory. */
export interface TreeListing {
  readonly entries: readonly TreeEntry[];
  /** Why there may be more in it than the entries tell. */
  readonly incomplete?: string;
}

/** One side of a tree transfer. Paths are that side's own. */
export interface TreeSide {
  /**
   * The content of a directory.
   *
   * @throws {FtpkitError} If it cannot be listed, or not to its end.
   */
  list(path: string): Promise<TreeListing>;
  /**
   * What a link leads to.
   *
   * @returns An entry of the link's name.
   * @throws {FtpkitError} If it leads nowhere.
   */
  behind(path: string, link: TreeEntry): Promise<TreeEntry>;
  /** The {@linkcode TreeEntry.id} of a directory, where it can be known. */
  identify(path: string): Promise<string | undefined>;
  /**
   * Makes a directory; one that is there already is no failure.
   *
   * @throws {FtpkitError} If that fails.
   */
  makeDirectory(path: string): Promise<void>;
  /**
   * Removes what a listing showed as a directory, if it is a link to one.
   *
   * @returns Whether it was; else nothing has happened.
   * @throws {FtpkitError} If there is no answer.
   */
  unlink(path: string): Promise<boolean>;
  /**
   * Removes a file, a link or an empty directory.
   *
   * @throws {FtpkitError} If that fails.
   */
  remove(path: string, entry: TreeEntry): Promise<void>;
  /** The path of a name in a directory. */
  child(path: string, name: string): string;
  /** A path as reports name it. */
  show(path: string): string;
  /** Why no file on this side can have a name; undefined: it can. */
  refusesName(name: string): string | undefined;
  /** The name that a name of the other side becomes on this one. */
  nameFrom(name: string): string;
}

/**
 * A remote entry as one of a tree.
 *
 * @param entry From a listing.
 * @returns The same, as far as trees need it.
 */
export function treeEntry(entry: RemoteEntry): TreeEntry {
  const { name, type, size, modified, permissions, id, target } = entry;
  const mode = permissions === undefined ? undefined : modeOf(permissions);
  return {
    name,
    type,
    ...(type !== "file" || size === undefined ? {} : { size }),
    ...(modified === undefined ? {} : { modified }),
    ...(mode === undefined ? {} : { mode }),
    ...(id === undefined ? {} : { id }),
    ...(type === "link" ? { isLink: true } : {}),
    ...(target === undefined ? {} : { target }),
  };
}

/**
 * Permission letters as bits.
 *
 * @example Usage
 * ```ts
 * import { modeOf } from "./tree_entry.ts";
 * if (modeOf("rwsr-x---") !== 0o750) throw new Error("unexpected");
 * ```
 *
 * @param letters Nine letters, as `ls -l` writes them.
 * @returns 0 to 0o777, without the set-id and sticky bits; undefined for anything else.
 */
export function modeOf(letters: string): number | undefined {
  if (!/^(?:[r-][w-][xsStT-]){3}$/.test(letters)) return undefined;
  return [...letters].reduce(
    (mode, letter) => mode * 2 + (/[rwxst]/.test(letter) ? 1 : 0),
    0,
  );
}

/**
 * The order of names in reports: by code units, the same on every machine.
 *
 * @param entries Any order.
 * @returns A new list.
 */
export function sortedByName<T extends { readonly name: string }>(entries: readonly T[]): T[] {
  return entries.toSorted((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}
