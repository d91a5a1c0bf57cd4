/**
 * Standard streams that can be given up while they wait: nobody closes them for us.
 *
 * @module
 */
import type { ByteSink } from "../../shared/connection.ts";
import type { ByteSource } from "../../shared/pump.ts";

/** A stream for one try. */
export interface Breakable<T> {
  readonly stream: T;
  /** Breaks off what is pending and what comes. */
  readonly break: () => void;
}

const READ_SIZE = 256 * 1024;

/**
 * A stream that is read once, in several tries as long as nobody has got anything of it: a read that
 * was broken off goes on, and what it brings is for the next try.
 */
export class OnceSource {
  readonly #source: ByteSource;
  readonly #buffer = new Uint8Array(READ_SIZE);
  #pending: Promise<void> | undefined;
  #held: Uint8Array = new Uint8Array();
  #ended = false;
  #used = false;

  /** Reads nothing yet. */
  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Whether anything of it was given out. */
  get used(): boolean {
    return this.#used;
  }

  /** The stream for one try. */
  open(): Breakable<ByteSource> {
    const { promise: broken, end } = breaking();
    const read = async (buffer: Uint8Array): Promise<number | null> => {
      if (this.#held.length === 0 && !this.#ended) {
        await Promise.race([this.#pending ??= this.#fill(), broken]);
      }
      const count = Math.min(buffer.length, this.#held.length);
      if (count === 0) return null;
      this.#used = true;
      buffer.set(this.#held.subarray(0, count));
      this.#held = this.#held.subarray(count);
      return count;
    };
    return { stream: { read }, break: end };
  }

  async #fill(): Promise<void> {
    try {
      const count = await this.#source.read(this.#buffer);
      this.#ended = count === null;
      this.#held = this.#buffer.subarray(0, count ?? 0);
    } finally {
      this.#pending = undefined;
    }
  }
}

/** A stream that is written to once: after the first byte that was handed over, no other try. */
export class OnceSink {
  readonly #sink: ByteSink;
  #used = false;

  /** Writes nothing yet. */
  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** Whether anything was handed over, written by now or not. */
  get used(): boolean {
    return this.#used;
  }

  /** The stream for one try. */
  open(): Breakable<ByteSink> {
    const { promise: broken, end } = breaking();
    const write = (bytes: Uint8Array): Promise<number> => {
      this.#used = true;
      return Promise.race([this.#sink.write(bytes), broken]);
    };
    return { stream: { write }, break: end };
  }
}

function breaking(): { readonly promise: Promise<never>; readonly end: () => void } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {}); // it may break while nothing is pending
  return { promise, end: () => reject(new Error("given up")) };
}
