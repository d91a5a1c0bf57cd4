/**
 * One file, from a server to here.
 *
 * @module
 */
import type { ByteSink } from "../../shared/connection.ts";
import { FtpkitError, ReplyError, TransferError } from "../../shared/errors.ts";
import { together } from "../connection/command_order.ts";
import { refused } from "../connection/control.ts";
import { isNewer, type RemoteStat } from "../listing/remote_stat.ts";
import { remoteBaseName } from "../location.ts";
import type { Outcome } from "../output/report.ts";
import { mayPass } from "../session/retry.ts";
import type { Session } from "../session/session.ts";
import { OnceSink } from "./breakable.ts";
import { FileDownload } from "./file_download.ts";
import { type Incoming, Retrieval, type RetrievalRequest } from "./retrieval.ts";
import type { SessionOpener } from "./segments.ts";
import { RunningHash } from "./verify.ts";

/** What to download and how. */
export interface DownloadRequest extends RetrievalRequest {
  /** The local file, or a stream to write to. */
  readonly target: string | ByteSink;
  /** Connections for a file, 1 or more. */
  readonly segments: number;
  /** The file is from a listing, and it is decided that it is fetched. */
  readonly listed?: Listed;
  /** Another file has the name of its part. */
  readonly isPartTaken?: boolean;
  /** By the listing of its directory nothing is there yet. */
  readonly isNew?: boolean;
}

/** What a listing told of a file. */
export interface Listed {
  readonly stat: RemoteStat;
  /** It spares a question; else it counts where the server does not tell more. */
  readonly isExact: boolean;
}

/** A download; what it learns in one try it keeps for the next. */
export class Download {
  readonly #request: DownloadRequest;
  readonly #retrieval: Retrieval;
  readonly #file: FileDownload | undefined;
  #tried = false;
  #once: OnceSink | undefined;

  /** Starts nothing yet. */
  constructor(request: DownloadRequest) {
    this.#request = request;
    this.#retrieval = new Retrieval(request);
    const { target, segments, isPartTaken = false, isNew = false } = request;
    if (typeof target !== "string") return;
    this.#file = new FileDownload(this.#retrieval, { target, segments, isPartTaken, isNew });
  }

  /** What a failed download leaves for `--continue`. */
  get kept(): { readonly path: string; readonly size: number } | undefined {
    return this.#file?.kept;
  }

  /**
   * Tries it.
   *
   * @param session Where.
   * @param opener Where further sessions come from.
   * @returns What became of it.
   * @throws {ReplyError} If the server refuses.
   * @throws {TransferError} If the data broke off, or its size is not the file's.
   * @throws {LocalFileError} If it cannot be written.
   */
  async attempt(session: Session, opener: SessionOpener): Promise<Outcome> {
    const { path, target, options, listed } = this.#request;
    if (remoteBaseName(path) === undefined) throw this.#isDirectory();
    const remote = await this.#stat(session);
    if (remote.type === "dir") throw this.#isDirectory();
    const reason = listed === undefined ? await this.#reasonToSkip(remote) : undefined;
    if (reason !== undefined) return { status: "skipped", bytes: 0, reason };
    // Where nothing can be verified, nothing is to be moved.
    const hash = options.verify ? new RunningHash(await session.hash.algorithm()) : undefined;
    if (options.dryRun) return await this.#plan(session, remote);
    try {
      await this.#file?.attempt(session, { remote, hash, opener });
      if (typeof target !== "string") await this.#toStream(session, { remote, hash, target });
    } catch (error) {
      if (isNoFile(error) && await session.isDirectory(path)) throw this.#isDirectory();
      throw error;
    }
    return { status: "done", bytes: this.#retrieval.moved };
  }

  /** A listing counts for the first try only: what failed may have changed. */
  async #stat(session: Session): Promise<RemoteStat> {
    const { path, listed } = this.#request;
    const isFirst = !this.#tried;
    this.#tried = true;
    if (listed?.isExact && isFirst) return listed.stat;
    if (listed?.stat.size !== undefined && isFirst) return await this.#exactTime(session, listed);
    const stat = await session.stat(path);
    const modified = stat.modified ?? listed?.stat.modified;
    // By a doubtful time, too, the next mirror knows the file.
    return stat.refusal !== undefined || modified === undefined ? stat : { ...stat, modified };
  }

  /** A size is exact in any listing. That the transfer follows is decided, and its port asked for too. */
  async #exactTime(session: Session, { stat }: Listed): Promise<RemoteStat> {
    const { path } = this.#request;
    const [modified] = await together([session.modified(path), session.expectTransfer()]);
    return modified === undefined ? stat : { ...stat, modified };
  }

  async #plan(session: Session, remote: RemoteStat): Promise<Outcome> {
    if (remote.refusal !== undefined) {
      if (await session.isDirectory(this.#request.path)) throw this.#isDirectory();
      throw refused(this.#retrieval.action, { verb: "SIZE", reply: remote.refusal });
    }
    return { status: "planned", bytes: 0 };
  }

  #isDirectory(): FtpkitError {
    return new FtpkitError(
      `Cannot ${this.#retrieval.action}: it is a directory (-r transfers directories)`,
    );
  }

  async #reasonToSkip(remote: RemoteStat): Promise<string | undefined> {
    const { target, options } = this.#request;
    if (typeof target !== "string") return undefined;
    const local = await Deno.stat(target).catch(() => undefined);
    if (local === undefined) return undefined;
    if (options.noClobber) return "it exists";
    // Nothing can be said of what is not there, or of what the server tells nothing about.
    const isKnown = remote.size !== undefined || remote.modified !== undefined;
    if (remote.refusal !== undefined || !isKnown) return undefined;
    // With --continue a file under its final name is whole; only another version is fetched again.
    if (!options.update && !(options.resume && remote.size !== undefined)) return undefined;
    const sameSize = options.ascii || remote.size === undefined || remote.size === local.size;
    const newer = isNewer(remote.modified, local.mtime ?? undefined);
    return sameSize && !newer ? "it is up to date" : undefined;
  }

  async #toStream(
    session: Session,
    way: Incoming & { readonly target: ByteSink },
  ): Promise<void> {
    const { remote, hash, target } = way;
    const retrieval = this.#retrieval;
    const once = this.#once ??= new OnceSink(target);
    const { stream, break: interrupt } = once.open();
    try {
      const sink = hash?.sink(stream) ?? stream;
      await retrieval.fetchRest(session, { remote, offset: 0, sink, interrupt });
      await retrieval.checkWhole(session, { remote, size: retrieval.moved });
      await retrieval.checkHash(session, { hash, size: retrieval.moved });
    } catch (error) {
      // What was written cannot be taken back, so there is no second try.
      if (!once.used || !mayPass(error) || !(error instanceof FtpkitError)) throw error;
      throw new TransferError(error.message, { bytes: retrieval.moved, cause: error });
    }
  }
}

/** What servers answer to RETR of a directory, too. */
function isNoFile(error: unknown): boolean {
  return error instanceof ReplyError && error.command === "RETR" && error.code === 550;
}
