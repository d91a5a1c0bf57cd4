/**
 * One file a session with each command and reply and its time: `--session-logs`.
 *
 * Passwords are masked where the events are made. Lines are gathered and appended a few times a
 * second, so that thousands of sessions need neither open files nor waiting.
 *
 * @module
 */
import { join } from "node:path";
import { FtpkitError } from "../../shared/errors.ts";
import { escapeControls } from "../../shared/safe_text.ts";
import type { Reply } from "../../shared/reply.ts";
import type { SessionEvent } from "./event.ts";
import { appendLines, fileReason, type LineEnd } from "../system/line_file.ts";
import { LostLines, type LostLinesOptions } from "../system/lost_lines.ts";
import type { SystemUser } from "../system/system_user.ts";

/** Milliseconds that lines are gathered for. */
const GATHER = 200;

/** Characters of all sessions that may wait for the disk. */
const MOST_WAITING = 16_000_000;

interface OpenLog {
  readonly path: string;
  readonly end: LineEnd;
  lines: string[];
}

/** The files of all sessions. */
export class SessionLogs implements AsyncDisposable {
  /** Where they are. */
  readonly directory: string;
  readonly #made: boolean;
  readonly #lost: LostLines;
  readonly #open = new Map<number, OpenLog>();
  readonly #changed = new Set<OpenLog>();
  #characters = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(directory: string, made: boolean, lost: LostLines) {
    this.directory = directory;
    this.#made = made;
    this.#lost = lost;
  }

  /**
   * Starts writing into a directory.
   *
   * @param directory Where; made where it is missing.
   * @param options Who is told when a file cannot be written.
   * @returns The logs.
   * @throws {FtpkitError} If the directory cannot be used.
   */
  static async open(
    directory: string,
    options: Omit<LostLinesOptions, "what">,
  ): Promise<SessionLogs> {
    try {
      const made = await Deno.lstat(directory).then(() => false, () => true);
      await makeDirectory(directory);
      const lost = new LostLines({ ...options, what: `session logs in "${directory}"` });
      const logs = new SessionLogs(directory, made, lost);
      logs.check();
      return logs;
    } catch (error) {
      throw error instanceof FtpkitError ? error : cannotWrite(directory, error);
    }
  }

  /**
   * Makes the directory again where it was moved away.
   *
   * @throws {FtpkitError} If it cannot be made.
   */
  async reopen(): Promise<void> {
    try {
      await makeDirectory(this.directory);
    } catch (error) {
      throw cannotWrite(this.directory, error);
    }
  }

  /** Gives a directory that was made here to a user. */
  handOver({ uid, gid }: SystemUser): void {
    if (this.#made) Deno.chownSync(this.directory, uid, gid);
  }

  /**
   * Tries whether a file can be made.
   *
   * @throws {FtpkitError} If not.
   */
  check(): void {
    try {
      Deno.removeSync(Deno.makeTempFileSync({ dir: this.directory, prefix: ".ftpkit-" }));
    } catch (error) {
      throw cannotWrite(this.directory, error);
    }
  }

  /** Takes an event. */
  observe(event: SessionEvent): void {
    const lines = linesOf(event).map((line) => `${timeOfDay(event.at)} ${line}`);
    if (lines.length === 0) return;
    const open = this.#open.get(event.session) ?? this.#begin(event);
    if (event.kind === "closed") this.#open.delete(event.session);
    const characters = lengthOf(lines);
    if (this.#characters + characters > MOST_WAITING) {
      return this.#lost.lose(lines.length, "the disk is too slow");
    }
    open.lines.push(...lines);
    this.#characters += characters;
    this.#changed.add(open);
    this.#timer ??= setTimeout(() => this.#flush(), GATHER);
  }

  #begin({ session, at, address }: SessionEvent): OpenLog {
    const time = new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
    const safe = address.replace(/[^\w.-]/g, "_");
    const path = join(this.directory, `${time}-${session}-${safe}.log`);
    const open = { path, end: { torn: false }, lines: [] };
    this.#open.set(session, open);
    return open;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const changed = [...this.#changed];
    this.#changed.clear();
    this.#writing = this.#writing.then(async () => {
      for (const open of changed) await this.#append(open);
    });
  }

  async #append(open: OpenLog): Promise<void> {
    const lines = open.lines.splice(0);
    this.#characters -= lengthOf(lines);
    try {
      using file = await Deno.open(open.path, { append: true, create: true, mode: 0o640 });
      await appendLines(file, lines, { end: open.end, lost: this.#lost });
    } catch (error) {
      this.#lost.lose(lines.length, fileReason(error));
    }
  }

  /** Writes what waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#flush();
    await this.#writing;
    this.#lost.end();
  }
}

async function makeDirectory(path: string): Promise<void> {
  await Deno.mkdir(path, { recursive: true, mode: 0o750 });
}

function cannotWrite(directory: string, cause: unknown): FtpkitError {
  const message = `Cannot write session logs to "${directory}": ${fileReason(cause)}`;
  return new FtpkitError(message, { cause });
}

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length, 0);
}

function linesOf(event: SessionEvent): readonly string[] {
  switch (event.kind) {
    case "opened":
      return [`* connected from ${event.address}`];
    case "received":
      return [`> ${event.command}`];
    case "command":
    case "reply":
      return replyLines(event.reply);
    case "closed":
      return ["* ended"];
    default:
      return [];
  }
}

function replyLines({ code, lines }: Reply): string[] {
  return lines.map((line, index) =>
    `< ${code}${index < lines.length - 1 ? "-" : " "}${escapeControls(line)}`
  );
}

function timeOfDay(at: number): string {
  return new Date(at).toISOString().slice(11, 23);
}
