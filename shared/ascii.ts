/**
 * TYPE A: lines end with CRLF on the wire and with LF in our files (RFC 959 section 3.1.1.1).
 *
 * Both directions work on any cut of the data. Both give the chunk itself back where there is
 * nothing to change, so it must not be written over before the result has been used.
 *
 * Where there are line ends, one plain loop over the bytes is used: at the length of ordinary lines
 * it is as fast as searching for each line end and copying between them, and for short lines many
 * times faster.
 *
 * @module
 */

const LF = 10;
const CR = 13;
const NOTHING: Uint8Array = new Uint8Array();

/**
 * From a file to the wire: each LF becomes CRLF. A CRLF stays as it is, so that a file from a
 * system with such line ends arrives unharmed.
 *
 * @example Usage
 * ```ts
 * import { AsciiEncoder } from "./ascii.ts";
 * const encoder = new AsciiEncoder();
 * const wire = encoder.push(new TextEncoder().encode("a\nb\r\n"));
 * if (new TextDecoder().decode(wire) !== "a\r\nb\r\n") throw new Error("unexpected");
 * ```
 */
export class AsciiEncoder {
  #last = 0;

  /**
   * Converts the next part of the file.
   *
   * @param chunk Bytes of the file, of any length.
   * @returns The bytes to send: at most twice as many.
   */
  push(chunk: Uint8Array): Uint8Array {
    if (!chunk.includes(LF)) {
      this.#last = chunk.at(-1) ?? this.#last;
      return chunk;
    }
    const wire = new Uint8Array(chunk.length * 2);
    let length = 0;
    let last = this.#last;
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index] ?? 0;
      if (byte === LF && last !== CR) wire[length++] = CR;
      wire[length++] = byte;
      last = byte;
    }
    this.#last = last;
    return wire.subarray(0, length);
  }

  /**
   * Ends the file; the encoder may then be used for another.
   *
   * @returns Nothing: this direction holds no byte back.
   */
  finish(): Uint8Array {
    this.#last = 0;
    return NOTHING;
  }
}

/**
 * From the wire to a file: each CRLF becomes LF. A CR without LF after it is kept, also at the very
 * end.
 *
 * @example Usage
 * ```ts
 * import { AsciiDecoder } from "./ascii.ts";
 * const decoder = new AsciiDecoder();
 * const file = decoder.push(new TextEncoder().encode("a\r\nb\n"));
 * if (new TextDecoder().decode(file) !== "a\nb\n") throw new Error("unexpected");
 * ```
 */
export class AsciiDecoder {
  /** Whether the last byte was a CR; it is kept back until its next byte is known. */
  #heldCr = false;

  /**
   * Converts the next part of what arrived.
   *
   * @param chunk Bytes from the wire, of any length.
   * @returns The bytes for the file: at most one more, which was held back before.
   */
  push(chunk: Uint8Array): Uint8Array {
    if (!this.#heldCr && !chunk.includes(CR)) return chunk;
    const file = new Uint8Array(chunk.length + 1);
    let length = 0;
    let heldCr = this.#heldCr;
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index] ?? 0;
      if (heldCr && byte !== LF) file[length++] = CR;
      heldCr = byte === CR;
      if (!heldCr) file[length++] = byte;
    }
    this.#heldCr = heldCr;
    return file.subarray(0, length);
  }

  /**
   * Ends the file; the decoder may then be used for another.
   *
   * @returns The CR that was the very last byte, or nothing.
   */
  finish(): Uint8Array {
    const rest = this.#heldCr ? Uint8Array.of(CR) : NOTHING;
    this.#heldCr = false;
    return rest;
  }
}
