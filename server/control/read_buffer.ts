/**
 * Where the bytes of a control connection arrive.
 *
 * @module
 */

/** Bytes for a command: every idle session holds that much. */
const USUAL_SIZE = 128;

/** Bytes at a time while more comes than that. */
const BURST_SIZE = 4096;

/**
 * Room for what is read: little while a session is idle, more while its client sends many commands at
 * once.
 *
 * @example Usage
 * ```ts
 * import { ReadBuffer } from "./read_buffer.ts";
 * const buffer = new ReadBuffer();
 * const { length } = buffer.room();
 * buffer.took(length);
 * if (buffer.room().length <= length) throw new Error("unexpected");
 * ```
 */
export class ReadBuffer {
  readonly #usual = new Uint8Array(USUAL_SIZE);
  #current = this.#usual;

  /** Where the next bytes go; `one`: no more than one of them. */
  room(one = false): Uint8Array {
    return one ? this.#current.subarray(0, 1) : this.#current;
  }

  /**
   * Takes note of a read.
   *
   * @param count How many bytes came.
   * @returns Them; to be used before the next read.
   */
  took(count: number): Uint8Array {
    const bytes = this.#current.subarray(0, count);
    if (count < this.#current.length) this.#current = this.#usual;
    else if (this.#current === this.#usual) this.#current = new Uint8Array(BURST_SIZE);
    return bytes;
  }
}
