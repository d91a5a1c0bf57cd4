/**
 * A file that lines are appended to while the server goes on: written in batches, and never a reason
 * to stop.
 *
 * @module
 */
import { FtpkitError, reasonOf } from "../shared/errors.ts";

/** Lines that may wait for the disk; what comes beyond is dropped and counted. */
const MOST_WAITING = 50_000;

/** Only the server's own user and group read who did what. */
const RIGHTS = 0o640;

/** How to open a file. */
export interface LineFileOptions {
  /** What it is, for errors: `log`. */
  readonly what: string;
  /** Told once when lines cannot be written, and once when they can again. */
  readonly onTrouble: (message: string) => void;
}

/** An open file of lines. */
export class LineFile implements AsyncDisposable {
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #options: LineFileOptions;
  readonly #waiting: string[] = [];
  #writing: Promise<void> | undefined;
  #lost = 0;

  private constructor(file: Deno.FsFile, path: string, options: LineFileOptions) {
    this.#file = file;
    this.#path = path;
    this.#options = options;
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
      throw new FtpkitError(`Cannot open the ${options.what} "${path}": ${reasonOf(error)}`, {
        cause: error,
      });
    }
  }

  /** Adds a line, without its end. */
  write(line: string): void {
    if (this.#waiting.length >= MOST_WAITING) this.#lose(1, "the disk is too slow");
    else this.#waiting.push(line);
    this.#writing ??= this.#drain();
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting.splice(0);
      try {
        await writeWhole(this.#file, `${lines.join("\n")}\n`);
        this.#recovered();
      } catch (error) {
        this.#lose(lines.length, reasonOf(error));
      }
    }
    this.#writing = undefined;
  }

  #lose(lines: number, reason: string): void {
    if (this.#lost === 0) {
      this.#options.onTrouble(`cannot write the ${this.#options.what} "${this.#path}": ${reason}`);
    }
    this.#lost += lines;
  }

  #recovered(): void {
    if (this.#lost === 0) return;
    this.#options.onTrouble(`${this.#lost} lines of the ${this.#options.what} were lost`);
    this.#lost = 0;
  }

  /** Writes what waits and closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
    this.#file.close();
  }
}

/**
 * Writes a text to an open file, all of it.
 *
 * @throws {Error} As the system says.
 */
export async function writeWhole(file: Deno.FsFile, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}
