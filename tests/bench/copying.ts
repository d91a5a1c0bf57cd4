/**
 * What the benchmarks of the copy loop copy, and how.
 *
 * @module
 */
import type { ByteSink } from "../../shared/connection.ts";
import type { ByteSource, PumpOptions } from "../../shared/pump.ts";

/** A source of so many bytes that does nothing but count. */
export function zeros(length: number): ByteSource {
  let left = length;
  return {
    read(buffer) {
      if (left === 0) return Promise.resolve(null);
      const count = Math.min(left, buffer.length);
      left -= count;
      return Promise.resolve(count);
    },
  };
}

/** Takes everything at once. */
export const NOWHERE: ByteSink = { write: (bytes) => Promise.resolve(bytes.length) };

/** Nobody interrupts. */
export const LIMITS: PumpOptions = {
  signal: new AbortController().signal,
  interrupt() {},
  stallTimeout: 60_000,
};
