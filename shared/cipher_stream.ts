/**
 * An open connection as the stream that TLS of `node:tls` runs over.
 *
 * @module
 */
import { Duplex } from "node:stream";
import { setImmediate } from "node:timers";
import type { Connection } from "./connection.ts";
import { writeAll } from "./connection.ts";
import { RecordBoundary } from "./record_boundary.ts";

/** Bytes of the first read: an idle control connection holds no more than that. */
const SMALLEST_READ = 16 * 1024;

/** Bytes of a read once the peer fills them. */
const LARGEST_READ = 256 * 1024;

/** What a {@linkcode CipherStream} tells its owner. */
export interface CipherStreamOwner {
  /** Resolves when more may be read; asked before every read. */
  room(): Promise<void> | undefined;
  /** The peer has ended its direction of the connection below TLS. */
  ended(): void;
  /** The connection below TLS cannot be read. */
  failed(error: unknown): void;
}

/** Encrypted bytes on their way between TLS and a connection, which it leaves open. */
export class CipherStream extends Duplex {
  readonly #connection: Connection;
  readonly #owner: CipherStreamOwner;
  #readSize = SMALLEST_READ;
  #first: Uint8Array = new Uint8Array();
  readonly #boundary = new RecordBoundary();
  #letGo = false;
  #released: PromiseWithResolvers<Uint8Array> | undefined;

  /** Makes it over a connection that nobody else reads. */
  constructor(connection: Connection, owner: CipherStreamOwner) {
    super({ readableHighWaterMark: 0, writableHighWaterMark: LARGEST_READ });
    this.#connection = connection;
    this.#owner = owner;
  }

  /** The peer's first bytes: its first message, where that came in one piece. */
  get first(): Uint8Array {
    return this.#first;
  }

  /**
   * Lets go of the connection where the peer's next bytes are no TLS any more.
   *
   * @returns Those bytes; none at the end of the connection. Whoever waits reads the rest.
   * @throws {Error} If the connection is lost before.
   */
  release(): Promise<Uint8Array> {
    this.#released = Promise.withResolvers();
    return this.#released.promise;
  }

  override _read(): void {
    if (this.#letGo) return;
    this.#readOnce().catch((error) => {
      this.#released?.reject(error);
      this.#owner.failed(error);
    });
  }

  async #readOnce(): Promise<void> {
    await this.#owner.room();
    const buffer = new Uint8Array(this.#readSize);
    const count = await this.#connection.read(buffer);
    // What came before the end must have passed through TLS, which takes its time.
    if (count === null) {
      this.#released?.resolve(new Uint8Array());
      return void setImmediate(() => this.#owner.ended());
    }
    if (count === this.#readSize) this.#readSize = Math.min(2 * count, LARGEST_READ);
    const bytes = buffer.subarray(0, count);
    if (this.#first.length === 0) this.#first = bytes.slice();
    const end = this.#boundary.push(bytes);
    if (this.#released === undefined || end === undefined) return void this.push(bytes);
    this.#letGo = true;
    this.push(bytes.subarray(0, end));
    this.#released.resolve(bytes.slice(end));
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    writeAll(this.#connection, chunk).then(() => done(), done);
  }

  /**
   * Does nothing: the runtime destroys it once both directions have ended, and close_notify would not
   * get out any more. Its owner closes the connection.
   */
  override destroy(): this {
    return this;
  }
}
