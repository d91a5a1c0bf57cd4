/**
 * Memory that the listings of a thread have together, so that clients who ask for much and read
 * nothing cannot take all there is.
 *
 * @module
 */

import { StorageError } from "../../shared/errors.ts";

/** Bytes for the listings of a thread: about a million names, or a third with all that makes it fast. */
export const LISTING_MEMORY: number = 64 * 1024 * 1024;

/** How much is held by whom. */
export class ListingMemory {
  readonly #most: number;
  #held = 0;
  /** The one listing that holds more than there is for all others. */
  #giant: MemoryLease | undefined;

  /** Nothing is held yet; `most` bytes may be. */
  constructor(most: number = LISTING_MEMORY) {
    this.#most = most;
  }

  /** Bytes that are held, without those of the one listing that may hold any number. */
  get held(): number {
    return this.#held;
  }

  /** For one listing. */
  lease(): MemoryLease {
    return new MemoryLease(this);
  }

  /**
   * Counts bytes more, or less, for a listing.
   *
   * @param lease What the listing holds.
   * @param bytes How many.
   * @param urgent It cannot do without; else only half of the memory is for it.
   * @returns False where they are not to be had.
   */
  take(lease: MemoryLease, bytes: number, urgent: boolean): boolean {
    if (lease === this.#giant) return urgent;
    const most = urgent ? this.#most : this.#most / 2;
    if (this.#held + bytes <= most) {
      this.#held += bytes;
      return true;
    }
    if (!urgent || this.#giant !== undefined) return false;
    this.#giant = lease;
    this.#held -= lease.own;
    return true;
  }

  /** Takes back what a listing has given, and holds no longer. */
  give(lease: MemoryLease, bytes: number): void {
    if (lease !== this.#giant) this.#held -= bytes;
    this.#countGiant();
  }

  /** Takes back all that a listing holds. */
  end(lease: MemoryLease): void {
    if (lease === this.#giant) this.#giant = undefined;
    else this.#held -= lease.own;
    this.#countGiant();
  }

  /** One that passed the limit for what others held is one among others again, once it fits. */
  #countGiant(): void {
    const { own = Infinity } = this.#giant ?? {};
    if (this.#held + own > this.#most) return;
    this.#giant = undefined;
    this.#held += own;
  }
}

/** What one listing holds. Disposing it gives all of it back, and ends the listing. */
export class MemoryLease implements Disposable {
  readonly #memory: ListingMemory;
  #own = 0;
  #ends: Set<() => void> | undefined;
  #ended = false;

  /** Holds nothing yet. */
  constructor(memory: ListingMemory) {
    this.#memory = memory;
  }

  /** Bytes that it holds. */
  get own(): number {
    return this.#own;
  }

  /**
   * Takes bytes that the listing cannot do without.
   *
   * @returns False where others hold too much; a directory may be of any size, but only one at a time
   * may pass the limit.
   */
  take(bytes: number): boolean {
    return this.#take(bytes, true);
  }

  /**
   * Takes bytes that only make it faster.
   *
   * @returns False where half of all is held.
   */
  takeForHaste(bytes: number): boolean {
    return this.#take(bytes, false);
  }

  /**
   * Takes bytes as {@linkcode MemoryLease.take} does.
   *
   * @throws {StorageError} `overloaded` where they are not to be had.
   */
  demand(bytes: number): void {
    if (this.take(bytes)) return;
    throw new StorageError("overloaded", "Cannot list: other listings hold too much memory");
  }

  /** Takes bytes as {@linkcode MemoryLease.take} does, until it is disposed; undefined instead of false. */
  hold(bytes: number): Disposable | undefined {
    return this.take(bytes) ? { [Symbol.dispose]: () => this.give(bytes) } : undefined;
  }

  /** Gives some back. */
  give(bytes: number): void {
    if (this.#ended) return;
    this.#own -= bytes;
    this.#memory.give(this, bytes);
  }

  /** Calls back when the listing ends, until disposed. */
  onEnd(end: () => void): Disposable {
    this.#ends ??= new Set();
    this.#ends.add(end);
    return { [Symbol.dispose]: () => void this.#ends?.delete(end) };
  }

  [Symbol.dispose](): void {
    if (this.#ended) return;
    for (const end of this.#ends ?? []) end();
    this.#ended = true;
    this.#memory.end(this);
  }

  /** Work that was still under way when the listing ended takes nothing any more. */
  #take(bytes: number, urgent: boolean): boolean {
    if (this.#ended || !this.#memory.take(this, bytes, urgent)) return false;
    this.#own += bytes;
    return true;
  }
}
