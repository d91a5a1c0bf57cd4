/**
 * A program that is run when something has happened.
 *
 * @module
 */
import { FtpkitError } from "../shared/errors.ts";
import { escapeControls } from "../shared/log.ts";

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

/**
 * Runs a program to its end.
 *
 * @param job What to run.
 * @throws {FtpkitError} If it cannot be started, fails, or takes too long.
 */
export async function runProgram(job: ExecJob): Promise<void> {
  const [program = "", ...args] = job.command;
  const child = start(program, args);
  const limit = AbortSignal.any([job.signal, AbortSignal.timeout(job.timeout)]);
  const kill = (): void => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  };
  limit.addEventListener("abort", kill, { once: true });
  if (limit.aborted) kill();
  try {
    const [status, errors] = await Promise.all([
      child.status,
      readErrors(child.stderr),
      writeInput(child.stdin, job.input),
    ]);
    if (limit.aborted) throw new FtpkitError(`killed after ${job.timeout / 1000} s`);
    if (!status.success) throw new FtpkitError(`exit code ${status.code}${lastLine(errors)}`);
  } finally {
    limit.removeEventListener("abort", kill);
  }
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
    }).spawn();
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "no such program" : String(error);
    throw new FtpkitError(`cannot start "${program}": ${reason}`, { cause: error });
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

async function readErrors(stderr: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const part of stderr.pipeThrough(new TextDecoderStream())) {
    text = (text + part).slice(-MOST_ERRORS);
  }
  return text;
}

function lastLine(text: string): string {
  const line = text.trim().split("\n").at(-1) ?? "";
  return line === "" ? "" : `: ${escapeControls(line)}`;
}
