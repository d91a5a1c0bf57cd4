/**
 * Text that is made while it is sent.
 *
 * @module
 */
import { type Charset, UTF8 } from "../../shared/charset.ts";
import { StorageError } from "../../shared/errors.ts";
import type { ByteSource } from "../../shared/pump.ts";

/** A source of bytes over pieces of text that are made while they are read. */
export class TextSource implements ByteSource {
  readonly #pieces: AsyncIterator<string>;
  readonly #charset: Charset;
  #rest: Uint8Array = new Uint8Array();
  #failure: StorageError | undefined;

  /** Reads from the pieces; each is asked for when the one before is used up. */
  constructor(pieces: AsyncIterable<string>, charset: Charset = UTF8) {
    this.#pieces = pieces[Symbol.asyncIterator]();
    this.#charset = charset;
  }

  /**
   * Gives as much of the current piece as fits. Where the storage fails the text just ends, so that
   * everything before that arrives: {@linkcode TextSource.verify} tells.
   */
  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#rest.length === 0) {
      const piece = await this.#nextPiece();
      if (piece === undefined) return null;
      const written = this.#charset.encodeInto?.(piece, buffer) ?? 0;
      if (written > 0) return written;
      this.#rest = this.#charset.encode(piece);
    }
    const count = Math.min(buffer.length, this.#rest.length);
    buffer.set(this.#rest.subarray(0, count));
    this.#rest = this.#rest.subarray(count);
    return count;
  }

  /**
   * Checks, at the end, that it was the end.
   *
   * @throws {StorageError} What ended the text before.
   */
  verify(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #nextPiece(): Promise<string | undefined> {
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
