/**
 * Moving, there and here: `cd`, `pwd`, `lcd`, `lpwd`.
 *
 * @module
 */
import { LocalFileError, UsageError } from "../../../shared/errors.ts";
import { EXIT } from "../../../shared/exit_code.ts";
import { displayName, readableName } from "../../remote_name.ts";
import { local } from "../../transfer/local_file.ts";
import { type Call, NO_OPERANDS, NO_OPTIONS, type ShellCommand } from "../command.ts";
import { printResults } from "../results.ts";
import type { Shell } from "../shell.ts";
import type { Word } from "../words.ts";

async function cd(shell: Shell, { words: [word] }: Call): Promise<number> {
  const site = shell.connected();
  const { host, directory: from } = site;
  const isBack = word?.text === "-";
  const target = word === undefined
    ? site.first
    : isBack
    ? site.before
    : site.at(await directoryOf(shell, word)).path;
  await host.use(async ({ directory }) => {
    host.directory = await directory.move(target);
  });
  site.before = from;
  if (isBack) await printPath(shell, site.directory);
  return EXIT.done;
}

/** A pattern has to mean one directory. */
async function directoryOf(shell: Shell, word: Word): Promise<string> {
  await using run = shell.connected().open(1);
  const matches = await shell.remotes([word], run);
  return single(word, matches.filter(({ entry }) => entry?.type !== "file")).path;
}

function single<T>({ text }: Word, matches: readonly T[]): T {
  const [match] = matches;
  if (match !== undefined && matches.length === 1) return match;
  throw new UsageError(
    `Cannot open the directory "${displayName(text)}": ${matches.length} names match`,
  );
}

async function pwd(shell: Shell): Promise<number> {
  const path = await shell.connected().host.use(({ directory }) => directory.ask());
  await printPath(shell, path);
  return EXIT.done;
}

async function printPath(shell: Shell, path: string): Promise<void> {
  await printResults(shell, [{ text: displayName(path), value: { path: readableName(path) } }]);
}

async function lcd(shell: Shell, { words: [word] }: Call): Promise<number> {
  const path = word === undefined ? shell.home() : single(word, await shell.locals([word]));
  const { isDirectory } = await local(`open the directory "${path}"`, () => Deno.stat(path));
  if (!isDirectory) {
    throw new LocalFileError(`Cannot open the directory "${displayName(path)}": it is none`);
  }
  shell.localDirectory = path;
  return EXIT.done;
}

/** The commands. */
export const MOVE_COMMANDS: readonly ShellCommand[] = [
  {
    name: "cd",
    aliases: [],
    synopsis: "[PATH]",
    summary: "change the remote directory; - is the one before, nothing the first one",
    examples: ["cd pub/docs", "cd ..", "cd -"],
    options: NO_OPTIONS,
    operands: { min: 0, max: 1, missing: "" },
    completes: ["remote-directory"],
    run: cd,
  },
  {
    name: "pwd",
    aliases: [],
    synopsis: "",
    summary: "show the remote directory",
    examples: ["pwd"],
    options: NO_OPTIONS,
    operands: NO_OPERANDS,
    completes: ["nothing"],
    run: pwd,
  },
  {
    name: "lcd",
    aliases: [],
    synopsis: "[PATH]",
    summary: "change the directory here; nothing is your home",
    examples: ["lcd ~/photos"],
    options: NO_OPTIONS,
    operands: { min: 0, max: 1, missing: "" },
    completes: ["local-directory"],
    run: lcd,
  },
  {
    name: "lpwd",
    aliases: [],
    synopsis: "",
    summary: "show the directory here",
    examples: ["lpwd"],
    options: NO_OPTIONS,
    operands: NO_OPERANDS,
    completes: ["nothing"],
    async run(shell) {
      await printPath(shell, shell.localPath);
      return EXIT.done;
    },
  },
];
