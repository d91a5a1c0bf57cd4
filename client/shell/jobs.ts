/**
 * Commands in the background, each with sessions of its own.
 *
 * @module
 */
import type { CommandIo } from "../../shared/command_io.ts";
import { LocalFileError, UsageError } from "../../shared/errors.ts";
import { EXIT } from "../../shared/exit_code.ts";
import { untilAborted } from "../../shared/process_io.ts";
import { displayName } from "../remote_name.ts";
import { JobOutput } from "./job_output.ts";
import type { Result } from "./results.ts";
import type { Shell } from "./shell.ts";

/** A command in the background. */
export class Job {
  readonly number: number;
  /** The command as it was typed. */
  readonly text: string;
  /** Resolves with its exit code. */
  readonly ended: Promise<number>;
  /** What it prints. */
  readonly output = new JobOutput();
  readonly #shell: Shell;
  #code: number | undefined;

  /** Starts it. */
  constructor(
    shell: Shell,
    task: {
      readonly number: number;
      readonly text: string;
      readonly work: (shell: Shell) => Promise<number>;
    },
  ) {
    this.number = task.number;
    this.text = task.text;
    this.#shell = shell.fork((io) => this.#io(io));
    this.ended = this.#run(task.work);
  }

  /** Its exit code, once it has ended. */
  get code(): number | undefined {
    return this.#code;
  }

  /** What has become of it. */
  get state(): string {
    if (this.#code === undefined) return "running";
    if (this.#code === EXIT.done) return "done";
    return this.#code === EXIT.interrupted ? "stopped" : `failed (${this.#code})`;
  }

  /** Stops it, as Ctrl-C would. */
  stop(): void {
    this.#shell.interrupts.interrupt();
  }

  async #run(work: (shell: Shell) => Promise<number>): Promise<number> {
    await using shell = this.#shell;
    return this.#code = await work(shell);
  }

  /** Nobody can be asked, and nothing may come between what is typed. */
  #io(io: CommandIo): CommandIo {
    const { output } = this;
    const write = (): Promise<never> =>
      Promise.reject(new LocalFileError("A job in the background has no standard output"));
    return Object.create(io, {
      // There is no room for bars while something else is typed and shown.
      columns: { value: () => output.isShown ? io.columns() : 0 },
      stdout: { value: { write } },
      out: { value: (text: string) => output.out(text) },
      err: { value: (text: string) => output.err(text) },
      ask: { value: () => Promise.resolve(null) },
      askSecret: { value: () => Promise.resolve(null) },
    });
  }
}

/** The jobs of one shell. Disposing it stops them all. */
export class Jobs implements AsyncDisposable {
  readonly #jobs: Job[] = [];
  #last = 0;

  /** Starts one. */
  start(
    shell: Shell,
    task: { readonly text: string; readonly work: (shell: Shell) => Promise<number> },
  ): Job {
    // Numbers begin again when there is no job left.
    const number = this.#last = this.#jobs.length === 0 ? 1 : this.#last + 1;
    const job = new Job(shell, { ...task, number });
    this.#jobs.push(job);
    return job;
  }

  /** All that were not forgotten, in order. */
  get all(): readonly Job[] {
    return this.#jobs;
  }

  /** Those that run. */
  get running(): readonly Job[] {
    return this.#jobs.filter(({ code }) => code === undefined);
  }

  /**
   * One job.
   *
   * @param number Its number; undefined: the newest.
   * @throws {UsageError} If there is none.
   */
  find(number: string | undefined): Job {
    const digits = number?.replace(/^%/, "");
    const found = digits === undefined
      ? this.#jobs.at(-1)
      : this.#jobs.find((job) => String(job.number) === digits);
    if (found !== undefined) return found;
    throw new UsageError(digits === undefined ? "No jobs" : `No job ${digits}`);
  }

  /**
   * Waits for the end of one.
   *
   * @param job The job.
   * @param signal Ends the wait, not the job.
   * @returns Its exit code.
   */
  async wait(job: Job, signal: AbortSignal): Promise<number> {
    return await untilAborted(job.ended, signal);
  }

  /** Forgets those that have ended, and gives them back. */
  takeEnded(): readonly Job[] {
    const ended = this.#jobs.filter(({ code }) => code !== undefined);
    for (const job of ended) this.#jobs.splice(this.#jobs.indexOf(job), 1);
    return ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const job of this.running) job.stop();
    await Promise.all(this.#jobs.map(({ ended }) => ended));
  }
}

/**
 * What is told of a job.
 *
 * @param job The job.
 * @returns Its state, and its exit code once it has one.
 */
export function jobResult(job: Job): Result {
  const { number, state, text: command, code } = job;
  const text = displayName(`[${number}] ${state}  ${command}`);
  return { text, value: { job: number, state, command, code } };
}
