/**
 * One file, from a server to here.
 *
 * @module
 */
import { AsciiDecoder } from "../shared/ascii.ts";
import type { ByteSink } from "../shared/connection.ts";
import { FtpkitError, ReplyError, TransferError } from "../shared/errors.ts";
import type { RateLimit } from "../shared/rate_limit.ts";
import { OnceSink } from "./breakable.ts";
import type { FileOptions } from "./client_options.ts";
import { refused } from "./control.ts";
import { remoteBaseName } from "./location.ts";
import { openPart, type PartFile, ResumeMismatch } from "./part_file.ts";
import { displayName } from "./remote_name.ts";
import { isNewer, type RemoteStat } from "./remote_stat.ts";
import type { Outcome, Report } from "./report.ts";
import { mayPass } from "./retry.ts";
import type { Session } from "./session.ts";
import { receive } from "./transfer.ts";
import { HashMismatch, RunningHash } from "./verify.ts";

/** What to download and how. */
export interface DownloadRequest {
  /** The remote path. */
  readonly path: string;
  /** The local file, or a stream to write to. */
  readonly target: string | ByteSink;
  readonly options: FileOptions;
  readonly rateLimit: RateLimit | undefined;
  readonly report: Report;
  /**
   * The file is from a listing, and it is decided that it is fetched. What the listing told spares a
   * question, unless that was too vague.
   */
  readonly listed?: RemoteStat | "vaguely";
}

/** What is known of a file that is about to come. */
interface Way {
  readonly remote: RemoteStat;
  /** With `--verify`. */
  readonly hash: RunningHash | undefined;
}

/** A download; what it learns in one try it keeps for the next. */
export class Download {
  readonly #request: DownloadRequest;
  readonly #action: string;
  #resume: boolean;
  #tried = false;
  /** Why the next try must begin again. */
  #misfit: string | undefined;
  #moved = 0;
  #kept: PartFile | undefined;
  #once: OnceSink | undefined;

  /** Starts nothing yet. */
  constructor(request: DownloadRequest) {
    this.#request = request;
    this.#action = `download "${displayName(request.path)}"`;
    this.#resume = request.options.resume;
  }

  /** What a failed download leaves for `--continue`. */
  get kept(): { readonly path: string; readonly size: number } | undefined {
    return this.#kept?.size ? this.#kept : undefined;
  }

  /**
   * Tries it.
   *
   * @param session Where.
   * @returns What became of it.
   * @throws {ReplyError} If the server refuses.
   * @throws {TransferError} If the data broke off, or its size is not the file's.
   * @throws {LocalFileError} If it cannot be written.
   */
  async attempt(session: Session): Promise<Outcome> {
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
      if (typeof target === "string") await this.#toFile(session, { remote, target, hash });
      else await this.#toStream(session, { remote, target, hash });
    } catch (error) {
      if (isNoFile(error) && await session.isDirectory(path)) throw this.#isDirectory();
      throw error;
    }
    return { status: "done", bytes: this.#moved };
  }

  /** A listing counts for the first try only: what failed may have changed. */
  async #stat(session: Session): Promise<RemoteStat> {
    const { path, listed } = this.#request;
    const known = this.#tried ? undefined : listed;
    this.#tried = true;
    return known === undefined || known === "vaguely" ? await session.stat(path) : known;
  }

  async #plan(session: Session, remote: RemoteStat): Promise<Outcome> {
    if (remote.refusal !== undefined) {
      if (await session.isDirectory(this.#request.path)) throw this.#isDirectory();
      throw refused(this.#action, { verb: "SIZE", reply: remote.refusal });
    }
    return { status: "planned", bytes: 0 };
  }

  #isDirectory(): FtpkitError {
    return new FtpkitError(
      `Cannot ${this.#action}: it is a directory (-r transfers directories)`,
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

  async #toFile(
    session: Session,
    way: Way & { readonly target: string },
  ): Promise<void> {
    const { remote, target, hash } = way;
    const { ascii, preserve } = this.#request.options;
    await using part = await openPart(target, { resume: this.#resume && !ascii });
    // From here on the part is ours: the next try may go on with it.
    this.#resume = true;
    this.#kept = part;
    part.hash = hash;
    const unfit = part.size === 0 ? undefined : this.#misfit ?? reasonToRestart(part, remote);
    this.#misfit = undefined;
    if (unfit !== undefined) this.#restart(part, unfit);
    part.modified = remote.modified;
    try {
      await this.#fetch(session, { remote, sink: part });
    } catch (error) {
      const reason = part.size === 0 ? undefined : resumeFault(error);
      if (reason === undefined) throw error;
      if (!session.open) throw this.#tooLate(reason, error);
      this.#restart(part, reason);
      await this.#fetch(session, { remote, sink: part });
    }
    await this.#checkSize(session, { remote, size: part.size });
    await this.#verify(session, { hash, part });
    if (preserve) await part.complete(remote);
    else await part.complete({ modified: new Date() });
  }

  /** What is not the server's file must not be gone on with either. */
  async #verify(
    session: Session,
    got: { readonly hash: RunningHash | undefined; readonly part: PartFile },
  ): Promise<void> {
    try {
      await this.#compare(session, { hash: got.hash, size: got.part.size });
    } catch (error) {
      if (!(error instanceof HashMismatch)) throw error;
      this.#kept = undefined;
      await got.part.discard();
      throw error;
    }
  }

  async #compare(
    session: Session,
    got: { readonly hash: RunningHash | undefined; readonly size: number },
  ): Promise<void> {
    const { path, report } = this.#request;
    if (got.hash === undefined) return;
    await got.hash.compare(session, { path, size: got.size });
    report.detail(`${displayName(path)}: its ${got.hash.algorithm} is the server's`);
  }

  /** A server that is slow to notice that we take no more has cost the session: the next try. */
  #tooLate(reason: string, cause: unknown): TransferError {
    this.#misfit = reason;
    const message = `Cannot ${this.#action}: ${reason}`;
    return new TransferError(message, { bytes: this.#moved, fault: "source", cause });
  }

  #restart(part: PartFile, reason: string): void {
    this.#request.report.notice(
      `${displayName(this.#request.path)}: starting again, ${reason}`,
    );
    part.restart();
  }

  async #toStream(
    session: Session,
    way: Way & { readonly target: ByteSink },
  ): Promise<void> {
    const { remote, target, hash } = way;
    const once = this.#once ??= new OnceSink(target);
    const writing = once.open();
    try {
      const sink = hash?.sink(writing.stream) ?? writing.stream;
      await this.#fetch(session, { remote, sink, interrupt: writing.break });
      await this.#checkSize(session, { remote, size: this.#moved });
      await this.#compare(session, { hash, size: this.#moved });
    } catch (error) {
      // What was written cannot be taken back, so there is no second try.
      if (!once.used || !mayPass(error) || !(error instanceof FtpkitError)) throw error;
      throw new TransferError(error.message, { bytes: this.#moved, cause: error });
    }
  }

  async #fetch(
    session: Session,
    way: {
      readonly remote: RemoteStat;
      readonly sink: PartFile | ByteSink;
      readonly interrupt?: () => void;
    },
  ): Promise<void> {
    const { path, options, rateLimit, report } = this.#request;
    const { remote, sink, interrupt } = way;
    await session.setType(options.ascii ? "A" : "I");
    const resumed = "continueTo" in sink && sink.size > 0;
    const offset = resumed ? await sink.continueTo(remote.size ?? sink.size) : 0;
    using meter = report.progress.begin({ name: path, total: remote.size, offset });
    await receive(session.link, {
      action: this.#action,
      verb: "RETR",
      argument: path,
      offset,
      sink,
      rateLimit,
      transform: options.ascii ? new AsciiDecoder() : undefined,
      onBytes: (bytes) => {
        this.#moved += bytes;
        meter.add(bytes);
      },
      interrupt,
    });
  }

  /** The size is asked for again where it differs: the file may have grown meanwhile. */
  async #checkSize(
    session: Session,
    got: { readonly remote: RemoteStat; readonly size: number },
  ): Promise<void> {
    const { ascii } = this.#request.options;
    const { remote, size } = got;
    if (ascii || remote.size === undefined || remote.size === size) return;
    const now = await session.stat(this.#request.path);
    if (now.size === size) return;
    const message = `Cannot ${this.#action}: ${size} of ${now.size ?? remote.size} bytes arrived`;
    throw new TransferError(message, { bytes: size });
  }
}

/** What servers answer to RETR of a directory, too. */
function isNoFile(error: unknown): boolean {
  return error instanceof ReplyError && error.command === "RETR" && error.code === 550;
}

function reasonToRestart(part: PartFile, remote: RemoteStat): string | undefined {
  if (remote.size === undefined) return "the server does not tell the file's size";
  if (part.size > remote.size) return "the part here is longer than the file";
  if (isNewer(remote.modified, part.modified)) return "the file has changed since";
  const isOlder = part.isRemoteTime && isNewer(part.modified, afterSlack(remote.modified));
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
