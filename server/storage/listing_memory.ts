/**
 * Memory that the listings of a thread have together, so that clients who ask for much and read
 * nothing cannot take all there is.
 *
 * @module
 */

/** Bytes for the listings of a thread: a million names, or half as many with what is known of them. */
export const LISTING_MEMORY: number = 64 * 1024 * 1024;

/** How much is held by whom. */
export class ListingMemory {
  /** Bytes that may be held. */
  readonly most: number;
  #held = 0;

  /** Nothing is held yet. */
  constructor(most: number = LISTING_MEMORY) {
    this.most = most;
  }

  /** Bytes that are held. */
  get held(): number {
    return this.#held;
  }

  /** For one listing. */
  lease(): MemoryLease {
    return new MemoryLease(this);
  }

  /** Whether so many bytes more are at most so many in all. */
  fits(bytes: number, most: number = this.most): boolean {
    return this.#held + bytes <= most;
  }

  /** Counts bytes that are taken, or given back. */
  count(bytes: number): void {
    this.#held += bytes;
  }
}

/** What one listing holds. Disposing it gives all of it back, and ends the taking. */
export class MemoryLease implements Disposable {
  readonly #memory: ListingMemory;
  #own = 0;
  #ended = false;

  /** Holds nothing yet. */
  constructor(memory: ListingMemory) {
    this.#memory = memory;
  }

  /**
   * Takes bytes that the listing cannot do without.
   *
   * @returns False where others hold too much: one listing alone may be as large as its directory.
   */
  take(bytes: number): boolean {
    const isAlone = this.#own === this.#memory.held;
    return (isAlone || this.#memory.fits(bytes)) && this.#count(bytes);
  }

  /**
   * Takes bytes that only make it faster.
   *
   * @returns False where half of all is held.
   */
  takeForHaste(bytes: number): boolean {
    return this.#memory.fits(bytes, this.#memory.most / 2) && this.#count(bytes);
  }

  /** Gives some back. */
  give(bytes: number): void {
    this.#count(-bytes);
  }

  [Symbol.dispose](): void {
    this.#count(-this.#own);
    this.#ended = true;
  }

  /** Work that was still under way when the listing ended counts no more. */
  #count(bytes: number): boolean {
    if (this.#ended) return false;
    this.#own += bytes;
    this.#memory.count(bytes);
    return true;
  }
}
