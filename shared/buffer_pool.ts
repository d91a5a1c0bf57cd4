/**
 * Buffers that transfers borrow: kept for the next one, and large ones never more than a few.
 *
 * @module
 */

/** Bytes of each kind of buffer: small ones are for everybody, large ones for who moves fast. */
export const BUFFER_SIZES = { small: 64 * 1024, large: 1024 * 1024 } as const;

/** A kind of buffer. */
export type BufferKind = keyof typeof BUFFER_SIZES;

/** A buffer that has an array of its own. */
export type Buffer = Uint8Array<ArrayBuffer>;

/** How much a pool may hold. */
export interface PoolLimits {
  /** Large buffers, lent and kept together. */
  readonly large: number;
  /** Small buffers that are kept while nobody needs them. */
  readonly keptSmall: number;
}

/**
 * Lends buffers, the one that came back last first: it may still be in the cache of the processor.
 *
 * @example Usage
 * ```ts
 * import { BufferPool } from "./buffer_pool.ts";
 * const pool = new BufferPool({ large: 1, keptSmall: 4 });
 * const [large, small] = [pool.lend("large"), pool.lend("large")];
 * if (large.length <= small.length) throw new Error("unexpected");
 * ```
 */
export class BufferPool {
  readonly #limits: PoolLimits;
  readonly #kept: Readonly<Record<BufferKind, Buffer[]>> = { small: [], large: [] };
  #large = 0;

  /** Makes an empty pool. */
  constructor(limits: PoolLimits) {
    this.#limits = limits;
  }

  /** Large buffers that are lent. */
  get lentLarge(): number {
    return this.#large - this.#kept.large.length;
  }

  /** Small buffers that are kept. */
  get keptSmall(): number {
    return this.#kept.small.length;
  }

  /**
   * Lends a buffer; what is in it is anybody's.
   *
   * @param wanted Which; where all large ones are lent, it is a small one.
   * @returns The buffer, to be given back when nothing uses it any more.
   */
  lend(wanted: BufferKind): Buffer {
    const kept = this.#kept[wanted].pop();
    if (kept !== undefined) return kept;
    if (wanted === "small") return new Uint8Array(BUFFER_SIZES.small);
    if (this.#large >= this.#limits.large) return this.lend("small");
    this.#large++;
    return new Uint8Array(BUFFER_SIZES.large);
  }

  /**
   * Takes a buffer back.
   *
   * @param buffer One of its own, in which nothing is read or written any more.
   */
  giveBack(buffer: Buffer): void {
    const kind = buffer.length === BUFFER_SIZES.large ? "large" : "small";
    if (kind === "large" || this.keptSmall < this.#limits.keptSmall) {
      this.#kept[kind].push(buffer);
    } else {
      // Hundreds of them would be there until the collector looks, which an idle server has no reason to do.
      buffer.buffer.transfer(0);
    }
  }
}

/** The buffers of all copies of this thread: 8 MiB of large ones, and no more of small ones than there are copies. */
export const threadBuffers = new BufferPool({ large: 8, keptSmall: 16 });
