/**
 * Restart markers of an upload: each is answered when everything before it is on the disk
 * (RFC 959 sections 3.5 and 5.4).
 *
 * @module
 */
import type { ByteSource } from "../../shared/pump.ts";
import { reply } from "../../shared/reply_code.ts";
import type { CommandContext } from "./command.ts";
import type { StorageWriter } from "../storage/storage.ts";

/** Answers the markers of one upload. */
export class MarkerReplies {
  readonly #context: CommandContext;
  readonly #writer: StorageWriter;
  #read = 0;
  #written = 0;
  #cancelled = false;
  #wake = (): void => {};

  /** Makes it for an upload into a writer. */
  constructor(context: CommandContext, writer: StorageWriter) {
    this.#context = context;
    this.#writer = writer;
  }

  /** The same source; what is read from it is counted. */
  counted(source: ByteSource): ByteSource {
    return {
      read: async (buffer) => {
        const count = await source.read(buffer);
        this.#read += count ?? 0;
        return count;
      },
    };
  }

  /** Bytes were written. */
  wrote(bytes: number): void {
    this.#written += bytes;
    this.#wake();
  }

  /** The upload has failed: nothing is waited for any more. */
  cancel(): void {
    this.#cancelled = true;
    this.#wake();
  }

  /**
   * Answers a marker: 110 tells the client's mark and ours, which is what REST takes.
   *
   * @throws {StorageError} If the disk fails.
   */
  async answer(text: string): Promise<void> {
    const { session } = this.#context;
    while (this.#written < this.#read && !this.#cancelled) await this.#change();
    if (this.#cancelled) return;
    await this.#writer.flush();
    this.#context.preliminary(
      reply("restartMarker", `MARK ${text} = ${this.#writer.offset + this.#written}`),
    );
    // Who sends markers and reads no replies has to wait.
    if (session.replies.behind) await Promise.race([session.replies.drain(), this.#cancellation()]);
  }

  async #cancellation(): Promise<void> {
    while (!this.#cancelled) await this.#change();
  }

  async #change(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    await promise;
  }
}
