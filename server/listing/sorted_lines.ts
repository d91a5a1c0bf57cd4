/**
 * Lines of a listing in another order than that of the names.
 *
 * @module
 */
import { StorageError } from "../../shared/errors.ts";
import { sortInTurns } from "../../shared/turn.ts";
import type { MemoryLease } from "../storage/listing_memory.ts";
import type { Entry } from "../storage/storage.ts";
import type { LineBuffer } from "./line_buffer.ts";
import type { ListOptions } from "./list_options.ts";

/** Lines that are sorted at most. */
export const MAX_SORTED = 200_000;

/** Bytes of lines that are kept in one piece: few at first, and then as many as there are, up to this. */
const LARGEST_BLOCK = 64 * 1024;
const FIRST_BLOCK = 1024;

/** Bytes that a line takes beside its own. */
const LINE_COST = 64;

/** Lines that are given at once. */
const PIECE = 256;

/** Lines that wait for the last of them. Disposing it gives back what they hold. */
export class SortedLines implements Disposable {
  readonly #options: ListOptions;
  readonly #memory: MemoryLease;
  readonly #blocks: Uint8Array[] = [];
  #block = new Uint8Array();
  /** Bytes of the last block that are taken. */
  #filled = 0;
  /** Bytes of all blocks. */
  #bytes = 0;
  /** Bytes that are held. */
  #held = 0;
  readonly #keys: number[] = [];
  readonly #blockOf: number[] = [];
  readonly #startOf: number[] = [];
  readonly #endOf: number[] = [];

  /** Holds nothing yet. */
  constructor(
    { options, memory }: { readonly options: ListOptions; readonly memory: MemoryLease },
  ) {
    this.#options = options;
    this.#memory = memory;
  }

  /**
   * Adds a line.
   *
   * @param entry What it shows.
   * @param line Its bytes, which are copied.
   * @throws {StorageError} `io` where there are too many, `overloaded` where other listings hold too
   * much memory.
   */
  add(entry: Entry, line: Uint8Array): void {
    if (this.#keys.length === MAX_SORTED) {
      throw new StorageError("io", `More than ${MAX_SORTED} entries cannot be sorted`);
    }
    this.#take(LINE_COST);
    if (this.#filled + line.length > this.#block.length) this.#addBlock(line.length);
    this.#block.set(line, this.#filled);
    this.#keys.push(this.#keyOf(entry));
    this.#blockOf.push(this.#blocks.length - 1);
    this.#startOf.push(this.#filled);
    this.#filled += line.length;
    this.#endOf.push(this.#filled);
  }

  /**
   * Writes all of them, once: newest and largest first; what is equal stays in the order of the names.
   *
   * @param out Where. It can go whenever a step is done.
   */
  async *write(out: LineBuffer): AsyncGenerator<void> {
    const rows = this.#keys.map((_key, row) => row);
    const keyOf = (row: number): number => this.#keys[row] ?? 0;
    const sorted = await sortInTurns(rows, (a, b) => keyOf(b) - keyOf(a));
    const order = this.#options.reverse ? sorted.toReversed() : sorted;
    for (let start = 0; start < order.length; start += PIECE) {
      for (const row of order.slice(start, start + PIECE)) this.#writeRow(out, row);
      yield;
    }
  }

  [Symbol.dispose](): void {
    this.#memory.give(this.#held);
    this.#held = 0;
  }

  #addBlock(least: number): void {
    const usual = Math.min(Math.max(this.#bytes, FIRST_BLOCK), LARGEST_BLOCK);
    const length = Math.max(usual, least);
    this.#take(length);
    this.#block = new Uint8Array(length);
    this.#blocks.push(this.#block);
    this.#bytes += length;
    this.#filled = 0;
  }

  #take(bytes: number): void {
    this.#memory.demand(bytes);
    this.#held += bytes;
  }

  #writeRow(out: LineBuffer, row: number): void {
    const block = this.#blocks[this.#blockOf[row] ?? 0];
    if (block !== undefined) out.raw(block.subarray(this.#startOf[row], this.#endOf[row]));
  }

  #keyOf(entry: Entry): number {
    if (this.#options.sort === "time") return entry.modified;
    return this.#options.sort === "size" ? entry.size : 0;
  }
}
