/**
 * Memory for the records of a directory, of which the supervisor fills one half while a worker reads the
 * other: nothing is copied between threads, and nothing is left for their collectors.
 *
 * @module
 */

/** Bytes of records at once: a few thousand names, which take a millisecond. */
export const BLOCK = 128 * 1024;

/** A directory that the supervisor has opened. */
export interface OpenReading {
  /** Its number. */
  readonly reading: number;
  /** Where its records come. */
  readonly memory: SharedArrayBuffer;
}

/** For one reading. */
export function readingMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * BLOCK);
}

/**
 * Where records are.
 *
 * @param memory Of the reading.
 * @param block Which block, from 0.
 * @returns The half that it is in.
 */
export function blockIn(memory: SharedArrayBuffer, block: number): Uint8Array<SharedArrayBuffer> {
  return new Uint8Array(memory, block % 2 * BLOCK, BLOCK);
}
