/**
 * One file a session with each command and reply and its time: `--session-logs`.
 *
 * Passwords are masked where the events are made. Lines are gathered and appended a few times a
 * second, so that thousands of sessions need neither open files nor waiting.
 *
 * @module
 */
import { join } from "@std/path";
import { FtpkitError, reasonOf } from "../shared/errors.ts";
import { escapeControls } from "../shared/log.ts";
import type { Reply } from "../shared/reply.ts";
import type { SessionEvent } from "./event.ts";
import { writeWhole } from "./line_file.ts";

/** Milliseconds that lines are gathered for. */
const GATHER = 200;

/** Lines of all sessions that may wait for the disk. */
const MOST_WAITING = 100_000;

interface OpenLog {
  readonly path: string;
  lines: string[];
}

/** The files of all sessions. */
export class SessionLogs implements AsyncDisposable {
  readonly #directory: string;
  readonly #onTrouble: (message: string) => void;
  readonly #open = new Map<number, OpenLog>();
  readonly #changed = new Set<OpenLog>();
  #waiting = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #troubled = false;

  private constructor(directory: string, onTrouble: (message: string) => void) {
    this.#directory = directory;
    this.#onTrouble = onTrouble;
  }

  /**
   * Starts writing into a directory.
   *
   * @param directory Where; made where it is missing.
   * @param onTrouble Told once when a file cannot be written.
   * @returns The logs.
   * @throws {FtpkitError} If the directory cannot be used.
   */
  static async open(
    directory: string,
    onTrouble: (message: string) => void,
  ): Promise<SessionLogs> {
    try {
      await Deno.mkdir(directory, { recursive: true, mode: 0o750 });
      return new SessionLogs(directory, onTrouble);
    } catch (error) {
      const message = `Cannot write session logs to "${directory}": ${reasonOf(error)}`;
      throw new FtpkitError(message, { cause: error });
    }
  }

  /** Takes an event. */
  observe(event: SessionEvent): void {
    const lines = linesOf(event);
    if (lines.length === 0 || this.#waiting >= MOST_WAITING) return;
    const open = this.#open.get(event.session) ?? this.#begin(event);
    open.lines.push(...lines.map((line) => `${timeOfDay(event.at)} ${line}`));
    this.#waiting += lines.length;
    this.#changed.add(open);
    if (event.kind === "closed") this.#open.delete(event.session);
    this.#timer ??= setTimeout(() => this.#flush(), GATHER);
  }

  #begin({ session, at, address }: SessionEvent): OpenLog {
    const time = new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
    const safe = address.replace(/[^\w.-]/g, "_");
    const open = { path: join(this.#directory, `${time}-${session}-${safe}.log`), lines: [] };
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
    this.#waiting -= lines.length;
    try {
      using file = await Deno.open(open.path, { append: true, create: true, mode: 0o640 });
      await writeWhole(file, lines.map((line) => `${line}\n`).join(""));
      this.#troubled = false;
    } catch (error) {
      if (this.#troubled) return;
      this.#troubled = true;
      this.#onTrouble(`cannot write the session log "${open.path}": ${reasonOf(error)}`);
    }
  }

  /** Writes what waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#flush();
    await this.#writing;
  }
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
