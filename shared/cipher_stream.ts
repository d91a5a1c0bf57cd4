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

/** Who wants to know what becomes of the connection below TLS. */
export interface CipherStreamWatcher {
  /** The peer has ended its direction of the connection. */
  ended(): void;
  /** The connection cannot be read, or not written. */
  failed(error: unknown): void;
}

/** Encrypted bytes on their way between TLS and a connection, which it leaves open. */
export class CipherStream extends Duplex {
  readonly #connection: Connection;
  #watcher: CipherStreamWatcher | undefined;
  #end: ((watcher: CipherStreamWatcher) => void) | undefined;
  #room: PromiseWithResolvers<void> | undefined;
  #readSize = SMALLEST_READ;
  #first: Uint8Array = new Uint8Array();
  readonly #boundary = new RecordBoundary();
  #gone = false;
  #released: PromiseWithResolvers<Uint8Array> | undefined;

  /** Makes it over a connection that nobody else reads. */
  constructor(connection: Connection) {
    super({ readableHighWaterMark: 0, writableHighWaterMark: LARGEST_READ });
    this.#connection = connection;
  }

  /** Tells one watcher from now on, also of what has happened already. */
  watch(watcher: CipherStreamWatcher): void {
    this.#watcher = watcher;
    this.#end?.(watcher);
  }

  /** Receives nothing more until {@linkcode goOn}. */
  holdBack(): void {
    this.#room ??= Promise.withResolvers();
  }

  /** Receives again. */
  goOn(): void {
    this.#room?.resolve();
    this.#room = undefined;
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
  letGo(): Promise<Uint8Array> {
    this.#released = Promise.withResolvers();
    return this.#released.promise;
  }

  /** Lets TLS let go of everything, once the connection is closed. */
  tellClosed(): void {
    this.emit("close");
  }

  override _read(): void {
    if (this.#gone) return;
    this.#readOnce().catch((error) => {
      this.#released?.reject(error);
      this.#tell((watcher) => watcher.failed(error));
    });
  }

  async #readOnce(): Promise<void> {
    await this.#room?.promise;
    const buffer = new Uint8Array(this.#readSize);
    const count = await this.#connection.read(buffer);
    // What came before the end must have passed through TLS, which takes its time.
    if (count === null) {
      this.#released?.resolve(new Uint8Array());
      return void setImmediate(() => this.#tell((watcher) => watcher.ended()));
    }
    if (count === this.#readSize) this.#readSize = Math.min(2 * count, LARGEST_READ);
    const bytes = buffer.subarray(0, count);
    if (this.#first.length === 0) this.#first = bytes.slice();
    const end = this.#boundary.push(bytes);
    if (this.#released === undefined || end === undefined) return void this.push(bytes);
    this.#gone = true;
    this.push(bytes.subarray(0, end));
    this.#released.resolve(bytes.slice(end));
  }

  #tell(end: (watcher: CipherStreamWatcher) => void): void {
    this.#end = end;
    if (this.#watcher !== undefined) end(this.#watcher);
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    writeAll(this.#connection, chunk).then(() => done(), (error) => {
      // The stream itself would tell by destroying itself.
      this.#tell((watcher) => watcher.failed(error));
      done(error);
    });
  }

  /**
   * Does nothing: the runtime destroys it once both directions have ended, and close_notify would not
   * get out any more. Its owner closes the connection.
   */
  override destroy(): this {
    return this;
  }
}
