/**
 * `ftpkit put`: files from here to a server.
 *
 * @module
 */
import { basename } from "@std/path";
import type { CommandIo } from "../shared/command_io.ts";
import { FtpkitError, InterruptedError, UsageError } from "../shared/errors.ts";
import { EXIT } from "../shared/exit_code.ts";
import { type CommandUsage, helpText, parseOptions } from "../shared/options.ts";
import { RateLimit } from "../shared/rate_limit.ts";
import {
  CLIENT_OPTIONS,
  type ClientOptions,
  clientOptions,
  FILE_OPTIONS,
  fileOptions,
} from "./client_options.ts";
import { Credentials } from "./credentials.ts";
import {
  childPath,
  formatRemote,
  type LocalLocation,
  type Location,
  parseLocation,
  type RemoteLocation,
  type StreamLocation,
} from "./location.ts";
import { type FileJob, runJobs } from "./queue.ts";
import { type RemoteHost, RemoteHosts } from "./remote_host.ts";
import { displayName } from "./remote_name.ts";
import { Report } from "./report.ts";
import { type PutOptions, Upload } from "./upload.ts";

const USAGE: CommandUsage = {
  name: "put",
  synopsis: "[OPTIONS] SOURCE... DEST",
  summary: "Upload files. SOURCE is a file or - (standard input); DEST is a remote place.",
  examples: [
    "ftpkit put report.pdf alice@ftp.example.org:incoming/",
    "ftpkit put --atomic --mkdir *.html alice@ftp.example.org:/www/new/",
    "tar -cz photos | ftpkit put - alice@ftp.example.org:backup/photos.tgz",
  ],
  options: {
    ...FILE_OPTIONS,
    atomic: { help: "upload under a temporary name, then rename" },
    mkdir: { help: "make the remote directories that are missing" },
    ...CLIENT_OPTIONS,
  },
  operands: { min: 2, max: Infinity, missing: "SOURCE or DEST" },
};

/** What is uploaded. */
type Source = LocalLocation | StreamLocation;

interface Places {
  readonly sources: readonly Source[];
  readonly destination: RemoteLocation;
}

/**
 * Runs `ftpkit put`.
 *
 * @param args The arguments behind `put`.
 * @param io The process around it.
 * @returns The exit code.
 * @throws {UsageError} If the command line is not valid.
 */
export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  const parsed = parseOptions(USAGE, args);
  if (parsed === null) {
    await io.out(helpText(USAGE));
    return EXIT.done;
  }
  const places = readPlaces(parsed.operands);
  const options = clientOptions(parsed);
  const put: PutOptions = {
    ...fileOptions(parsed),
    atomic: parsed.has("atomic"),
    makeParents: parsed.has("mkdir"),
    ...(places.destination.ascii ? { ascii: true } : {}),
  };
  refuseMixes(places, { options, put });
  const report = new Report(options, io);
  const context = { options, io, report, credentials: new Credentials(options, io) };
  await using hosts = new RemoteHosts(context);
  const intoDirectory = await lookUp(places, { server: hosts.at(places.destination), put });
  const { rateLimit: rate } = options;
  const rateLimit = rate === undefined ? undefined : new RateLimit(rate);
  const jobs = places.sources.map((source): FileJob => {
    const { host, path: base } = places.destination;
    const path = intoDirectory === true ? childPath(base, sourceName(source)) : base;
    const from = source.kind === "stream" ? io.stdin : source.path;
    return {
      action: "put",
      source: source.kind === "stream" ? "-" : source.path,
      target: formatRemote(host, path),
      server: places.destination,
      task: typeof intoDirectory === "boolean"
        ? new Upload({ source: from, path, options: put, rateLimit, report })
        : { attempt: () => Promise.reject(intoDirectory) },
    };
  });
  return await runJobs(jobs, { hosts, context });
}

function readPlaces(operands: readonly string[]): Places {
  const destination = parseLocation(operands.at(-1) ?? "");
  if (destination.kind !== "remote") {
    const text = operands.at(-1) ?? "";
    throw new UsageError(
      `Cannot upload to "${displayName(text)}": it is not a remote place, such as host:path`,
    );
  }
  const sources = operands.slice(0, -1).map((text) => localSource(parseLocation(text)));
  return { sources, destination };
}

function localSource(source: Location): Source {
  if (source.kind !== "remote") return source;
  const place = displayName(formatRemote(source.host, source.path));
  throw new UsageError(
    `Cannot upload "${place}": it is not here (a local name with a colon is ./a:b)`,
  );
}

function refuseMixes(
  places: Places,
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
  places: Places,
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
  places: Places,
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
    if (!put.makeParents) await session.changeDirectory(path);
    return true;
  });
}
