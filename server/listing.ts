/**
 * Directory listings as they go over the wire: LIST, NLST and MLSD lines.
 *
 * @module
 */
import { formatFacts, formatTimeVal } from "../shared/facts.ts";
import { type Need, STORING } from "./accounts/permissions.ts";
import type { Entry } from "./storage/storage.ts";

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
const HALF_YEAR = 182 * 24 * 3600 * 1000;

/** A name that holds a line break would forge a line: what cannot be said is shown as `?`. */
function safeName(name: string): string {
  return name.replace(/\p{Cc}/gu, "?");
}

/**
 * One line of NLST (RFC 959 section 4.1.3).
 *
 * @param name The name, or the path that the client gave and the name.
 * @returns The line with CRLF.
 */
export function nameLine(name: string): string {
  return `${safeName(name)}\r\n`;
}

/**
 * One line of LIST, in the form of `ls -l`, times in the server's zone.
 *
 * @param entry What to show.
 * @param now The present, which decides between time of day and year.
 * @returns The line with CRLF.
 */
export function longLine(entry: Entry, now: Date): string {
  const kind = entry.target !== undefined ? "l" : entry.type === "dir" ? "d" : "-";
  const links = String(entry.links).padStart(4);
  const owner = `${String(entry.owner).padEnd(8)} ${String(entry.group).padEnd(8)}`;
  const size = String(entry.size).padStart(12);
  const target = entry.target === undefined ? "" : ` -> ${safeName(entry.target)}`;
  const left = `${kind}${modeText(entry.mode)} ${links} ${owner} ${size} ${
    listTime(entry.modified, now)
  }`;
  return `${left} ${safeName(entry.name)}${target}\r\n`;
}

function modeText(mode: number): string {
  return Array.from("rwxrwxrwx", (letter, bit) => mode & (0o400 >> bit) ? letter : "-").join("");
}

function listTime(date: Date, now: Date): string {
  const age = now.getTime() - date.getTime();
  const day = `${MONTHS[date.getMonth()]} ${String(date.getDate()).padStart(2)}`;
  if (age > HALF_YEAR || age < -HALF_YEAR) return `${day}  ${date.getFullYear()}`;
  const [hours, minutes] = [date.getHours(), date.getMinutes()].map((n) =>
    String(n).padStart(2, "0")
  );
  return `${day} ${hours}:${minutes}`;
}

/**
 * One entry of MLSD and MLST, without a line end (RFC 3659 section 7.2).
 *
 * @param entry What to show.
 * @param options Which facts, under which name, and what the user may do with it.
 * @returns `facts name`.
 */
export function factsLine(
  entry: Entry,
  options: { readonly facts: readonly Fact[]; readonly may: May; readonly name: string },
): string {
  const facts = options.facts
    .map((fact): [string, string] => [fact, factValue(fact, entry, options.may)])
    .filter(([, value]) => value !== "");
  return formatFacts(facts, safeName(options.name));
}

function factValue(fact: Fact, entry: Entry, may: May): string {
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
      return permFact(entry, may);
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

/** The perm fact: what this user may do with the entry (RFC 3659 section 7.5.5). */
function permFact(entry: Entry, may: May): string {
  const letters = entry.type === "dir" ? DIRECTORY_LETTERS : FILE_LETTERS;
  return letters.filter(([, need]) => need === undefined || may(need)).map(([letter]) => letter)
    .join("");
}
