/**
 * What the user learns: results, notices, errors, and the exit code.
 *
 * @module
 */
import type { CommandIo } from "../../shared/command_io.ts";
import { InterruptedError, reasonOf } from "../../shared/errors.ts";
import { EXIT, exitCodeOf } from "../../shared/exit_code.ts";
import { formatRate, formatSize } from "../../shared/size.ts";
import type { ClientOptions } from "../client_options.ts";
import { displayName, readableName } from "../remote_name.ts";
import type { Progress } from "./metered_progress.ts";
import { openProgress, summaryText } from "./progress.ts";

/** What became of a file that did not fail. */
export interface Outcome {
  /** `planned`: what a dry run would do. */
  readonly status: "done" | "skipped" | "planned";
  /** Bytes moved in this run, in all tries together. */
  readonly bytes: number;
  /** Why it was skipped. */
  readonly reason?: string;
}

/** What is done: `get` and `put` move a file, the others belong to trees. */
export type Action = "get" | "put" | "list" | "mkdir" | "delete";

/** One file, or one step in a tree, and what became of it. */
export interface FileResult {
  readonly action: Action;
  /** Where it comes from: a local path, `host:path` or `-`. */
  readonly source?: string;
  /** Where it goes, or what is made or removed. */
  readonly target?: string;
  /** What became of it, or why it failed. */
  readonly outcome: Outcome | Error;
  readonly seconds: number;
  /** A person reads of it only with `-v`, unless it failed. */
  readonly minor?: boolean;
}

const COUNTED_AS = { done: "files", planned: "planned", skipped: "skipped" } as const;

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
  readonly #started = performance.now();
  readonly #counts = { files: 0, planned: 0, bytes: 0, skipped: 0, failed: 0 };
  #dataOnStdout = false;
  #expected = 0;
  #isTree = false;

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

  /** So many files more are to come, of so many bytes as far as that is known. */
  expect(files: number, bytes = 0): void {
    this.#expected += files;
    this.progress.expect(files, bytes);
  }

  /** What is moved is a tree: its failures are some of several, however few files it has. */
  expectTree(): void {
    this.#isTree = true;
  }

  /** Takes a line of the protocol, which is printed with `-vv`. */
  trace(line: () => string): void {
    if (this.#options.verbosity >= 2) this.progress.print(line());
  }

  /** Something the user should know, though it is no failure. */
  notice(text: string): void {
    if (!this.#options.quiet) this.progress.print(`ftpkit: ${text}`);
  }

  /** Something that is said only with `-v`. */
  detail(text: string): void {
    if (this.#options.verbosity >= 1) this.notice(text);
  }

  /** The bars count a file when it is over, though its result may have to wait for its turn. */
  over({ action }: FileResult): void {
    if (action === "get" || action === "put") this.progress.finish();
  }

  /** Adds the result of one file or step, and prints it. */
  async add(result: FileResult): Promise<void> {
    const { outcome } = result;
    this.#count(result);
    if (outcome instanceof Error) {
      // One interruption ends all that is running.
      const isNews = !(outcome instanceof InterruptedError) || this.#isFirst(EXIT.interrupted);
      const text = this.#failureText(result, outcome);
      if (isNews) this.progress.print(`ftpkit: ${displayName(text)}`);
    } else if (this.#options.quiet) return;
    if (this.#options.json) return await this.#result(jsonResult(result));
    if (outcome instanceof Error || (result.minor && this.#options.verbosity < 1)) return;
    await this.#result(textResult(result, outcome));
  }

  /** Says what all files together came to, where there was more than one. */
  finish(): void {
    const { files, planned, skipped, failed } = this.#counts;
    if (this.#options.quiet || (!this.#isTree && files + planned + skipped + failed < 2)) return;
    const seconds = (performance.now() - this.#started) / 1000;
    this.progress.print(summaryText({ ...this.#counts, seconds }));
  }

  /** The exit code of everything added so far. */
  get exitCode(): number {
    const failures = this.#codes.filter((code) => code !== EXIT.done);
    const [first] = failures;
    if (first === undefined) return EXIT.done;
    const all = failures.length === this.#codes.length;
    if (failures.includes(EXIT.interrupted)) return EXIT.interrupted;
    if (this.#codes.length === 1 && !this.#isTree) return first;
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
    if (!this.#isTree && this.#expected < 2 || error instanceof InterruptedError) return reason;
    const places = [source, target].filter((place) => place !== undefined);
    const paths = places.map((place) => place.replace(/^[^:]*:/, ""));
    const isNamed = paths.some((path) => path !== "" && path !== "-" && reason.includes(path));
    return isNamed ? reason : `${places.join(" -> ")}: ${reason}`;
  }

  async #result(line: string): Promise<void> {
    if (this.#dataOnStdout) return this.progress.print(line);
    if (this.#io.terminals.stdout) this.progress.hide();
    await this.print(`${line}\n`);
  }

  #count({ action, outcome }: FileResult): void {
    const failed = outcome instanceof Error;
    this.#codes.push(failed ? exitCodeOf(outcome) : EXIT.done);
    if (failed) this.#counts.failed++;
    if (action !== "get" && action !== "put") return;
    if (failed) return;
    this.#counts.bytes += outcome.bytes;
    this.#counts[COUNTED_AS[outcome.status]]++;
  }

  #isFirst(code: number): boolean {
    return this.#codes.indexOf(code) === this.#codes.length - 1;
  }
}

function jsonResult(result: FileResult): string {
  const { action, source, target, outcome, seconds } = result;
  const names = {
    action,
    ...(source === undefined ? {} : { source: readableName(source) }),
    ...(target === undefined ? {} : { target: readableName(target) }),
  };
  if (outcome instanceof Error) {
    const failure = { error: reasonOf(outcome), code: exitCodeOf(outcome) };
    return JSON.stringify({ ...names, status: "failed", ...failure });
  }
  return JSON.stringify({ ...names, ...outcome, seconds: Number(seconds.toFixed(3)) });
}

/** What was done, and what a dry run would do. */
const DEEDS: Readonly<Record<Action, readonly [done: string, planned: string]>> = {
  get: ["", "would be transferred"],
  put: ["", "would be transferred"],
  list: ["listed", "would be listed"],
  mkdir: ["directory made", "directory would be made"],
  delete: ["removed", "would be removed"],
};

function textResult(result: FileResult, outcome: Outcome): string {
  const { action, source, target, seconds } = result;
  const { status, bytes, reason } = outcome;
  const way = displayName([source, target].filter((place) => place !== undefined).join(" -> "));
  if (status === "skipped") return `${way}  skipped${reason === undefined ? "" : `: ${reason}`}`;
  const [done, planned] = DEEDS[action];
  if (status === "planned") return `${way}  ${planned}`;
  if (done !== "") return `${way}  ${done}`;
  const rate = seconds > 0 ? `, ${formatRate(bytes / seconds)}` : "";
  return `${way}  ${formatSize(bytes)} in ${seconds.toFixed(1)} s${rate}`;
}
