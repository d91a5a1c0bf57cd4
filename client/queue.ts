/**
 * The files of one run, one after another, each with its result.
 *
 * @module
 */
import { FtpkitError } from "../shared/errors.ts";
import { formatSize } from "../shared/size.ts";
import { displayName } from "./remote_name.ts";
import type { RemoteLocation } from "./location.ts";
import type { RemoteHosts, RunContext } from "./remote_host.ts";
import type { FileResult, Outcome } from "./report.ts";
import type { Session } from "./session.ts";

/** One try at a file, and what a failed one leaves behind. */
export interface FileTask {
  /** What it learns in one try it keeps for the next. */
  attempt(session: Session): Promise<Outcome>;
  /** The partial file on this side, if there is one. */
  readonly kept?: { readonly path: string; readonly size: number } | undefined;
}

/** One file to transfer. */
export interface FileJob extends Pick<FileResult, "action" | "source" | "target"> {
  /** The server that has it, or is to have it. */
  readonly server: RemoteLocation;
  readonly task: FileTask;
}

/**
 * Does the jobs. One that fails does not keep the others from being done; an interruption does.
 *
 * @param jobs The jobs, in order.
 * @param run The servers, and what they have in common.
 * @returns The exit code.
 * @throws {Error} Only what is a mistake in the program.
 */
export async function runJobs(
  jobs: readonly FileJob[],
  run: { readonly hosts: RemoteHosts; readonly context: RunContext },
): Promise<number> {
  const { report, io } = run.context;
  report.expect(jobs.length);
  for (const job of jobs) {
    const { action, source, target } = job;
    const started = performance.now();
    const outcome = await runJob(job, run.hosts);
    const seconds = (performance.now() - started) / 1000;
    await report.add({ action, source, target, outcome, seconds });
    const { kept } = job.task;
    if (outcome instanceof Error && kept !== undefined) {
      report.notice(
        `${formatSize(kept.size)} are kept in "${displayName(kept.path)}" for --continue`,
      );
    }
    if (io.signal.aborted) break;
  }
  return report.exitCode;
}

async function runJob(job: FileJob, hosts: RemoteHosts): Promise<Outcome | Error> {
  try {
    return await hosts.at(job.server).use((session) => job.task.attempt(session));
  } catch (error) {
    if (error instanceof FtpkitError) return error;
    throw error;
  }
}
