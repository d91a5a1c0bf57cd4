/**
 * Looking: `ls`, `cat`, `stat`, `lls`.
 *
 * @module
 */
import { EXIT } from "../../../shared/exit_code.ts";
import { refused } from "../../connection/control.ts";
import { LsPrinter } from "../../directory/ls_printer.ts";
import { runDownload } from "../../get_command.ts";
import { permissionLetters } from "../../listing/entry.ts";
import type { RemoteStat } from "../../listing/remote_stat.ts";
import { remoteBaseName } from "../../location.ts";
import { LS_OPTIONS, runListing } from "../../ls_command.ts";
import { hasColours } from "../../output/colour.ts";
import { sortEntries } from "../../output/ls_output.ts";
import { Report } from "../../output/report.ts";
import { displayName, readableName } from "../../remote_name.ts";
import type { Session } from "../../session/session.ts";
import { localTree } from "../../tree/local_tree.ts";
import { type Call, NO_OPTIONS, type ShellCommand } from "../command.ts";
import { printResults, type Result } from "../results.ts";
import type { Shell } from "../shell.ts";

async function ls(shell: Shell, { parsed, words: [word] }: Call): Promise<number> {
  const site = shell.connected();
  await using run = site.open(1);
  const { pattern } = word ?? {};
  const place = { ...site.at(word?.text ?? ""), ...(pattern === undefined ? {} : { pattern }) };
  return await runListing(run, { place, parsed });
}

async function lls(shell: Shell, { parsed, words: [word] }: Call): Promise<number> {
  const { io, settings } = shell;
  const path = word === undefined ? shell.localDirectory || "." : shell.local(word);
  const { entries } = await localTree.list(path);
  const shown = entries.filter(({ name }) => parsed.has("all") || !name.startsWith("."));
  const printer = new LsPrinter(new Report(settings.client, io), {
    json: settings.client.json,
    long: parsed.has("long"),
    human: false,
    columns: io.terminals.stdout ? io.columns() : 0,
    colours: hasColours(io),
  });
  const inOrder = sortEntries(shown, { key: "name", reverse: false });
  await printer.directory({ path, entries: inOrder, isDirectory: true }, false);
  return EXIT.done;
}

async function cat(shell: Shell, { parsed, words }: Call): Promise<number> {
  const site = shell.connected();
  await using run = site.open(1, { quiet: true });
  const sources = (await shell.remotes(words, run)).map(({ path }) => site.at(path));
  const plan = {
    run,
    files: shell.fileOptions(parsed),
    trees: shell.treeOptions(parsed),
    compare: "always",
    segments: 1,
    delete: false,
  } as const;
  return await runDownload(plan, { sources, destination: { kind: "stream" } });
}

async function stat(shell: Shell, { words }: Call): Promise<number> {
  const site = shell.connected();
  await using run = site.open(1);
  for (const { path } of await shell.remotes(words, run)) {
    const known = await site.host.use((session) => lookAt(session, site.at(path).path));
    await printResults(shell, [{ text: statText(path, known), value: statValue(path, known) }]);
  }
  return EXIT.done;
}

/** SIZE refuses directories too. */
async function lookAt(session: Session, path: string): Promise<RemoteStat> {
  const known = await session.stat(path);
  if (known.type !== undefined) return known;
  if (await session.isDirectory(path)) return { type: "dir" };
  const { refusal: reply } = known;
  if (reply === undefined) return known;
  throw refused(`look at "${displayName(path)}"`, { verb: "SIZE", reply });
}

/** What is known, on one line. */
function statText(path: string, known: RemoteStat): string {
  const { type, size, modified, mode } = known;
  const facts = [
    type === "dir" ? "directory" : type ?? "unknown",
    ...(size === undefined ? [] : [`${size} bytes`]),
    ...(modified === undefined ? [] : [timeText(modified)]),
    ...(mode === undefined ? [] : [`mode ${mode.toString(8).padStart(3, "0")}`]),
  ];
  return `${displayName(path)}: ${facts.join(", ")}`;
}

/** As `ls --json` tells it. */
function statValue(path: string, known: RemoteStat): Result["value"] {
  const { type, size, modified, mode } = known;
  return {
    name: readableName(remoteBaseName(path.replace(/\/+$/, "")) ?? path),
    path: readableName(path),
    type,
    size,
    modified: modified === undefined ? undefined : timeText(modified),
    permissions: mode === undefined ? undefined : permissionLetters(mode),
  };
}

/** To the second. */
function timeText(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

const { long, all } = LS_OPTIONS;

/** The commands. */
export const LOOK_COMMANDS: readonly ShellCommand[] = [
  {
    name: "ls",
    aliases: [{ name: "list" }, { name: "dir", args: ["-l"] }],
    synopsis: "[OPTIONS] [PATH]",
    summary: "list a directory, a file or what matches a pattern",
    examples: ["ls", "ls -l --sort time pub", "ls *.txt"],
    options: LS_OPTIONS,
    operands: { min: 0, max: 1, missing: "" },
    completes: ["remote"],
    run: ls,
  },
  {
    name: "cat",
    aliases: [],
    synopsis: "PATH...",
    summary: "show files",
    examples: ["cat README"],
    options: NO_OPTIONS,
    operands: { min: 1, max: Infinity, missing: "PATH" },
    completes: ["remote"],
    run: cat,
  },
  {
    name: "stat",
    aliases: [],
    synopsis: "PATH...",
    summary: "show type, size, time and mode",
    examples: ["stat README"],
    options: NO_OPTIONS,
    operands: { min: 1, max: Infinity, missing: "PATH" },
    completes: ["remote"],
    run: stat,
  },
  {
    name: "lls",
    aliases: [],
    synopsis: "[-l] [-a] [PATH]",
    summary: "list a directory here",
    examples: ["lls", "lls -l ~"],
    options: { ...(long && { long }), ...(all && { all }) },
    operands: { min: 0, max: 1, missing: "" },
    completes: ["local"],
    run: lls,
  },
];
