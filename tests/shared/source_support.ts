/**
 * Sources for tests, and reading them to their end.
 *
 * @module
 */
import type { ByteSource } from "../../shared/pump.ts";

/**
 * A source that gives each piece by itself; empty ones are left out, since a read gives at least one
 * byte.
 *
 * @param pieces What it gives.
 * @param then What is read behind them; the end by default.
 */
export function sourceOf(pieces: readonly Uint8Array[], then?: ByteSource): ByteSource {
  const left = pieces.filter((piece) => piece.length > 0);
  return {
    read(buffer) {
      const piece = left.shift();
      if (piece === undefined) return then?.read(buffer) ?? Promise.resolve(null);
      const count = Math.min(buffer.length, piece.length);
      buffer.set(piece.subarray(0, count));
      if (count < piece.length) left.unshift(piece.subarray(count));
      return Promise.resolve(count);
    },
  };
}

/** Everything that a source gives, read in odd lengths. */
export async function drain(source: ByteSource): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const buffer = new Uint8Array(1 + total % 70_001);
    const count = await source.read(buffer);
    if (count === null) break;
    pieces.push(buffer.subarray(0, count));
    total += count;
  }
  const all = new Uint8Array(total);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
