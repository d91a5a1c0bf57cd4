/**
 * STRU R: files made of records. In stream mode a control code of two bytes ends them (RFC 959
 * section 3.4.1); in the other modes the descriptor does.
 *
 * The lines of a text are its records: the CRLF of each goes and comes back. Other data is one
 * record, and records that arrive are put one behind the other.
 *
 * @module
 */
import type { ByteBuffer } from "./byte_buffer.ts";
import { ProtocolError } from "./errors.ts";
import {
  END_OF_FILE,
  END_OF_RECORD,
  type FrameDecoder,
  type FrameEncoder,
  type FrameSink,
} from "./frame.ts";

const ESCAPE = 0xff;
const CODE_OF_RECORD = 1;
const CODE_OF_FILE = 2;
const CR = 13;
const LF = 10;
const NOTHING: Uint8Array = new Uint8Array();
const LITERAL_ESCAPE: Uint8Array = Uint8Array.of(ESCAPE);
const LONE_CR: Uint8Array = Uint8Array.of(CR);

/** Writes records in stream mode. */
export class RecordEncoder implements FrameEncoder {
  readonly #out: ByteBuffer;

  /** Makes an encoder that writes into a buffer. */
  constructor(out: ByteBuffer) {
    this.#out = out;
  }

  /** Writes data, and a control code where something ends. */
  data(bytes: Uint8Array, ending: number): void {
    let start = 0;
    for (let at = bytes.indexOf(ESCAPE); at >= 0; at = bytes.indexOf(ESCAPE, start)) {
      this.#out.append(bytes.subarray(start, at + 1));
      this.#out.byte(ESCAPE);
      start = at + 1;
    }
    this.#out.append(bytes.subarray(start));
    if (ending === 0) return;
    const record = (ending & END_OF_RECORD) === 0 ? 0 : CODE_OF_RECORD;
    const file = (ending & END_OF_FILE) === 0 ? 0 : CODE_OF_FILE;
    this.#out.byte(ESCAPE);
    this.#out.byte(record | file);
  }
}

/** Reads records in stream mode. */
export class RecordDecoder implements FrameDecoder {
  #escaped = false;

  /** Reads the next part. */
  decode(chunk: Uint8Array, sink: FrameSink): number {
    for (let at = 0; at < chunk.length;) {
      if (this.#escaped) {
        const code = chunk[at++] ?? 0;
        this.#escaped = false;
        if (code === ESCAPE) sink.data(LITERAL_ESCAPE);
        else if (endFile(code, sink)) return at;
        continue;
      }
      const escape = chunk.indexOf(ESCAPE, at);
      const end = escape < 0 ? chunk.length : escape;
      if (end > at) sink.data(chunk.subarray(at, end));
      this.#escaped = escape >= 0;
      at = end + 1;
    }
    return chunk.length;
  }
}

/** Tells what a control code ends, and whether that is the file. */
function endFile(code: number, sink: FrameSink): boolean {
  if (code < CODE_OF_RECORD || code > (CODE_OF_RECORD | CODE_OF_FILE)) {
    throw new ProtocolError(`Cannot read a record: control code "${code}" has no meaning`);
  }
  const file = (code & CODE_OF_FILE) !== 0;
  const record = (code & CODE_OF_RECORD) !== 0;
  sink.end((record ? END_OF_RECORD : 0) | (file ? END_OF_FILE : 0));
  return file;
}

/** Gives a file to an encoder, chunk by chunk, with the ends that its structure asks for. */
export interface FileShape {
  /** The next part of the file. */
  push(chunk: Uint8Array): void;
  /** The file ends. */
  finish(): void;
}

/**
 * STRU F: one end, that of the file.
 *
 * @param encoder Where the file goes.
 * @returns The shape.
 */
export function plainFile(encoder: FrameEncoder): FileShape {
  return {
    push: (chunk) => encoder.data(chunk, 0),
    finish: () => encoder.data(NOTHING, END_OF_FILE),
  };
}

/**
 * STRU R of anything but text: the whole file is one record; an empty one has none.
 *
 * @param encoder Where the file goes.
 * @returns The shape.
 */
export function singleRecord(encoder: FrameEncoder): FileShape {
  let ending = END_OF_FILE;
  return {
    push(chunk) {
      encoder.data(chunk, 0);
      ending = END_OF_RECORD | END_OF_FILE;
    },
    finish: () => encoder.data(NOTHING, ending),
  };
}

/** STRU R of text: each line is a record. What stands behind the last CRLF ends with the file alone. */
export class LineRecords implements FileShape {
  readonly #encoder: FrameEncoder;
  /** Whether the last byte was a CR; it is kept back until its next byte is known. */
  #heldCr = false;

  /** Makes the shape of a text whose lines end with CRLF. */
  constructor(encoder: FrameEncoder) {
    this.#encoder = encoder;
  }

  /** The next part of the text. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    let start = 0;
    if (this.#heldCr) {
      this.#heldCr = false;
      if (chunk[0] === LF) {
        this.#encoder.data(NOTHING, END_OF_RECORD);
        start = 1;
      } else this.#encoder.data(LONE_CR, 0);
    }
    for (let from = start; from < chunk.length;) {
      const lf = chunk.indexOf(LF, from);
      if (lf < 0) break;
      from = lf + 1;
      if (lf === start || chunk[lf - 1] !== CR) continue;
      this.#encoder.data(chunk.subarray(start, lf - 1), END_OF_RECORD);
      start = from;
    }
    this.#heldCr = start < chunk.length && chunk.at(-1) === CR;
    const rest = chunk.subarray(start, this.#heldCr ? -1 : undefined);
    if (rest.length > 0) this.#encoder.data(rest, 0);
  }

  /** The text ends. */
  finish(): void {
    this.#encoder.data(this.#heldCr ? LONE_CR : NOTHING, END_OF_FILE);
    this.#heldCr = false;
  }
}
