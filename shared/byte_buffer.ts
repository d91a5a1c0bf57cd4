/**
 * Bytes that wait to be taken: what encoders and decoders write into.
 *
 * @module
 */

/** Bytes that a new buffer has room for. */
const INITIAL_SIZE = 4096;

/** A queue of bytes that grows as it must and keeps its memory for the next ones. */
export class ByteBuffer {
  #bytes = new Uint8Array(INITIAL_SIZE);
  #start = 0;
  #end = 0;

  /** How many bytes wait. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Adds one byte. */
  byte(value: number): void {
    if (this.#end === this.#bytes.length) this.#makeRoom(1);
    this.#bytes[this.#end++] = value;
  }

  /** Adds bytes. */
  append(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Adds the same byte several times. */
  fill(value: number, count: number): void {
    this.#makeRoom(count);
    this.#bytes.fill(value, this.#end, this.#end + count);
    this.#end += count;
  }

  /**
   * Takes as many bytes as fit, the oldest first.
   *
   * @param target Where to put them.
   * @returns How many.
   */
  take(target: Uint8Array): number {
    const count = Math.min(target.length, this.length);
    target.set(this.#bytes.subarray(this.#start, this.#start + count));
    this.#start += count;
    if (this.#start === this.#end) this.#start = this.#end = 0;
    return count;
  }

  #makeRoom(count: number): void {
    if (this.#end + count <= this.#bytes.length) return;
    const waiting = this.#bytes.subarray(this.#start, this.#end);
    const size = Math.max(this.#bytes.length * 2, waiting.length + count);
    const larger = new Uint8Array(size);
    larger.set(waiting);
    this.#bytes = larger;
    this.#end = waiting.length;
    this.#start = 0;
  }
}

/**
 * Puts pieces behind one another.
 *
 * @param pieces In order.
 * @returns A new array.
 */
export function concatBytes(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
