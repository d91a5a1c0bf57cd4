/**
 * Text that is made while it is sent.
 *
 * @module
 */
import { type Charset, UTF8 } from "../shared/charset.ts";
import type { ByteSource } from "../shared/pump.ts";

/** A source of bytes over pieces of text that are made while they are read. */
export class TextSource implements ByteSource {
  readonly #pieces: AsyncIterator<string>;
  readonly #charset: Charset;
  #rest: Uint8Array = new Uint8Array();

  /** Reads from the pieces; each is asked for when the one before is used up. */
  constructor(pieces: AsyncIterable<string>, charset: Charset = UTF8) {
    this.#pieces = pieces[Symbol.asyncIterator]();
    this.#charset = charset;
  }

  /** Gives as much of the current piece as fits. */
  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#rest.length === 0) {
      const next = await this.#pieces.next();
      if (next.done) return null;
      this.#rest = this.#charset.encode(next.value);
    }
    const count = Math.min(buffer.length, this.#rest.length);
    buffer.set(this.#rest.subarray(0, count));
    this.#rest = this.#rest.subarray(count);
    return count;
  }
}
