/**
 * A file that lines are appended to while the server goes on: written in batches, and never a reason
 * to stop.
 *
 * @module
 */
import fs from "node:fs";
import { FtpkitError, reasonOf } from "../../shared/errors.ts";
import { LostLines } from "./lost_lines.ts";
import type { SystemUser } from "./system_user.ts";

/** Characters that may wait for the disk; what comes beyond is dropped and counted. */
const MOST_WAITING = 8_000_000;

/** Only the server's own user and group read who did what. */
const RIGHTS = 0o640;

const LINE_END = 0x0a;

/** How to open a file. */
export interface LineFileOptions {
  /** What it is, for errors: `log`. */
  readonly what: string;
  /** Told once when lines cannot be written, and once when they can again. */
  readonly onTrouble: (message: string) => void;
  /** Takes the number of lines that are lost. */
  readonly onLost?: (lines: number) => void;
}

/** An open file of lines. */
export class LineFile implements AsyncDisposable {
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #lost: LostLines;
  readonly #end: LineEnd = { torn: false };
  #waiting: string[] = [];
  #characters = 0;
  #writing: Promise<void> | undefined;

  private constructor(file: Deno.FsFile, path: string, options: LineFileOptions) {
    this.#file = file;
    this.#path = path;
    this.#lost = new LostLines({ ...options, what: `${options.what} "${path}"` });
  }

  /**
   * Opens a file, and makes it where it is missing.
   *
   * @param path Its path.
   * @param options What it is.
   * @returns The file.
   * @throws {FtpkitError} If it cannot be opened.
   */
  static async open(path: string, options: LineFileOptions): Promise<LineFile> {
    try {
      const file = await Deno.open(path, { append: true, create: true, mode: RIGHTS });
      return new LineFile(file, path, options);
    } catch (error) {
      throw new FtpkitError(`Cannot open the ${options.what} "${path}": ${fileReason(error)}`, {
        cause: error,
      });
    }
  }

  /** Gives the file to a user who shall be able to open it again, where it is a regular one. */
  handOver({ uid, gid }: SystemUser): void {
    const { isFile, dev, ino } = Deno.lstatSync(this.#path);
    const opened = this.#file.statSync();
    // Runtimes before 2.9 lack the call: there the file stays root's, and a reload says so.
    if (!isFile || !("lchownSync" in fs)) return;
    if (opened.dev === dev && opened.ino === ino) fs.lchownSync(this.#path, uid, gid);
  }

  /** Adds a line, without its end. */
  write(line: string): void {
    if (this.#characters + line.length > MOST_WAITING) {
      return this.#lost.lose(1, "the disk is too slow");
    }
    this.#waiting.push(line);
    this.#characters += line.length;
    this.#writing ??= this.#drain();
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      this.#characters = 0;
      await appendLines(this.#file, lines, { end: this.#end, lost: this.#lost });
    }
    this.#writing = undefined;
  }

  /** Writes what waits and closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
    this.#lost.end();
    this.#file.close();
  }
}

/** How a file ends. */
export interface LineEnd {
  /** Whether its last line is only begun, since the disk was full. */
  torn: boolean;
}

/**
 * Appends lines to an open file. What cannot be written is counted, and the next line begins anew.
 *
 * @param file The file.
 * @param lines Without their ends.
 * @param state How the file ends, and who counts.
 */
export async function appendLines(
  file: Pick<Deno.FsFile, "write">,
  lines: readonly string[],
  { end, lost }: { readonly end: LineEnd; readonly lost: LostLines },
): Promise<void> {
  const bytes = new TextEncoder().encode(`${end.torn ? "\n" : ""}${lines.join("\n")}\n`);
  const begun = end.torn ? 1 : 0;
  let done = 0;
  try {
    while (done < bytes.length) done += await file.write(bytes.subarray(done));
    end.torn = false;
    lost.end();
  } catch (error) {
    const whole = bytes.subarray(begun, done).filter((byte) => byte === LINE_END).length;
    if (done > 0) end.torn = bytes[done - 1] !== LINE_END;
    lost.lose(lines.length - whole, fileReason(error));
  }
}

/** Why a file cannot be used, without its path. */
export function fileReason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "no such directory";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  return reasonOf(error).replace(/: \w+ '.*'$/s, "");
}
