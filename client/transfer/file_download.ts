/**
 * A remote file that is written to a file here: by way of a part, which may be gone on with.
 *
 * @module
 */
import {
  FtpkitError,
  InterruptedError,
  LocalFileError,
  ReplyError,
  TransferError,
} from "../../shared/errors.ts";
import { isNewer, type RemoteStat } from "../listing/remote_stat.ts";
import { mayPass } from "../session/retry.ts";
import type { Session } from "../session/session.ts";
import { openPart, type PartFile, ResumeMismatch } from "./part_file.ts";
import { type Incoming, RemoteChange, type Retrieval } from "./retrieval.ts";
import { SegmentFile } from "./segment_file.ts";
import { SegmentMap } from "./segment_map.ts";
import { SMALLEST_PIECE } from "./segment_pieces.ts";
import { fetchSegments, NoSegments, type SessionOpener } from "./segments.ts";
import { HashMismatch } from "./verify.ts";

/** Where to, and how. */
export interface FileDownloadOptions {
  /** The file here. */
  readonly target: string;
  /** Connections at a time, 1 or more. */
  readonly segments: number;
  /** Another file has the name of its part. */
  readonly isPartTaken: boolean;
  /** By the listing of its directory nothing is there yet. */
  readonly isNew: boolean;
}

/** What one try works with. */
interface Try {
  readonly part: PartFile;
  readonly remote: RemoteStat;
  readonly opener: SessionOpener;
}

/** A download to a file; what it learns in one try it keeps for the next. */
export class FileDownload {
  readonly #retrieval: Retrieval;
  readonly #options: FileDownloadOptions;
  #resume: boolean;
  /** Why the next try must begin again. */
  #misfit: string | undefined;
  /** The server cannot send it in segments. */
  #inOneStream = false;
  #kept: PartFile | undefined;

  /** Opens nothing yet. */
  constructor(retrieval: Retrieval, options: FileDownloadOptions) {
    this.#retrieval = retrieval;
    this.#options = options;
    this.#resume = retrieval.request.options.resume;
  }

  /** What a failed download leaves for `--continue`. */
  get kept(): { readonly path: string; readonly size: number } | undefined {
    return this.#kept?.size ? this.#kept : undefined;
  }

  /**
   * Tries it.
   *
   * @param session Where.
   * @param incoming What is known of the file, and where further sessions come from.
   * @throws {FtpkitError} If it fails; mostly the part is kept then.
   */
  async attempt(
    session: Session,
    incoming: Incoming & { readonly opener: SessionOpener },
  ): Promise<void> {
    const { remote, hash, opener } = incoming;
    const { ascii, preserve } = this.#retrieval.request.options;
    const { target, isPartTaken: isTaken } = this.#options;
    // What was there by a listing counts for the first try only.
    const isNew = this.#options.isNew && this.#kept === undefined;
    const resume = this.#resume && !ascii;
    await using part = await openPart(target, { resume, isTaken, isNew });
    // From here on the part is ours: the next try may go on with it.
    this.#resume = true;
    this.#kept = part;
    part.hash = hash;
    const unfit = part.size === 0 ? undefined : this.#misfit ?? reasonToRestart(part, remote);
    this.#misfit = undefined;
    if (unfit !== undefined) this.#restart(part, unfit);
    part.modified = remote.modified;
    try {
      await this.#fetchAll(session, { part, remote, opener });
      await this.#retrieval.checkWhole(session, { remote, size: part.size });
    } catch (error) {
      if (error instanceof RemoteChange) this.#misfit = "the file has changed since";
      throw error;
    }
    await this.#verify(session, part);
    if (preserve) await part.complete(remote);
    else await part.complete({ modified: new Date() });
  }

  /** Begins again once, where that helps, and once more without segments. */
  async #fetchAll(session: Session, way: Try): Promise<void> {
    for (let mayRestart = true;;) {
      try {
        return await this.#fetch(session, way);
      } catch (error) {
        if (error instanceof NoSegments) {
          await this.#toOneStream(way.part, error.message);
          if (!session.open) throw this.#nextTime(error.message, error);
          continue;
        }
        const reason = way.part.size === 0 ? undefined : resumeFault(error);
        if (reason === undefined) throw error;
        // A server that was slow to notice that we take no more has cost the session.
        if (!session.open || !mayRestart) throw this.#nextTime(this.#misfit = reason, error);
        mayRestart = false;
        this.#restart(way.part, reason);
      }
    }
  }

  /** Something for another try, which knows better. */
  #nextTime(reason: string, cause: unknown): TransferError {
    const { action, moved } = this.#retrieval;
    const message = `Cannot ${action}: ${reason}`;
    return new TransferError(message, { bytes: moved, fault: "source", cause });
  }

  async #toOneStream(part: PartFile, reason: string): Promise<void> {
    this.#retrieval.notice(`going on in one stream, ${reason}`);
    this.#inOneStream = true;
    if (part.map !== undefined) await part.cutTo(part.map.prefix);
  }

  #restart(part: PartFile, reason: string): void {
    this.#retrieval.notice(`starting again, ${reason}`);
    part.restart();
  }

  async #fetch(session: Session, way: Try): Promise<void> {
    const map = this.#mapOf(way);
    if (map === undefined) return await this.#fetchRest(session, way);
    const isWhole = map.missing().length === 0;
    await this.#fetchInSegments(session, { ...way, map });
    // One that was whole before is compared with what the server has now.
    if (isWhole) await this.#fetchRest(session, way);
  }

  async #fetchRest(session: Session, { part, remote }: Try): Promise<void> {
    const offset = part.size > 0 ? await part.continueTo(remote.size ?? part.size) : 0;
    await this.#retrieval.fetchRest(session, { remote, offset, sink: part });
  }

  /** What is to be fetched in segments; undefined: it is not. */
  #mapOf({ part, remote }: Try): SegmentMap | undefined {
    const { size, modified } = remote;
    if (part.map !== undefined) return part.map;
    if (this.#options.segments < 2 || this.#inOneStream) return undefined;
    if (size === undefined) {
      this.#inOneStream = true;
      this.#retrieval.notice("in one stream, the server does not tell the file's size");
      return undefined;
    }
    if (size - part.size < 2 * SMALLEST_PIECE) return undefined;
    const map = new SegmentMap({ total: size, modified });
    map.add({ start: 0, end: part.size });
    return map;
  }

  async #fetchInSegments(
    session: Session,
    way: Try & { readonly map: SegmentMap },
  ): Promise<void> {
    const { part, remote, opener, map } = way;
    const retrieval = this.#retrieval;
    await using file = new SegmentFile(part, map);
    using meter = retrieval.progress(remote, map.bytes);
    const fetching = fetchSegments(session, {
      file,
      action: retrieval.action,
      connections: this.#options.segments,
      opener,
      receive: (other, range) => retrieval.fetch(other, { ...range, meter }),
      stat: (other) => other.stat(retrieval.request.path),
      onFewer: (reason) => retrieval.notice(`going on with fewer connections: ${reason}`),
    });
    try {
      const now = await fetching;
      await file.checkSeams();
      retrieval.checkUnchanged(remote, now);
    } catch (error) {
      await this.#blameChange(session, { remote, error });
      throw error;
    }
    await file.complete();
    await part.rehash();
  }

  /**
   * Segments of a file that changes fail in many ways: they end early, do not fit together, or are
   * asked for behind its end.
   *
   * @throws {RemoteChange} If it has changed; what may pass is tried again as it is.
   */
  async #blameChange(
    session: Session,
    failed: { readonly remote: RemoteStat; readonly error: unknown },
  ): Promise<void> {
    const { remote, error } = failed;
    const isOurs = !(error instanceof FtpkitError) || error instanceof LocalFileError ||
      error instanceof InterruptedError;
    if (isOurs || mayPass(error) || !session.open) return;
    const now = await session.stat(this.#retrieval.request.path).catch(() => undefined);
    // One that is gone by now is not there in the next try either.
    if (now === undefined || now.refusal !== undefined) return;
    this.#retrieval.checkUnchanged(remote, now);
  }

  /** What is not the server's file must not be gone on with either. */
  async #verify(session: Session, part: PartFile): Promise<void> {
    try {
      await this.#retrieval.checkHash(session, { hash: part.hash, size: part.size });
    } catch (error) {
      if (!(error instanceof HashMismatch)) throw error;
      this.#kept = undefined;
      await part.discard();
      throw error;
    }
  }
}

function reasonToRestart(part: PartFile, remote: RemoteStat): string | undefined {
  const { map } = part;
  if (remote.size === undefined) return "the server does not tell the file's size";
  if (part.size > remote.size) return "the part here is longer than the file";
  const time = map === undefined ? part.modified : map.modified;
  const isOfAnotherSize = map !== undefined && map.total !== remote.size;
  if (isOfAnotherSize || isNewer(remote.modified, time)) return "the file has changed since";
  const isExact = map !== undefined || part.isRemoteTime;
  const isOlder = isExact && isNewer(time, afterSlack(remote.modified));
  return isOlder ? "an older file has taken its place" : undefined;
}

/** FAT keeps times to two seconds. */
function afterSlack(time: Date | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time.getTime() + 2000);
}

/** Why a resumed transfer cannot go on, where starting again helps. */
function resumeFault(error: unknown): string | undefined {
  if (error instanceof ResumeMismatch) return error.message;
  const noRestart = error instanceof ReplyError && error.command === "REST" && !error.transient;
  return noRestart ? "the server cannot resume" : undefined;
}
