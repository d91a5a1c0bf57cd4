/**
 * Bytes in pieces, for the tests of everything that reads a stream: the way the network cuts it
 * must never matter.
 *
 * @module
 */

import * as fc from "fast-check";

/** The same bytes whole and cut. */
export interface CutBytes {
  /** All of them. */
  readonly whole: Uint8Array;
  /** All of them in order, in pieces of any length; some pieces may be empty. */
  readonly pieces: readonly Uint8Array[];
}

/**
 * Cuts bytes at the given offsets.
 *
 * @param bytes What to cut.
 * @param offsets Where, in any order; each is taken modulo the length.
 * @returns The pieces; each is a copy of its own.
 */
export function cutAt(bytes: Uint8Array, offsets: readonly number[]): Uint8Array[] {
  const ends = offsets.map((offset) => offset % (bytes.length + 1)).sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, index) => bytes.slice(ends[index - 1] ?? 0, end));
}

/** Every byte as a piece of its own. */
export function cutEverywhere(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte));
}

/** Any such bytes, cut in any way. */
export function anyCut(bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<CutBytes> {
  return fc.tuple(bytes, fc.array(fc.nat())).map(([whole, offsets]) => ({
    whole,
    pieces: cutAt(whole, offsets),
  }));
}

/**
 * Bytes made of the given pieces of a grammar, which reach far more of a parser than random bytes.
 *
 * @param tokens Text (as UTF-8), or bytes.
 * @returns Any sequence of them.
 */
export function anyMixOf(tokens: readonly (string | Uint8Array)[]): fc.Arbitrary<Uint8Array> {
  const encoder = new TextEncoder();
  const pieces = tokens.map((token) => typeof token === "string" ? encoder.encode(token) : token);
  return fc.array(fc.constantFrom(...pieces), { maxLength: 40 })
    .map((chosen) => Uint8Array.from(chosen.flatMap((piece) => [...piece])));
}
