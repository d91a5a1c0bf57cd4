/**
 * A connection inside TLS, in either role: `node:tls` over a connection that is already open.
 *
 * What the runtime's own streams get wrong is put right here: a slow reader holds the peer back, an
 * end of stream is never lost, and a stream that was cut is told from one that ended (with
 * close_notify, RFC 8446 section 6.1).
 *
 * @module
 */
import { setImmediate } from "node:timers";
import type { TLSSocket } from "node:tls";
import { CipherStream } from "./cipher_stream.ts";
import type { Connection } from "./connection.ts";
import { Deadline } from "./deadline.ts";
import type { Endpoint } from "./endpoint.ts";
import { ProtocolError, reasonOf, TimeoutError, TlsError, TruncatedError } from "./errors.ts";
import { ReleasedConnection } from "./released_connection.ts";
import type { TlsSecurity } from "./tls_security.ts";

/** A connection inside TLS. */
export interface TlsConnection extends Connection {
  /** What the handshake has settled. */
  readonly security: TlsSecurity;
  /**
   * Ends TLS and goes on in the clear (RFC 4217 section 12.3). Nobody may read or write meanwhile, nor
   * use this connection afterwards.
   *
   * @returns The connection in the clear.
   * @throws {Error} If the connection is lost.
   */
  unwrap(): Promise<Connection>;
}

/** How long a handshake may take. */
export interface HandshakeOptions {
  /** Ends the attempt; its reason is thrown. */
  readonly signal?: AbortSignal;
  /** Milliseconds until the attempt is given up. */
  readonly timeout: number;
}

/** One of the two roles in a handshake. */
export interface TlsRole {
  /** Begins TLS over a stream; resolves with the handshake done. */
  start(stream: CipherStream): Promise<TLSSocket>;
  /** What a handshake has settled, as this role sees it. */
  judge(socket: TLSSocket, stream: CipherStream): TlsSecurity;
}

/** Bytes that are decrypted and not read yet, beyond which nothing more is received. */
const MOST_WAITING = 256 * 1024;

/** Bytes that are encrypted at once: the runtime copies what is longer again and again. */
const PIECE = 64 * 1024;

/**
 * Runs a handshake over a connection.
 *
 * @param connection The connection, which is closed where the handshake fails.
 * @param role Which role to play in it.
 * @param options How long it may take.
 * @returns The connection inside TLS, which owns the one below.
 * @throws {TimeoutError} If it takes too long.
 * @throws {TlsError} If it fails.
 */
export async function shakeHands(
  connection: Connection,
  role: TlsRole,
  options: HandshakeOptions,
): Promise<TlsConnection> {
  using deadline = new Deadline(options.timeout, options.signal);
  const stream = new CipherStream(connection);
  const cut = Promise.withResolvers<never>();
  const abort = (): void => cut.reject(deadline.signal.reason);
  deadline.signal.addEventListener("abort", abort, { once: true });
  stream.watch({
    ended: () => cut.reject(new TlsError("the peer closed the connection")),
    failed: cut.reject,
  });
  try {
    options.signal?.throwIfAborted();
    const socket = await Promise.race([role.start(stream), cut.promise]);
    return new OpenTlsConnection(connection, {
      socket,
      stream,
      security: role.judge(socket, stream),
    });
  } catch (error) {
    connection.close();
    stream.tellClosed();
    options.signal?.throwIfAborted();
    if (deadline.expired) {
      const seconds = options.timeout / 1000;
      throw new TimeoutError(`Cannot start TLS: no end within ${seconds} s`, { cause: error });
    }
    throw new TlsError(`Cannot start TLS: ${handshakeReason(error)}`, { cause: error });
  } finally {
    deadline.signal.removeEventListener("abort", abort);
    cut.promise.catch(() => {}); // nobody waits for it any more
  }
}

function handshakeReason(error: unknown): string {
  const reason = reasonOf(error);
  return /InvalidContentType/.test(reason) ? "the peer does not speak TLS" : reason;
}

class OpenTlsConnection implements TlsConnection {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly security: TlsSecurity;
  readonly #connection: Connection;
  readonly #socket: TLSSocket;
  readonly #stream: CipherStream;
  readonly #arrived: Uint8Array[] = [];
  #waiting = 0;
  #end: "open" | "ended" | "cut" = "open";
  #failure: unknown;
  #wake: (() => void) | undefined;
  /** Ends what waits for a callback that may never come. */
  readonly #pending = new Set<(reason: unknown) => void>();

  constructor(
    connection: Connection,
    { socket, stream, security }: {
      readonly socket: TLSSocket;
      readonly stream: CipherStream;
      readonly security: TlsSecurity;
    },
  ) {
    this.local = connection.local;
    this.remote = connection.remote;
    this.#connection = connection;
    this.#socket = socket;
    this.#stream = stream;
    this.security = security;
    // At once and never paused: whatever comes while nobody listens, the runtime may lose.
    socket.on("data", (data: Uint8Array) => this.#take(data));
    socket.on("end", () => this.#ended("ended"));
    const broken = (error: Error): void => this.#fail(tlsFailure(error));
    socket.on("error", broken);
    socket.on("_tlsError", broken);
    // What the connection below says is passed on as it is: it is no fault of the peer's TLS.
    const failed = (error: unknown): void => this.#fail(error);
    stream.on("error", failed);
    stream.watch({ ended: () => this.#ended("cut"), failed });
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    for (let piece = this.#arrived[0];; piece = this.#arrived[0]) {
      if (piece !== undefined) return this.#give(piece, buffer);
      if (this.#end === "ended") return null;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#end === "cut") {
        throw new TruncatedError("The TLS stream was cut: it ended without close_notify");
      }
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  async write(bytes: Uint8Array): Promise<number> {
    const piece = bytes.subarray(0, PIECE);
    await this.#orFailure((done) => this.#socket.write(piece, done));
    if (this.#stream.writableNeedDrain) {
      await this.#orFailure((done) => this.#stream.once("drain", done));
    }
    return piece.length;
  }

  async finish(): Promise<void> {
    await this.#sayEnd();
    await this.#connection.finish();
  }

  async unwrap(): Promise<Connection> {
    const next = this.#stream.letGo();
    next.catch(() => {}); // whoever reads is told
    await this.#sayEnd();
    return new ReleasedConnection(this.#connection, next);
  }

  async #sayEnd(): Promise<void> {
    await this.#orFailure((done) => this.#socket.end(done));
    // close_notify is handed over behind the callback.
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#stream.writableLength > 0) {
      await this.#orFailure((done) => this.#stream.write(new Uint8Array(), done));
    }
  }

  close(): void {
    this.#fail(new Error("The connection was closed"));
    // Sends no close_notify: what was not finished must not look whole.
    this.#socket.destroy();
    this.#connection.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #take(data: Uint8Array): void {
    this.#arrived.push(data);
    this.#waiting += data.length;
    if (this.#waiting > MOST_WAITING) this.#stream.holdBack();
    this.#wakeUp();
  }

  #give(piece: Uint8Array, buffer: Uint8Array): number {
    const count = Math.min(piece.length, buffer.length);
    buffer.set(piece.subarray(0, count));
    if (count === piece.length) this.#arrived.shift();
    else this.#arrived[0] = piece.subarray(count);
    this.#waiting -= count;
    if (this.#waiting < MOST_WAITING / 2) this.#stream.goOn();
    return count;
  }

  #ended(how: "ended" | "cut"): void {
    if (this.#end === "open") this.#end = how;
    this.#wakeUp();
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    for (const reject of this.#pending) reject(this.#failure);
    this.#pending.clear();
    this.#stream.goOn();
    this.#wakeUp();
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /** Waits for a callback, but not longer than the connection lives. */
  #orFailure(start: (done: (error?: Error | null) => void) => void): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#pending.add(reject);
      start((error) => {
        this.#pending.delete(reject);
        if (error) reject(error);
        else resolve();
      });
    });
  }
}

function tlsFailure(error: Error): ProtocolError {
  return new ProtocolError(`TLS failed: ${reasonOf(error)}`, { cause: error });
}
