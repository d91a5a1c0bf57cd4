/**
 * `ftpkit ls`: what is in a remote directory.
 *
 * @module
 */
import type { CommandIo } from "../shared/command_io.ts";
import { UsageError } from "../shared/errors.ts";
import { EXIT } from "../shared/exit_code.ts";
import {
  type CommandUsage,
  helpText,
  type ParsedOptions,
  parseOptions,
} from "../shared/options.ts";
import { CLIENT_OPTIONS, clientOptions } from "./client_options.ts";
import { openRun } from "./client_run.ts";
import { listPath } from "./directory.ts";
import type { RemoteEntry } from "./listing/entry.ts";
import { childPath, parseLocation, type RemoteLocation } from "./location.ts";
import { columnText, jsonEntry, longText, sortEntries, type SortKey } from "./ls_output.ts";
import type { NameCoding } from "./name_coding.ts";
import { displayName } from "./remote_name.ts";

const SORT_KEYS: readonly SortKey[] = ["name", "size", "time"];

const USAGE: CommandUsage = {
  name: "ls",
  synopsis: "[OPTIONS] TARGET",
  summary: "List a remote directory, or one file.",
  examples: [
    "ftpkit ls ftp.example.org:pub",
    "ftpkit ls -l -h --sort time alice@ftp.example.org:",
    "ftpkit ls --json ftp://ftp.example.org/pub/",
  ],
  options: {
    long: { short: "l", help: "type, rights, owner, group, size and time too" },
    all: { short: "a", help: "hidden names too: those that begin with a dot" },
    one: { short: "1", help: "names only, one a line" },
    human: { short: "h", help: "sizes as people read them, with -l" },
    sort: { value: "KEY", choices: SORT_KEYS, help: "default: name" },
    reverse: { help: "the other way round" },
    ...CLIENT_OPTIONS,
  },
  operands: { min: 1, max: 1, missing: "TARGET" },
};

/**
 * Runs `ftpkit ls`.
 *
 * @param args The arguments behind `ls`.
 * @param io The process around it.
 * @returns The exit code.
 * @throws {FtpkitError} If the command line is not valid, or the place cannot be listed.
 */
export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  const parsed = parseOptions(USAGE, args);
  if (parsed === null) {
    await io.out(helpText(USAGE));
    return EXIT.done;
  }
  const place = readTarget(parsed.operands[0] ?? "", clientOptions(parsed).names);
  await using clientRun = openRun(parsed, { io, parallel: 1 });
  const { hosts, report, rateLimit } = clientRun;
  const all = parsed.has("all");
  const content = await hosts.at(place).use((session) =>
    listPath(session, place.path, { all, rateLimit, report })
  );
  if (content.strangeLines > 0) {
    report.notice(`${content.strangeLines} lines of the listing could not be read`);
  }
  const isShown = (entry: RemoteEntry): boolean =>
    all || !content.isDirectory || !entry.name.startsWith(".");
  const key = SORT_KEYS.find((name) => name === parsed.text("sort")) ?? "name";
  const entries = sortEntries(content.entries.filter(isShown), {
    key,
    reverse: parsed.has("reverse"),
  });
  const pathOf = (entry: RemoteEntry): string =>
    content.isDirectory ? childPath(place.path, entry.name) : place.path;
  const text = parsed.has("json")
    ? entries.map((entry) => `${jsonEntry(entry, pathOf(entry))}\n`).join("")
    : plainText(entries, { parsed, io });
  if (text !== "") await report.print(text);
  return EXIT.done;
}

function readTarget(text: string, names: NameCoding): RemoteLocation {
  const place = parseLocation(text, names);
  if (place.kind === "remote") return place;
  throw new UsageError(
    `Cannot list "${displayName(text)}": it is not a remote place, such as host:path`,
  );
}

function plainText(
  entries: readonly RemoteEntry[],
  way: { readonly parsed: ParsedOptions; readonly io: CommandIo },
): string {
  const { parsed, io } = way;
  if (parsed.has("long") && !parsed.has("one")) return longText(entries, parsed.has("human"));
  const names = entries.map((entry) => entry.name);
  const inColumns = io.terminals.stdout && !parsed.has("one");
  return inColumns ? columnText(names, io.columns()) : columnText(names, 0);
}
