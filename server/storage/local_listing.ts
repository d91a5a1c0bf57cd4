/**
 * What is in a directory of the local disk.
 *
 * @module
 */
import { osCode } from "../../shared/errors.ts";
import { joinPath } from "../../shared/ftp_path.ts";
import { log } from "../../shared/log.ts";
import { nextTurn, Slice, sortInTurns } from "../../shared/turn.ts";
import { DirectoryNames } from "./directory_names.ts";
import { type FilledPlace, type Jail, lstatIfThere } from "./jail.ts";
import { ListingMemory } from "./listing_memory.ts";
import { LargeListing, type ListingHelp } from "./large_listing.ts";
import { entryOf } from "./local_entry.ts";
import { attempt, Refusal, refuse } from "./os_error.ts";
import { CHUNK, PlainNames } from "./run_names.ts";
import type { Entry, ListUse } from "./storage.ts";

/** Bytes that a directory of a few hundred names takes itself: reading it at once is cheaper. */
const SMALL_DIRECTORY = 32 * 1024;

/** Reads directories; says once of each that it has names that no client can use. */
export class LocalListing {
  readonly #jail: Jail;
  readonly #help: ListingHelp;
  readonly #reported = new Set<string>();

  /**
   * Makes a reader of the jail's directories.
   *
   * @param jail Where.
   * @param help Where help with large directories may come from.
   */
  constructor(jail: Jail, help: ListingHelp = {}) {
    this.#jail = jail;
    this.#help = help;
  }

  /**
   * Lists a directory in batches, sorted by name.
   *
   * @param path Virtual path, its names checked.
   * @param use What for.
   * @returns The entries.
   * @throws {StorageError} `not-found`, `not-a-directory`, `denied`, `overloaded`.
   */
  async *read(path: string, use: ListUse = {}): AsyncIterable<readonly Entry[]> {
    const { signal, memory = new ListingMemory().lease() } = use;
    const what = { action: "list", path };
    const { real, small } = await attempt(what, () => this.#open(path));
    if (small === undefined) return yield* this.#readLarge(path, real, use);
    const names = new PlainNames(await sortInTurns(small));
    using _held = await attempt(what, () => memory.hold(names.cost) ?? refuse("overloaded"));
    const slice = new Slice();
    for (let chunk = 0; chunk * CHUNK < names.count; chunk++) {
      if (slice.over) await nextTurn();
      if (signal?.aborted) return;
      const entries = await attempt(what, () => this.#entries(real, names.chunk(chunk)));
      if (entries.length > 0) yield entries;
    }
  }

  async *#readLarge(
    path: string,
    real: string,
    use: ListUse,
  ): AsyncGenerator<readonly Entry[], void> {
    const what = { action: "list", path };
    using listing = new LargeListing({ jail: this.#jail, real, help: this.#help, use });
    await attempt(what, async () => {
      const names = new DirectoryNames();
      await listing.read(names);
      this.#check(path, { real, names });
    });
    for (;;) {
      const entries = await attempt(what, () => listing.next());
      if (entries.length === 0) return;
      yield entries;
    }
  }

  /** Finds a directory, and reads the names of a small one. */
  #open(path: string): { readonly real: string; readonly small: readonly string[] | undefined } {
    const { real, info } = this.#jail.find(path);
    if (!info.isDirectory) throw new Refusal("not-a-directory");
    if (info.size > SMALL_DIRECTORY) return { real, small: undefined };
    const names = new DirectoryNames();
    for (const { name } of Deno.readDirSync(real)) names.add(name);
    this.#check(path, { real, names });
    return { real, small: names.take() };
  }

  #check(path: string, read: { readonly real: string; readonly names: DirectoryNames }): void {
    this.#jail.confirmDirectory(read.real);
    if (read.names.undecoded) this.#report(path);
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
