/**
 * The one copy loop: bytes from a source to a sink, as fast as both allow.
 *
 * A buffer is on loan from its first byte read to its last one written, so that a peer that stalls
 * keeps no more than one, or two where the copy reads ahead; a filled part never waits for the rest
 * when the sink is idle. Stall timeout, rate limit, cancellation, byte count and the
 * ASCII conversion happen here, for uploads and downloads on both sides.
 *
 * @module
 */
import { type Buffer, BUFFER_SIZES, type BufferKind, threadBuffers } from "./buffer_pool.ts";
import { type ByteSink, writeAll } from "./connection.ts";
import { reasonOf, TransferError, type TransferFault } from "./errors.ts";
import { Momentum } from "./momentum.ts";
import { Watch, type WatchOptions } from "./pump_watch.ts";
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
export interface PumpOptions extends WatchOptions {
  /**
   * Reads on while the sink is busy, into a second buffer: worth it where another thread does the
   * writing. A connection has buffers of its own.
   */
  readonly readAhead?: boolean;
  /** Bytes per second. */
  readonly rateLimit?: Pace;
  /** Conversion between source and sink. */
  readonly transform?: ByteTransform;
  /** Told of every piece that was written, in bytes. */
  readonly onBytes?: (bytes: number) => void;
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

/** A buffer that goes back to the pool when nobody uses it any more. */
class Loan {
  readonly bytes: Buffer;
  #users = 1;

  constructor(wanted: BufferKind) {
    this.bytes = threadBuffers.lend(wanted);
  }

  /** Whoever fills or writes it does so even when the copy has failed: nobody else gets it then. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#users++;
    try {
      return await work;
    } finally {
      this.release();
    }
  }

  /** Its borrower needs it no longer. */
  release(): void {
    if (--this.#users === 0) threadBuffers.giveBack(this.bytes);
  }
}

const NOTHING = new Uint8Array();

/** One copy. */
class Copy {
  readonly #source: ByteSource;
  readonly #output: Output;
  readonly #options: PumpOptions;
  readonly #watch: Watch;
  readonly #momentum = new Momentum();
  #writing = Promise.resolve();
  #idle = true;
  /** What has arrived and nobody writes yet: always a part of the buffer that is being filled. */
  #waiting: Uint8Array = NOTHING;

  constructor(source: ByteSource, { output, options, watch }: {
    readonly output: Output;
    readonly options: PumpOptions;
    readonly watch: Watch;
  }) {
    this.#source = source;
    this.#output = output;
    this.#options = options;
    this.#watch = watch;
  }

  /** Copies everything. */
  async run(): Promise<void> {
    const { rateLimit, readAhead = false } = this.#options;
    const slice = new Slice();
    for (let ended = false; !ended;) {
      // A slow rate lets through no more than a burst at once, so there it reads no further ahead.
      const burst = rateLimit?.burst ?? Infinity;
      ended = await this.#pass(burst);
      if (!readAhead || burst < BUFFER_SIZES.large) await this.#writing;
      // Where neither side ever has to wait, nobody else would have a turn.
      if (slice.over) await nextTurn();
    }
    await this.#writing;
    await this.#guarded("sink", this.#output.finish());
  }

  /** Fills one buffer, and begins to write it. Tells whether that was all. */
  async #pass(burst: number): Promise<boolean> {
    const loan = new Loan(burst > BUFFER_SIZES.small ? this.#momentum.wanted : "small");
    try {
      const ended = await this.#fill(loan, burst);
      await this.#writing;
      this.#options.signal.throwIfAborted();
      this.#flush(loan);
      return ended;
    } catch (error) {
      await this.#rescue();
      throw error;
    } finally {
      loan.release();
    }
  }

  /** Reads on as long as the sink is busy. */
  async #fill(loan: Loan, burst: number): Promise<boolean> {
    const buffer = loan.bytes.subarray(0, burst);
    let filled = 0;
    do {
      const reading = this.#guarded(
        "source",
        loan.during(this.#source.read(buffer.subarray(filled))),
      );
      // What has arrived must not wait for what has not.
      if (this.#waiting.length > 0) await Promise.race([reading, this.#writing]);
      if (this.#idle) this.#flush(loan);
      const begun = filled - this.#waiting.length;
      const read = await reading;
      this.#watch.progress();
      if (read === null) return true;
      this.#momentum.moved(read);
      filled += read;
      this.#waiting = buffer.subarray(begun, filled);
    } while (!this.#idle && filled < buffer.length);
    return false;
  }

  #flush(loan: Loan): void {
    if (this.#waiting.length === 0) return;
    this.#idle = false;
    const written = loan.during(this.#guarded("sink", this.#output.write(this.#waiting)));
    this.#writing = written.finally(() => this.#idle = true);
    this.#writing.catch(() => {}); // awaited later, so not unhandled until then
    this.#waiting = NOTHING;
  }

  /** Every byte that was received is written, whatever became of the source. */
  async #rescue(): Promise<void> {
    await this.#writing.catch(() => {});
    if (this.#watch.fault !== "sink") await this.#output.write(this.#waiting).catch(() => {});
  }

  async #guarded<T>(side: TransferFault, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      this.#watch.failed(side, error);
      throw error;
    }
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
  const output = new Output(sink, options, watch);
  try {
    await new Copy(source, { output, options, watch }).run();
    return output.bytes;
  } catch (error) {
    const { fault = "cancel", cause = error } = watch;
    const { bytes } = output;
    throw new TransferError(describe(fault, cause, options), { bytes, fault, cause });
  }
}

function describe(fault: TransferFault, error: unknown, options: PumpOptions): string {
  if (fault === "stall") return `no data for ${(options.stallTimeout ?? 0) / 1000} s`;
  return reasonOf(fault === "cancel" ? options.signal.reason : error);
}
