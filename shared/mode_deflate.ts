/**
 * MODE Z: the whole stream deflated, in the zlib format (draft-preston-ftpext-deflate).
 *
 * The work is done by threads of the runtime, chunk by chunk, never further ahead than the reader
 * wants.
 *
 * @module
 */
import { createDeflate, createInflate, type Deflate, type Inflate } from "node:zlib";
import { PIECE_SIZE } from "./byte_source.ts";
import { ProtocolError, reasonOf, TruncatedError } from "./errors.ts";
import type { ByteSource } from "./pump.ts";

/** A source that does work of its own; disposing it ends that, once its own source has ended. */
export type WorkingSource = ByteSource & AsyncDisposable;

/** How much a stream may unpack to: `free` bytes, and `ratio` more for each byte that arrived. */
export interface UnpackLimit {
  /** Bytes that are always allowed. */
  readonly free: number;
  /** Bytes that are allowed beyond, for each one that arrived; zlib itself can reach 1030. */
  readonly ratio: number;
}

/** A stream unpacks to more than is allowed. */
export class UnpackLimitError extends ProtocolError {}

/**
 * Packs a source.
 *
 * @param source Where the bytes come from.
 * @param level From 1, fast, to 9, small.
 * @returns One zlib stream. Its `read` throws what the inner source throws.
 */
export function deflating(source: ByteSource, level: number): WorkingSource {
  return new ZlibSource(source, createDeflate({ level, chunkSize: PIECE_SIZE }));
}

/**
 * Unpacks a source, to the end of both: of the zlib stream, and of the source.
 *
 * @param source Where the packed bytes come from.
 * @param limit How much they may unpack to.
 * @returns The bytes. Its `read` throws what the inner source throws, and {@linkcode TruncatedError}
 * if the stream is not whole, {@linkcode UnpackLimitError} if it is too large, and any other
 * {@linkcode ProtocolError} if it is none, or if bytes come behind its end.
 */
export function inflating(source: ByteSource, limit: UnpackLimit): WorkingSource {
  const inner = new ZlibSource(source, createInflate({ chunkSize: PIECE_SIZE }));
  let unpacked = 0;
  return {
    async read(buffer) {
      const count = await inner.read(buffer);
      unpacked += count ?? 0;
      if (unpacked <= limit.free + limit.ratio * inner.fed) return count;
      throw new UnpackLimitError(`Cannot unpack more than ${unpacked} bytes from ${inner.fed}`);
    },
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
}

const NOTHING: Uint8Array = new Uint8Array();

/** Moves bytes from a source through zlib as the reader asks for them. */
class ZlibSource implements WorkingSource {
  readonly #source: ByteSource;
  readonly #stream: Deflate | Inflate;
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #feeding: Promise<void>;
  #proceed = (): void => {};
  #held = NOTHING;
  /** Bytes that zlib was given. */
  fed = 0;

  constructor(source: ByteSource, stream: Deflate | Inflate) {
    this.#source = source;
    this.#stream = stream;
    this.#pieces = stream[Symbol.asyncIterator]();
    // A stream that was destroyed never says that it took the bytes.
    stream.once("close", () => this.#proceed());
    this.#feeding = this.#feed();
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#held.length === 0) {
      const next = await this.#next();
      if (next.done) return null;
      this.#held = next.value;
    }
    const count = Math.min(buffer.length, this.#held.length);
    buffer.set(this.#held.subarray(0, count));
    this.#held = this.#held.subarray(count);
    return count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stream.destroy();
    await this.#feeding;
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    try {
      return await this.#pieces.next();
    } catch (error) {
      throw zlibError(error);
    }
  }

  async #feed(): Promise<void> {
    const input = new Uint8Array(PIECE_SIZE);
    try {
      for (;;) {
        const count = await this.#source.read(input);
        if (count === null || this.#stream.destroyed) break;
        this.fed += count;
        await this.#write(input.subarray(0, count));
        // Once its stream has ended, zlib takes nothing more.
        if (this.#stream.bytesWritten < this.fed) throw behindEnd();
      }
      this.#stream.end();
    } catch (error) {
      this.#stream.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#proceed = resolve;
    this.#stream.write(bytes, () => resolve());
    await promise;
  }
}

function behindEnd(): ProtocolError {
  return new ProtocolError("Cannot take the data: more came behind the end of the zlib stream");
}

/** What zlib itself throws has a code of its own; the rest is the inner source's. */
function zlibError(error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "Z_BUF_ERROR") {
    return new TruncatedError("The data ends before its zlib stream", { cause: error });
  }
  if (!code.startsWith("Z_")) return error;
  return new ProtocolError(`Cannot unpack the data: ${reasonOf(error)}`, { cause: error });
}
