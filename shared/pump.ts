/**
 * The one copy loop: bytes from a source to a sink, as fast as both allow.
 *
 * Two buffers take turns: while one is written, the other is filled, and a filled part never waits
 * for the rest when the sink is idle. Stall timeout, rate limit, cancellation, byte count and the
 * ASCII conversion happen here, for uploads and downloads on both sides.
 *
 * @module
 */
import { type ByteSink, writeAll } from "./connection.ts";
import { reasonOf, TransferError, type TransferFault } from "./errors.ts";
import type { Pace } from "./rate_limit.ts";
import { nextTurn, Slice } from "./turn.ts";

/** Something that gives bytes piece by piece: a file or a connection. */
export interface ByteSource {
  /** Reads at least one byte into the buffer; null at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
}

/** A conversion on the way, chunk by chunk, such as TYPE A. */
export interface ByteTransform {
  /** Converts one chunk; may give back the chunk itself. */
  push(chunk: Uint8Array): Uint8Array;
  /** What is left at the end. */
  finish(): Uint8Array;
}

/** How to copy. */
export interface PumpOptions {
  /** Ends the copy. */
  readonly signal: AbortSignal;
  /**
   * Ends what is pending on the source and the sink: closes the connection. Called at most once, with
   * what is wrong.
   */
  readonly interrupt: (fault: TransferFault) => void;
  /** Milliseconds without a byte in either direction after which the copy fails; none: no limit. */
  readonly stallTimeout?: number;
  /** Bytes per second. */
  readonly rateLimit?: Pace;
  /** Conversion between source and sink. */
  readonly transform?: ByteTransform;
  /** Told of every piece that was written, in bytes. */
  readonly onBytes?: (bytes: number) => void;
}

/** Size of each of the two buffers in bytes: below 256 KiB the loop, not the kernel, is the limit. */
export const BUFFER_SIZE = 1024 * 1024;

/** Buffers kept for the next transfer, so that small files do not pay for large buffers. */
const POOL_LIMIT = 16;
const pool: Uint8Array<ArrayBuffer>[] = [];

/** Two buffers on loan from the pool. */
class BufferPair implements Disposable {
  readonly #buffers = [lend(), lend()] as const;
  #filling = false;

  /**
   * Notes that a buffer is being filled, which goes on when the copy has failed meanwhile: another
   * transfer must not get it then.
   */
  async filled<T>(reading: Promise<T>): Promise<T> {
    this.#filling = true;
    try {
      return await reading;
    } finally {
      this.#filling = false;
    }
  }

  /** The buffer for the n-th turn. */
  at(turn: number): Uint8Array {
    return turn % 2 === 0 ? this.#buffers[0] : this.#buffers[1];
  }

  [Symbol.dispose](): void {
    if (this.#filling) return;
    for (const buffer of this.#buffers) {
      if (pool.length < POOL_LIMIT) pool.push(buffer);
      // Hundreds of them would be there until the collector looks, which an idle server has no reason to do.
      else buffer.buffer.transfer(0);
    }
  }
}

function lend(): Uint8Array<ArrayBuffer> {
  return pool.pop() ?? new Uint8Array(BUFFER_SIZE);
}

/** Watches for progress and for the signal; interrupts the copy once. */
class Watch implements Disposable {
  readonly #options: PumpOptions;
  #fault: TransferFault | undefined;
  #cause: unknown;
  #last = performance.now();
  #pacing = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: PumpOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", this.#cancel, { once: true });
    if (options.signal.aborted) this.#interrupt("cancel");
    else this.#arm(options.stallTimeout);
  }

  /** Why the copy was interrupted. */
  get fault(): TransferFault | undefined {
    return this.#fault;
  }

  /** A byte moved. */
  progress(): void {
    this.#last = performance.now();
  }

  /** Waits for the rate: however long that takes, neither side is to blame. */
  async paced(wait: Promise<void>): Promise<void> {
    this.#pacing = true;
    await wait.finally(() => {
      this.#pacing = false;
      this.progress();
    });
  }

  /** What the side that failed first threw; the other one only throws that it was interrupted. */
  get cause(): unknown {
    return this.#cause;
  }

  /** One side failed: the other must not go on waiting. */
  failed(fault: TransferFault, cause: unknown): void {
    if (this.#fault === undefined) this.#cause = cause;
    this.#interrupt(fault);
  }

  readonly #cancel = (): void => this.#interrupt("cancel");

  #arm(delay: number | undefined): void {
    if (delay !== undefined) this.#timer = setTimeout(() => this.#check(delay), delay);
  }

  // The timer is set anew only when it fires, not at each byte.
  #check(limit: number): void {
    if (this.#pacing) this.progress();
    const left = (this.#options.stallTimeout ?? limit) - (performance.now() - this.#last);
    if (left <= 0) this.#interrupt("stall");
    else this.#arm(Math.ceil(left));
  }

  #interrupt(fault: TransferFault): void {
    if (this.#fault !== undefined) return;
    this.#fault = fault;
    this.#options.interrupt(fault);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#options.signal.removeEventListener("abort", this.#cancel);
  }
}

/** The writing half: conversion, rate limit and count. */
class Output {
  readonly #sink: ByteSink;
  readonly #options: PumpOptions;
  readonly #watch: Watch;
  bytes = 0;

  constructor(sink: ByteSink, options: PumpOptions, watch: Watch) {
    this.#sink = sink;
    this.#options = options;
    this.#watch = watch;
  }

  async write(chunk: Uint8Array): Promise<void> {
    const { transform, rateLimit } = this.#options;
    const bytes = transform ? transform.push(chunk) : chunk;
    if (rateLimit === undefined) return await this.#send(bytes);
    for (let start = 0; start < bytes.length;) {
      const piece = bytes.subarray(start, start + rateLimit.burst);
      await this.#pace(rateLimit, piece.length);
      await this.#send(piece);
      start += piece.length;
    }
  }

  /** Once the copy is cancelled nothing waits: what has been received must not be lost. */
  async #pace(rateLimit: Pace, bytes: number): Promise<void> {
    const { signal } = this.#options;
    try {
      if (!signal.aborted) await this.#watch.paced(rateLimit.wait(bytes, signal));
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async finish(): Promise<void> {
    const rest = this.#options.transform?.finish();
    if (rest !== undefined) await this.#send(rest);
  }

  async #send(bytes: Uint8Array): Promise<void> {
    const counting: ByteSink = {
      write: async (piece) => {
        const taken = await this.#sink.write(piece);
        this.bytes += taken;
        this.#watch.progress();
        this.#options.onBytes?.(taken);
        return taken;
      },
    };
    await writeAll(counting, bytes);
  }
}

/**
 * Copies everything from the source to the sink.
 *
 * The caller still owns both: nothing is closed here but what `options.interrupt` closes.
 *
 * @param source Where the bytes come from.
 * @param sink Where they go.
 * @param options Limits, conversion and cancellation.
 * @returns Bytes written, after conversion.
 * @throws {TransferError} If either side failed, it stalled or was cancelled: `fault` tells which,
 * `bytes` how many were written.
 */
export async function pump(
  source: ByteSource,
  sink: ByteSink,
  options: PumpOptions,
): Promise<number> {
  using watch = new Watch(options);
  using buffers = new BufferPair();
  const output = new Output(sink, options, watch);
  const guarded = async <T>(side: TransferFault, work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      watch.failed(side, error);
      throw error;
    }
  };
  let writing = Promise.resolve();
  let idle = true;
  // What has arrived and nobody writes yet: always a part of the buffer that is being filled.
  let waiting: Uint8Array = new Uint8Array();
  const slice = new Slice();
  const flush = (): void => {
    idle = false;
    writing = guarded("sink", output.write(waiting)).finally(() => idle = true);
    writing.catch(() => {}); // awaited later, so not unhandled until then
    waiting = new Uint8Array();
  };
  try {
    let ended = false;
    for (let turn = 0; !ended; turn++) {
      // A slow rate lets through no more than a burst at once, so there it reads no further ahead.
      const room = Math.min(BUFFER_SIZE, options.rateLimit?.burst ?? BUFFER_SIZE);
      const buffer = buffers.at(turn).subarray(0, room);
      let filled = 0;
      do {
        const reading = guarded("source", buffers.filled(source.read(buffer.subarray(filled))));
        // What has arrived must not wait for what has not.
        if (waiting.length > 0) await Promise.race([reading, writing]);
        if (waiting.length > 0 && idle) flush();
        const begun = filled - waiting.length;
        const read = await reading;
        watch.progress();
        ended = read === null;
        filled += read ?? 0;
        waiting = buffer.subarray(begun, filled);
      } while (!ended && !idle && filled < room);
      await writing;
      options.signal.throwIfAborted();
      if (waiting.length > 0) flush();
      if (room < BUFFER_SIZE) await writing;
      // Where neither side ever has to wait, nobody else would have a turn.
      if (slice.over) await nextTurn();
    }
    await writing;
    await guarded("sink", output.finish());
    return output.bytes;
  } catch (error) {
    await writing.catch(() => {});
    // Every byte that was received is written, whatever became of the source.
    if (watch.fault !== "sink") await output.write(waiting).catch(() => {});
    const fault = watch.fault ?? "cancel";
    const cause = watch.cause ?? error;
    const bytes = output.bytes;
    throw new TransferError(describe(fault, cause, options), { bytes, fault, cause });
  }
}

function describe(fault: TransferFault, error: unknown, options: PumpOptions): string {
  if (fault === "stall") return `no data for ${(options.stallTimeout ?? 0) / 1000} s`;
  return reasonOf(fault === "cancel" ? options.signal.reason : error);
}
