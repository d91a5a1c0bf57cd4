/**
 * Directory listings as they go over the wire: LIST, NLST and MLSD lines.
 *
 * @module
 */
import { formatTimeVal } from "../../shared/facts.ts";
import { type Need, STORING } from "../accounts/permissions.ts";
import type { Entry } from "../storage/storage.ts";

/** The facts of MLST and MLSD, as they are spelled (RFC 3659 section 7.5, RFC 3659 section 10). */
export const FACTS = [
  "Type",
  "Size",
  "Modify",
  "Create",
  "Perm",
  "Unique",
  "UNIX.mode",
  "UNIX.owner",
  "UNIX.group",
] as const;

/** One fact. */
export type Fact = typeof FACTS[number];

/** What MLST and MLSD give unless OPTS MLST says otherwise: all. */
export const DEFAULT_FACTS: readonly Fact[] = FACTS;

/** Whether the session has a right, or any one of several, at the place of an entry. */
export type May = (need: Need) => boolean;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HALF_YEAR = 182 * 24 * 3600 * 1000;

/**
 * A name as a line can hold it: a line break would forge another line. Other control characters stay,
 * or clients could not ask for what they see.
 *
 * @param name One name, or a path.
 * @returns The name with `?` for what ends a line.
 */
export function nameInLine(name: string): string {
  return name.replace(/[\r\n]/g, "?");
}

/**
 * One line of NLST (RFC 959 section 4.1.3).
 *
 * @param name The name, or the path that the client gave and the name.
 * @returns The line with CRLF.
 */
export function nameLine(name: string): string {
  return `${nameInLine(name)}\r\n`;
}

/**
 * One line of LIST, in the form of `ls -l`, times in the server's zone.
 *
 * @param entry What to show.
 * @param now The present, which decides between time of day and year.
 * @param name How it is called there.
 * @returns The line with CRLF.
 */
export function longLine(entry: Entry, now: Date, name: string = entry.name): string {
  const size = String(entry.size).padStart(12);
  const target = entry.target === undefined ? "" : ` -> ${nameInLine(entry.target)}`;
  const time = listTime(entry.modified, now);
  return `${leftColumns(entry)} ${size} ${time} ${nameInLine(name)}${target}\r\n`;
}

/** The left columns that were written last, and what they show: those of neighbours are often the same. */
const latest = { letter: "", mode: 0, links: 0, owner: 0, group: 0, columns: "" };

/** What stands before the size. */
function leftColumns(entry: Entry): string {
  const letter = kindLetter(entry);
  const { mode, links, owner, group } = entry;
  const isSame = latest.mode === mode && latest.links === links && latest.owner === owner &&
    latest.group === group && latest.letter === letter;
  if (isSame) return latest.columns;
  const ids = `${String(owner).padEnd(8)} ${String(group).padEnd(8)}`;
  const columns = `${letter}${modeText(mode)} ${String(links).padStart(4)} ${ids}`;
  Object.assign(latest, { letter, mode, links, owner, group, columns });
  return columns;
}

function kindLetter({ target, type }: Entry): string {
  return target !== undefined ? "l" : type === "dir" ? "d" : "-";
}

/** Three bits as `ls` shows them. */
const RIGHTS = ["---", "--x", "-w-", "-wx", "r--", "r-x", "rw-", "rwx"];

function modeText(mode: number): string {
  const [owner, group, others] = [mode >> 6 & 7, mode >> 3 & 7, mode & 7];
  return `${RIGHTS[owner]}${RIGHTS[group]}${RIGHTS[others]}`;
}

/** The time that was written last: neighbours are often of the same minute. */
const latestTime = { minute: -1, hasYear: false, text: "" };

/** Shows one time after the other. */
const shown = new Date();

function listTime(time: number, now: Date): string {
  const minute = Math.floor(time / MINUTE);
  const hasYear = Math.abs(now.getTime() - time) > HALF_YEAR;
  if (latestTime.minute === minute && latestTime.hasYear === hasYear) return latestTime.text;
  shown.setTime(time);
  latestTime.minute = minute;
  latestTime.hasYear = hasYear;
  return latestTime.text = timeText(shown, hasYear);
}

function timeText(date: Date, hasYear: boolean): string {
  const day = `${MONTHS[date.getMonth()]} ${String(date.getDate()).padStart(2)}`;
  if (hasYear) return `${day}  ${date.getFullYear()}`;
  return `${day} ${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

/**
 * One entry of MLSD and MLST, without a line end (RFC 3659 section 7.2).
 *
 * @param entry What to show.
 * @param options Which facts, under which name, and what the user may do with it: see
 * {@linkcode permLetters}.
 * @returns `facts name`.
 */
export function factsLine(
  entry: Entry,
  options: { readonly facts: readonly Fact[]; readonly perm: string; readonly name: string },
): string {
  let line = "";
  for (const fact of options.facts) line += factText(fact, entry, options.perm);
  return `${line} ${nameInLine(options.name)}`;
}

/** A fact whose value was written last, and how. */
interface WrittenFact {
  value: string | number;
  text: string;
}

/** Facts that are often the same in neighbours are not written anew. */
const latestFacts = new Map<Fact, WrittenFact>();

/** Numbers, times and letters: the grammar can carry all of them. */
function factText(fact: Fact, entry: Entry, perm: string): string {
  const value = lastingValue(fact, entry, perm);
  const written = latestFacts.get(fact);
  if (value !== undefined && written?.value === value) return written.text;
  const shown = factValue(fact, entry, perm);
  const text = shown === "" ? "" : `${fact}=${shown};`;
  if (value === undefined) return text;
  if (written === undefined) latestFacts.set(fact, { value, text });
  else {
    written.value = value;
    written.text = text;
  }
  return text;
}

/** What decides a fact that entries have in common; undefined for one that nearly each has for itself. */
function lastingValue(fact: Fact, entry: Entry, perm: string): string | number | undefined {
  switch (fact) {
    case "Type":
      return entry.type;
    case "Modify":
      return Math.floor(entry.modified / SECOND);
    case "Create":
      return entry.created === undefined ? undefined : Math.floor(entry.created / SECOND);
    case "Perm":
      return perm;
    case "UNIX.mode":
      return entry.mode;
    case "UNIX.owner":
      return entry.owner;
    case "UNIX.group":
      return entry.group;
    default:
      return undefined;
  }
}

function factValue(fact: Fact, entry: Entry, perm: string): string {
  switch (fact) {
    case "Type":
      return entry.type === "other" ? "OS.unix=special" : entry.type;
    case "Size":
      return entry.type === "file" ? String(entry.size) : "";
    case "Modify":
      return formatTimeVal(entry.modified);
    case "Create":
      return entry.created === undefined ? "" : formatTimeVal(entry.created);
    case "Perm":
      return perm;
    case "Unique":
      return entry.unique;
    case "UNIX.mode":
      return `0${(entry.mode & 0o7777).toString(8).padStart(3, "0")}`;
    case "UNIX.owner":
      return String(entry.owner);
    case "UNIX.group":
      return String(entry.group);
  }
}

/** Whoever sees a directory may enter it. */
const DIRECTORY_LETTERS: readonly (readonly [string, Need | undefined])[] = [
  ["c", STORING],
  ["d", "delete"],
  ["e", undefined],
  ["f", "rename"],
  ["l", "list"],
  ["m", "mkdir"],
  ["p", "delete"],
];

const FILE_LETTERS: readonly (readonly [string, Need])[] = [
  ["a", "write"],
  ["d", "delete"],
  ["f", "rename"],
  ["r", "read"],
  ["w", "write"],
];

/**
 * The perm fact: what a user may do with an entry (RFC 3659 section 7.5.5).
 *
 * @param type What the entry is.
 * @param may The user's rights at its place.
 * @returns A letter for each.
 */
export function permLetters(type: Entry["type"], may: May): string {
  const letters = type === "dir" ? DIRECTORY_LETTERS : FILE_LETTERS;
  return letters.filter(([, need]) => need === undefined || may(need)).map(([letter]) => letter)
    .join("");
}
