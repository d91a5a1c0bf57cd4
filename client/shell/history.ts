/**
 * The lines that were typed, kept between sessions.
 *
 * @module
 */
import type { CommandIo } from "../../shared/command_io.ts";
import { userFile, writeUserFile } from "../user_directory.ts";

/** Lines that are kept. */
export const MOST_LINES = 1000;

/** A URL with a password in it. */
const URL_WITH_PASSWORD = /[a-z]+:\/\/[^/]*:(?!\d*\/).*@/i;
/** What is sent to the server by its own name may be one too. */
const RAW_SECRET = /(?:^|[;&])\s*(?:quote|raw|site)\b.*\b(?:pass|acct|adat|pswd|password)\b/i;

/**
 * Whether a line may be kept.
 *
 * @example Usage
 * ```ts
 * import { isKept } from "./history.ts";
 * if (isKept("open ftp://alice:secret@host/") || !isKept("get a:b")) throw new Error("unexpected");
 * ```
 *
 * @param line As it was typed.
 * @returns False for blank lines, lines that begin with a space, and those with a password.
 */
export function isKept(line: string): boolean {
  return line.trim() !== "" && !line.startsWith(" ") && !URL_WITH_PASSWORD.test(line) &&
    !RAW_SECRET.test(line);
}

/** The history. What cannot be read or written is done without. */
export class History {
  readonly #path: string | undefined;
  #lines: string[];

  private constructor(path: string | undefined, lines: string[]) {
    this.#path = path;
    this.#lines = lines;
  }

  /** Reads what was kept. */
  static async open(io: CommandIo): Promise<History> {
    const path = userFile(io, "state", "history");
    return new History(path, path === undefined ? [] : await readLines(path));
  }

  /** The lines, oldest first. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Adds a line that was typed, and takes over what other shells have added meanwhile. */
  async add(line: string): Promise<void> {
    if (!isKept(line)) return;
    const known = this.#path === undefined ? this.#lines : await readLines(this.#path);
    const earlier = known.length === 0 ? this.#lines : known;
    this.#lines = [...earlier.filter((each) => each !== line), line].slice(-MOST_LINES);
    if (this.#path === undefined) return;
    try {
      await writeUserFile(this.#path, this.#lines.map((each) => `${each}\n`).join(""));
    } catch {
      // A home that cannot be written to is no reason to stop.
    }
  }
}

async function readLines(path: string): Promise<string[]> {
  try {
    const text = await Deno.readTextFile(path);
    return text.split("\n").filter(isKept).slice(-MOST_LINES);
  } catch {
    return [];
  }
}
