/**
 * A large directory of the local disk: read in pieces, looked up by as many threads as have time for
 * it, and given in order.
 *
 * @module
 */
import { joinPath } from "../../shared/ftp_path.ts";
import { nextTurn, Slice } from "../../shared/turn.ts";
import type { DirectoryNames } from "./directory_names.ts";
import type { Jail } from "./jail.ts";
import { type DirectoryRecords, namesIn } from "./directory_records.ts";
import { ListingMemory, type MemoryLease } from "./listing_memory.ts";
import { entryOf } from "./local_entry.ts";
import { NameRun, NameRuns } from "./name_run.ts";
import { Refusal } from "./os_error.ts";
import { PackedEntry, type PackedFacts } from "./packed_facts.ts";
import { PackedNames, PlainNames } from "./run_names.ts";
import { SharedLookup, type SharedNames } from "./shared_names.ts";
import { type Entry, LIST_BATCH, type ListUse } from "./storage.ts";

/** Names that are sorted at once, which takes a millisecond. */
export const RUN = 2048;

/** Gives names to other threads, which look them up if they find the time. */
export type ShareNames = (names: SharedNames) => void;

/** Threads that may read the same. */
export interface ListingHelp {
  /** Gives them names to look up. */
  readonly share?: ShareNames;
  /**
   * Lets one of them read a directory.
   *
   * @param real Its real path.
   * @returns Its records; undefined where nobody can.
   */
  readonly records?: (real: string) => Promise<DirectoryRecords | undefined>;
}

/** Where to read. */
export interface LargeDirectory {
  /** What holds it. */
  readonly jail: Jail;
  /** Its real path. */
  readonly real: string;
  /** Where help may come from. */
  readonly help: ListingHelp;
  /** What for. */
  readonly use: ListUse;
}

function shareWith(share: ShareNames, real: string, names: readonly string[]): SharedLookup {
  const { shared, lookup } = SharedLookup.share(real, new PackedNames(names));
  share(shared);
  return lookup;
}

/** Names as they come: from another thread, or else one by one. */
async function* namesOf({ real, help }: LargeDirectory): AsyncGenerator<readonly string[], void> {
  using records = await help.records?.(real);
  if (records === undefined) {
    for await (const { name } of Deno.readDir(real)) yield [name];
    return;
  }
  for await (const block of records) yield namesIn(block);
}

/** A listing, batch by batch. Disposing it leaves nothing for others to do. */
export class LargeListing implements Disposable {
  readonly #directory: LargeDirectory;
  readonly #runs = new NameRuns();
  readonly #memory: MemoryLease;
  /** Bytes of it that are held here. */
  #held = 0;
  readonly #slice = new Slice();
  readonly #hearing: Disposable;
  /** Ends the wait for another thread. */
  #wake = (): void => {};
  #over = false;
  readonly #end = (): void => {
    if (this.#over) return;
    this.#over = true;
    this.#runs.close();
    this.#memory.give(this.#held);
    this.#wake();
  };

  /** Makes a listing of a directory that is still to be read. */
  constructor(directory: LargeDirectory) {
    const { memory = new ListingMemory().lease(), signal } = directory.use;
    this.#directory = directory;
    this.#memory = memory;
    this.#hearing = memory.onEnd(this.#end);
    signal?.addEventListener("abort", this.#end);
    if (signal?.aborted) this.#end();
  }

  /**
   * Reads all names; others look them up meanwhile.
   *
   * @param names Takes them.
   * @throws {Refusal} `overloaded` where other listings hold too much memory.
   * @throws {Error} What the system says.
   */
  async read(names: DirectoryNames): Promise<void> {
    const { help } = this.#directory;
    const source = namesOf(this.#directory);
    try {
      for (;;) {
        const next = await this.#unlessOver(source.next());
        if (this.#over || next?.done !== false) break;
        for (const name of next.value) {
          names.add(name);
          if (names.count === RUN) this.#addRun(names.take(), help.share);
        }
      }
    } finally {
      // Its end comes behind the step that it waits for.
      void source.return();
    }
    if (this.#over) return;
    // Few names are not worth anybody's help.
    const share = this.#runs.first === undefined ? undefined : help.share;
    if (names.count > 0) this.#addRun(names.take(), share);
  }

  /**
   * What another thread does; undefined where the listing ends meanwhile: who ends it does not wait for a
   * disk that hangs.
   */
  async #unlessOver<T>(work: Promise<T>): Promise<T | undefined> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#wake = () => resolve(undefined);
    if (this.#over) resolve(undefined);
    return await Promise.race([promise, work]);
  }

  /** Sorts names, and lets others look them up; where memory is short, the names are all that is kept. */
  #addRun(names: string[], share: ShareNames | undefined): void {
    const { real } = this.#directory;
    const plain = new PlainNames(names.sort());
    const shareCost = share === undefined ? 0 : SharedLookup.cost(plain);
    if (this.#memory.takeForHaste(plain.cost + shareCost)) {
      this.#held += plain.cost + shareCost;
      this.#runs.add(new NameRun(real, plain, share && shareWith(share, real, names)));
      return;
    }
    const packed = new PackedNames(names);
    if (!this.#memory.take(packed.cost)) throw new Refusal("overloaded");
    this.#held += packed.cost;
    this.#runs.add(new NameRun(real, packed));
  }

  /**
   * Gives the next entries, in order of their names.
   *
   * @returns At most {@linkcode LIST_BATCH}; none at the end.
   * @throws {Refusal} `denied` where the directory may be read but not entered.
   */
  async next(): Promise<readonly Entry[]> {
    if (this.#slice.over) await nextTurn();
    const entries: Entry[] = [];
    while (entries.length < LIST_BATCH && !this.#over) {
      const run = this.#runs.first;
      if (run?.name === undefined) break;
      const facts = run.facts ?? await this.#find(run);
      const entry = this.#entry(run.name, { facts, at: run.at });
      if (entry !== undefined) entries.push(entry);
      this.#runs.advance();
    }
    return entries;
  }

  [Symbol.dispose](): void {
    this.#directory.use.signal?.removeEventListener("abort", this.#end);
    this.#hearing[Symbol.dispose]();
    this.#end();
  }

  async #find(run: NameRun): Promise<PackedFacts> {
    // Of many names nothing may be left.
    if (this.#slice.over) await nextTurn();
    return await run.find();
  }

  #entry(
    name: string,
    place: { readonly facts: PackedFacts; readonly at: number },
  ): Entry | undefined {
    const kind = place.facts.kind(place.at);
    switch (kind) {
      case "absent":
        return undefined;
      case "denied":
        throw new Refusal("denied");
      case "link":
        return this.#linked(name);
      default:
        return new PackedEntry(name, kind, place);
    }
  }

  #linked(name: string): Entry | undefined {
    const { jail, real } = this.#directory;
    const place = jail.follow(joinPath(real, name));
    return place && entryOf(jail, name, place);
  }
}
