/**
 * What Tab completes: commands, options, and names there and here.
 *
 * @module
 */
import { Bookmarks } from "../bookmarks.ts";
import { listPath } from "../directory/directory.ts";
import type { EntryType } from "../listing/entry.ts";
import { localTree } from "../tree/local_tree.ts";
import type { CompletionKind, ShellCommand } from "./command.ts";
import { commandNames } from "./commands.ts";
import type { Completion } from "./line_editor.ts";
import { openArgument } from "./open_argument.ts";
import { SETTINGS } from "./settings.ts";
import type { Shell } from "./shell.ts";
import { SILENT } from "./site.ts";
import { endOfQuote, type OpenWord, openWord, quoteWord } from "./words.ts";

/** A word that the open one may become. */
interface Candidate {
  readonly text: string;
  /** More may follow in the same word. */
  readonly open: boolean;
}

/** Something in a directory. */
interface Named {
  readonly name: string;
  readonly type: EntryType;
}

/** Names here that are not UTF-8 cannot be opened. */
const UNREACHABLE = /\ufffd/;

/**
 * Completes a line.
 *
 * @param shell Whose names there and here are meant.
 * @param line What stands before the cursor.
 * @returns What its last word can become, quoted as it is; nothing where that cannot be found out.
 * @throws {InterruptedError} If Ctrl-C ended it.
 */
export async function completeLine(shell: Shell, line: string): Promise<Completion> {
  const word = openWord(line);
  if (word === undefined) return { end: "", becomes: "", candidates: [] };
  const end = line.slice(word.start);
  shell.interrupts.begin();
  const found = await candidates(shell, word).catch(() => []);
  shell.interrupts.end();
  shell.io.signal.throwIfAborted();
  const sorted = found.toSorted((a, b) => a.text < b.text ? -1 : 1);
  const single = sorted.length === 1;
  const written = sorted.map((candidate) => write(candidate, { word, end, single }));
  if (single) return { end, becomes: written[0] ?? end, candidates: written };
  // Of what is written, a quote or a backslash might be all that is common.
  const text = commonStart(sorted[0]?.text ?? "", sorted.at(-1)?.text ?? "");
  const isMore = text.length > word.text.length;
  const becomes = isMore ? write({ text, open: true }, { word, end, single }) : end;
  return { end, becomes, candidates: written };
}

/** What two texts begin with, in whole characters; of a sorted list, all between them do so too. */
function commonStart(first: string, last: string): string {
  const [characters, others] = [[...first], [...last]];
  const length = characters.findIndex((character, at) => character !== others[at]);
  return length < 0 ? first : characters.slice(0, length).join("");
}

/** Where the word is quoted in another way than we would, it is taken as it stands. */
function write(
  { text, open }: Candidate,
  way: { readonly word: OpenWord; readonly end: string; readonly single: boolean },
): string {
  const { word, end, single } = way;
  const { quote, home } = word;
  // An escape might go on in what is written behind it.
  const isOurs = quoteWord(word.text, quote) === end || end === "" || quote === "$'";
  const rest = text.slice(word.text.length);
  const written = isOurs && !home
    ? quoteWord(text, quote)
    : end + quoteWord(`x${rest}`, quote).slice(quote.length + 1);
  return single && !open ? `${written}${endOfQuote(quote)} ` : written;
}

async function candidates(shell: Shell, word: OpenWord): Promise<readonly Candidate[]> {
  const [first, ...before] = word.before;
  if (first === undefined) return matching(word, commandNames().map(({ name }) => name));
  const named = commandNames().find(({ name }) => name === first.text);
  if (named === undefined) return [];
  const argument = openArgument(named, before.map(({ text }) => text));
  if (argument.values !== undefined) return matching(word, argument.values);
  if (argument.mayBeOption && word.text.startsWith("-")) {
    return matching(word, optionNames(named.command));
  }
  return await ofKind(shell, { word, kind: argument.kind });
}

function matching(word: OpenWord, names: readonly string[]): readonly Candidate[] {
  const fitting = names.filter((name) => name.startsWith(word.text));
  return fitting.map((text) => ({ text, open: false }));
}

function optionNames({ options }: ShellCommand): readonly string[] {
  return [...Object.keys(options), "help"].map((name) => `--${name}`);
}

async function ofKind(
  shell: Shell,
  what: { readonly word: OpenWord; readonly kind: CompletionKind },
): Promise<readonly Candidate[]> {
  const { word, kind } = what;
  switch (kind) {
    case "command":
      return matching(word, commandNames().map(({ name }) => name));
    case "bookmark":
      return matching(word, (await Bookmarks.open(shell.io)).all.map(([name]) => name));
    case "setting":
      return matching(word, Object.keys(SETTINGS));
    case "remote":
    case "remote-directory":
      return named(word, kind === "remote", await remoteNames(shell, word));
    case "local":
    case "local-directory":
      return named(word, kind === "local", await localNames(shell, word));
    case "either":
      return await ofBoth(shell, word);
    default:
      return [];
  }
}

/** Where one side cannot be looked at, the other one still can. */
async function ofBoth(shell: Shell, word: OpenWord): Promise<readonly Candidate[]> {
  const there = await ofKind(shell, { word, kind: "remote" }).catch(() => []);
  const here = await ofKind(shell, { word, kind: "local" }).catch(() => []);
  return [...there, ...here.filter(({ text }) => !there.some((other) => other.text === text))];
}

function named(word: OpenWord, files: boolean, all: readonly Named[]): readonly Candidate[] {
  const slash = word.text.lastIndexOf("/") + 1;
  const [above, begun] = [word.text.slice(0, slash), word.text.slice(slash)];
  const fitting = all.filter(({ name, type }) =>
    name.startsWith(begun) && (begun !== "" || !name.startsWith(".")) && !UNREACHABLE.test(name) &&
    (files || type === "dir" || type === "link")
  );
  return fitting.map(({ name, type }) => {
    const isDirectory = type === "dir";
    return { text: `${above}${name}${isDirectory ? "/" : ""}`, open: isDirectory };
  });
}

/** Each directory is listed once, and again when something was changed. */
async function remoteNames(shell: Shell, word: OpenWord): Promise<readonly Named[]> {
  const { site } = shell;
  if (site === undefined) return [];
  const path = site.at(word.text.slice(0, word.text.lastIndexOf("/") + 1)).path;
  await site.wake();
  try {
    return await site.listings.get(`${site.directory}\0${path}`, async () => {
      await using run = site.open(1, SILENT);
      const { report, rateLimit } = run;
      const content = await site.host.use((session) =>
        listPath(session, path, { all: true, rateLimit, report })
      );
      return content.isDirectory ? content.entries : [];
    });
  } finally {
    site.sleep();
  }
}

async function localNames(shell: Shell, word: OpenWord): Promise<readonly Named[]> {
  const above = word.text.slice(0, word.text.lastIndexOf("/") + 1);
  const path = shell.local({ text: above === "" ? "./" : above, home: word.home });
  const { entries } = await localTree.list(path);
  return entries;
}
