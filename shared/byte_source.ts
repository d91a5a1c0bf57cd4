/**
 * Sources of bytes made from other sources.
 *
 * @module
 */
import { ByteBuffer } from "./byte_buffer.ts";
import type { ByteSource, ByteTransform } from "./pump.ts";

/** Bytes that are read from the inner source at a time. */
export const PIECE_SIZE = 64 * 1024;

/**
 * A source behind a conversion.
 *
 * @param source Where the bytes come from.
 * @param transform The conversion; serves this source alone.
 * @returns What comes out of it.
 */
export function transformed(source: ByteSource, transform: ByteTransform): ByteSource {
  const input = new Uint8Array(PIECE_SIZE);
  const out = new ByteBuffer();
  let ended = false;
  return {
    async read(buffer) {
      while (out.length === 0 && !ended) {
        const count = await source.read(input);
        ended = count === null;
        out.append(count === null ? transform.finish() : transform.push(input.subarray(0, count)));
      }
      return out.length === 0 ? null : out.take(buffer);
    },
  };
}

/**
 * The first bytes of a source.
 *
 * @param source Where the bytes come from.
 * @param length How many at most.
 * @returns The source that ends there.
 */
export function limited(source: ByteSource, length: number): ByteSource {
  let left = length;
  return {
    async read(buffer) {
      if (left === 0) return null;
      const count = await source.read(buffer.subarray(0, left));
      left -= count ?? 0;
      return count;
    },
  };
}
