/**
 * MODE B: blocks of data behind a descriptor and a count (RFC 959 section 3.4.2).
 *
 * @module
 */
import type { ByteBuffer } from "./byte_buffer.ts";
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

/** Bytes of the descriptor and the count. */
const HEADER_SIZE = 3;

/** Most data of one block in bytes: the count has 16 bits. */
const BLOCK_LIMIT = 65_535;

/** Writes blocks. */
export class BlockEncoder implements FrameEncoder {
  readonly #out: ByteBuffer;
  readonly #text = new TextEncoder();

  /** Makes an encoder that writes into a buffer. */
  constructor(out: ByteBuffer) {
    this.#out = out;
  }

  /** Writes data as blocks, the ends in the descriptor of the last one. */
  data(bytes: Uint8Array, ending: number): void {
    let start = 0;
    for (; bytes.length - start > BLOCK_LIMIT; start += BLOCK_LIMIT) {
      this.#block(0, bytes.subarray(start, start + BLOCK_LIMIT));
    }
    if (start < bytes.length || ending !== 0) this.#block(ending, bytes.subarray(start));
  }

  /** Writes a restart marker as a block of its own. */
  marker(text: string): void {
    this.#block(RESTART_MARKER, this.#text.encode(text));
  }

  #block(descriptor: number, bytes: Uint8Array): void {
    this.#out.byte(descriptor);
    this.#out.byte(bytes.length >> 8);
    this.#out.byte(bytes.length & 255);
    this.#out.append(bytes);
  }
}

/** Reads blocks. */
export class BlockDecoder implements FrameDecoder {
  readonly #marker = new MarkerText();
  #headerBytes = 0;
  #descriptor = 0;
  #left = 0;

  /** Reads the next part. */
  decode(chunk: Uint8Array, sink: FrameSink): number {
    for (let at = 0; at < chunk.length;) {
      if (this.#headerBytes < HEADER_SIZE) this.#takeHeader(chunk[at++] ?? 0);
      const data = this.#bodyOf(chunk.subarray(at));
      if (data.length > 0) this.#takeData(data, sink);
      at += data.length;
      const whole = this.#headerBytes === HEADER_SIZE && this.#left === 0;
      if (whole && this.#endBlock(sink)) return at;
    }
    return chunk.length;
  }

  #takeHeader(byte: number): void {
    if (this.#headerBytes === 0) this.#descriptor = checkDescriptor(byte);
    else this.#left = this.#left * 256 + byte;
    this.#headerBytes++;
  }

  #bodyOf(rest: Uint8Array): Uint8Array {
    return rest.subarray(0, this.#headerBytes < HEADER_SIZE ? 0 : this.#left);
  }

  #takeData(data: Uint8Array, sink: FrameSink): void {
    this.#left -= data.length;
    if (this.#descriptor === RESTART_MARKER) this.#marker.push(data);
    else sink.data(data);
  }

  /** Whether the caller has to act before the next block. */
  #endBlock(sink: FrameSink): boolean {
    const ending = this.#descriptor & (END_OF_RECORD | END_OF_FILE);
    const marker = this.#descriptor === RESTART_MARKER;
    this.#headerBytes = 0;
    if (marker) sink.marker(this.#marker.take());
    if (ending !== 0) sink.end(ending);
    return marker || (ending & END_OF_FILE) !== 0;
  }
}
