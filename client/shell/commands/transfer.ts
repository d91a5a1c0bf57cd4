/**
 * Transfers: `get`, `mget`, `put`, `mput`, `mirror`, with what `ftpkit get`, `put` and `mirror` do.
 *
 * @module
 */
import { basename } from "node:path";
import { RemoteFileError, UsageError } from "../../../shared/errors.ts";
import type { ParsedOptions } from "../../../shared/options.ts";
import { FILE_OPTIONS } from "../../client_options.ts";
import type { ClientRun } from "../../client_run.ts";
import { type Destination, GET_OPTIONS, runDownload, segmentsOf } from "../../get_command.ts";
import { formatRemote, remoteBaseName, type RemoteLocation } from "../../location.ts";
import { MIRROR_OPTIONS, runMirror } from "../../mirror_command.ts";
import { PUT_OPTIONS, runUpload } from "../../put_command.ts";
import { displayName } from "../../remote_name.ts";
import { Append } from "../../transfer/append.ts";
import { runJobs } from "../../tree/queue.ts";
import {
  comparisonOf,
  parallelOf,
  RECURSIVE_OPTION,
  TREE_OPTIONS,
} from "../../tree/tree_options.ts";
import { type Call, NO_OPTIONS, type ShellCommand } from "../command.ts";
import type { Shell } from "../shell.ts";
import type { Word } from "../words.ts";

const BOTH_OPTIONS = { ...RECURSIVE_OPTION, ...FILE_OPTIONS, ...TREE_OPTIONS };
const DOWNLOAD_OPTIONS = { ...BOTH_OPTIONS, ...GET_OPTIONS };
const UPLOAD_OPTIONS = { ...BOTH_OPTIONS, ...PUT_OPTIONS };

/** The last of several arguments is where the others go. */
async function get(shell: Shell, { parsed, words }: Call): Promise<number> {
  const target = words.length > 1 ? words.at(-1) : undefined;
  const sources = target === undefined ? words : words.slice(0, -1);
  return await download(shell, { parsed, sources, destination: destinationOf(shell, target) });
}

async function mget(shell: Shell, { parsed, words }: Call): Promise<number> {
  return await download(shell, {
    parsed,
    sources: words,
    destination: destinationOf(shell, undefined),
  });
}

function destinationOf(shell: Shell, word: Word | undefined): Destination {
  if (word === undefined) return { kind: "local", path: shell.localDirectory || "." };
  return word.text === "-" ? { kind: "stream" } : { kind: "local", path: shell.local(word) };
}

async function download(
  shell: Shell,
  what: {
    readonly parsed: ParsedOptions;
    readonly sources: readonly Word[];
    readonly destination: Destination;
  },
): Promise<number> {
  const { parsed, destination } = what;
  const [files, trees] = [shell.fileOptions(parsed), shell.treeOptions(parsed)];
  await using run = shell.connected().open(parallelOf(trees, trees.recursive));
  const sources = await sourcesOf(shell, { run, words: what.sources, recursive: trees.recursive });
  const compare = comparisonOf(files, "always");
  const plan = { run, files, trees, compare, segments: segmentsOf(parsed), delete: false };
  return await runDownload(plan, { sources, destination });
}

/** Without `-r` a pattern means the files that match it. */
async function sourcesOf(
  shell: Shell,
  what: { readonly run: ClientRun; readonly words: readonly Word[]; readonly recursive: boolean },
): Promise<RemoteLocation[]> {
  const { run, words, recursive } = what;
  const matches = await shell.remotes(words, run);
  const wanted = matches.filter(({ entry }) => recursive || entry?.type !== "dir");
  if (wanted.length === 0) {
    const names = words.map(({ text }) => displayName(text)).join(" ");
    throw new RemoteFileError(`Cannot download "${names}": only directories match (-r)`);
  }
  return wanted.map(({ path }) => shell.connected().at(path));
}

async function put(shell: Shell, { parsed, words }: Call): Promise<number> {
  const target = words.length > 1 ? words.at(-1) : undefined;
  const sources = target === undefined ? words : words.slice(0, -1);
  return await upload(shell, { parsed, sources, target: target?.text ?? "" });
}

async function mput(shell: Shell, { parsed, words }: Call): Promise<number> {
  return await upload(shell, { parsed, sources: words, target: "" });
}

async function upload(
  shell: Shell,
  what: {
    readonly parsed: ParsedOptions;
    readonly sources: readonly Word[];
    readonly target: string;
  },
): Promise<number> {
  const { parsed, sources, target } = what;
  if (sources.some(({ text }) => text === "-")) {
    throw new UsageError("Cannot upload standard input: the shell reads it (./- is a file)");
  }
  const trees = shell.treeOptions(parsed);
  const put = {
    ...shell.fileOptions(parsed),
    atomic: parsed.has("atomic"),
    makeParents: parsed.has("mkdir"),
  };
  const site = shell.connected();
  const paths = await shell.locals(sources);
  await using run = site.open(parallelOf(trees, trees.recursive));
  const compare = comparisonOf(put, "always");
  return await runUpload({ run, put, trees, compare, delete: false }, {
    sources: paths.map((path) => ({ kind: "local", path })),
    destination: site.at(target),
  });
}

async function append(shell: Shell, { parsed, words: [source, target] }: Call): Promise<number> {
  if (source === undefined) throw new UsageError("Missing LOCAL");
  const site = shell.connected();
  const from = shell.local(source);
  const server = site.at(target?.text ?? basename(from));
  await using run = site.open(1);
  const { report, rateLimit } = run;
  const { ascii } = shell.fileOptions(parsed);
  report.expect(1);
  return await runJobs([{
    action: "put",
    source: from,
    target: formatRemote(server.host, server.path),
    server,
    task: new Append({ source: from, path: server.path, ascii, rateLimit, report }),
  }], run);
}

async function mirror(shell: Shell, { parsed, words: [from, to] }: Call): Promise<number> {
  if (from === undefined) throw new UsageError("Missing directory");
  const site = shell.connected();
  const [files, trees] = [shell.fileOptions(parsed), shell.treeOptions(parsed)];
  await using run = site.open(parallelOf(trees, true));
  const plan = { run, files, trees, delete: parsed.has("delete") };
  if (parsed.has("reverse")) {
    const fromLocal = shell.local(from);
    const name = basename(fromLocal);
    const target = to?.text ?? (/^\.{0,2}$|\//.test(name) ? "" : name);
    return await runMirror({ fromLocal, to: site.at(target) }, plan);
  }
  const name = remoteBaseName(from.text.replace(/\/+$/, "")) ?? ".";
  const toLocal = shell.local(to ?? { text: name, home: false });
  return await runMirror({ from: site.at(from.text), toLocal }, plan);
}

/** The commands. */
export const TRANSFER_COMMANDS: readonly ShellCommand[] = [
  {
    name: "get",
    aliases: [{ name: "retrieve" }, { name: "recv" }, { name: "reget", args: ["-c"] }],
    synopsis: "[OPTIONS] REMOTE... [LOCAL]",
    summary: "download files, and with -r trees; the last of several names is LOCAL",
    examples: [
      "get README",
      "get -c big.iso /tmp/",
      "get -r --exclude '*.tmp' photos .",
      "get 'with space' -",
    ],
    options: DOWNLOAD_OPTIONS,
    operands: { min: 1, max: Infinity, missing: "REMOTE" },
    completes: ["remote", "either"],
    background: true,
    run: get,
  },
  {
    name: "mget",
    aliases: [],
    synopsis: "[OPTIONS] REMOTE...",
    summary: "download all that match",
    examples: ["mget *.jpg notes/*.txt"],
    options: DOWNLOAD_OPTIONS,
    operands: { min: 1, max: Infinity, missing: "REMOTE" },
    completes: ["remote"],
    background: true,
    run: mget,
  },
  {
    name: "put",
    aliases: [{ name: "store" }, { name: "send" }, { name: "reput", args: ["-c"] }],
    synopsis: "[OPTIONS] LOCAL... [REMOTE]",
    summary: "upload files, and with -r trees; the last of several names is REMOTE",
    examples: ["put report.pdf", "put report.pdf incoming/", "put -r photos backup/"],
    options: UPLOAD_OPTIONS,
    operands: { min: 1, max: Infinity, missing: "LOCAL" },
    completes: ["local", "either"],
    background: true,
    changes: true,
    run: put,
  },
  {
    name: "mput",
    aliases: [],
    synopsis: "[OPTIONS] LOCAL...",
    summary: "upload all that match",
    examples: ["mput *.jpg notes/*.txt"],
    options: UPLOAD_OPTIONS,
    operands: { min: 1, max: Infinity, missing: "LOCAL" },
    completes: ["local"],
    background: true,
    changes: true,
    run: mput,
  },
  {
    name: "append",
    aliases: [],
    synopsis: "LOCAL [REMOTE]",
    summary: "upload a file behind what a remote one holds already",
    examples: ["append today.log all.log"],
    options: NO_OPTIONS,
    operands: { min: 1, max: 2, missing: "LOCAL" },
    completes: ["local", "remote"],
    background: true,
    changes: true,
    run: append,
  },
  {
    name: "mirror",
    aliases: [],
    synopsis: "[OPTIONS] REMOTE [LOCAL]",
    summary: "make LOCAL the same as REMOTE; with -R: LOCAL [REMOTE], the other way",
    examples: [
      "mirror pub/docs docs",
      "mirror --delete --dry-run pub/docs docs",
      "mirror -R site /www",
    ],
    options: {
      reverse: { short: "R", help: "from here to the server" },
      ...MIRROR_OPTIONS,
      ...FILE_OPTIONS,
      ...TREE_OPTIONS,
    },
    operands: { min: 1, max: 2, missing: "directory" },
    completes: (options) =>
      options.has("reverse")
        ? ["local-directory", "remote-directory"]
        : ["remote-directory", "local-directory"],
    background: true,
    changes: true,
    run: mirror,
  },
];
