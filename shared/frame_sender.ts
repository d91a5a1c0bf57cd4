/**
 * A file on its way out in a form of its own: records, blocks or compressed strings.
 *
 * @module
 */
import type { ByteBuffer } from "./byte_buffer.ts";
import { PIECE_SIZE } from "./byte_source.ts";
import type { FrameEncoder } from "./frame.ts";
import type { ByteSource } from "./pump.ts";
import type { FileShape } from "./record_structure.ts";

/** How the file is sent. */
export interface FrameSenderOptions {
  /** Where the encoder writes. */
  readonly out: ByteBuffer;
  /** The encoder; serves this file alone. */
  readonly encoder: FrameEncoder;
  /** Its structure, over the same encoder. */
  readonly shape: FileShape;
  /** Restart markers, where they are wanted. */
  readonly markers?: MarkerRule;
}

/** Restart markers: the text of each is the offset in the file, in decimal. */
export interface MarkerRule {
  /** Offset of the first byte that is sent. */
  readonly offset: number;
  /** Bytes of the file from one marker to the next. */
  readonly every: number;
}

/**
 * Makes a source of what is sent from a source of the file.
 *
 * @param source The file.
 * @param options How.
 * @returns The bytes for the wire, the end of the file included.
 */
export function framed(source: ByteSource, options: FrameSenderOptions): ByteSource {
  const { out, encoder, shape, markers } = options;
  const input = new Uint8Array(PIECE_SIZE);
  let offset = markers?.offset ?? 0;
  let toMarker = markers?.every ?? Infinity;
  let ended = false;
  const take = (count: number): void => {
    shape.push(input.subarray(0, count));
    offset += count;
    toMarker -= count;
    if (toMarker > 0) return;
    encoder.marker?.(String(offset));
    toMarker = markers?.every ?? Infinity;
  };
  return {
    async read(buffer) {
      while (out.length === 0 && !ended) {
        // No piece reaches over the place of a marker.
        const count = await source.read(input.subarray(0, toMarker));
        ended = count === null;
        if (count === null) shape.finish();
        else take(count);
      }
      return out.length === 0 ? null : out.take(buffer);
    },
  };
}
