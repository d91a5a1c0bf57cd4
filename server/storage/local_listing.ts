/**
 * What is in a directory of the local disk.
 *
 * @module
 */
import { joinPath } from "../../shared/ftp_path.ts";
import { log } from "../../shared/log.ts";
import { nextTurn, Slice, sortInTurns } from "../../shared/turn.ts";
import { isAddressable, isUtf8Name } from "./file_rule.ts";
import { type FilledPlace, type Jail, lstatIfThere } from "./jail.ts";
import { attempt, osCode, Refusal } from "./os_error.ts";
import { type Entry, LIST_BATCH } from "./storage.ts";

const PERMISSION_BITS = 0o7777;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * Describes a place as clients see it.
 *
 * @param jail Where.
 * @param name Last part of its virtual path.
 * @param place What is there.
 * @returns The entry.
 */
export function entryOf(jail: Jail, name: string, place: FilledPlace): Entry {
  const { info } = place;
  const entry: Mutable<Entry> = {
    name,
    type: info.isFile ? "file" : info.isDirectory ? "dir" : "other",
    size: info.isFile ? info.size : 0,
    modified: info.mtime ?? new Date(0),
    mode: (info.mode ?? 0) & PERMISSION_BITS,
    links: info.nlink ?? 1,
    owner: info.uid ?? 0,
    group: info.gid ?? 0,
    unique: `${info.dev}-${info.ino}`,
  };
  // Not by spreading: there may be a hundred thousand.
  if (info.birthtime !== null) entry.created = info.birthtime;
  if (place.own !== place.real) entry.target = jail.virtualPath(place.real);
  return entry;
}

/** Bytes that a directory of a few hundred names takes itself: reading it at once is cheaper. */
const SMALL_DIRECTORY = 32 * 1024;

/** Names that can be used; the others are told of, and not kept. */
interface Names {
  readonly usable: string[];
  /** Whether there are some that are not UTF-8. */
  undecoded: boolean;
}

function addName(names: Names, name: string): void {
  if (isAddressable(name)) names.usable.push(name);
  else if (!isUtf8Name(name)) names.undecoded = true;
}

function namesNow(directory: string): Names {
  const names: Names = { usable: [], undecoded: false };
  for (const { name } of Deno.readDirSync(directory)) addName(names, name);
  return names;
}

/** The system's work is done in another thread, and ours is in small pieces. */
async function namesInTurns(directory: string): Promise<Names> {
  const names: Names = { usable: [], undecoded: false };
  for await (const { name } of Deno.readDir(directory)) addName(names, name);
  return names;
}

/** Reads directories; says once of each that it has names that no client can use. */
export class LocalListing {
  readonly #jail: Jail;
  readonly #reported = new Set<string>();

  /** Makes a reader of the jail's directories. */
  constructor(jail: Jail) {
    this.#jail = jail;
  }

  /**
   * Lists a directory in batches, sorted by name.
   *
   * @param path Virtual path, its names checked.
   * @returns The entries.
   * @throws {StorageError} `not-found`, `not-a-directory`, `denied`.
   */
  async *read(path: string): AsyncIterable<readonly Entry[]> {
    const what = { action: "list", path };
    const { directory, names } = await attempt(what, () => this.#names(path));
    const slice = new Slice();
    for (let start = 0; start < names.length; start += LIST_BATCH) {
      if (slice.over) await nextTurn();
      const part = names.slice(start, start + LIST_BATCH);
      const entries = await attempt(what, () => this.#entries(directory, part));
      if (entries.length > 0) yield entries;
    }
  }

  async #names(path: string): Promise<{ directory: string; names: readonly string[] }> {
    const { real, info } = this.#jail.find(path);
    if (!info.isDirectory) throw new Refusal("not-a-directory");
    const isSmall = info.size <= SMALL_DIRECTORY;
    const { usable, undecoded } = isSmall ? namesNow(real) : await namesInTurns(real);
    this.#jail.confirmDirectory(real);
    if (undecoded) this.#report(path);
    return { directory: real, names: await sortInTurns(usable) };
  }

  #entries(directory: string, names: readonly string[]): Entry[] {
    const entries: Entry[] = [];
    for (const name of names) {
      const place = this.#place(joinPath(directory, name));
      if (place !== undefined) entries.push(entryOf(this.#jail, name, place));
    }
    return entries;
  }

  #place(own: string): FilledPlace | undefined {
    try {
      const info = lstatIfThere(own);
      if (info?.isSymlink) return this.#jail.follow(own);
      return info && { own, real: own, info };
    } catch (error) {
      // The directory may be read but not entered; else just this one is broken.
      if (osCode(error) === "EACCES") throw error;
      return undefined;
    }
  }

  #report(path: string): void {
    if (this.#reported.has(path)) return;
    this.#reported.add(path);
    log.warning(`Names that are not UTF-8 are left out of ${JSON.stringify(path)}`);
  }
}
