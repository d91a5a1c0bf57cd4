/**
 * `ftpkit put`: files and trees from here to a server.
 *
 * @module
 */
import { basename } from "node:path";
import { commandEntry } from "../shared/command_entry.ts";
import type { CommandEntry, CommandIo } from "../shared/command_io.ts";
import { FtpkitError, InterruptedError, UsageError } from "../shared/errors.ts";
import type { CommandUsage, OptionSpec } from "../shared/options.ts";
import { type PlaceReader, placeReader } from "./bookmarks.ts";
import {
  CLIENT_OPTIONS,
  type ClientOptions,
  clientOptions,
  FILE_OPTIONS,
  fileOptions,
  refuseForText,
} from "./client_options.ts";
import { openRun } from "./client_run.ts";
import { expandLocal } from "./directory/local_glob.ts";
import {
  childPath,
  formatRemote,
  type LocalLocation,
  type Location,
  type RemoteLocation,
  type StreamLocation,
} from "./location.ts";
import { displayName } from "./remote_name.ts";
import type { RemoteHost } from "./session/remote_host.ts";
import type { PutOptions } from "./transfer/upload.ts";
import { runJobs } from "./tree/queue.ts";
import {
  comparisonOf,
  parallelOf,
  RECURSIVE_OPTION,
  TREE_OPTIONS,
  treeOptions,
} from "./tree/tree_options.ts";
import { uploadJob, uploadJobs, type UploadPair, type UploadPlan } from "./tree/upload_jobs.ts";

/** What put takes beside the options of get. */
export const PUT_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  atomic: { help: "upload under a temporary name, then rename" },
  mkdir: { help: "make the remote directories that are missing" },
};

/** What `ftpkit put` takes. */
export const USAGE: CommandUsage = {
  name: "put",
  synopsis: "[OPTIONS] SOURCE... DEST",
  summary:
    "Upload files or trees. SOURCE is a file, with -r a directory, or - (standard input); DEST is a remote place.",
  examples: [
    "ftpkit put report.pdf alice@ftp.example.org:incoming/",
    "ftpkit put -r photos alice@ftp.example.org:backup/",
    "tar -cz photos | ftpkit put - alice@ftp.example.org:backup/photos.tgz",
  ],
  options: {
    ...RECURSIVE_OPTION,
    ...FILE_OPTIONS,
    ...TREE_OPTIONS,
    ...PUT_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  operands: { min: 2, max: Infinity, missing: "SOURCE or DEST", complete: "files" },
};

/** What these are called, only the directory above them knows: their content goes to DEST itself. */
const UNNAMED: ReadonlySet<string> = new Set([".", "..", "/", ""]);

/** What is uploaded. */
type Source = LocalLocation | StreamLocation;

/** What is uploaded, and where to. */
export interface UploadPlaces {
  readonly sources: readonly Source[];
  readonly destination: RemoteLocation;
}

/**
 * Runs `ftpkit put`.
 *
 * @throws {UsageError} If the command line is not valid.
 */
export const run: CommandEntry = commandEntry(USAGE, async (parsed, io) => {
  const options = clientOptions(parsed);
  const read = await placeReader(io, options.names);
  const places = await readPlaces(parsed.operands, { read, glob: options.glob });
  const [files, trees] = [fileOptions(parsed), treeOptions(parsed)];
  const put: PutOptions = {
    ...files,
    atomic: parsed.has("atomic"),
    makeParents: parsed.has("mkdir"),
    ...(places.destination.ascii ? { ascii: true } : {}),
  };
  const parallel = parallelOf(trees, trees.recursive);
  await using clientRun = openRun(parsed, { io, parallel });
  const compare = comparisonOf(put, "always");
  return await runUpload({ run: clientRun, put, trees, compare, delete: false }, places);
});

/**
 * Uploads.
 *
 * @param options How.
 * @param places What, and where to.
 * @returns The exit code.
 * @throws {UsageError} If the places do not go with the options, or with one another.
 */
export async function runUpload(
  options: Omit<UploadPlan, "server">,
  places: UploadPlaces,
): Promise<number> {
  const { run: { hosts, context, report }, put, trees } = options;
  const server = places.destination;
  if (put.ascii) refuseForText(put);
  refuseMixes(places, { options: context.options, put });
  const intoDirectory = await lookUp(places, { server: hosts.at(server), put });
  const plan: UploadPlan = { ...options, server };
  const { io } = context;
  // What ends with a slash or dots is a directory in any case.
  const mayBeNew = places.sources.length === 1 && !/(^|\/)\.{0,2}$/.test(server.path);
  const way = { intoDirectory, mayBeNew, server, io };
  const pairs = places.sources.map((source) => pairOf(source, way));
  if (typeof intoDirectory !== "boolean") {
    report.expect(pairs.length);
    const failed = pairs.map((pair) => ({
      ...uploadJob(plan, pair),
      task: { attempt: () => Promise.reject(intoDirectory) },
    }));
    return await runJobs(failed, { hosts, context });
  }
  if (trees.recursive) return await runJobs(uploadJobs(plan, pairs), { hosts, context });
  report.expect(pairs.length);
  return await runJobs(pairs.map((pair) => uploadJob(plan, pair)), { hosts, context });
}

/** A source with its remote path. */
function pairOf(
  source: Source,
  way: {
    readonly intoDirectory: boolean | FtpkitError;
    readonly mayBeNew: boolean;
    readonly server: RemoteLocation;
    readonly io: CommandIo;
  },
): UploadPair {
  const base = way.server.path;
  const name = sourceName(source);
  const isNamed = !UNNAMED.has(name);
  const isInside = way.intoDirectory === true && isNamed;
  const path = isInside ? childPath(base, name) : base;
  if (source.kind === "stream") return { source: "-", stream: way.io.stdin, path };
  return { source: source.path, path, ...(isInside && way.mayBeNew ? { into: base } : {}) };
}

async function readPlaces(
  operands: readonly string[],
  way: { readonly read: PlaceReader; readonly glob: boolean },
): Promise<UploadPlaces> {
  const destination = way.read(operands.at(-1) ?? "");
  if (destination.kind !== "remote") {
    const text = operands.at(-1) ?? "";
    throw new UsageError(
      `Cannot upload to "${displayName(text)}": it is not a remote place, such as host:path`,
    );
  }
  const sources: Source[] = [];
  for (const text of operands.slice(0, -1)) {
    const source = localSource(way.read(text));
    if (source.kind === "stream" || !way.glob) sources.push(source);
    else sources.push(...(await expandLocal(source.path)).map(localLocation));
  }
  return { sources, destination };
}

function localLocation(path: string): LocalLocation {
  return { kind: "local", path };
}

function localSource(source: Location): Source {
  if (source.kind !== "remote") return source;
  const place = displayName(formatRemote(source.host, source.path));
  throw new UsageError(
    `Cannot upload "${place}": it is not here (a local name with a colon is ./a:b)`,
  );
}

function refuseMixes(
  places: UploadPlaces,
  given: { readonly options: ClientOptions; readonly put: PutOptions },
): void {
  const { sources, destination } = places;
  const fromStdin = sources.some((source) => source.kind === "stream");
  if (fromStdin && given.options.passwordFile === "-") {
    throw new UsageError("Cannot read both the password and the file from standard input");
  }
  if (fromStdin && given.put.resume) {
    throw new UsageError("Cannot use --continue with standard input: it has no beginning to skip");
  }
  if (fromStdin && (sources.length > 1 || /(^|\/)$/.test(destination.path))) {
    throw new UsageError("Cannot upload standard input without a file name: host:path/NAME");
  }
  const names = new Set<string>();
  for (const source of sources) {
    const name = sourceName(source);
    if (names.has(name)) throw new UsageError(`Cannot upload two files as "${displayName(name)}"`);
    names.add(name);
  }
}

/** The name of a local file, as it will be on the server. */
function sourceName(source: Source): string {
  if (source.kind === "stream") return "-";
  const name = basename(source.path);
  if (!/[\r\n\0]/.test(name)) return name;
  throw new UsageError(`Cannot upload "${displayName(source.path)}": CR, LF or NUL in the name`);
}

/** What stands in the way of looking is the failure of every file, and told as theirs. */
async function lookUp(
  places: UploadPlaces,
  way: { readonly server: RemoteHost; readonly put: PutOptions },
): Promise<boolean | FtpkitError> {
  try {
    return await destinationIsDirectory(places, way.server, way.put);
  } catch (error) {
    if (error instanceof FtpkitError && !(error instanceof InterruptedError)) return error;
    throw error;
  }
}

/** Several files, or a name with a slash at its end, need a directory. */
async function destinationIsDirectory(
  places: UploadPlaces,
  server: RemoteHost,
  put: PutOptions,
): Promise<boolean> {
  const { sources, destination } = places;
  const { path } = destination;
  if (/(^|\/)$/.test(path)) return true;
  if (sources.some((source) => source.kind === "stream")) return false;
  return await server.use(async (session) => {
    if (await session.isDirectory(path)) return true;
    if (sources.length === 1) return false;
    if (!put.makeParents) await session.directory.change(path);
    return true;
  });
}
