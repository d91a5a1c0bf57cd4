/**
 * `ftpkit ls`: what is in a remote directory, or below it, or what matches a pattern.
 *
 * @module
 */
import { commandEntry } from "../shared/command_entry.ts";
import type { CommandEntry } from "../shared/command_io.ts";
import { UsageError } from "../shared/errors.ts";
import type { CommandUsage, OptionSpec, ParsedOptions } from "../shared/options.ts";
import { type PlaceReader, placeReader } from "./bookmarks.ts";
import { CLIENT_OPTIONS, clientOptions } from "./client_options.ts";
import { type ClientRun, openRun } from "./client_run.ts";
import type { DirectoryContent } from "./directory/directory.ts";
import { LsPrinter } from "./directory/ls_printer.ts";
import { listTree, type TreeOptions } from "./directory/ls_tree.ts";
import { expandRemote, hostLister, type RemoteLister } from "./directory/remote_glob.ts";
import type { RemoteLocation } from "./location.ts";
import { hasColours } from "./output/colour.ts";
import { sortEntries, type SortKey } from "./output/ls_output.ts";
import type { Report } from "./output/report.ts";
import { displayName } from "./remote_name.ts";

const SORT_KEYS: readonly SortKey[] = ["name", "size", "time"];

/** What `ls` takes beside the options of all commands. */
export const LS_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  long: { short: "l", help: "type, rights, owner, group, size and time too" },
  all: { short: "a", help: "hidden names too: those that begin with a dot" },
  recursive: { short: "R", help: "what is in directories below too; links are not followed" },
  one: { short: "1", help: "names only, one a line" },
  human: { short: "h", help: "sizes as people read them, with -l" },
  sort: { value: "KEY", choices: SORT_KEYS, help: "default: name" },
  reverse: { help: "the other way round" },
};

/** What `ftpkit ls` takes. */
export const USAGE: CommandUsage = {
  name: "ls",
  synopsis: "[OPTIONS] TARGET",
  summary: "List a remote directory, one file, or what matches a pattern.",
  examples: [
    "ftpkit ls ftp.example.org:pub",
    "ftpkit ls -l -h --sort time alice@ftp.example.org:",
    "ftpkit ls -R --json 'ftp://ftp.example.org/pub/{doc,src}*'",
  ],
  options: { ...LS_OPTIONS, ...CLIENT_OPTIONS },
  operands: { min: 1, max: 1, missing: "TARGET" },
};

/**
 * Runs `ftpkit ls`.
 *
 * @throws {FtpkitError} If the command line is not valid, or the place cannot be listed.
 */
export const run: CommandEntry = commandEntry(USAGE, async (parsed, io) => {
  const read = await placeReader(io, clientOptions(parsed).names);
  const place = readTarget(parsed.operands[0] ?? "", read);
  await using clientRun = openRun(parsed, { io, parallel: 1 });
  return await runListing(clientRun, { place, parsed });
});

/**
 * Lists.
 *
 * @param clientRun The run.
 * @param what The place, and a command line parsed with {@linkcode LS_OPTIONS}.
 * @returns The exit code.
 * @throws {FtpkitError} If the place cannot be listed.
 */
export async function runListing(
  clientRun: ClientRun,
  what: { readonly place: RemoteLocation; readonly parsed: ParsedOptions },
): Promise<number> {
  const { report, context: { options, io } } = clientRun;
  const { place, parsed } = what;
  // Without times there is nothing to ask for.
  const exactTimes = options.json || parsed.has("long") || parsed.text("sort") === "time";
  const lister = reportingLister(clientRun, { place, exactTimes });
  const printer = new LsPrinter(report, {
    json: options.json,
    long: parsed.has("long") && !parsed.has("one"),
    human: parsed.has("human"),
    columns: io.terminals.stdout && !parsed.has("one") ? io.columns() : 0,
    colours: hasColours(io),
  });
  const tree = treeOptions(parsed, report);
  if (options.glob && place.pattern !== undefined) {
    await listMatches(place.pattern, { lister, printer, tree });
  } else {
    await listPlace(place.path, { lister, printer, tree });
  }
  return printer.exitCode;
}

function readTarget(text: string, read: PlaceReader): RemoteLocation {
  const place = read(text);
  if (place.kind === "remote") return place;
  throw new UsageError(
    `Cannot list "${displayName(text)}": it is not a remote place, such as host:path`,
  );
}

/** What is strange in a listing is told as it is read. */
function reportingLister(
  clientRun: ClientRun,
  way: { readonly place: RemoteLocation; readonly exactTimes: boolean },
): RemoteLister {
  const { hosts, report, rateLimit } = clientRun;
  const { place, exactTimes } = way;
  const lister = hostLister(hosts.at(place), { rateLimit, report, exactTimes });
  const list = async (path: string, hidden: boolean): Promise<DirectoryContent> => {
    const content = await lister.list(path, hidden);
    const { strangeLines } = content;
    if (strangeLines > 0) {
      const where = `the listing of "${displayName(path || ".")}"`;
      report.notice(`${strangeLines} lines of ${where} could not be read`);
    }
    return content;
  };
  return { ...lister, list };
}

function treeOptions(parsed: ParsedOptions, report: Report): TreeOptions {
  const key = SORT_KEYS.find((name) => name === parsed.text("sort")) ?? "name";
  const reverse = parsed.has("reverse");
  return {
    recursive: parsed.has("recursive"),
    hidden: parsed.has("all"),
    arrange: (entries) => sortEntries(entries, { key, reverse }),
    onLoop: (path) =>
      report.notice(`"${displayName(path)}" leads back to a directory above it: not listed again`),
  };
}

interface Work {
  readonly lister: RemoteLister;
  readonly printer: LsPrinter;
  readonly tree: TreeOptions;
}

/** What a name without a pattern leads to; failing there is the failure of the command. */
async function listPlace(path: string, work: Work): Promise<void> {
  const { lister, printer, tree } = work;
  for await (const listed of listTree(lister, path, tree)) {
    if (!("error" in listed)) await printer.directory(listed, tree.recursive && listed.isDirectory);
    else if (listed.path === path) throw listed.error;
    else await printer.failure(listed);
  }
}

/** As a shell and `ls` do: files by their paths, then the content of each directory. */
async function listMatches(pattern: string, work: Work): Promise<void> {
  const { lister, printer, tree } = work;
  const { matches, failures } = await expandRemote(lister, pattern);
  for (const failure of failures) await printer.failure(failure);
  const shown = new Map(matches.map((match) => [{ ...match.entry, name: match.path }, match]));
  const inOrder = tree.arrange([...shown.keys()]).flatMap((entry) => shown.get(entry) ?? []);
  await printer.files(inOrder.filter(({ entry }) => entry.type !== "dir"));
  for (const { path, entry } of inOrder) {
    if (entry.type !== "dir") continue;
    for await (const listed of listTree(lister, path, tree)) {
      if ("error" in listed) await printer.failure(listed);
      else await printer.directory(listed, matches.length > 1 || tree.recursive);
    }
  }
}
