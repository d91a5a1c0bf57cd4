/**
 * A directory of the local disk as a storage.
 *
 * Nothing outside it can be reached (see `jail.ts`), and an upload is under its name only when all
 * of it is on the disk (see `new_file.ts`).
 *
 * @module
 */
import fs from "node:fs";
import { osCode } from "../../shared/errors.ts";
import { baseName } from "../../shared/ftp_path.ts";
import { checkPath, requireFile } from "./file_rule.ts";
import {
  clearLeftovers,
  livePartialSize,
  partialPath,
  removeQuietly,
  removeStaleFiles,
  sizeThere,
} from "./hidden_file.ts";
import { Jail, type Place } from "./jail.ts";
import { entryOf } from "./local_entry.ts";
import type { ListingHelp } from "./large_listing.ts";
import { LocalListing } from "./local_listing.ts";
import { openReader, openReaderAt } from "./local_reader.ts";
import { openWriter } from "./local_writer.ts";
import { O_RDONLY, type OpenFile } from "../system/open_file.ts";
import { attempt, Refusal } from "./os_error.ts";
import {
  type Amount,
  type Entry,
  type ListUse,
  NOTHING,
  type PartialStart,
  type Storage,
  type StorageReader,
  type StorageWriter,
  type Unlinked,
  type WriteOptions,
} from "./storage.ts";

/** New files are no program, and only their owner may change them. */
const DEFAULT_UMASK = 0o022;

/** A client's bytes must never run with another user's rights: no setuid, setgid or sticky bit. */
const CLIENT_MODE = 0o777;

/** How a shared directory is kept. */
export interface LocalOptions {
  /** Permission bits that new files and directories do not get; 0o022 without it. */
  readonly umask?: number;
  /** Where help with large directories may come from. */
  readonly help?: ListingHelp;
}

/** A shared directory. Needs the right to read it, to write it where anyone may, and no other. */
export class LocalStorage implements Storage {
  readonly #jail: Jail;
  readonly #listing: LocalListing;
  readonly #options: LocalOptions;

  /** Shares `root`, a real path: see {@linkcode openLocalStorage}. */
  constructor(root: string, options: LocalOptions = {}) {
    this.#options = options;
    this.#jail = new Jail(root);
    this.#listing = new LocalListing(this.#jail, options.help);
  }

  stat(path: string): Promise<Entry> {
    return attempt({ action: "find", path }, () => {
      checkPath(path, "find");
      return entryOf(this.#jail, baseName(path), this.#jail.find(path));
    });
  }

  partialSize(path: string, user: string): Promise<number | undefined> {
    return attempt({ action: "find", path }, () => {
      checkPath(path, "find");
      const place = this.#jail.locate(path);
      return place.info === undefined ? livePartialSize(partialPath(place.own, user)) : undefined;
    });
  }

  readPartial(path: string, { user, offset }: PartialStart): Promise<StorageReader> {
    return attempt({ action: "read", path }, () => {
      checkPath(path, "find");
      const place = this.#jail.locate(path);
      const real = partialPath(place.own, user);
      const isThere = place.info === undefined && livePartialSize(real) !== undefined;
      if (!isThere) throw new Refusal("not-found");
      return openReaderAt(this.#jail, { real, path, offset });
    });
  }

  async *list(path: string, use?: ListUse): AsyncIterable<readonly Entry[]> {
    await attempt({ action: "list", path }, () => checkPath(path, "find"));
    yield* this.#listing.read(path, use);
  }

  read(path: string, offset: number): Promise<StorageReader> {
    return attempt({ action: "read", path }, () => {
      checkPath(path, "find");
      return openReader(this.#jail, path, offset);
    });
  }

  write(path: string, options: WriteOptions): Promise<StorageWriter> {
    return attempt({ action: "write", path }, () => {
      checkPath(path, "make");
      return openWriter(this.#jail, path, {
        ...options,
        rights: this.#rights(0o666, options.umask),
      });
    });
  }

  removeFile(path: string, user: string): Promise<Amount> {
    return attempt({ action: "remove", path }, () => {
      const place = this.#placeToChange(path);
      const partial = partialPath(place.own, user);
      if (place.info === undefined) return removePartial(partial);
      if (place.info.isDirectory && !isLink(place)) throw new Refusal("is-a-directory");
      const { bytes, files } = amountOf(place);
      const kept = sizeThere(partial);
      fs.unlinkSync(place.own);
      removeQuietly(partial);
      return { bytes: bytes + kept, files };
    });
  }

  removeDirectory(path: string): Promise<Amount> {
    return attempt({ action: "remove", path }, () => {
      const place = this.#placeToChange(path);
      if (place.info === undefined) throw new Refusal("not-found");
      if (!place.info.isDirectory) throw new Refusal("not-a-directory");
      if (!isLink(place)) return { bytes: removeEmpty(place.own), files: 0 };
      fs.unlinkSync(place.own);
      return NOTHING;
    });
  }

  makeDirectory(path: string, umask?: number): Promise<void> {
    return attempt({ action: "make the directory", path }, () => {
      checkPath(path, "make");
      const { own, info } = this.#jail.locate(path);
      if (info !== undefined) throw new Refusal("exists");
      const rights = this.#rights(0o777, umask);
      fs.mkdirSync(own, rights);
      // What the process's own umask took away.
      fs.chmodSync(own, rights);
    });
  }

  rename(from: string, to: string): Promise<Amount> {
    return attempt({ action: "rename", path: from }, () => {
      const source = this.#placeToChange(from);
      if (source.info === undefined) throw new Refusal("not-found");
      const isDirectory = source.info.isDirectory && !isLink(source);
      return attempt({ action: "rename to", path: to }, () => {
        checkPath(to, "make");
        const target = this.#jail.locate(to);
        // Only a file may be replaced, and only by a file.
        if (target.info && (isDirectory || !target.info.isFile)) throw new Refusal("exists");
        // It would lead to itself, and the file would be gone.
        if (isLink(source) && source.real === target.own) throw new Refusal("exists");
        const replaced = isOneFile(source, target) ? NOTHING : amountOf(target);
        fs.renameSync(source.own, target.own);
        return replaced;
      });
    });
  }

  within(path: string): Promise<Storage> {
    return attempt({ action: "open", path }, () => {
      checkPath(path, "find");
      const { real, info } = this.#jail.find(path);
      if (!info.isDirectory) throw new Refusal("not-a-directory");
      return new LocalStorage(real, this.#options);
    });
  }

  unlinked(path: string): Promise<Unlinked> {
    return attempt({ action: "find", path }, () => {
      checkPath(path, "find");
      const { own, real } = this.#jail.locate(path);
      return { own: this.#jail.virtualPath(own), real: this.#jail.virtualPath(real) };
    });
  }

  setModified(path: string, time: Date): Promise<void> {
    return attempt({ action: "set the time of", path }, async () => {
      await using file = this.#openAsIs(path);
      file.setModified(time);
    });
  }

  setMode(path: string, mode: number): Promise<void> {
    return attempt({ action: "set the mode of", path }, async () => {
      await using file = this.#openAsIs(path);
      file.setMode(mode & CLIENT_MODE);
    });
  }

  /** A file or directory whose properties are to be changed; the root keeps its own. */
  #openAsIs(path: string): OpenFile {
    if (path === "/") throw new Refusal("denied");
    checkPath(path, "find");
    const { real, info } = this.#jail.find(path);
    // A link may lead to it.
    if (real === this.#jail.root) throw new Refusal("denied");
    if (!info.isDirectory) requireFile(info);
    return this.#jail.open(real, { flags: O_RDONLY });
  }

  #rights(all: number, umask = this.#options.umask ?? DEFAULT_UMASK): number {
    return all & ~umask;
  }

  /**
   * Removes what cut uploads left more than a day ago, in the whole tree: for the server's start.
   *
   * @param signal Ends it early.
   * @returns How many files were removed.
   */
  removeStaleTemporaries(signal?: AbortSignal): Promise<number> {
    return removeStaleFiles(this.#jail.root, signal);
  }

  #placeToChange(path: string): Place {
    if (path === "/") throw new Refusal("denied");
    checkPath(path, "find");
    return this.#jail.locate(path);
  }
}

function isLink(place: Place): boolean {
  return place.own !== place.real;
}

/** What goes away with a name: of a link, nothing. */
function amountOf(place: Place): Amount {
  if (!place.info?.isFile || isLink(place)) return NOTHING;
  return { bytes: place.info.size, files: 1 };
}

/** Of two names of one file, rename(2) leaves both. */
function isOneFile(source: Place, target: Place): boolean {
  if (isLink(source) || isLink(target)) return false;
  return source.info?.ino === target.info?.ino && source.info?.dev === target.info?.dev;
}

function removePartial(partial: string): Amount {
  const bytes = livePartialSize(partial);
  if (bytes === undefined) throw new Refusal("not-found");
  fs.unlinkSync(partial);
  return { bytes, files: 0 };
}

/** Tells how many bytes of cut uploads went away. */
function removeEmpty(directory: string): number {
  try {
    fs.rmdirSync(directory);
    return 0;
  } catch (error) {
    if (osCode(error) !== "ENOTEMPTY" && osCode(error) !== "EEXIST") throw error;
    const bytes = clearLeftovers(directory);
    fs.rmdirSync(directory);
    return bytes;
  }
}

/**
 * Shares a directory.
 *
 * @param root Its path, as the administrator wrote it.
 * @param options How it is kept.
 * @returns The storage.
 * @throws {StorageError} `not-found`, `not-a-directory`, `denied`; this message does hold the path.
 */
export function openLocalStorage(
  root: string,
  options: LocalOptions = {},
): Promise<LocalStorage> {
  return attempt({ action: "share", path: root }, async () => {
    const real = await Deno.realPath(root);
    const info = await Deno.lstat(real);
    if (!info.isDirectory) throw new Refusal("not-a-directory");
    return new LocalStorage(real, options);
  });
}
