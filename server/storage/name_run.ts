/**
 * Some names of a large directory, sorted, and their facts, which other threads may help to find.
 *
 * @module
 */
import { joinPath } from "../../shared/ftp_path.ts";
import { nextTurn } from "../../shared/turn.ts";
import { PackedFacts } from "./packed_facts.ts";
import { CHUNK, type Names } from "./run_names.ts";
import type { SharedLookup } from "./shared_names.ts";

/** Milliseconds for another thread to be done with a chunk that it has taken. */
const PATIENCE = 2;

/** A run, read from its first name to its last. */
export class NameRun {
  readonly #directory: string;
  readonly #all: Names;
  readonly #lookup: SharedLookup | undefined;
  #at = 0;
  /** The chunk of the next name. */
  #names: readonly string[];
  #facts: PackedFacts | undefined;

  /**
   * Makes it.
   *
   * @param directory Real path of the directory.
   * @param names Its names, sorted.
   * @param lookup Where others may look them up.
   */
  constructor(directory: string, names: Names, lookup?: SharedLookup) {
    this.#directory = directory;
    this.#all = names;
    this.#names = names.chunk(0);
    this.#lookup = lookup;
  }

  /** The name that is next; undefined at the end. */
  get name(): string | undefined {
    return this.#names[this.at];
  }

  /** Where the next name is in {@linkcode NameRun.facts}. */
  get at(): number {
    return this.#at % CHUNK;
  }

  /** The facts of the next name and its neighbours; undefined where {@linkcode find} is to be asked. */
  get facts(): PackedFacts | undefined {
    return this.#facts;
  }

  /** Goes on to the next name. */
  advance(): void {
    if (++this.#at % CHUNK !== 0) return;
    this.#names = this.#all.chunk(this.#at / CHUNK);
    this.#facts = undefined;
  }

  /** Finds the facts of the next name and its neighbours. */
  async find(): Promise<PackedFacts> {
    return this.#facts = await this.#find(this.#at / CHUNK | 0);
  }

  /** Whatever nobody has begun, nobody has to begin any more. */
  close(): void {
    this.#lookup?.close();
  }

  async #find(chunk: number): Promise<PackedFacts> {
    const lookup = this.#lookup;
    if (lookup === undefined) return this.#lookUp();
    if (lookup.takeThis(chunk)) lookup.lookUp(chunk);
    for (const began = performance.now(); performance.now() - began < PATIENCE;) {
      if (lookup.isDone(chunk)) return lookup.facts(chunk);
      await nextTurn();
    }
    // Who has taken it may be dead, and may write there late.
    return this.#lookUp();
  }

  #lookUp(): PackedFacts {
    const facts = PackedFacts.of(this.#names.length);
    this.#names.forEach((name, at) => facts.lookUp(at, joinPath(this.#directory, name)));
    return facts;
  }
}

/** Runs, by their next name. */
export class NameRuns {
  readonly #heap: NameRun[] = [];

  /** Adds a run. */
  add(run: NameRun): void {
    this.#heap.push(run);
    for (let at = this.#heap.length - 1; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfBefore(at, parent)) return;
      at = parent;
    }
  }

  /** The run whose next name comes first; undefined where no name is left. */
  get first(): NameRun | undefined {
    return this.#heap[0]?.name === undefined ? undefined : this.#heap[0];
  }

  /** Goes on to the next name. */
  advance(): void {
    const [first] = this.#heap;
    first?.advance();
    if (first?.name === undefined) this.#removeFirst();
    for (let at = 0;;) {
      const left = 2 * at + 1;
      const child = this.#isBefore(left + 1, left) ? left + 1 : left;
      if (!this.#swapIfBefore(child, at)) return;
      at = child;
    }
  }

  /** Whatever nobody has begun to look up, nobody has to begin any more. */
  close(): void {
    for (const run of this.#heap) run.close();
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) this.#heap[0] = last;
  }

  #isBefore(one: number, other: number): boolean {
    const name = this.#heap[one]?.name;
    const against = this.#heap[other]?.name;
    return name !== undefined && against !== undefined && name < against;
  }

  #swapIfBefore(one: number, other: number): boolean {
    const [first, second] = [this.#heap[one], this.#heap[other]];
    if (first === undefined || second === undefined || !this.#isBefore(one, other)) return false;
    this.#heap[one] = second;
    this.#heap[other] = first;
    return true;
  }
}
