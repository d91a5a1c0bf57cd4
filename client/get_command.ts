/**
 * `ftpkit get`: files from servers to here.
 *
 * @module
 */
import { basename, dirname, join } from "@std/path";
import type { CommandIo } from "../shared/command_io.ts";
import { LocalFileError, UsageError } from "../shared/errors.ts";
import { EXIT } from "../shared/exit_code.ts";
import {
  type CommandUsage,
  helpText,
  type ParsedOptions,
  parseOptions,
} from "../shared/options.ts";
import { RateLimit } from "../shared/rate_limit.ts";
import { CLIENT_OPTIONS, clientOptions, FILE_OPTIONS, fileOptions } from "./client_options.ts";
import { Credentials } from "./credentials.ts";
import { Download } from "./download.ts";
import {
  formatRemote,
  type LocalLocation,
  type Location,
  parseLocation,
  remoteBaseName,
  type RemoteLocation,
  type StreamLocation,
} from "./location.ts";
import { partName } from "./part_file.ts";
import { type FileJob, runJobs } from "./queue.ts";
import { RemoteHosts } from "./remote_host.ts";
import { displayName, readableName } from "./remote_name.ts";
import { Report } from "./report.ts";

const USAGE: CommandUsage = {
  name: "get",
  synopsis: "[OPTIONS] SOURCE... [DEST]",
  summary: "Download files. DEST is a file, a directory or - (standard output); default: here.",
  examples: [
    "ftpkit get ftp.example.org:pub/README",
    "ftpkit get -c alice@ftp.example.org:/iso/big.iso ~/downloads/",
    "ftpkit get -q ftp://ftp.example.org/pub/list.txt - | sort",
  ],
  options: { ...FILE_OPTIONS, ...CLIENT_OPTIONS },
  operands: { min: 1, max: Infinity, missing: "SOURCE" },
};

/** Where downloads go. */
type Destination = LocalLocation | StreamLocation;

interface Places {
  readonly sources: readonly RemoteLocation[];
  readonly destination: Destination;
}

/**
 * Runs `ftpkit get`.
 *
 * @param args The arguments behind `get`.
 * @param io The process around it.
 * @returns The exit code.
 * @throws {UsageError} If the command line is not valid.
 * @throws {LocalFileError} If several files are to go to what is no directory.
 */
export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  const parsed = parseOptions(USAGE, args);
  if (parsed === null) {
    await io.out(helpText(USAGE));
    return EXIT.done;
  }
  const places = readPlaces(parsed.operands);
  const options = clientOptions(parsed);
  const report = new Report(options, io);
  const jobs = await planJobs(places, { parsed, report, io });
  const context = { options, io, report, credentials: new Credentials(options, io) };
  await using hosts = new RemoteHosts(context);
  return await runJobs(jobs, { hosts, context });
}

function readPlaces(operands: readonly string[]): Places {
  const locations = operands.map(parseLocation);
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

async function planJobs(
  places: Places,
  run: { readonly parsed: ParsedOptions; readonly report: Report; readonly io: CommandIo },
): Promise<FileJob[]> {
  const { sources, destination } = places;
  const { parsed, report, io } = run;
  const { rateLimit: rate } = clientOptions(parsed);
  const rateLimit = rate === undefined ? undefined : new RateLimit(rate);
  const files = fileOptions(parsed);
  const toStream = destination.kind === "stream";
  if (toStream && files.resume) {
    throw new UsageError("Cannot use --continue with standard output: nothing is kept there");
  }
  if (toStream) report.keepStdoutForData();
  const directory = !toStream && await isDirectory(destination.path);
  if (sources.length > 1 && !toStream && !directory) {
    const where = `"${displayName(destination.path)}"`;
    throw new LocalFileError(`Cannot download several files to ${where}: it is no directory`);
  }
  const jobs = sources.map((source): FileJob => {
    const { host, path } = source;
    const local = toStream
      ? "-"
      : directory
      ? join(destination.path, localName(path))
      : destination.path;
    const target = toStream ? io.stdout : local;
    const options = source.ascii ? { ...files, ascii: true } : files;
    return {
      action: "get",
      source: formatRemote(host, path),
      target: local,
      server: source,
      task: new Download({ path, target, options, rateLimit, report }),
    };
  });
  if (!toStream) await refuseSameTarget(jobs);
  return jobs;
}

/** A path without a name is a directory's: that is said when its turn comes. */
function localName(path: string): string {
  const name = readableName(remoteBaseName(path) ?? "");
  if (basename(name) === name) return name;
  throw new LocalFileError(
    `Cannot download "${displayName(path)}": no file here can have its name`,
  );
}

/** Nor may one be written where another one's part is. */
async function refuseSameTarget(jobs: readonly FileJob[]): Promise<void> {
  const targets = new Set<string>();
  for (const { target } of jobs) {
    const part = join(dirname(target), await partName(basename(target)));
    for (const path of [join(target), part]) {
      if (targets.has(path)) {
        throw new UsageError(`Cannot download two files to "${displayName(path)}"`);
      }
      targets.add(path);
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
