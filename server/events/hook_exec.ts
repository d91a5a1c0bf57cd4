/**
 * A program that is run when something has happened.
 *
 * @module
 */
import { Deadline } from "../../shared/deadline.ts";
import { FtpkitError, reasonOf } from "../../shared/errors.ts";
import { escapeControls } from "../../shared/safe_text.ts";

/** What to run. */
export interface ExecJob {
  /** Program and arguments; there is no shell. */
  readonly command: readonly string[];
  /** Milliseconds until it is killed. */
  readonly timeout: number;
  /** What it reads on its standard input. */
  readonly input: string;
  /** Kills it. */
  readonly signal: AbortSignal;
}

/** Characters of its standard error that are kept for the log. */
const MOST_ERRORS = 10_000;

/** Milliseconds for the last words of a program whose children keep its standard error open. */
const LAST_WORDS = 200;

/** A group of its own, so that its children end with it. */
const GROUPS = Deno.build.os !== "windows";

/**
 * Runs a program to its end. What it left running goes on, unless its time was over.
 *
 * @param job What to run.
 * @throws {FtpkitError} If it cannot be started, fails, or takes too long.
 */
export async function runProgram(job: ExecJob): Promise<void> {
  const [program = "", ...args] = job.command;
  const child = start(program, args);
  const errors = new LastWords(child.stderr);
  const written = writeInput(child.stdin, job.input);
  using limit = new Deadline(job.timeout, job.signal);
  const kill = (): void => killAll(child);
  limit.signal.addEventListener("abort", kill, { once: true });
  if (limit.signal.aborted) kill();
  const status = await child.status;
  limit.signal.removeEventListener("abort", kill);
  const [text] = await Promise.all([errors.take(), written]);
  if (status.success) return;
  if (limit.expired) throw new FtpkitError(`killed after ${job.timeout / 1000} s`);
  if (limit.signal.aborted) throw new FtpkitError("killed, since the server stops");
  throw new FtpkitError(`${endOf(status)}${lastLine(text)}`);
}

function start(program: string, args: readonly string[]): Deno.ChildProcess {
  try {
    return new Deno.Command(program, {
      args: [...args],
      clearEnv: true,
      env: { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin" },
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
      detached: GROUPS,
    }).spawn();
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "no such program" : reasonOf(error);
    throw new FtpkitError(`cannot start "${program}": ${reason}`, { cause: error });
  }
}

function killAll(child: Deno.ChildProcess): void {
  try {
    if (GROUPS) Deno.kill(-child.pid, "SIGKILL");
    else child.kill("SIGKILL");
  } catch {
    // It has ended.
  }
}

/** A program that does not read its input is no failure. */
async function writeInput(stdin: WritableStream<Uint8Array>, input: string): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  } catch {
    // It has closed its end.
  }
}

function endOf({ code, signal }: Deno.CommandStatus): string {
  return signal === null ? `exit code ${code}` : `ended by ${signal}`;
}

function lastLine(text: string): string {
  const line = text.trim().split("\n").at(-1) ?? "";
  return line === "" ? "" : `: ${escapeControls(line)}`;
}

/** The end of what a program writes to standard error. */
class LastWords {
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #reading: Promise<void>;
  #text = "";

  constructor(stderr: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = stderr.pipeThrough(new TextDecoderStream()).getReader();
    this.#reading = this.#read();
  }

  async #read(): Promise<void> {
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) return;
      this.#text = (this.#text + value).slice(-MOST_ERRORS);
    }
  }

  /** The text, once the program has ended. */
  async take(): Promise<string> {
    const giveUp = setTimeout(() => this.#reader.cancel().catch(() => {}), LAST_WORDS);
    await this.#reading;
    clearTimeout(giveUp);
    return this.#text;
  }
}
