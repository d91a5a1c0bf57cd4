/**
 * One file, from here to a server.
 *
 * @module
 */
import { AsciiEncoder } from "../../shared/ascii.ts";
import { FtpkitError, TransferError } from "../../shared/errors.ts";
import type { ByteSource } from "../../shared/pump.ts";
import type { RateLimit } from "../../shared/rate_limit.ts";
import type { FileOptions } from "../client_options.ts";
import { send } from "../connection/transfer.ts";
import { remoteBaseName, siblingPath } from "../location.ts";
import { refuseUnsendable } from "../name_coding.ts";
import type { Outcome, Report } from "../output/report.ts";
import { displayName } from "../remote_name.ts";
import { makeParents, rename, setMode, setModified } from "../session/remote_change.ts";
import { mayPass } from "../session/retry.ts";
import type { Session } from "../session/session.ts";
import { OnceSource } from "./breakable.ts";
import { type LocalFile, openLocal } from "./local_file.ts";
import { partName } from "./part_name.ts";
import { rewind, type UploadContent } from "./upload_content.ts";
import { refusesToResume, UploadStart } from "./upload_resume.ts";
import { reasonToSkip } from "./upload_skip.ts";
import { HashMismatch, RunningHash } from "./verify.ts";

/** The options of put. */
export interface PutOptions extends FileOptions {
  /** Upload under a temporary name, then rename. */
  readonly atomic: boolean;
  /** Make the directories that are missing above the file. */
  readonly makeParents: boolean;
}

/** What to upload and how. */
export interface UploadRequest {
  /** A local path, or a stream to read from. */
  readonly source: string | ByteSource;
  /** The remote path; must end with a name. */
  readonly path: string;
  readonly options: PutOptions;
  readonly rateLimit: RateLimit | undefined;
  readonly report: Report;
  /** It is decided that the file is sent, and this is what a listing told of its place. */
  readonly listed?: "absent" | "present";
  /** Another file has the temporary name. */
  readonly isPartTaken?: boolean;
}

/** The server took REST and began with an empty file all the same. */
class RestIgnored extends TransferError {}

/** An upload; what it learns in one try it keeps for the next. */
export class Upload {
  readonly #request: UploadRequest;
  readonly #action: string;
  readonly #start: UploadStart;
  /** The permission bits that the server gave it. */
  #modeThere: number | undefined;
  #moved = 0;
  #once: OnceSource | undefined;

  /** Starts nothing yet. */
  constructor(request: UploadRequest) {
    this.#request = request;
    this.#action = `upload to "${displayName(request.path)}"`;
    const { options: { resume }, listed, path, report } = request;
    const onRestart = (reason: string): void =>
      report.notice(`${displayName(path)}: starting again, ${reason}`);
    this.#start = new UploadStart({ resume, listed, onRestart });
  }

  /**
   * Tries it.
   *
   * @param session Where.
   * @returns What became of it.
   * @throws {ReplyError} If the server refuses.
   * @throws {TransferError} If the data broke off, or the server then tells another size.
   * @throws {LocalFileError} If it cannot be read, or changed meanwhile.
   * @throws {FtpkitError} If its name cannot be sent in the encoding of names.
   */
  async attempt(session: Session): Promise<Outcome> {
    const { source, path } = this.#request;
    refuseUnsendable(path, session.link.control.names);
    if (typeof source === "string") {
      using file = await openLocal(source);
      return await this.#store(session, { source: file, file });
    }
    const once = this.#once ??= new OnceSource(source);
    const reading = once.open();
    try {
      const content = { source: reading.stream, interrupt: reading.break };
      return await this.#store(session, content);
    } catch (error) {
      // What was read from a stream is gone, so there is no second try.
      if (!once.used || !mayPass(error) || !(error instanceof FtpkitError)) throw error;
      throw new TransferError(error.message, { bytes: this.#moved, cause: error });
    }
  }

  async #store(session: Session, plain: UploadContent): Promise<Outcome> {
    const { path, options, isPartTaken } = this.#request;
    const { file } = plain;
    // After the first try, what is there is our own.
    const upload = { request: this.#request, file };
    const reason = this.#start.begun ? undefined : await reasonToSkip(session, upload);
    if (reason !== undefined) return { status: "skipped", bytes: 0, reason };
    // Where nothing can be verified, nothing is to be moved.
    const hash = options.verify ? new RunningHash(await session.hash.algorithm()) : undefined;
    if (options.dryRun) return { status: "planned", bytes: 0 };
    if (options.makeParents) await makeParents(session, path);
    const name = remoteBaseName(path) ?? "";
    const wirePath = options.atomic ? siblingPath(path, await partName(name, isPartTaken)) : path;
    const content = { ...plain, hash };
    if (file === undefined) await this.#send(session, { content, wirePath, offset: 0 });
    else await this.#sendFile(session, { file, content, wirePath });
    if (options.preserve) await this.#keepMode(session, { wirePath, mode: file?.mode });
    if (options.atomic) await rename(session, { from: wirePath, to: path });
    return { status: "done", bytes: this.#moved };
  }

  /** Permissions, where the server takes them; the content is what counts. */
  async #keepMode(
    session: Session,
    way: { readonly wirePath: string; readonly mode: number | undefined },
  ): Promise<void> {
    const { wirePath, mode } = way;
    // A server that does not tell permissions gives its usual ones, which are right for most files.
    const wanted = this.#modeThere === undefined ? (mode ?? 0) & 0o100 : mode !== this.#modeThere;
    if (mode === undefined || !wanted || await setMode(session, { path: wirePath, mode })) return;
    this.#detail("its permissions were not kept");
  }

  async #keepTime(
    session: Session,
    way: { readonly wirePath: string; readonly file: LocalFile | undefined },
  ): Promise<void> {
    const modified = this.#request.options.preserve ? way.file?.modified : undefined;
    if (modified === undefined) return;
    if (await setModified(session, { path: way.wirePath, modified })) return;
    this.#detail("its time was not kept");
  }

  #detail(text: string): void {
    const { path, report } = this.#request;
    report.detail(`${displayName(path)}: ${text}`);
  }

  async #sendFile(
    session: Session,
    way: { readonly file: LocalFile; readonly content: UploadContent; readonly wirePath: string },
  ): Promise<void> {
    const { content, wirePath } = way;
    const offset = this.#request.options.ascii ? 0 : await this.#start.offset(session, way);
    // Also where all of it is there: only the server's 226 makes it the file.
    if (offset > 0) {
      const before = this.#moved;
      try {
        return await this.#send(session, { content, wirePath, offset });
      } catch (error) {
        const isRefused = this.#moved === before && refusesToResume(error);
        if (!isRefused && !(error instanceof RestIgnored)) throw error;
        this.#start.restart("the server does not resume uploads");
      }
    }
    await this.#send(session, { content, wirePath, offset: 0 });
  }

  async #send(
    session: Session,
    way: { readonly content: UploadContent; readonly wirePath: string; readonly offset: number },
  ): Promise<void> {
    const { options, path, rateLimit, report, listed } = this.#request;
    const { content, wirePath, offset } = way;
    await session.prepareTransfer(options.ascii ? "A" : "I");
    await rewind(content, offset);
    this.#start.begun = true;
    using meter = report.progress.begin({ name: path, total: content.file?.size, offset });
    const sent = await send(session.link, {
      action: this.#action,
      verb: "STOR",
      argument: wirePath,
      offset,
      source: content.hash?.source(content.source) ?? content.source,
      rateLimit,
      transform: options.ascii ? new AsciiEncoder() : undefined,
      onBytes: (bytes) => {
        this.#moved += bytes;
        meter.add(bytes);
      },
      interrupt: content.interrupt,
    });
    const size = offset + sent;
    // None of them waits for the answer to another. In a tree one file follows the other.
    await Promise.all([
      options.ascii ? undefined : this.#checkSize(session, { wirePath, sent, size }),
      this.#keepTime(session, { wirePath, file: content.file }),
      listed === undefined ? undefined : session.expectTransfer(),
    ]);
    await this.#verify(session, { hash: content.hash, wirePath, size });
  }

  /** A server that says 226 and then tells another size has failed the upload. */
  async #checkSize(
    session: Session,
    way: { readonly wirePath: string; readonly sent: number; readonly size: number },
  ): Promise<void> {
    const { size, refusal, mode } = await session.stored(way.wirePath);
    this.#modeThere = mode;
    if (refusal !== undefined) {
      // A drop box may hide what was put into it; Pure-FTPd changes some names.
      const { path, report } = this.#request;
      report.notice(`${displayName(path)}: the server took it, but does not show it by that name`);
    }
    if (size === undefined || size === way.size) return;
    const message = `Cannot ${this.#action}: of ${way.size} bytes the server has ${size}`;
    // The rest alone is there: it was written to the beginning.
    if (size === way.sent) throw new RestIgnored(message, { bytes: size });
    throw new TransferError(message, { bytes: way.size });
  }

  /** What is not our file must not get its final name, nor be gone on with. */
  async #verify(
    session: Session,
    sent: {
      readonly hash: RunningHash | undefined;
      readonly wirePath: string;
      readonly size: number;
    },
  ): Promise<void> {
    const { options } = this.#request;
    const { hash, wirePath, size } = sent;
    if (hash === undefined) return;
    try {
      await hash.compare(session, { path: wirePath, size });
      this.#detail(`its ${hash.algorithm} is the server's`);
    } catch (error) {
      const isOurs = error instanceof HashMismatch && options.atomic;
      if (isOurs) await session.link.control.command("DELE", wirePath);
      throw error;
    }
  }
}
