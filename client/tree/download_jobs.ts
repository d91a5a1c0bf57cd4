/**
 * What `get` and `mirror` fetch: files and trees as jobs.
 *
 * @module
 */
import type { ByteSink } from "../../shared/connection.ts";
import { FtpkitError } from "../../shared/errors.ts";
import type { FileOptions } from "../client_options.ts";
import type { ClientRun } from "../client_run.ts";
import type { RemoteStat } from "../listing/remote_stat.ts";
import { formatRemote, type RemoteLocation } from "../location.ts";
import { Download, type Listed } from "../transfer/download.ts";
import { localTree } from "./local_tree.ts";
import type { Comparison } from "./plan.ts";
import { type FileJob, type Job, orFailure } from "./queue.ts";
import { RemoteTree } from "./remote_tree.ts";
import { treeJobs } from "./tree.ts";
import type { TreeEntry } from "./tree_entry.ts";
import { newCopyNotice, type TreeOptions } from "./tree_options.ts";

/** What is fetched, and how. */
export interface DownloadPlan {
  readonly run: ClientRun;
  readonly files: FileOptions;
  readonly trees: TreeOptions;
  readonly compare: Comparison;
  /** Connections for a file. */
  readonly segments: number;
  /** Remove what the source does not have. */
  readonly delete: boolean;
}

/** One source and where it goes. */
export interface DownloadPair {
  readonly source: RemoteLocation;
  /** A path here; `-` for a stream. */
  readonly target: string;
  /** The stream. */
  readonly sink?: ByteSink;
  /** The directory that it goes into because that is there: else this would be the target. */
  readonly into?: string;
}

/**
 * The job for one file.
 *
 * @param plan How.
 * @param pair From where to where.
 * @returns The job.
 */
export function downloadJob(plan: DownloadPlan, pair: DownloadPair): FileJob {
  const { run: { rateLimit, report }, files, segments } = plan;
  const { source, target, sink } = pair;
  const options = source.ascii ? { ...files, ascii: true } : files;
  return {
    action: "get",
    source: formatRemote(source.host, source.path),
    target,
    server: source,
    task: new Download({
      path: source.path,
      target: sink ?? target,
      options,
      segments,
      rateLimit,
      report,
    }),
  };
}

/**
 * The jobs for sources that may be directories.
 *
 * @param plan How.
 * @param pairs From where to where, here.
 * @returns The jobs, and failures among them.
 */
export async function* downloadJobs(
  plan: DownloadPlan,
  pairs: readonly DownloadPair[],
): AsyncGenerator<Job> {
  for (const pair of pairs) {
    const { source, target } = pair;
    const host = plan.run.hosts.at(source);
    const isDirectory = await orFailure(() =>
      host.use((session) => session.isDirectory(source.path))
    );
    if (isDirectory instanceof FtpkitError) {
      const places = { source: formatRemote(source.host, source.path), target };
      plan.run.report.expect(1);
      yield { result: { action: "get", ...places, outcome: isDirectory, seconds: 0 } };
    } else if (isDirectory) {
      yield* downloadTree(plan, pair);
    } else {
      plan.run.report.expect(1);
      yield downloadJob(plan, pair);
    }
  }
}

/**
 * The jobs for one tree.
 *
 * @param plan How.
 * @param pair From where to where, here.
 * @returns The jobs, and failures among them.
 */
export async function* downloadTree(
  plan: DownloadPlan,
  pair: DownloadPair,
): AsyncGenerator<Job> {
  const { run, trees, segments } = plan;
  const { source: location, target, into } = pair;
  const { report, rateLimit } = run;
  const files = location.ascii ? { ...plan.files, ascii: true } : plan.files;
  const options = { ...files, noClobber: false, update: false, dryRun: false };
  const there = await Deno.stat(target).catch(() => undefined);
  if (files.resume && into !== undefined && there === undefined) {
    report.notice(newCopyNotice(into, target));
  }
  const host = run.hosts.at(location);
  yield* treeJobs({
    source: new RemoteTree({ location, host, rateLimit, report }),
    target: localTree,
    action: "get",
    rules: { compare: plan.compare, delete: plan.delete, ascii: files.ascii },
    filter: trees.filter,
    prune: trees.prune,
    follow: trees.follow,
    ahead: run.context.parallel - 1,
    dryRun: files.dryRun,
    report,
    job: ({ source: path, target, entry, there, isPartTaken }) => ({
      action: "get",
      source: formatRemote(location.host, path),
      target,
      server: location,
      task: new Download({
        path,
        target,
        options,
        segments,
        rateLimit,
        report,
        listed: listedOf(entry),
        isPartTaken,
        isNew: there === undefined,
      }),
    }),
  }, { source: location.path, target, exists: there?.isDirectory ?? false });
}

/** What is told in minutes, or in another zone, is not exact. */
function listedOf({ size, modified, mode }: TreeEntry): Listed {
  const isExact = size !== undefined && modified?.precision === "second" && modified.zoneKnown;
  const stat: RemoteStat = {
    type: "file",
    ...(size === undefined ? {} : { size }),
    ...(modified === undefined ? {} : { modified: modified.date }),
    ...(mode === undefined ? {} : { mode }),
  };
  return { stat, isExact };
}
