/**
 * One remote file on its way here: what every way of fetching it has in common.
 *
 * @module
 */
import { AsciiDecoder } from "../../shared/ascii.ts";
import type { ByteSink } from "../../shared/connection.ts";
import { TransferError } from "../../shared/errors.ts";
import type { RateLimit } from "../../shared/rate_limit.ts";
import type { FileOptions } from "../client_options.ts";
import { receive } from "../connection/transfer.ts";
import { isNewer, type RemoteStat } from "../listing/remote_stat.ts";
import type { RunningProgress } from "../output/metered_progress.ts";
import type { Report } from "../output/report.ts";
import { displayName } from "../remote_name.ts";
import type { Session } from "../session/session.ts";
import type { RunningHash } from "./verify.ts";

/** Which file, and how. */
export interface RetrievalRequest {
  /** The remote path. */
  readonly path: string;
  readonly options: FileOptions;
  readonly rateLimit: RateLimit | undefined;
  readonly report: Report;
}

/** What is known of a file that is about to come. */
export interface Incoming {
  readonly remote: RemoteStat;
  /** With `--verify`. */
  readonly hash: RunningHash | undefined;
}

/** The server's file changed while it was fetched: the next try fetches it anew. */
export class RemoteChange extends TransferError {}

/**
 * Milliseconds: behind a transfer that took less nobody asks whether the file has changed. That is a
 * round trip, as long as a small file itself takes, and servers tell times in whole seconds anyway.
 */
const MOMENT = 1000;

/** One file of a server. */
export class Retrieval {
  readonly request: RetrievalRequest;
  /** What is done, for messages: `download "x"`. */
  readonly action: string;
  #moved = 0;
  /** It took a {@linkcode MOMENT} or longer to come. */
  #isSlow = false;

  /** Asks for nothing yet. */
  constructor(request: RetrievalRequest) {
    this.request = request;
    this.action = `download "${displayName(request.path)}"`;
  }

  /** Bytes that have come, in all tries together. */
  get moved(): number {
    return this.#moved;
  }

  /** Shows how far it is, from `offset` on. */
  progress(remote: RemoteStat, offset: number): RunningProgress {
    const { path, report } = this.request;
    return report.progress.begin({ name: path, total: remote.size, offset });
  }

  /**
   * Receives the file to its end, in one stream.
   *
   * @param session Where.
   * @param way From which byte on, and what takes them.
   * @throws {FtpkitError} As {@linkcode Retrieval.fetch}.
   */
  async fetchRest(
    session: Session,
    way: {
      readonly remote: RemoteStat;
      readonly offset: number;
      readonly sink: ByteSink;
      readonly interrupt?: () => void;
    },
  ): Promise<void> {
    const { remote, ...rest } = way;
    using meter = this.progress(remote, way.offset);
    const begun = performance.now();
    await this.fetch(session, { ...rest, meter });
    this.#isSlow = performance.now() - begun >= MOMENT;
  }

  /**
   * Receives the file or a part of it.
   *
   * @param session Where.
   * @param way From which byte on, how many are enough (none: to the end), and what takes them.
   * @throws {ReplyError} If the server refuses.
   * @throws {TransferError} If the data breaks off.
   * @throws {LocalFileError} If it cannot be written; what the sink throws of our own goes through.
   */
  async fetch(
    session: Session,
    way: {
      readonly offset: number;
      readonly enough?: () => number;
      readonly sink: ByteSink;
      readonly meter: RunningProgress;
      readonly interrupt?: () => void;
    },
  ): Promise<void> {
    const { path, options, rateLimit } = this.request;
    const { meter, ...rest } = way;
    await session.prepareTransfer(options.ascii ? "A" : "I");
    await receive(session.link, {
      ...rest,
      action: this.action,
      verb: "RETR",
      argument: path,
      rateLimit,
      transform: options.ascii ? new AsciiDecoder() : undefined,
      onBytes: (bytes) => {
        this.#moved += bytes;
        meter.add(bytes);
      },
    });
  }

  /**
   * Compares what came with what the server has. It is asked again where the sizes differ, and where
   * there was time for a change. A file that has only grown is whole: a log does so all the time.
   *
   * @throws {RemoteChange} If the file has changed meanwhile.
   * @throws {TransferError} If not all of it came.
   */
  async checkWhole(
    session: Session,
    got: { readonly remote: RemoteStat; readonly size: number },
  ): Promise<void> {
    const { path, options: { ascii } } = this.request;
    const { remote, size } = got;
    const { size: told = size } = remote;
    const isWhole = ascii || told === size;
    if (isWhole && !this.#isSlow) return;
    const now = await session.stat(path);
    // Of one that was removed meanwhile all came that there was.
    if (isWhole && now.refusal !== undefined) return;
    const { size: there = told } = now;
    if (there > told && (ascii || told <= size && size <= there)) return;
    // The size in a listing may be that of a link to it.
    if (there === size && !this.#isSlow) return;
    this.checkUnchanged(remote, now);
    if (isWhole) return;
    const message = `Cannot ${this.action}: ${size} of ${there} bytes arrived`;
    throw new TransferError(message, { bytes: size });
  }

  /**
   * Compares what the server told of the file before and behind a transfer.
   *
   * @throws {RemoteChange} If it is another one, or another state of it.
   */
  checkUnchanged(before: RemoteStat, now: RemoteStat): void {
    const isOther = isNewer(now.modified, before.modified) ||
      isNewer(before.modified, now.modified);
    if (now.size === before.size && !isOther) return;
    const message = `Cannot ${this.action}: the file has changed meanwhile`;
    throw new RemoteChange(message, { bytes: this.#moved, fault: "source" });
  }

  /**
   * Compares hashes, where that is asked for.
   *
   * @throws {HashMismatch} If they differ.
   * @throws {ReplyError} If the server does not tell its own.
   */
  async checkHash(
    session: Session,
    got: { readonly hash: RunningHash | undefined; readonly size: number },
  ): Promise<void> {
    const { path, report } = this.request;
    if (got.hash === undefined) return;
    await got.hash.compare(session, { path, size: got.size });
    report.detail(`${displayName(path)}: its ${got.hash.algorithm} is the server's`);
  }

  /** Says something about this file. */
  notice(text: string): void {
    this.request.report.notice(`${displayName(this.request.path)}: ${text}`);
  }
}
