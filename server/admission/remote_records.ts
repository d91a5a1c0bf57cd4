/**
 * The worker's end of a directory that the supervisor reads for it.
 *
 * @module
 */
import { FtpkitError } from "../../shared/errors.ts";
import type { DirectoryRecords } from "../storage/directory_records.ts";
import { BLOCK, blockIn, type OpenReading } from "../system/reading_memory.ts";

/** What a worker asks of it: the bytes of the next block, or its end. */
export type ReadingQuestion =
  | { readonly kind: "read-directory"; readonly reading: number }
  | { readonly kind: "close-directory"; readonly reading: number };

/** Its records, as they are asked for. */
export class RemoteRecords implements DirectoryRecords {
  readonly #open: OpenReading;
  readonly #ask: (question: ReadingQuestion) => Promise<unknown>;
  /** The supervisor has closed it, or been told to. */
  #closed = false;

  /** Asks for nothing yet. */
  constructor(open: OpenReading, ask: (question: ReadingQuestion) => Promise<unknown>) {
    this.#open = open;
    this.#ask = ask;
  }

  /**
   * The blocks.
   *
   * @throws {FtpkitError} If the supervisor cannot read on.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const { reading, memory } = this.#open;
    // A decoder takes no memory that others may write.
    const own = new Uint8Array(BLOCK);
    for (let block = 0;; block++) {
      const bytes = await this.#ask({ kind: "read-directory", reading }) as number | undefined;
      this.#closed ||= bytes === undefined || bytes === 0;
      if (bytes === undefined) throw new FtpkitError("The supervisor could not read on");
      if (bytes === 0) return;
      own.set(blockIn(memory, block).subarray(0, bytes));
      yield own.subarray(0, bytes);
    }
  }

  [Symbol.dispose](): void {
    const { reading } = this.#open;
    if (!this.#closed) void this.#ask({ kind: "close-directory", reading });
    this.#closed = true;
  }
}
