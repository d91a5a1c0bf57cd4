/**
 * Changes on the server: `mkdir`, `rmdir`, `rm`, `mv`, `chmod`, `touch`.
 *
 * @module
 */
import { FtpkitError, UsageError } from "../../../shared/errors.ts";
import { EXIT } from "../../../shared/exit_code.ts";
import { escapeGlob } from "../../../shared/glob.ts";
import type { ParsedOptions } from "../../../shared/options.ts";
import type { ClientRun } from "../../client_run.ts";
import { childPath, formatRemote, remoteBaseName } from "../../location.ts";
import { displayName } from "../../remote_name.ts";
import {
  changeMode,
  createDirectory,
  makeDirectory,
  makeParents,
  removeDirectory,
  removeFile,
  rename,
  setModified,
} from "../../session/remote_change.ts";
import type { Session } from "../../session/session.ts";
import { type FileJob, type Job, runJobs } from "../../tree/queue.ts";
import { RemoteTree } from "../../tree/remote_tree.ts";
import { removeAll } from "../../tree/tree_change.ts";
import { treeEntry } from "../../tree/tree_entry.ts";
import { uploadJob } from "../../tree/upload_jobs.ts";
import { type Call, NO_OPTIONS, type ShellCommand } from "../command.ts";
import type { RemoteMatch, Shell } from "../shell.ts";
import type { Site } from "../site.ts";

/** Does something with each path in a session, one after the other, up to the first failure. */
async function eachPath(
  site: Site,
  paths: readonly string[],
  work: (session: Session, path: string) => Promise<void>,
): Promise<number> {
  for (const path of paths) await site.host.use((session) => work(session, site.at(path).path));
  return EXIT.done;
}

async function mkdir(shell: Shell, { parsed }: Call): Promise<number> {
  const withParents = async (session: Session, path: string): Promise<void> => {
    await makeParents(session, path);
    await makeDirectory(session, path);
  };
  const make = parsed.has("parents") ? withParents : createDirectory;
  return await eachPath(shell.connected(), parsed.operands, make);
}

async function rm(shell: Shell, { parsed, words }: Call): Promise<number> {
  const site = shell.connected();
  const recursive = parsed.has("recursive");
  await using run = site.open(1);
  const named = recursive ? words.map(withPattern) : words;
  const matches = await shell.remotes(named, run);
  const many = recursive || matches.length > words.length;
  if (many && !parsed.has("force") && !await agreed(shell, matches)) return EXIT.done;
  run.report.expect(matches.length);
  const jobs = recursive ? treeRemovals(site, { run, matches }) : matches.map(removal(site));
  return await runJobs(jobs, run);
}

/** What is removed with all that is in it is looked at first: a link is only removed itself. */
function withPattern<T extends { readonly text: string; readonly pattern?: string }>(word: T): T {
  if (remoteBaseName(word.text.replace(/\/+$/, "")) !== undefined) {
    return { ...word, pattern: word.pattern ?? escapeGlob(word.text) };
  }
  throw new UsageError(`Cannot remove "${displayName(word.text)}": it has no name of its own`);
}

async function agreed(shell: Shell, matches: readonly RemoteMatch[]): Promise<boolean> {
  const [first] = matches;
  const what = matches.length === 1
    ? `"${displayName(first?.path ?? "")}" with all that is in it`
    : `${matches.length} files and directories`;
  return await shell.confirm(`Remove ${what}? [y/N] `);
}

function removal(site: Site): (match: RemoteMatch) => FileJob {
  return ({ path }) => {
    const server = site.at(path);
    return {
      action: "delete",
      target: formatRemote(server.host, path),
      server,
      task: {
        async attempt(session) {
          await removeFile(session, server.path);
          return { status: "done", bytes: 0 };
        },
      },
    };
  };
}

async function* treeRemovals(
  site: Site,
  what: { readonly run: ClientRun; readonly matches: readonly RemoteMatch[] },
): AsyncGenerator<Job> {
  const { run: { rateLimit, report }, matches } = what;
  const { location, host } = site;
  const target = new RemoteTree({ location, host, rateLimit, report });
  const changes = { target, filter: () => true, dryRun: false };
  for (const { path, entry } of matches) {
    if (entry === undefined) continue;
    const name = path;
    yield* removeAll(changes, { path: site.at(path).path, name, entry: treeEntry(entry) });
  }
}

async function rmdir(shell: Shell, { words }: Call): Promise<number> {
  const site = shell.connected();
  await using run = site.open(1);
  const paths = (await shell.remotes(words, run)).map(({ path }) => path);
  return await eachPath(site, paths, removeDirectory);
}

async function mv(shell: Shell, { parsed }: Call): Promise<number> {
  const site = shell.connected();
  const [from = "", to = ""] = parsed.operands.map((path) => site.at(path).path);
  await site.host.use(async (session) => {
    const into = /(^|\/)$/.test(to) || await session.isDirectory(to);
    await rename(session, { from, to: into ? childPath(to, nameOf(from)) : to });
  });
  return EXIT.done;
}

function nameOf(path: string): string {
  const name = remoteBaseName(path.replace(/\/+$/, ""));
  if (name !== undefined) return name;
  throw new UsageError(`Cannot move "${displayName(path)}": it has no name of its own`);
}

async function chmod(shell: Shell, { words }: Call): Promise<number> {
  const [modeWord, ...rest] = words;
  const octal = modeWord?.text ?? "";
  if (!/^[0-7]{3,4}$/.test(octal)) {
    throw new UsageError(`Cannot use "${displayName(octal)}" as a mode: it is octal, such as 644`);
  }
  const mode = parseInt(octal, 8);
  const site = shell.connected();
  await using run = site.open(1);
  const paths = (await shell.remotes(rest, run)).map(({ path }) => path);
  return await eachPath(site, paths, (session, path) => changeMode(session, { path, mode }));
}

async function touch(shell: Shell, { parsed }: Call): Promise<number> {
  const site = shell.connected();
  let code: number = EXIT.done;
  for (const path of parsed.operands) {
    const server = site.at(path);
    const isMissing = await site.host.use((session) => touchThere(session, server.path));
    if (isMissing) code = await makeEmpty(shell, { parsed, path });
    if (code !== EXIT.done) break;
  }
  return code;
}

/** Sets the time; true where there is no such file. */
async function touchThere(session: Session, path: string): Promise<boolean> {
  const { refusal, type, size } = await session.stat(path);
  if (refusal !== undefined && !await session.isDirectory(path)) return true;
  const action = `touch "${displayName(path)}"`;
  if (refusal === undefined && type === undefined && size === undefined) {
    throw new FtpkitError(`Cannot ${action}: the server does not tell whether it exists`);
  }
  if (await setModified(session, { path, modified: new Date() })) return false;
  throw new FtpkitError(`Cannot ${action}: the server does not set times`);
}

async function makeEmpty(
  shell: Shell,
  what: { readonly parsed: ParsedOptions; readonly path: string },
): Promise<number> {
  const site = shell.connected();
  const server = site.at(what.path);
  await using run = site.open(1, { quiet: true });
  const put = { ...shell.fileOptions(what.parsed), atomic: false, makeParents: false };
  const trees = shell.treeOptions(what.parsed);
  const plan = { run, put, trees, compare: "always", delete: false, server } as const;
  const stream = { read: () => Promise.resolve(null) };
  return await runJobs([uploadJob(plan, { source: "-", stream, path: server.path })], run);
}

/** The commands. */
export const CHANGE_COMMANDS: readonly ShellCommand[] = [
  {
    name: "mkdir",
    aliases: [],
    synopsis: "[-p] PATH...",
    summary: "make directories",
    examples: ["mkdir incoming", "mkdir -p a/b/c"],
    options: { parents: { short: "p", help: "also those above; no failure if it is there" } },
    operands: { min: 1, max: Infinity, missing: "PATH" },
    completes: ["remote-directory"],
    changes: true,
    run: mkdir,
  },
  {
    name: "rmdir",
    aliases: [],
    synopsis: "PATH...",
    summary: "remove empty directories",
    examples: ["rmdir incoming"],
    options: NO_OPTIONS,
    operands: { min: 1, max: Infinity, missing: "PATH" },
    completes: ["remote-directory"],
    changes: true,
    run: rmdir,
  },
  {
    name: "rm",
    aliases: [{ name: "delete" }],
    synopsis: "[-r] [-f] PATH...",
    summary: "remove files, and with -r directories with all that is in them",
    examples: ["rm old.txt", "rm *.tmp", "rm -r -f build"],
    options: {
      ...{ recursive: { short: "r", help: "directories too, with all that is in them" } },
      force: { short: "f", help: "ask nothing" },
    },
    operands: { min: 1, max: Infinity, missing: "PATH" },
    completes: ["remote"],
    changes: true,
    run: rm,
  },
  {
    name: "mv",
    aliases: [{ name: "rename" }],
    synopsis: "OLD NEW",
    summary: "rename, or move into the directory NEW",
    examples: ["mv draft.txt final.txt", "mv final.txt archive/"],
    options: NO_OPTIONS,
    operands: { min: 2, max: 2, missing: "OLD or NEW" },
    completes: ["remote"],
    changes: true,
    run: mv,
  },
  {
    name: "chmod",
    aliases: [],
    synopsis: "MODE PATH...",
    summary: "change permissions; MODE is octal",
    examples: ["chmod 644 *.html"],
    options: NO_OPTIONS,
    operands: { min: 2, max: Infinity, missing: "MODE or PATH" },
    completes: ["nothing", "remote"],
    changes: true,
    run: chmod,
  },
  {
    name: "touch",
    aliases: [],
    synopsis: "PATH...",
    summary: "set the time to now, or make an empty file",
    examples: ["touch done.flag"],
    options: NO_OPTIONS,
    operands: { min: 1, max: Infinity, missing: "PATH" },
    completes: ["remote"],
    changes: true,
    run: touch,
  },
];
