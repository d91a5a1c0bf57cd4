/**
 * `ftpkit mirror`: makes one tree the same as another, one of the two remote.
 *
 * @module
 */
import { commandEntry } from "../shared/command_entry.ts";
import type { CommandEntry } from "../shared/command_io.ts";
import { maskUrl } from "../shared/command_line.ts";
import { UsageError } from "../shared/errors.ts";
import type { CommandUsage, OptionSpec } from "../shared/options.ts";
import { type PlaceReader, placeReader } from "./bookmarks.ts";
import {
  CLIENT_OPTIONS,
  clientOptions,
  FILE_OPTIONS,
  fileOptions,
  refuseForText,
} from "./client_options.ts";
import { openRun } from "./client_run.ts";
import { formatRemote, type RemoteLocation } from "./location.ts";
import { displayName } from "./remote_name.ts";
import { type DownloadPlan, downloadTree } from "./tree/download_jobs.ts";
import { runJobs } from "./tree/queue.ts";
import { expandSources } from "./tree/source_glob.ts";
import { comparisonOf, parallelOf, TREE_OPTIONS, treeOptions } from "./tree/tree_options.ts";
import { uploadTree } from "./tree/upload_jobs.ts";

/** What mirror takes beside the options of files and trees. */
export const MIRROR_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  delete: { help: "remove what SOURCE does not have" },
  recursive: { short: "r", help: "as a mirror always is" },
};

/** What `ftpkit mirror` takes. */
export const USAGE: CommandUsage = {
  name: "mirror",
  synopsis: "[OPTIONS] SOURCE DEST",
  summary: "Make the directory DEST the same as the directory SOURCE. One of the two is remote.",
  examples: [
    "ftpkit mirror ftp.example.org:pub/docs docs",
    "ftpkit mirror --delete --dry-run site alice@ftp.example.org:/www",
    "ftpkit mirror --parallel 8 --exclude '*.tmp' alice@ftp.example.org:data backup/data",
  ],
  options: {
    ...MIRROR_OPTIONS,
    ...FILE_OPTIONS,
    ...TREE_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  operands: { min: 2, max: 2, missing: "SOURCE or DEST", complete: "directories" },
};

/** Which way a mirror goes. */
export type Direction =
  | { readonly from: RemoteLocation; readonly toLocal: string }
  | { readonly fromLocal: string; readonly to: RemoteLocation };

/**
 * Runs `ftpkit mirror`.
 *
 * @throws {UsageError} If the command line is not valid.
 */
export const run: CommandEntry = commandEntry(USAGE, async (parsed, io) => {
  const read = await placeReader(io, clientOptions(parsed).names);
  const direction = readDirection(parsed.operands, read);
  const [files, trees] = [fileOptions(parsed), treeOptions(parsed)];
  if (("from" in direction ? direction.from : direction.to).ascii) refuseForText(files);
  await using clientRun = openRun(parsed, { io, parallel: parallelOf(trees, true) });
  return await runMirror(direction, {
    run: clientRun,
    files,
    trees,
    delete: parsed.has("delete"),
  });
});

/**
 * Mirrors.
 *
 * @param direction From where to where.
 * @param options How.
 * @returns The exit code.
 */
export async function runMirror(
  direction: Direction,
  options: Omit<DownloadPlan, "compare" | "segments">,
): Promise<number> {
  const { run: { hosts, context }, files } = options;
  // Without its time a copy is newer than what it was made from.
  const compare = comparisonOf(files, files.preserve ? "differs" : "newer");
  const plan: DownloadPlan = { ...options, compare, segments: 1 };
  if ("from" in direction) {
    const [source, ...others] = await expandSources(options.run, [direction.from]);
    if (source === undefined) return options.run.report.exitCode;
    if (others.length > 0) {
      const place = displayName(formatRemote(direction.from.host, direction.from.path));
      throw new UsageError(`Cannot mirror "${place}": it stands for ${others.length + 1} places`);
    }
    return await runJobs(downloadTree(plan, { source, target: direction.toLocal }), {
      hosts,
      context,
    });
  }
  const { to: server, fromLocal: source } = direction;
  const put = { ...files, ascii: files.ascii || server.ascii, atomic: false, makeParents: false };
  const pair = { source, path: server.path };
  return await runJobs(uploadTree({ ...plan, put, server }, pair), { hosts, context });
}

function readDirection(operands: readonly string[], read: PlaceReader): Direction {
  const [source, target] = operands.map(read);
  if (source?.kind === "remote" && target?.kind === "local") {
    return { from: source, toLocal: target.path };
  }
  if (source?.kind === "local" && target?.kind === "remote") {
    return { fromLocal: source.path, to: target };
  }
  const [from, to] = operands.map((text) => displayName(maskUrl(text)));
  const fault = source?.kind === "stream" || target?.kind === "stream"
    ? "- is no directory"
    : source?.kind === "remote"
    ? "both are remote"
    : "neither is a remote place, such as host:path";
  throw new UsageError(`Cannot mirror "${from}" to "${to}": ${fault}`);
}
