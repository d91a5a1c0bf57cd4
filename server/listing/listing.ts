/**
 * Directory listings as they go over the wire: LIST, NLST and MLSD lines.
 *
 * @module
 */
import { CLOCK_DIGITS, clockDigits, DATE_DIGITS, dateDigits } from "../../shared/facts.ts";
import { type Need, STORING } from "../accounts/permissions.ts";
import type { Entry } from "../storage/storage.ts";
import type { LineBuffer } from "./line_buffer.ts";

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

const SPACE = 0x20;
const MINUS = 0x2d;
const ZERO = 0x30;
const COLON = 0x3a;
const SEMICOLON = 0x3b;

/** Columns of a number of an owner or a group. */
const ID_WIDTH = 8;

/**
 * One line of NLST (RFC 959 section 4.1.3).
 *
 * @param out Where it is written, with CRLF.
 * @param name The name, or the path that the client gave and the name.
 */
export function writeNameLine(out: LineBuffer, name: string): void {
  out.name(name);
  out.end();
}

/**
 * One line of LIST, in the form of `ls -l`, times in the server's zone.
 *
 * @param out Where it is written, with CRLF.
 * @param entry What to show.
 * @param how The present, which decides between time of day and year; how it is called there.
 */
export function writeLongLine(
  out: LineBuffer,
  entry: Entry,
  { now, name = entry.name }: { readonly now: Date; readonly name?: string },
): void {
  const { target } = entry;
  out.ascii(kindLetter(entry));
  writeMode(out, entry.mode);
  out.byte(SPACE);
  out.number(entry.links, 4);
  writeId(out, entry.owner);
  writeId(out, entry.group);
  out.byte(SPACE);
  out.number(entry.size, 12);
  out.byte(SPACE);
  writeListTime(out, entry.modified, now);
  out.byte(SPACE);
  out.name(name);
  if (target !== undefined) {
    out.ascii(" -> ");
    out.name(target);
  }
  out.end();
}

function kindLetter({ target, type }: Entry): string {
  return target !== undefined ? "l" : type === "dir" ? "d" : "-";
}

/** Three bits as `ls` shows them. */
const RIGHTS = ["---", "--x", "-w-", "-wx", "r--", "r-x", "rw-", "rwx"];

function writeMode(out: LineBuffer, mode: number): void {
  out.ascii(RIGHTS[mode >> 6 & 7] ?? "");
  out.ascii(RIGHTS[mode >> 3 & 7] ?? "");
  out.ascii(RIGHTS[mode & 7] ?? "");
}

function writeId(out: LineBuffer, id: number): void {
  out.byte(SPACE);
  const start = out.length;
  out.number(id);
  out.spacesTo(start + ID_WIDTH);
}

/** Shows one time after the other. */
const shown = new Date();

function writeListTime(out: LineBuffer, time: number, now: Date): void {
  shown.setTime(time);
  out.ascii(MONTHS[shown.getMonth()] ?? "");
  out.byte(SPACE);
  out.number(shown.getDate(), 2);
  out.byte(SPACE);
  if (Math.abs(now.getTime() - time) > HALF_YEAR) return writeYear(out, shown.getFullYear());
  out.number(shown.getHours(), 2, "0");
  out.byte(COLON);
  out.number(shown.getMinutes(), 2, "0");
}

function writeYear(out: LineBuffer, year: number): void {
  out.byte(SPACE);
  out.number(year);
}

/**
 * One entry of MLSD and MLST, without a line end (RFC 3659 section 7.2).
 *
 * @param out Where `facts name` is written.
 * @param entry What to show.
 * @param how Which facts, under which name, and what the user may do with it: see
 * {@linkcode permLetters}.
 */
export function writeFacts(
  out: LineBuffer,
  entry: Entry,
  { facts, perm, name }: {
    readonly facts: readonly Fact[];
    readonly perm: string;
    readonly name: string;
  },
): void {
  for (const fact of facts) {
    if (!isKnown(fact, entry)) continue;
    out.ascii(LABELS[fact]);
    if (fact === "Perm") out.ascii(perm);
    else writeValue(out, fact, entry);
    out.byte(SEMICOLON);
  }
  out.byte(SPACE);
  out.name(name);
}

/** What stands before a value. */
const LABELS = Object.fromEntries(FACTS.map((fact) => [fact, `${fact}=`])) as Record<Fact, string>;

function isKnown(fact: Fact, { type, created, inode }: Entry): boolean {
  switch (fact) {
    case "Size":
      return type === "file";
    case "Create":
      return created !== undefined;
    case "Unique":
      return inode !== 0;
    default:
      return true;
  }
}

/** Numbers, times and letters: the grammar can carry all of them. */
function writeValue(out: LineBuffer, fact: Exclude<Fact, "Perm">, entry: Entry): void {
  switch (fact) {
    case "Type":
      return out.ascii(entry.type === "other" ? "OS.unix=special" : entry.type);
    case "Size":
      return out.number(entry.size);
    case "Modify":
      return writeTimeVal(out, entry.modified);
    case "Create":
      return writeTimeVal(out, entry.created ?? 0);
    case "Unique":
      out.number(entry.device);
      out.byte(MINUS);
      return out.number(entry.inode);
    case "UNIX.mode":
      return writeOctal(out, entry.mode & 0o7777);
    case "UNIX.owner":
      return out.number(entry.owner);
    case "UNIX.group":
      return out.number(entry.group);
  }
}

function writeTimeVal(out: LineBuffer, time: number): void {
  out.number(dateDigits(time), DATE_DIGITS, "0");
  out.number(clockDigits(time), CLOCK_DIGITS, "0");
}

/** With a zero before it, and three digits at least. */
function writeOctal(out: LineBuffer, mode: number): void {
  out.byte(ZERO);
  if (mode > 0o777) out.byte(ZERO + (mode >> 9));
  out.byte(ZERO + (mode >> 6 & 7));
  out.byte(ZERO + (mode >> 3 & 7));
  out.byte(ZERO + (mode & 7));
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
