/**
 * One TCP connection of a server that may reset it: only Node's sockets can.
 *
 * @module
 */

import type { Socket } from "node:net";

/** How a side ends a connection: with the end of the stream, or with a reset. */
export type Ending = "close" | "reset";

/** A connection whose other end is the code under test. */
export class FaultyWire {
  readonly #socket: Socket;
  readonly #chunks: AsyncIterator<Uint8Array, undefined>;
  #unread = new Uint8Array();

  /** Takes `socket` over. */
  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("error", () => {}); // Reading and writing tell.
    this.#chunks = socket[Symbol.asyncIterator]();
  }

  /** What comes next; undefined at the end, however it came. */
  async chunk(): Promise<Uint8Array | undefined> {
    try {
      const { value } = await this.#chunks.next();
      return value;
    } catch {
      return undefined;
    }
  }

  /** The next line without its end; undefined at the end of the stream. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#unread.indexOf(10);
      if (end >= 0) {
        const text = new TextDecoder().decode(this.#unread.subarray(0, end));
        this.#unread = this.#unread.slice(end + 1);
        return text.replace(/\r$/, "");
      }
      const more = await this.chunk();
      if (more === undefined) return undefined;
      this.#unread = new Uint8Array([...this.#unread, ...more]);
    }
  }

  /** Sends bytes in one segment; nothing happens where the other side is gone. */
  async send(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0 || this.#socket.destroyed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.once("close", resolve);
    this.#socket.write(bytes, () => resolve());
    await promise;
    this.#socket.removeListener("close", resolve);
  }

  /** Ends it, once what was sent is on its way. */
  end(how: Ending): void {
    if (how === "reset") this.#socket.resetAndDestroy();
    else this.#socket.end(() => this.#socket.destroy());
  }

  /** Ends it at once. */
  destroy(): void {
    this.#socket.destroy();
  }
}
