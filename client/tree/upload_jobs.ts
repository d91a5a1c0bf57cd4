/**
 * What `put` and `mirror` send: files and trees as jobs.
 *
 * @module
 */
import { FtpkitError } from "../../shared/errors.ts";
import type { ByteSource } from "../../shared/pump.ts";
import type { ClientRun } from "../client_run.ts";
import { formatRemote, type RemoteLocation } from "../location.ts";
import { makeParents } from "../session/remote_change.ts";
import type { Session } from "../session/session.ts";
import { type PutOptions, Upload } from "../transfer/upload.ts";
import { localTree } from "./local_tree.ts";
import type { Comparison } from "./plan.ts";
import { type FileJob, type Job, orFailure } from "./queue.ts";
import { RemoteTree } from "./remote_tree.ts";
import { treeJobs } from "./tree.ts";
import { newCopyNotice, type TreeOptions } from "./tree_options.ts";

/** What is sent, and how. */
export interface UploadPlan {
  readonly run: ClientRun;
  readonly put: PutOptions;
  readonly trees: TreeOptions;
  readonly compare: Comparison;
  /** Remove what the source does not have. */
  readonly delete: boolean;
  /** The server; its path is the destination as it was named. */
  readonly server: RemoteLocation;
}

/** One source and where it goes. */
export interface UploadPair {
  /** A path here; `-` for a stream. */
  readonly source: string;
  /** The stream. */
  readonly stream?: ByteSource;
  /** The remote path. */
  readonly path: string;
  /** The directory that it goes into because that is there: else this would be the path. */
  readonly into?: string;
}

/**
 * The job for one file.
 *
 * @param plan How.
 * @param pair From where to where.
 * @returns The job.
 */
export function uploadJob(plan: UploadPlan, pair: UploadPair): FileJob {
  const { run: { rateLimit, report }, put: options, server } = plan;
  const { source, stream, path } = pair;
  return {
    action: "put",
    source,
    target: formatRemote(server.host, path),
    server,
    task: new Upload({ source: stream ?? source, path, options, rateLimit, report }),
  };
}

/**
 * The jobs for sources that may be directories.
 *
 * @param plan How.
 * @param pairs From here to where.
 * @returns The jobs, and failures among them.
 */
export async function* uploadJobs(
  plan: UploadPlan,
  pairs: readonly UploadPair[],
): AsyncGenerator<Job> {
  for (const pair of pairs) {
    const there = await Deno.stat(pair.source).catch(() => undefined);
    if (pair.stream === undefined && there?.isDirectory) {
      yield* uploadTree(plan, pair);
    } else {
      plan.run.report.expect(1);
      yield uploadJob(plan, pair);
    }
  }
}

/**
 * The jobs for one tree.
 *
 * @param plan How.
 * @param pair From here to where.
 * @returns The jobs, and failures among them.
 */
export async function* uploadTree(plan: UploadPlan, pair: UploadPair): AsyncGenerator<Job> {
  const { run, put, trees, server: location } = plan;
  const { report, rateLimit } = run;
  const host = run.hosts.at(location);
  const root = await orFailure(() => host.use((session) => prepareRoot(session, { plan, pair })));
  if (root instanceof FtpkitError) {
    const places = { source: pair.source, target: formatRemote(location.host, pair.path) };
    report.expect(1);
    yield { result: { action: "put", ...places, outcome: root, seconds: 0 } };
    return;
  }
  if (put.resume && pair.into !== undefined && !root.exists) {
    report.notice(newCopyNotice(pair.into, pair.path));
  }
  const options = { ...put, noClobber: false, update: false, dryRun: false, makeParents: false };
  yield* treeJobs({
    source: localTree,
    target: new RemoteTree({ location, host, rateLimit, report }),
    action: "put",
    // Where times cannot be kept, what is there is always newer than what it was made from.
    rules: {
      compare: plan.compare === "differs" && !root.keepsTimes ? "newer" : plan.compare,
      delete: plan.delete,
      ascii: put.ascii,
    },
    filter: trees.filter,
    prune: trees.prune,
    follow: trees.follow,
    ahead: run.context.parallel - 1,
    dryRun: put.dryRun,
    report,
    job: ({ source, target: path, there, isPartTaken }) => ({
      action: "put",
      source,
      target: formatRemote(location.host, path),
      server: location,
      task: new Upload({
        source,
        path,
        options,
        rateLimit,
        report,
        listed: there === undefined ? "absent" : "present",
        isPartTaken,
      }),
    }),
  }, { source: pair.source, target: pair.path, exists: root.exists });
}

/** What is to be known of the remote root; what is missing above it is made, where that is wanted. */
async function prepareRoot(
  session: Session,
  way: { readonly plan: UploadPlan; readonly pair: UploadPair },
): Promise<{ readonly exists: boolean; readonly keepsTimes: boolean }> {
  const { plan: { put }, pair: { path } } = way;
  const exists = await session.isDirectory(path);
  if (!exists && put.makeParents && !put.dryRun) await makeParents(session, path);
  return { exists, keepsTimes: put.preserve && session.features.has("MFMT") };
}
