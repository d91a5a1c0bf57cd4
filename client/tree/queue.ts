/**
 * The files of one run over the sessions of their servers, several at a time, each with its result.
 *
 * @module
 */
import { FtpkitError } from "../../shared/errors.ts";
import { formatSize } from "../../shared/size.ts";
import type { RemoteLocation } from "../location.ts";
import type { FileResult, Outcome } from "../output/report.ts";
import { displayName } from "../remote_name.ts";
import type { RemoteHosts, RunContext } from "../session/remote_host.ts";
import type { Session } from "../session/session.ts";
import type { SessionOpener } from "../transfer/segments.ts";

/** One try at a file, and what a failed one leaves behind. */
export interface FileTask {
  /** What it learns in one try it keeps for the next; it may open further sessions. */
  attempt(session: Session, opener: SessionOpener): Promise<Outcome>;
  /** The partial file on this side, if there is one. */
  readonly kept?: { readonly path: string; readonly size: number } | undefined;
}

/** One file to transfer. */
export interface FileJob extends Pick<FileResult, "action" | "source" | "target"> {
  /** The server that has it, or is to have it. */
  readonly server: RemoteLocation;
  readonly task: FileTask;
}

/** A file to transfer, or something that is done already and only to be told of in its turn. */
export type Job = FileJob | { readonly result: FileResult };

/** What jobs need. */
export interface JobRun {
  readonly hosts: RemoteHosts;
  readonly context: RunContext;
}

/**
 * Does the jobs, {@linkcode RunContext.parallel} at a time. One that fails does not keep the others
 * from being done; an interruption does. Results are told in the order of the jobs.
 *
 * @param jobs The jobs, in order; the next one is asked for only when somebody is free for it.
 * @param run The servers, and what they have in common.
 * @returns The exit code.
 * @throws {Error} What `jobs` throws, and else only what is a mistake in the program.
 */
export async function runJobs(
  jobs: Iterable<Job> | AsyncIterable<Job>,
  run: JobRun,
): Promise<number> {
  const { report, io, parallel } = run.context;
  await using source = inOrder(jobs);
  const results = new OrderedResults(run.context);
  const work = async (): Promise<void> => {
    for (let at = 0; !io.signal.aborted;) {
      const { done, value } = await source.next();
      if (done) return;
      at = results.expect();
      await results.add(at, "result" in value ? value : await runJob(value, run.hosts));
    }
  };
  const workers = Array.from({ length: parallel }, work);
  for (const ended of await Promise.allSettled(workers)) {
    if (ended.status === "rejected") throw ended.reason;
  }
  report.finish();
  return report.exitCode;
}

/** Requests for the next one are answered one after another, however many ask. */
async function* inOrder(
  jobs: Iterable<Job> | AsyncIterable<Job>,
): AsyncGenerator<Job, void, undefined> {
  yield* jobs;
}

/** A result, and where it has left something for later. */
interface Finished {
  readonly result: FileResult;
  readonly kept?: FileTask["kept"];
}

async function runJob(job: FileJob, hosts: RemoteHosts): Promise<Finished> {
  const { action, source, target, server, task } = job;
  const started = performance.now();
  const host = hosts.at(server);
  const outcome = await orFailure(() => host.use((session) => task.attempt(session, host)));
  const seconds = (performance.now() - started) / 1000;
  const places = {
    ...(source === undefined ? {} : { source }),
    ...(target === undefined ? {} : { target }),
  };
  return { result: { action, ...places, outcome, seconds }, kept: task.kept };
}

/**
 * What became of something that may fail.
 *
 * @param work Does it.
 * @returns What it returns, or why it failed.
 * @throws {Error} Only what is a mistake in the program.
 */
export async function orFailure<T>(work: () => Promise<T>): Promise<T | FtpkitError> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FtpkitError) return error;
    throw error;
  }
}

/** Results come in any order and are told in that of the jobs. */
class OrderedResults {
  readonly #context: RunContext;
  readonly #early = new Map<number, Finished>();
  #expected = 0;
  #next = 0;

  constructor(context: RunContext) {
    this.#context = context;
  }

  /** Another one is to come; its place. */
  expect(): number {
    return this.#expected++;
  }

  async add(place: number, finished: Finished): Promise<void> {
    this.#context.report.over(finished.result);
    this.#early.set(place, finished);
    for (let ready = this.#early.get(this.#next); ready; ready = this.#early.get(this.#next)) {
      this.#early.delete(this.#next++);
      await this.#tell(ready);
    }
  }

  async #tell({ result, kept }: Finished): Promise<void> {
    const { report } = this.#context;
    await report.add(result);
    if (!(result.outcome instanceof Error) || kept === undefined) return;
    const place = displayName(kept.path);
    report.notice(`${formatSize(kept.size)} are kept in "${place}" for --continue`);
  }
}
