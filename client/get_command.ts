/**
 * `ftpkit get`: files and trees from servers to here.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { commandEntry } from "../shared/command_entry.ts";
import type { CommandEntry, CommandIo } from "../shared/command_io.ts";
import { LocalFileError, UsageError } from "../shared/errors.ts";
import type { CommandUsage, OptionSpec, ParsedOptions } from "../shared/options.ts";
import { type PlaceReader, placeReader } from "./bookmarks.ts";
import {
  CLIENT_OPTIONS,
  clientOptions,
  FILE_OPTIONS,
  fileOptions,
  refuseForText,
} from "./client_options.ts";
import { openRun } from "./client_run.ts";
import {
  formatRemote,
  type LocalLocation,
  type Location,
  remoteBaseName,
  type RemoteLocation,
  type StreamLocation,
} from "./location.ts";
import { displayName, readableName } from "./remote_name.ts";
import { partName } from "./transfer/part_name.ts";
import {
  downloadJob,
  downloadJobs,
  type DownloadPair,
  type DownloadPlan,
} from "./tree/download_jobs.ts";
import { runJobs } from "./tree/queue.ts";
import { expandSources } from "./tree/source_glob.ts";
import {
  comparisonOf,
  parallelOf,
  RECURSIVE_OPTION,
  TREE_OPTIONS,
  treeOptions,
} from "./tree/tree_options.ts";

/** What get takes beside the options of files and trees. */
export const GET_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  segments: { value: "N", help: "fetch each file in pieces over N connections (default: 1)" },
};

/** What `ftpkit get` takes. */
export const USAGE: CommandUsage = {
  name: "get",
  synopsis: "[OPTIONS] SOURCE... [DEST]",
  summary:
    "Download files or trees. DEST is a file, a directory or - (standard output); default: here.",
  examples: [
    "ftpkit get ftp.example.org:pub/README",
    "ftpkit get -r --exclude '*.tmp' alice@ftp.example.org:photos .",
    "ftpkit get -q ftp://ftp.example.org/pub/list.txt - | sort",
  ],
  options: {
    ...RECURSIVE_OPTION,
    ...FILE_OPTIONS,
    ...GET_OPTIONS,
    ...TREE_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  operands: { min: 1, max: Infinity, missing: "SOURCE", complete: "files" },
};

const MOST_SEGMENTS = 64;

/** Where downloads go. */
export type Destination = LocalLocation | StreamLocation;

/** What is downloaded, and where to. */
export interface DownloadPlaces {
  readonly sources: readonly RemoteLocation[];
  readonly destination: Destination;
}

/**
 * Runs `ftpkit get`.
 *
 * @throws {UsageError} If the command line is not valid.
 * @throws {LocalFileError} If several files are to go to what is no directory.
 */
export const run: CommandEntry = commandEntry(USAGE, async (parsed, io) => {
  const read = await placeReader(io, clientOptions(parsed).names);
  const places = readPlaces(parsed.operands, read);
  const [files, trees] = [fileOptions(parsed), treeOptions(parsed)];
  const compare = comparisonOf(files, "always");
  const segments = segmentsOf(parsed);
  await using clientRun = openRun(parsed, { io, parallel: parallelOf(trees, trees.recursive) });
  const plan = { run: clientRun, files, trees, compare, segments, delete: false };
  return await runDownload(plan, places);
});

/**
 * Over how many connections each file is fetched.
 *
 * @param parsed A command line parsed with {@linkcode GET_OPTIONS}.
 * @returns 1 or more.
 * @throws {UsageError} If the value is not valid.
 */
export function segmentsOf(parsed: ParsedOptions): number {
  return parsed.integer("segments", { min: 1, max: MOST_SEGMENTS, default: 1 });
}

/**
 * Downloads.
 *
 * @param plan How.
 * @param places What, and where to.
 * @returns The exit code.
 * @throws {UsageError} If the places do not go with the options, or with one another.
 * @throws {LocalFileError} If several files are to go to what is no directory.
 */
export async function runDownload(plan: DownloadPlan, places: DownloadPlaces): Promise<number> {
  const { hosts, context, report } = plan.run;
  refuseMixes(places, plan);
  if (places.destination.kind === "stream") report.keepStdoutForData();
  const sources = await expandSources(plan.run, places.sources);
  const pairs = await pairUp({ ...places, sources }, context.io);
  if (plan.trees.recursive) return await runJobs(downloadJobs(plan, pairs), { hosts, context });
  report.expect(pairs.length);
  return await runJobs(pairs.map((pair) => downloadJob(plan, pair)), { hosts, context });
}

function readPlaces(operands: readonly string[], read: PlaceReader): DownloadPlaces {
  const locations = operands.map(read);
  const last = locations.at(-1);
  const explicit = locations.length > 1 && last !== undefined && last.kind !== "remote";
  const sources = explicit ? locations.slice(0, -1) : locations;
  if (locations.length > 1) refuseServerToServer(locations);
  return {
    destination: explicit ? last : { kind: "local", path: "." },
    sources: sources.map((source, index) => remoteSource(source, operands[index] ?? "")),
  };
}

function remoteSource(source: Location, text: string): RemoteLocation {
  if (source.kind === "remote") return source;
  throw new UsageError(
    `Cannot download "${displayName(text)}": it is not a remote place, such as host:path`,
  );
}

/** A last place that names a directory of a server was meant as the destination. */
function refuseServerToServer(locations: readonly Location[]): void {
  const [first, last] = [locations[0], locations.at(-1)];
  if (first?.kind !== "remote" || last?.kind !== "remote" || !/(^|\/)$/.test(last.path)) return;
  const [from, to] = [first, last].map(({ host, path }) => displayName(formatRemote(host, path)));
  throw new UsageError(
    `Cannot download "${from}" to "${to}": both are remote ` +
      `(ftpkit get ${from} - | ftpkit put - ${to}NAME)`,
  );
}

function refuseMixes(places: DownloadPlaces, { files, trees, segments }: DownloadPlan): void {
  const asText = files.ascii || places.sources.some(({ ascii }) => ascii);
  if (asText) refuseForText(files);
  if (asText && segments > 1) {
    throw new UsageError("Cannot use --segments with --ascii: a text has no fixed places");
  }
  if (places.destination.kind !== "stream") return;
  if (trees.recursive) {
    throw new UsageError("Cannot use --recursive with standard output: it takes files only");
  }
  if (files.resume) {
    throw new UsageError("Cannot use --continue with standard output: nothing is kept there");
  }
  if (segments > 1) {
    throw new UsageError("Cannot use --segments with standard output: it is written in order");
  }
}

/** Each source with its target here. */
async function pairUp(places: DownloadPlaces, io: CommandIo): Promise<DownloadPair[]> {
  const { sources, destination } = places;
  if (destination.kind === "stream") {
    return sources.map((source) => ({ source, target: "-", sink: io.stdout }));
  }
  const directory = await isDirectory(destination.path);
  if (sources.length > 1 && !directory) {
    const where = `"${displayName(destination.path)}"`;
    throw new LocalFileError(`Cannot download several files to ${where}: it is no directory`);
  }
  const into = directory && sources.length === 1 && mayBeNew(destination.path)
    ? { into: destination.path }
    : {};
  const pairs = sources.map((source) => ({
    source,
    target: directory ? join(destination.path, localName(source.path)) : destination.path,
    ...into,
  }));
  await refuseSameTarget(pairs.map(({ target }) => target));
  return pairs;
}

/** What ends with a slash or dots is a directory in any case. */
function mayBeNew(path: string): boolean {
  return !/(^|[/\\])\.{0,2}$/.test(path);
}

/** A path without a name is the login directory, or the root: what is in it has no other place. */
function localName(path: string): string {
  const name = readableName(remoteBaseName(path.replace(/\/+$/, "")) ?? "");
  if (basename(name) === name) return name;
  throw new LocalFileError(
    `Cannot download "${displayName(path)}": no file here can have its name`,
  );
}

/** Nor may one be written where another one's part is. */
async function refuseSameTarget(targets: readonly string[]): Promise<void> {
  const taken = new Set<string>();
  for (const target of targets) {
    const part = join(dirname(target), await partName(basename(target)));
    for (const path of [join(target), part]) {
      if (taken.has(path)) {
        throw new UsageError(`Cannot download two files to "${displayName(path)}"`);
      }
      taken.add(path);
    }
  }
}

/** What ends with a slash is meant to be one: if there is none, that is an error of its own. */
async function isDirectory(path: string): Promise<boolean> {
  const there = await Deno.stat(path).catch(() => undefined);
  if (there?.isDirectory) return true;
  if (!/[/\\]$/.test(path)) return false;
  throw new LocalFileError(`Cannot download to "${displayName(path)}": there is no such directory`);
}
