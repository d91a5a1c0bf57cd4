/**
 * One file behind what a remote file holds already (RFC 959 section 4.1.3, APPE).
 *
 * @module
 */
import { AsciiEncoder } from "../../shared/ascii.ts";
import { FtpkitError, TransferError } from "../../shared/errors.ts";
import type { RateLimit } from "../../shared/rate_limit.ts";
import { send } from "../connection/transfer.ts";
import type { Outcome, Report } from "../output/report.ts";
import { displayName } from "../remote_name.ts";
import { mayPass } from "../session/retry.ts";
import type { Session } from "../session/session.ts";
import { openLocal } from "./local_file.ts";

/** What to append and where. */
export interface AppendRequest {
  /** A local path. */
  readonly source: string;
  /** The remote path; a file that is not there is made. */
  readonly path: string;
  /** It is a text. */
  readonly ascii: boolean;
  readonly rateLimit: RateLimit | undefined;
  readonly report: Report;
}

/** An append. Once bytes have moved there is no second try: it would append them again. */
export class Append {
  readonly #request: AppendRequest;
  readonly #action: string;
  #moved = 0;

  /** Starts nothing yet. */
  constructor(request: AppendRequest) {
    this.#request = request;
    this.#action = `append to "${displayName(request.path)}"`;
  }

  /**
   * Tries it.
   *
   * @param session Where.
   * @returns What became of it.
   * @throws {ReplyError} If the server refuses.
   * @throws {TransferError} If the data broke off, or the server then tells another size.
   * @throws {LocalFileError} If the file cannot be read.
   */
  async attempt(session: Session): Promise<Outcome> {
    try {
      await this.#append(session);
      return { status: "done", bytes: this.#moved };
    } catch (error) {
      if (this.#moved === 0 || !mayPass(error) || !(error instanceof FtpkitError)) throw error;
      throw new TransferError(error.message, { bytes: this.#moved, cause: error });
    }
  }

  async #append(session: Session): Promise<void> {
    const { source, path, ascii, rateLimit, report } = this.#request;
    using file = await openLocal(source);
    const before = await session.stat(path);
    await session.prepareTransfer(ascii ? "A" : "I");
    using meter = report.progress.begin({ name: path, total: file.size, offset: 0 });
    const sent = await send(session.link, {
      action: this.#action,
      verb: "APPE",
      argument: path,
      source: file,
      rateLimit,
      transform: ascii ? new AsciiEncoder() : undefined,
      onBytes: (bytes) => {
        this.#moved += bytes;
        meter.add(bytes);
      },
    });
    const start = before.refusal === undefined ? before.size : 0;
    const { size } = await session.stat(path);
    if (ascii || start === undefined || size === undefined || size === start + sent) return;
    throw new TransferError(
      `Cannot ${this.#action}: of ${start + sent} bytes the server has ${size}`,
      { bytes: sent },
    );
  }
}
