/**
 * Who gets large buffers: a copy that has shown that it moves.
 *
 * @module
 */
import type { BufferKind } from "./buffer_pool.ts";

/** Bytes that have to move first; of 1 MiB, uploads took a tenth longer. */
export const PROOF = 256 * 1024;

/** Milliseconds without a byte after which it has to show it again. */
export const PAUSE = 100;

/** What one copy has moved since it last had to wait for long. */
export class Momentum {
  readonly #now: () => number;
  #last: number;
  #bytes = 0;

  /** Starts without any; `now` tells milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#last = now();
  }

  /** Counts bytes that have just been read. */
  moved(bytes: number): void {
    const now = this.#now();
    this.#bytes = now - this.#last > PAUSE ? 0 : this.#bytes + bytes;
    this.#last = now;
  }

  /** The buffer to read into next. */
  get wanted(): BufferKind {
    return this.#bytes < PROOF ? "small" : "large";
  }
}
