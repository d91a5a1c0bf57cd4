/**
 * What the user learns: results, notices, errors, and the exit code.
 *
 * @module
 */
import type { CommandIo } from "../shared/command_io.ts";
import { InterruptedError, reasonOf } from "../shared/errors.ts";
import { EXIT, exitCodeOf } from "../shared/exit_code.ts";
import { formatRate, formatSize } from "../shared/size.ts";
import type { ClientOptions } from "./client_options.ts";
import { openProgress, type Progress } from "./progress.ts";
import { displayName, readableName } from "./remote_name.ts";

/** What became of a file that did not fail. */
export interface Outcome {
  /** `planned`: what a dry run would do. */
  readonly status: "done" | "skipped" | "planned";
  /** Bytes moved in this run, in all tries together. */
  readonly bytes: number;
  /** Why it was skipped. */
  readonly reason?: string;
}

/** One file and what became of it. */
export interface FileResult {
  readonly action: "get" | "put";
  /** Where it comes from, and where it goes: a local path, `host:path` or `-`. */
  readonly source: string;
  readonly target: string;
  /** What became of it, or why it failed. */
  readonly outcome: Outcome | Error;
  readonly seconds: number;
}

/** Failures of a host as a whole: with several files, their code says more than "some failed". */
const HOST_FAILURES: ReadonlySet<number> = new Set([
  EXIT.connect,
  EXIT.login,
  EXIT.tls,
  EXIT.interrupted,
]);

/** Results on standard output, everything else on standard error. */
export class Report {
  /** How far the running file is. */
  readonly progress: Progress;
  readonly #io: CommandIo;
  readonly #options: ClientOptions;
  readonly #codes: number[] = [];
  #dataOnStdout = false;
  #expected = 1;

  /** Prints nothing yet. */
  constructor(options: ClientOptions, io: CommandIo) {
    this.#options = options;
    this.#io = io;
    this.progress = openProgress(options.quiet ? "none" : options.progress, io);
  }

  /** Standard output carries a file: results go to standard error. */
  keepStdoutForData(): void {
    this.#dataOnStdout = true;
  }

  /** How many files there are: of several, each failure names its own. */
  expect(files: number): void {
    this.#expected = files;
  }

  /** Takes protocol lines with `-vv`, else undefined. */
  get trace(): ((line: string) => void) | undefined {
    return this.#options.verbosity >= 2 ? (line) => this.progress.print(line) : undefined;
  }

  /** Something the user should know, though it is no failure. */
  notice(text: string): void {
    if (!this.#options.quiet) this.progress.print(`ftpkit: ${text}`);
  }

  /** Something that is said only with `-v`. */
  detail(text: string): void {
    if (this.#options.verbosity >= 1) this.notice(text);
  }

  /** Adds the result of one file and prints it. */
  async add(result: FileResult): Promise<void> {
    const { outcome } = result;
    const failed = outcome instanceof Error;
    this.#codes.push(failed ? exitCodeOf(outcome) : EXIT.done);
    if (failed) this.progress.print(`ftpkit: ${displayName(this.#failureText(result, outcome))}`);
    if (this.#options.quiet && !failed) return;
    if (this.#options.json) await this.#result(jsonResult(result));
    else if (!failed) await this.#result(textResult(result, outcome));
  }

  /** The exit code of everything added so far. */
  get exitCode(): number {
    const failures = this.#codes.filter((code) => code !== EXIT.done);
    const [first] = failures;
    if (first === undefined) return EXIT.done;
    const all = failures.length === this.#codes.length;
    if (failures.includes(EXIT.interrupted)) return EXIT.interrupted;
    if (this.#codes.length === 1) return first;
    const alike = all && failures.every((code) => code === first) && HOST_FAILURES.has(first);
    return alike ? first : EXIT.someFailed;
  }

  /**
   * Prints a text on standard output.
   *
   * @throws {LocalFileError} If nobody reads it any more.
   */
  async print(text: string): Promise<void> {
    await this.#io.out(text);
  }

  #failureText({ source, target }: FileResult, error: Error): string {
    const reason = reasonOf(error);
    if (this.#expected === 1 || error instanceof InterruptedError) return reason;
    const paths = [source, target].map((place) => place.replace(/^[^:]*:/, ""));
    const isNamed = paths.some((path) => path !== "" && path !== "-" && reason.includes(path));
    return isNamed ? reason : `${source} -> ${target}: ${reason}`;
  }

  async #result(line: string): Promise<void> {
    if (this.#dataOnStdout) this.progress.print(line);
    else await this.print(`${line}\n`);
  }
}

function jsonResult(result: FileResult): string {
  const { action, source, target, outcome, seconds } = result;
  const names = { action, source: readableName(source), target: readableName(target) };
  if (outcome instanceof Error) {
    const failure = { error: reasonOf(outcome), code: exitCodeOf(outcome) };
    return JSON.stringify({ ...names, status: "failed", ...failure });
  }
  return JSON.stringify({ ...names, ...outcome, seconds: Number(seconds.toFixed(3)) });
}

function textResult(result: FileResult, outcome: Outcome): string {
  const { source, target, seconds } = result;
  const { status, bytes, reason } = outcome;
  const way = displayName(`${source} -> ${target}`);
  if (status === "skipped") return `${way}  skipped${reason === undefined ? "" : `: ${reason}`}`;
  if (status === "planned") return `${way}  would be transferred`;
  const rate = seconds > 0 ? `, ${formatRate(bytes / seconds)}` : "";
  return `${way}  ${formatSize(bytes)} in ${seconds.toFixed(1)} s${rate}`;
}
