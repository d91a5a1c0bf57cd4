/**
 * One file over several connections, each of which fetches pieces of it with REST.
 *
 * The server is trusted in nothing: each piece begins a little earlier than it must, and what comes
 * is compared with what the piece before it has got. Where the first that comes in a session could be
 * the file's beginning, or that is not known yet, the session shows first that it begins where it is
 * told, by sending the end of the file.
 *
 * @module
 */
import type { ByteSink } from "../../shared/connection.ts";
import {
  FtpkitError,
  InterruptedError,
  LocalFileError,
  reasonOf,
  ReplyError,
  TransferError,
} from "../../shared/errors.ts";
import type { RemoteStat } from "../listing/remote_stat.ts";
import type { Session } from "../session/session.ts";
import { OVERLAP, ResumeMismatch } from "./part_file.ts";
import type { Piece, SegmentFile } from "./segment_file.ts";
import { SegmentPieces } from "./segment_pieces.ts";

/** Opens sessions with one server. */
export interface SessionOpener {
  /**
   * Opens one more.
   *
   * @param signal Ends it, and the wait for it.
   * @throws {FtpkitError} If there is none to be had.
   */
  open(signal: AbortSignal): Promise<Session>;
}

/** This server cannot send a file in segments. */
export class NoSegments extends FtpkitError {
  override readonly name = "NoSegments";
}

/** A part of the file. */
export interface RequestedRange {
  /** Where it begins, in bytes. */
  readonly offset: number;
  /** Tells after how many bytes it is enough; Infinity: up to the end. */
  readonly enough: () => number;
  readonly sink: ByteSink;
}

/** What to fetch and how. */
export interface SegmentsRequest {
  readonly file: SegmentFile;
  /** What is done, for messages: `download "x"`. */
  readonly action: string;
  /** How many connections at the most. */
  readonly connections: number;
  readonly opener: SessionOpener;
  /** Receives a part of the file in a session. */
  receive(session: Session, range: RequestedRange): Promise<void>;
  /** Asks the server about the file. */
  stat(session: Session): Promise<RemoteStat>;
  /** Told once why there are fewer connections than asked for. */
  onFewer(reason: string): void;
}

/**
 * Fetches what is missing of a file.
 *
 * @param session The first connection; the others are opened.
 * @param request What, and how.
 * @returns What the server says of the file behind its last byte.
 * @throws {NoSegments} If the server cannot begin at any byte.
 * @throws {ResumeMismatch} If what is here is not of the server's file.
 * @throws {FtpkitError} What the first session failed with, where the others could not do its part.
 */
export async function fetchSegments(
  session: Session,
  request: SegmentsRequest,
): Promise<RemoteStat> {
  return await new Segments(request).run(session);
}

/** What nobody else would fare better with. */
function concernsAll(error: unknown): boolean {
  return error instanceof NoSegments || error instanceof ResumeMismatch ||
    error instanceof LocalFileError || error instanceof InterruptedError ||
    !(error instanceof FtpkitError);
}

/** What fetches in one session. */
interface Worker {
  /** It is among those that have not asked for a piece yet. */
  isExpected: boolean;
  /** Bytes of the file. */
  brought: number;
}

class Segments {
  readonly #request: SegmentsRequest;
  readonly #pieces: SegmentPieces;
  readonly #stop = new AbortController();
  /** What the server says of the file behind its last byte; undefined: nobody could ask. */
  #stat: Promise<RemoteStat | undefined> | undefined;
  /** That there are fewer connections was said. */
  #isFewer = false;
  #fault: unknown;
  #change = Promise.withResolvers<void>();

  constructor(request: SegmentsRequest) {
    this.#request = request;
    this.#pieces = new SegmentPieces(request.file.map.missing());
  }

  async run(session: Session): Promise<RemoteStat> {
    const more = Math.max(0, this.#pieces.connections(this.#request.connections) - 1);
    this.#pieces.expected = more;
    const others = Array.from({ length: more }, () => this.#fetchInAnother());
    let failure: unknown;
    try {
      await this.#fetchIn(session, { isExpected: false, brought: 0 });
      await this.#stat;
      this.#stop.abort(new FtpkitError("All of the file is there"));
    } catch (error) {
      failure = error;
      if (concernsAll(error)) this.#giveUp(error);
    }
    // Where the first session failed, the others go on with what it has left.
    await Promise.all(others);
    if (this.#fault !== undefined) throw this.#fault;
    if (this.#isHere) return await this.#stat ?? await this.#request.stat(session);
    throw failure;
  }

  get #isHere(): boolean {
    return this.#request.file.map.missing().length === 0;
  }

  /** A connection that is lost is replaced as long as it has brought something. */
  async #fetchInAnother(): Promise<void> {
    const { opener, onFewer } = this.#request;
    const { signal } = this.#stop;
    for (let isFirst = true;; isFirst = false) {
      const worker = { isExpected: isFirst, brought: 0 };
      try {
        await using session = await opener.open(signal);
        // It begins as soon as it is told where.
        await session.prepareTransfer("I");
        return await this.#fetchIn(session, worker);
      } catch (error) {
        this.#expectNoMore(worker);
        if (signal.aborted) return;
        if (concernsAll(error)) return this.#giveUp(error);
        if (worker.brought > 0) continue;
        if (!this.#isFewer) onFewer(reasonOf(error));
        this.#isFewer = true;
        return;
      }
    }
  }

  /** Fetches one piece after another. */
  async #fetchIn(session: Session, worker: Worker): Promise<void> {
    let isProven = false;
    for (;;) {
      const piece = await this.#next(worker);
      if (piece === undefined) return await this.#askIn(session);
      const { start } = piece;
      try {
        if (start === 0 || isProven) await this.#fetch(session, piece);
        else await this.#fetchFirst(session, piece);
        isProven ||= start > 0;
      } finally {
        worker.brought += piece.start - start;
        this.#pieces.giveBack(piece);
        this.#changed();
      }
    }
  }

  /** Who is free waits for what others may give back, up to the last byte of the file. */
  async #next(worker: Worker): Promise<Piece | undefined> {
    this.#expectNoMore(worker);
    for (;;) {
      if (this.#fault !== undefined) throw this.#fault;
      const piece = this.#pieces.take();
      if (piece !== undefined || this.#isHere || !this.#pieces.hasRunning) return piece;
      await this.#change.promise;
    }
  }

  #expectNoMore(worker: Worker): void {
    if (worker.isExpected) this.#pieces.expected--;
    worker.isExpected = false;
  }

  /** The first session that is free behind the last byte asks, while others still end their transfers. */
  async #askIn(session: Session): Promise<void> {
    if (!this.#isHere || this.#stat !== undefined) return;
    this.#stat = this.#request.stat(session).catch(() => undefined);
    await this.#stat;
  }

  #giveUp(error: unknown): void {
    this.#fault ??= error;
    this.#stop.abort(error);
    this.#changed();
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers<void>();
  }

  /** Fetches a piece in a session that has not shown yet that it can resume. */
  async #fetchFirst(session: Session, piece: Piece): Promise<void> {
    const beginning = await this.#request.file.beginning();
    if (beginning !== undefined && await this.#fetch(session, piece, beginning)) return;
    await this.#checkRestart(session);
    await this.#fetch(session, piece);
  }

  /** The last bytes of the file are asked for, and must be as many. */
  async #checkRestart(session: Session): Promise<void> {
    const length = Math.min(OVERLAP, this.#request.file.map.total);
    let received = 0;
    const write = (bytes: Uint8Array): Promise<number> => {
      received += bytes.length;
      if (received > length) throw new NoSegments("the server begins at another byte than asked");
      return Promise.resolve(bytes.length);
    };
    await this.#receive(session, {
      offset: this.#request.file.map.total - length,
      enough: () => Infinity,
      sink: { write },
    });
    if (received < length) throw new NoSegments("the server does not send the end of the file");
  }

  /**
   * Fetches a piece.
   *
   * @returns False: what came could be `beginning`, and nothing was taken of it.
   */
  async #fetch(session: Session, piece: Piece, beginning?: Uint8Array): Promise<boolean> {
    const { file, action } = this.#request;
    const writer = await file.writer(piece, beginning);
    const write = async (bytes: Uint8Array): Promise<number> => {
      if (this.#fault !== undefined) throw this.#fault;
      this.#pieces.came(piece);
      const written = await writer.write(bytes);
      if (piece.start >= piece.end) this.#changed();
      return written;
    };
    const enough = (): number => {
      if (writer.isDoubtful) return 0;
      // The last piece is read up to the end: a file that has grown must show.
      return piece.end === file.map.total ? Infinity : piece.end - writer.start;
    };
    await this.#receive(session, { offset: writer.start, enough, sink: { write } });
    if (writer.isDoubtful || piece.start >= piece.end) return !writer.isDoubtful;
    const message = `Cannot ${action}: ${file.map.bytes} of ${file.map.total} bytes arrived`;
    throw new TransferError(message, { bytes: file.map.bytes });
  }

  async #receive(
    session: Session,
    range: RequestedRange,
  ): Promise<void> {
    try {
      await this.#request.receive(session, range);
    } catch (error) {
      const isRefused = error instanceof ReplyError && error.command === "REST" &&
        !error.transient;
      throw isRefused ? new NoSegments("the server cannot resume", { cause: error }) : error;
    }
  }
}
