/**
 * One file over several connections, each of which fetches pieces of it with REST.
 *
 * The server is trusted in nothing: before its first piece each session shows that it begins where
 * it is told, by sending the end of the file; each piece begins a little earlier than it must, and
 * what comes is compared with what the piece before it has got.
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
import type { Session } from "../session/session.ts";
import { OVERLAP, ResumeMismatch } from "./part_file.ts";
import type { Piece, SegmentFile } from "./segment_file.ts";

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
  /** Told once why there are fewer connections than asked for. */
  onFewer(reason: string): void;
}

/** Bytes below which a connection of its own is not worth the while. */
export const SMALLEST_PIECE = 256 * 1024;

/** Bytes that another connection still has to fetch, of which one that is done takes over half. */
const WORTH_SHARING = 1024 * 1024;

/**
 * Fetches what is missing of a file.
 *
 * @param session The first connection; the others are opened.
 * @param request What, and how.
 * @throws {NoSegments} If the server cannot begin at any byte.
 * @throws {ResumeMismatch} If what is here is not of the server's file.
 * @throws {FtpkitError} What the first session failed with, where the others could not do its part.
 */
export async function fetchSegments(session: Session, request: SegmentsRequest): Promise<void> {
  await new Segments(request).run(session);
}

/** What nobody else would fare better with. */
function concernsAll(error: unknown): boolean {
  return error instanceof NoSegments || error instanceof ResumeMismatch ||
    error instanceof LocalFileError || error instanceof InterruptedError ||
    !(error instanceof FtpkitError);
}

/** What fetches in one session. */
interface Worker {
  /** It waits for what others may give back. */
  readonly waits: boolean;
  /** Bytes of the file. */
  brought: number;
}

class Segments {
  readonly #request: SegmentsRequest;
  readonly #waiting: Piece[];
  readonly #running = new Set<Piece>();
  readonly #stop = new AbortController();
  /** That there are fewer connections was said. */
  #isFewer = false;
  #fault: unknown;
  #change = Promise.withResolvers<void>();

  constructor(request: SegmentsRequest) {
    this.#request = request;
    const { file, connections } = request;
    this.#waiting = file.map.pieces(connections, SMALLEST_PIECE);
  }

  async run(session: Session): Promise<void> {
    const more = Math.min(this.#request.connections, this.#waiting.length) - 1;
    const others = Array.from({ length: Math.max(0, more) }, () => this.#fetchInAnother());
    let failure: unknown;
    try {
      await this.#fetchIn(session, { waits: true, brought: 0 });
      this.#stop.abort(new FtpkitError("All of the file is there"));
    } catch (error) {
      failure = error;
      if (concernsAll(error)) this.#giveUp(error);
    }
    // Where the first session failed, the others go on with what it has left.
    await Promise.all(others);
    if (this.#fault !== undefined) throw this.#fault;
    if (this.#request.file.map.missing().length > 0) throw failure;
  }

  /** A connection that is lost is replaced as long as it has brought something. */
  async #fetchInAnother(): Promise<void> {
    const { opener, onFewer } = this.#request;
    const { signal } = this.#stop;
    for (;;) {
      const worker = { waits: false, brought: 0 };
      try {
        await using session = await opener.open(signal);
        return await this.#fetchIn(session, worker);
      } catch (error) {
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
    let isChecked = false;
    for (;;) {
      const piece = await this.#next(worker);
      if (piece === undefined) return;
      const { start } = piece;
      try {
        if (start > 0 && !isChecked) await this.#checkRestart(session);
        isChecked ||= start > 0;
        await this.#fetch(session, piece);
      } finally {
        worker.brought += piece.start - start;
        this.#giveBack(piece);
      }
    }
  }

  async #next(worker: Worker): Promise<Piece | undefined> {
    for (;;) {
      if (this.#fault !== undefined) throw this.#fault;
      const piece = this.#waiting.shift() ?? this.#share();
      if (piece !== undefined) this.#running.add(piece);
      if (piece !== undefined || !worker.waits || this.#running.size === 0) return piece;
      await this.#change.promise;
    }
  }

  /** Half of what the connection with the most to do has still before it. */
  #share(): Piece | undefined {
    const left = (piece: Piece): number => piece.end - piece.start;
    const [most] = [...this.#running].sort((a, b) => left(b) - left(a));
    if (most === undefined || left(most) < WORTH_SHARING) return undefined;
    const { end } = most;
    most.end -= Math.floor(left(most) / 2);
    return { start: most.end, end };
  }

  #giveBack(piece: Piece): void {
    this.#running.delete(piece);
    if (piece.start < piece.end) this.#waiting.unshift(piece);
    this.#changed();
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

  async #fetch(session: Session, piece: Piece): Promise<void> {
    const { file, action } = this.#request;
    const writer = await file.writer(piece);
    const write = (bytes: Uint8Array): Promise<number> => {
      if (this.#fault !== undefined) throw this.#fault;
      return writer.write(bytes);
    };
    // The last piece is read up to the end: a file that has grown must show.
    const enough = (): number => piece.end === file.map.total ? Infinity : piece.end - writer.start;
    await this.#receive(session, { offset: writer.start, enough, sink: { write } });
    if (piece.start >= piece.end) return;
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
