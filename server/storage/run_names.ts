/**
 * The names of a run, chunk by chunk: as strings, which is faster, or as text, which is smaller.
 *
 * @module
 */
import { LIST_BATCH } from "./storage.ts";

/** Names in a chunk: looking them up keeps a thread for a quarter of a millisecond. */
export const CHUNK = LIST_BATCH;

/** Some names, in chunks of {@linkcode CHUNK}. */
export interface Names {
  /** How many. */
  readonly count: number;
  /** Bytes that they take. */
  readonly cost: number;
  /** The names of a chunk; none behind the last one. */
  chunk(chunk: number): readonly string[];
}

/** No name holds it. */
const BETWEEN_NAMES = "\0";

/** Bytes that a chunk takes beside its text. */
const CHUNK_COST = 256;

/** Bytes that a string takes, and its place in an array. */
const STRING_COST = 32;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The names in the text of a chunk.
 *
 * @param text The text, UTF-8.
 * @returns They.
 */
export function namesOf(text: Uint8Array): string[] {
  return decoder.decode(text).split(BETWEEN_NAMES);
}

/** Names as they are. */
export class PlainNames implements Names {
  readonly #names: readonly string[];
  /** Bytes that they take: of a character two at most. */
  readonly cost: number;

  /** Keeps these, which nobody may change any more. */
  constructor(names: readonly string[]) {
    this.#names = names;
    this.cost = names.reduce((sum, { length }) => sum + 2 * length + STRING_COST, 0);
  }

  /** How many. */
  get count(): number {
    return this.#names.length;
  }

  /** The names of a chunk. */
  chunk(chunk: number): readonly string[] {
    return this.#names.slice(chunk * CHUNK, (chunk + 1) * CHUNK);
  }
}

/** Names as text: no object is kept for each. */
export class PackedNames implements Names {
  /** How many. */
  readonly count: number;
  /** Bytes of their text. */
  readonly textBytes: number;
  readonly #texts: readonly Uint8Array[];

  /** Packs names; none holds NUL. */
  constructor(names: readonly string[]) {
    const texts: Uint8Array[] = [];
    for (let start = 0; start < names.length; start += CHUNK) {
      texts.push(encoder.encode(names.slice(start, start + CHUNK).join(BETWEEN_NAMES)));
    }
    this.count = names.length;
    this.textBytes = texts.reduce((sum, text) => sum + text.length, 0);
    this.#texts = texts;
  }

  /** Bytes that they take. */
  get cost(): number {
    return this.textBytes + this.#texts.length * CHUNK_COST;
  }

  /** The names of a chunk. */
  chunk(chunk: number): readonly string[] {
    const text = this.#texts[chunk];
    return text === undefined ? [] : namesOf(text);
  }

  /**
   * Copies the text.
   *
   * @param bytes Where to.
   * @param start Where it begins there.
   * @returns Where the text of each chunk ends there.
   */
  writeTo(bytes: Uint8Array, start: number): number[] {
    let end = start;
    return this.#texts.map((text) => {
      bytes.set(text, end);
      return end += text.length;
    });
  }
}
