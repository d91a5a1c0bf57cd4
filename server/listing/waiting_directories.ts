/**
 * The directories that a listing with `-R` has seen and not yet read.
 *
 * @module
 */
import { StorageError } from "../../shared/errors.ts";
import type { MemoryLease } from "../storage/listing_memory.ts";

/** Directories that wait at most. */
export const MAX_WAITING = 200_000;

/** Bytes of one, beside its two paths. */
const COST = 128;

/** A directory and how the listing calls it. */
export interface WalkStart {
  /** Virtual path. */
  readonly path: string;
  /** What stands above its entries where the listing goes deeper: the path as it was written. */
  readonly written: string;
}

/** Directories, those first that were found last, and of one directory in their order. */
export class WaitingDirectories {
  readonly #memory: MemoryLease;
  readonly #waiting: WalkStart[] = [];
  readonly #found: WalkStart[] = [];

  /** None wait; their memory is of this lease. */
  constructor(memory: MemoryLease) {
    this.#memory = memory;
  }

  /**
   * Adds one that was found in the directory that is being read.
   *
   * @throws {StorageError} `io` where too many wait, `overloaded` where other listings hold too much
   * memory.
   */
  add(start: WalkStart): void {
    if (this.#waiting.length + this.#found.length === MAX_WAITING) {
      throw new StorageError("io", `More than ${MAX_WAITING} directories cannot wait`);
    }
    this.#memory.demand(costOf(start));
    this.#found.push(start);
  }

  /** The next one; what was added since the one before comes first. */
  next(): WalkStart | undefined {
    for (let found = this.#found.pop(); found !== undefined; found = this.#found.pop()) {
      this.#waiting.push(found);
    }
    const next = this.#waiting.pop();
    if (next !== undefined) this.#memory.give(costOf(next));
    return next;
  }
}

/** Of a text each character takes two bytes at most. */
function costOf({ path, written }: WalkStart): number {
  return 2 * (path.length + written.length) + COST;
}
