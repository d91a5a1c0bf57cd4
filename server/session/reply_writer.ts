/**
 * The sending half of a control connection: replies in order, many in one write.
 *
 * @module
 */
import { type Charset, UTF8 } from "../../shared/charset.ts";
import { type ByteSink, writeAll } from "../../shared/connection.ts";
import { encodeReply, type Reply } from "../../shared/reply.ts";

/** Characters of replies that may wait before the session pauses for its client. */
const BACKLOG_LIMIT = 64 * 1024;

/** Collects replies and hands them to the connection. */
export class ReplyWriter {
  readonly #sink: ByteSink;
  readonly #onLost: () => void;
  #charset = UTF8;
  /** What goes out before the texts that wait. */
  #ready: Uint8Array[] = [];
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

  /** Encoding of the texts. */
  get charset(): Charset {
    return this.#charset;
  }

  /** Changes the encoding of what is added from now on. */
  set charset(charset: Charset) {
    this.#encode();
    this.#charset = charset;
  }

  #encode(): void {
    if (this.#waiting !== "") this.#ready.push(this.#charset.encode(this.#waiting));
    this.#waiting = "";
  }

  /** Adds a reply; it goes out with the next {@linkcode flush}. */
  add(reply: Reply): void {
    this.#waiting += encodeReply(reply);
  }

  /** Adds Telnet commands, which go out between two replies. */
  addTelnet(commands: Uint8Array): void {
    this.#encode();
    this.#ready.push(commands);
  }

  /** Starts sending what was added. */
  flush(): void {
    if (this.#pending) this.#sending ??= this.#send();
  }

  get #pending(): boolean {
    return this.#waiting !== "" || this.#ready.length > 0;
  }

  /** Whether the client is behind with taking replies. */
  get behind(): boolean {
    const ready = this.#ready.reduce((sum, { length }) => sum + length, 0);
    return this.#waiting.length + ready > BACKLOG_LIMIT;
  }

  /** Sends everything and resolves when the kernel has it, or the connection is lost. */
  async drain(): Promise<void> {
    this.flush();
    await this.#sending;
  }

  async #send(): Promise<void> {
    try {
      while (this.#pending) {
        this.#encode();
        const pieces = this.#ready;
        this.#ready = [];
        for (const piece of pieces) await writeAll(this.#sink, piece);
      }
    } catch {
      // What a lost client did not read has no other reader.
      this.#waiting = "";
      this.#ready = [];
      this.#onLost();
    } finally {
      this.#sending = undefined;
    }
  }
}
