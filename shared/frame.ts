/**
 * What records, blocks and compressed strings have in common: data with ends and restart markers in
 * it (RFC 959 sections 3.4 and 3.5).
 *
 * @module
 */
import { ProtocolError } from "./errors.ts";

/** The data before it ends a record: as the descriptor of MODE B and C has it. */
export const END_OF_RECORD = 128;

/** The data before it ends the file. */
export const END_OF_FILE = 64;

/** The sender is not sure of the data; it counts all the same. */
export const SUSPECT = 32;

/** The text before it is a restart marker, not data. */
export const RESTART_MARKER = 16;

/** Longest restart marker in bytes: one string of MODE C. */
export const LONGEST_MARKER = 127;

/** Writes data with its ends into the buffer that it was made with. */
export interface FrameEncoder {
  /**
   * Writes data.
   *
   * @param bytes The data; may be empty.
   * @param ending What ends behind its last byte: {@linkcode END_OF_RECORD} and
   * {@linkcode END_OF_FILE}, one, both (added) or none (0).
   */
  data(bytes: Uint8Array, ending: number): void;
  /** Writes a restart marker of printable ASCII; absent where the form has none. */
  marker?(text: string): void;
}

/** Takes what a {@linkcode FrameDecoder} finds. */
export interface FrameSink {
  /** Data; only valid during the call. */
  data(bytes: Uint8Array): void;
  /** What ended behind the data so far, as in {@linkcode FrameEncoder.data}. */
  end(ending: number): void;
  /** A restart marker: printable ASCII without spaces. */
  marker(text: string): void;
}

/** Reads what a {@linkcode FrameEncoder} wrote, whatever way it is cut. */
export interface FrameDecoder {
  /**
   * Reads the next part, up to the end of the file or a restart marker, if one is in it: the caller
   * may have to act before it goes on.
   *
   * @param chunk Bytes from the wire, of any length.
   * @param sink Told what they mean.
   * @returns How many bytes were read. Behind the end of a file the next one may begin.
   * @throws {ProtocolError} If they mean nothing.
   */
  decode(chunk: Uint8Array, sink: FrameSink): number;
}

/**
 * Checks a descriptor of MODE B or C (RFC 959 section 3.4.2).
 *
 * @param descriptor The byte.
 * @returns The same.
 * @throws {ProtocolError} If it has bits without a meaning, or a marker ends something.
 */
export function checkDescriptor(descriptor: number): number {
  const known = END_OF_RECORD | END_OF_FILE | SUSPECT | RESTART_MARKER;
  const mixed = (descriptor & RESTART_MARKER) !== 0 && descriptor !== RESTART_MARKER;
  if ((descriptor & ~known) === 0 && !mixed) return descriptor;
  throw new ProtocolError(`Cannot read a block: descriptor "${descriptor}" has no meaning`);
}

/** Gathers the text of a restart marker. */
export class MarkerText {
  #text = "";

  /**
   * Adds what arrived of it.
   *
   * @throws {ProtocolError} If it is too long, or not printable: it is repeated in a reply.
   */
  push(bytes: Uint8Array): void {
    if (this.#text.length + bytes.length > LONGEST_MARKER) {
      throw new ProtocolError(`Cannot take a restart marker: longer than ${LONGEST_MARKER} bytes`);
    }
    if (!bytes.every((byte) => byte > 32 && byte < 127)) {
      throw new ProtocolError("Cannot take a restart marker: not printable");
    }
    this.#text += String.fromCharCode(...bytes);
  }

  /**
   * The whole text; the next marker begins.
   *
   * @throws {ProtocolError} If there is none.
   */
  take(): string {
    const text = this.#text;
    this.#text = "";
    if (text === "") throw new ProtocolError("Cannot take a restart marker: empty");
    return text;
  }
}
