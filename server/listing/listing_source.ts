/**
 * A listing that is made while it is sent.
 *
 * @module
 */
import { StorageError } from "../../shared/errors.ts";
import type { ByteSource } from "../../shared/pump.ts";

/** A source of bytes over pieces of a listing that are made while they are read. */
export class ListingSource implements ByteSource {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();
  #failure: StorageError | undefined;

  /** Reads from the pieces; each is asked for when the one before is used up, and good until then. */
  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /**
   * Gives as much of the current piece as fits. Where the storage fails the listing just ends, so that
   * everything before that arrives: {@linkcode ListingSource.verify} tells.
   */
  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#rest.length === 0) {
      const piece = await this.#nextPiece();
      if (piece === undefined) return null;
      this.#rest = piece;
    }
    const count = Math.min(buffer.length, this.#rest.length);
    buffer.set(this.#rest.subarray(0, count));
    this.#rest = this.#rest.subarray(count);
    return count;
  }

  /**
   * Checks, at the end, that it was the end.
   *
   * @throws {StorageError} What ended the listing before.
   */
  verify(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #nextPiece(): Promise<Uint8Array | undefined> {
    try {
      const next = await this.#pieces.next();
      return next.done ? undefined : next.value;
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.#failure = error;
      return undefined;
    }
  }
}
