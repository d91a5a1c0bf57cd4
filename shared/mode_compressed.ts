/**
 * MODE C: strings of bytes, runs of one byte and runs of filler (RFC 959 section 3.4.3).
 *
 * A descriptor applies to the string behind it. Where nothing is left to end, that is an empty run
 * of filler.
 *
 * @module
 */
import type { ByteBuffer } from "./byte_buffer.ts";
import { ProtocolError } from "./errors.ts";
import {
  checkDescriptor,
  END_OF_FILE,
  END_OF_RECORD,
  type FrameDecoder,
  type FrameEncoder,
  type FrameSink,
  MarkerText,
  RESTART_MARKER,
} from "./frame.ts";

/** Filler of TYPE A: a space. */
export const TEXT_FILLER = 32;

/** Filler of TYPE I. */
export const IMAGE_FILLER = 0;

const ESCAPE = 0;
const REPLICATED = 0x80;
const FILLER = 0xc0;
const LONGEST_STRING = 127;
const LONGEST_RUN = 63;

/** Runs from here on are shorter as such than as a part of a string. */
const WORTHWHILE_RUN = 4;
const WORTHWHILE_FILLER = 3;

/** Writes compressed strings. */
export class CompressedEncoder implements FrameEncoder {
  readonly #out: ByteBuffer;
  readonly #filler: number;
  readonly #text = new TextEncoder();

  /** Makes an encoder that writes into a buffer; the filler depends on the TYPE. */
  constructor(out: ByteBuffer, filler: number) {
    this.#out = out;
    this.#filler = filler;
  }

  /** Writes data, the ends in a descriptor before the last string. */
  data(bytes: Uint8Array, ending: number): void {
    if (bytes.length === 0 && ending !== 0) {
      this.#escape(ending);
      this.#out.byte(FILLER);
    }
    let start = 0;
    for (let at = 0; at < bytes.length;) {
      const run = runAt(bytes, at);
      if (run < (bytes[at] === this.#filler ? WORTHWHILE_FILLER : WORTHWHILE_RUN)) {
        at += run;
        continue;
      }
      this.#strings(bytes.subarray(start, at), 0);
      at += run;
      this.#run(bytes[at - 1] ?? 0, { count: run, ending: at === bytes.length ? ending : 0 });
      start = at;
    }
    this.#strings(bytes.subarray(start), ending);
  }

  /** Writes a restart marker: a descriptor, and the text as one string. */
  marker(text: string): void {
    this.#strings(this.#text.encode(text), RESTART_MARKER);
  }

  #escape(descriptor: number): void {
    this.#out.byte(ESCAPE);
    this.#out.byte(descriptor);
  }

  #strings(bytes: Uint8Array, descriptor: number): void {
    for (let start = 0; start < bytes.length; start += LONGEST_STRING) {
      const string = bytes.subarray(start, start + LONGEST_STRING);
      if (descriptor !== 0 && start + string.length === bytes.length) this.#escape(descriptor);
      this.#out.byte(string.length);
      this.#out.append(string);
    }
  }

  #run(byte: number, { count, ending }: { readonly count: number; readonly ending: number }): void {
    if (ending !== 0) this.#escape(ending);
    if (byte === this.#filler) return this.#out.byte(FILLER | count);
    this.#out.byte(REPLICATED | count);
    this.#out.byte(byte);
  }
}

/** How often the byte at an offset is repeated: 1 to 63. */
function runAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  const limit = Math.min(bytes.length - at, LONGEST_RUN);
  let count = 1;
  while (count < limit && bytes[at + count] === byte) count++;
  return count;
}

/** What the next byte is. */
type Expected = "head" | "descriptor" | "replicated" | "string";

/** Reads compressed strings. */
export class CompressedDecoder implements FrameDecoder {
  readonly #filler: number;
  readonly #marker = new MarkerText();
  readonly #run = new Uint8Array(LONGEST_RUN);
  #expected: Expected = "head";
  /** What applies to the string that is being read. */
  #descriptor = 0;
  /** Bytes that are left of the string. */
  #left = 0;

  /** Makes a decoder; the filler depends on the TYPE. */
  constructor(filler: number) {
    this.#filler = filler;
  }

  /** Reads the next part. */
  decode(chunk: Uint8Array, sink: FrameSink): number {
    for (let at = 0; at < chunk.length;) {
      if (this.#expected === "string") {
        const data = chunk.subarray(at, at + this.#left);
        this.#takeData(data, sink);
        at += data.length;
        this.#left -= data.length;
      } else this.#takeByte(chunk[at++] ?? 0, sink);
      const whole = this.#expected === "string" && this.#left === 0;
      if (whole && this.#endString(sink)) return at;
    }
    return chunk.length;
  }

  #takeByte(byte: number, sink: FrameSink): void {
    if (this.#expected === "descriptor") return this.#takeDescriptor(byte);
    if (this.#expected === "replicated") return this.#takeRun(byte, sink);
    if (byte === ESCAPE) this.#expected = "descriptor";
    else if (byte < REPLICATED) {
      this.#left = byte;
      this.#expected = "string";
    } else {
      this.#left = byte & LONGEST_RUN;
      if (byte >= FILLER) this.#takeRun(this.#filler, sink);
      else this.#expected = "replicated";
    }
  }

  #takeDescriptor(byte: number): void {
    if (this.#descriptor !== 0) {
      throw new ProtocolError("Cannot read a descriptor: the one before has no string");
    }
    this.#descriptor = checkDescriptor(byte);
    this.#expected = "head";
  }

  #takeRun(byte: number, sink: FrameSink): void {
    this.#takeData(this.#run.fill(byte).subarray(0, this.#left), sink);
    this.#left = 0;
    this.#expected = "string";
  }

  #takeData(data: Uint8Array, sink: FrameSink): void {
    if (data.length === 0) return;
    if (this.#descriptor === RESTART_MARKER) this.#marker.push(data);
    else sink.data(data);
  }

  /** Whether the caller has to act before the next string. */
  #endString(sink: FrameSink): boolean {
    const ending = this.#descriptor & (END_OF_RECORD | END_OF_FILE);
    const marker = this.#descriptor === RESTART_MARKER;
    this.#descriptor = 0;
    this.#expected = "head";
    if (marker) sink.marker(this.#marker.take());
    if (ending !== 0) sink.end(ending);
    return marker || (ending & END_OF_FILE) !== 0;
  }
}
