/**
 * What the server asks of a place that keeps files.
 *
 * Paths are virtual: absolute, normalised, with `/` between names (see `shared/ftp_path.ts`). A
 * backend throws only {@linkcode StorageError}; no message of it holds a real path.
 *
 * @module
 */
import type { StorageError } from "../../shared/errors.ts";
import type { ByteSink } from "../../shared/connection.ts";
import type { ByteSource } from "../../shared/pump.ts";
import type { MemoryLease } from "./listing_memory.ts";

export type { StorageError };

/** What is known of a file or a directory. */
export interface Entry {
  /** Last part of its path; empty for the root. */
  readonly name: string;
  /** What it is, links inside the shared directory followed; `other`: not to be transferred. */
  readonly type: "file" | "dir" | "other";
  /** Bytes; 0 for directories. */
  readonly size: number;
  /** When its content last changed, in milliseconds since 1970. */
  readonly modified: number;
  /** Permission bits, such as 0o644. */
  readonly mode: number;
  /** Number of hard links. */
  readonly links: number;
  /** Numeric owner, 0 where the system has none. */
  readonly owner: number;
  /** Numeric group, 0 where the system has none. */
  readonly group: number;
  /** Where its file system is; with {@linkcode Entry.inode} the same for every name of one file only. */
  readonly device: number;
  /** Which of the files there it is; 0 where the system does not tell. */
  readonly inode: number;
  /** When it was made, in milliseconds since 1970, where the system keeps that. */
  readonly created?: number | undefined;
  /** Where it is a link: the virtual path it leads to. */
  readonly target?: string | undefined;
}

/** The same under another name. */
export function renamed(entry: Entry, name: string): Entry {
  const { type, size, modified, created, mode, links, owner, group, target } = entry;
  const { device, inode } = entry;
  return { name, type, size, modified, created, mode, links, owner, group, device, inode, target };
}

/** A file being read. Disposing it closes it. */
export interface StorageReader extends ByteSource, AsyncDisposable {
  /** Bytes of the whole file when it was opened. */
  readonly size: number;
}

/** How much there is, or how much less or more there is now. */
export interface Amount {
  /** Bytes in files, those kept of cut uploads too. */
  readonly bytes: number;
  /** Files under their names. */
  readonly files: number;
}

/** No difference. */
export const NOTHING: Amount = { bytes: 0, files: 0 };

/** What becomes of a new file that is given up: kept for its owner to resume, or removed. */
export type Arrived = "keep" | "remove";

/**
 * A file being written. Exactly one of `commit` and `abort` ends it; disposing without either
 * aborts.
 */
export interface StorageWriter extends ByteSink, AsyncDisposable {
  /** Where the first byte goes. */
  readonly offset: number;
  /**
   * How much more there is by it, once it has ended: its bytes that were kept, without what they
   * replaced.
   */
  readonly growth: Amount;
  /** Whether another file goes when this one gets its name. */
  readonly replaces: boolean;
  /**
   * Makes what was written the file: flushed, synced and under its name when it resolves.
   *
   * @param signal Aborted before the file has its name, gives it up as {@linkcode StorageWriter.abort}.
   * @returns False where it was given up.
   * @throws {StorageError} If that fails; nothing is under the name then but what was there before.
   */
  commit(signal?: AbortSignal): Promise<boolean>;
  /**
   * Waits until what was written so far is on the disk.
   *
   * @throws {StorageError} If that fails.
   */
  flush(): Promise<void>;
  /**
   * Gives the upload up: the old file stays.
   *
   * @param arrived What becomes of a new one: `keep` it aside, or `remove` what cannot be trusted.
   */
  abort(arrived?: Arrived): Promise<void>;
}

/** How to open a file for writing. */
export interface WriteOptions {
  /** `replace`: the whole file; `resume`: from `offset` on; `append`: behind what is there. */
  readonly mode: "replace" | "resume" | "append";
  /** Where to start with `resume`, in bytes, at most the size of what is there. */
  readonly offset?: number;
  /** Whose cut upload may be resumed or kept; another user's is never touched. */
  readonly user: string;
  /** Permission bits that a new file does not get; without it, as the storage has it. */
  readonly umask?: number;
  /** The file must not exist yet (STOU, and who may upload but not overwrite). */
  readonly exclusive?: boolean;
}

/** From where on a cut upload is read. */
export interface PartialStart {
  /** Whose it is. */
  readonly user: string;
  /** In bytes, at most its size. */
  readonly offset: number;
}

/** A path without links on the way. */
export interface Unlinked {
  /** Where the name itself is. */
  readonly own: string;
  /** Where that is which it leads to: `own`, but where it is a link. */
  readonly real: string;
}

/** What a directory is listed for. */
export interface ListUse {
  /** Ends it early. */
  readonly signal?: AbortSignal;
  /** What the whole listing holds, this directory being a part of it. */
  readonly memory?: MemoryLease;
}

/** A place that keeps files. */
export interface Storage {
  /**
   * What is at a path.
   *
   * @throws {StorageError} `not-found` and the like.
   */
  stat(path: string): Promise<Entry>;
  /**
   * Size of the upload that this user was cut off from, where no file of that name exists.
   *
   * @returns Bytes, or undefined where there is none younger than a day.
   */
  partialSize(path: string, user: string): Promise<number | undefined>;
  /**
   * Opens that upload for reading.
   *
   * @throws {StorageError} `not-found` where there is none, `bad-offset` (behind its end).
   */
  readPartial(path: string, from: PartialStart): Promise<StorageReader>;
  /**
   * What is in a directory, sorted by name, in pieces so that little is held in memory. Where the
   * signal is aborted, or the lease ends, it just ends.
   *
   * @throws {StorageError} `not-a-directory`, `not-found`, `denied`; `overloaded` where other listings
   * hold too much memory.
   */
  list(path: string, use?: ListUse): AsyncIterable<readonly Entry[]>;
  /**
   * Opens a regular file for reading from an offset.
   *
   * @throws {StorageError} `not-regular`, `is-a-directory`, `bad-offset` (behind the end) and the like.
   */
  read(path: string, offset: number): Promise<StorageReader>;
  /**
   * Opens a file for writing.
   *
   * @throws {StorageError} Before a byte is written, wherever it can be known: `bad-name`,
   * `denied`, `not-found`, `is-a-directory`, `not-regular`, `exists`, `bad-offset`.
   */
  write(path: string, options: WriteOptions): Promise<StorageWriter>;
  /** Removes a file, and this user's partial upload of that name; tells what went away. */
  removeFile(path: string, user: string): Promise<Amount>;
  /** Removes an empty directory; tells what went away with it of cut uploads. */
  removeDirectory(path: string): Promise<Amount>;
  /** Makes a directory, without the permission bits of `umask`, where that is given. */
  makeDirectory(path: string, umask?: number): Promise<void>;
  /** Renames or moves; an existing file is replaced, never a directory. Tells what went away. */
  rename(from: string, to: string): Promise<Amount>;
  /**
   * A directory as a storage of its own, out of which nothing leads.
   *
   * @throws {StorageError} `not-found`, `not-a-directory`.
   */
  within?(path: string): Promise<Storage>;
  /**
   * Follows links; absent where the backend has none.
   *
   * @throws {StorageError} `not-found` where the directory is not there.
   */
  unlinked?(path: string): Promise<Unlinked>;
  /** Sets when the content last changed; absent where the backend keeps no such time. */
  setModified?(path: string, time: Date): Promise<void>;
  /** Sets the permission bits, such as 0o644; absent where the backend has none. */
  setMode?(path: string, mode: number): Promise<void>;
}

/**
 * Entries of a directory that are given at once: their objects are gone before V8 takes them for
 * long-lived, and the thread is kept for a quarter of a millisecond.
 */
export const LIST_BATCH = 64;

/** What looking around needs of a storage. */
export type Lookup = Pick<Storage, "stat" | "list">;
