/**
 * Where the server's log goes and what a line of it looks like: `--log-format`, `--log-file`.
 *
 * @module
 */
import { formatRecord, type PostedRecord } from "../../shared/log.ts";
import { LineFile } from "../system/line_file.ts";
import type { SystemUser } from "../system/system_user.ts";

/** What a log needs. */
export interface ServerLogOptions {
  /** `json`: one object a line. */
  readonly format: "text" | "json";
  /** The file; undefined: standard error. */
  readonly file: string | undefined;
  /** Takes a line for standard error. */
  readonly onLine: (line: string) => void;
  /** Takes the number of lines that are lost. */
  readonly onLost?: (lines: number) => void;
}

/** An open log. */
export class ServerLog implements AsyncDisposable {
  readonly #file: LineFile | undefined;
  readonly #options: ServerLogOptions;

  private constructor(file: LineFile | undefined, options: ServerLogOptions) {
    this.#file = file;
    this.#options = options;
  }

  /**
   * Opens a log.
   *
   * @param options Where and how.
   * @returns The log.
   * @throws {FtpkitError} If its file cannot be opened.
   */
  static async open(options: ServerLogOptions): Promise<ServerLog> {
    const { file, onLine, onLost = () => {} } = options;
    const onTrouble = (message: string): void => onLine(`ftpkit: ${message}`);
    const opened = file === undefined
      ? undefined
      : await LineFile.open(file, { what: "log", onTrouble, onLost });
    return new ServerLog(opened, options);
  }

  /** Gives its file to a user. */
  handOver(user: SystemUser): void {
    this.#file?.handOver(user);
  }

  /** Writes a record. */
  write(record: PostedRecord): void {
    const { format, onLine } = this.#options;
    const line = format === "json" ? jsonRecord(record) : formatRecord(record);
    if (this.#file === undefined) onLine(line);
    else this.#file.write(line);
  }

  /** Writes what waits and closes its file. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.[Symbol.asyncDispose]();
  }
}

/**
 * One line of the JSON format.
 *
 * @param record What to print.
 * @returns An object with `time`, `level`, `message` and the record's fields.
 */
export function jsonRecord(record: PostedRecord): string {
  const { level, message, timestamp, fields } = record;
  return JSON.stringify({ time: new Date(timestamp).toISOString(), level, message, ...fields });
}
