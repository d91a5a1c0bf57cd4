/**
 * The sending half of a control connection: replies in order, many in one write.
 *
 * @module
 */
import { type Charset, UTF8 } from "../shared/charset.ts";
import { type ByteSink, writeAll } from "../shared/connection.ts";
import { encodeReply, type Reply } from "../shared/reply.ts";

/** Characters of replies that may wait before the session pauses for its client. */
const BACKLOG_LIMIT = 64 * 1024;

/** Collects replies and hands them to the connection. */
export class ReplyWriter {
  readonly #sink: ByteSink;
  readonly #onLost: () => void;
  /** Encoding of the texts. */
  charset: Charset = UTF8;
  #waiting = "";
  #sending: Promise<void> | undefined;

  /**
   * Makes a writer.
   *
   * @param sink The control connection.
   * @param onLost Called when the client takes no more replies.
   */
  constructor(sink: ByteSink, onLost: () => void) {
    this.#sink = sink;
    this.#onLost = onLost;
  }

  /** Adds a reply; it goes out with the next {@linkcode flush}. */
  add(reply: Reply): void {
    this.#waiting += encodeReply(reply);
  }

  /** Starts sending what was added. */
  flush(): void {
    if (this.#waiting !== "") this.#sending ??= this.#send();
  }

  /** Whether the client is behind with taking replies. */
  get behind(): boolean {
    return this.#waiting.length > BACKLOG_LIMIT;
  }

  /** Sends everything and resolves when the kernel has it, or the connection is lost. */
  async drain(): Promise<void> {
    this.flush();
    await this.#sending;
  }

  async #send(): Promise<void> {
    try {
      while (this.#waiting !== "") {
        const bytes = this.charset.encode(this.#waiting);
        this.#waiting = "";
        await writeAll(this.#sink, bytes);
      }
    } catch {
      // What a lost client did not read has no other reader.
      this.#waiting = "";
      this.#onLost();
    } finally {
      this.#sending = undefined;
    }
  }
}
