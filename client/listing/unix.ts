/**
 * Listings as `ls -l` writes them, which most servers send for LIST.
 *
 * @module
 */
import { encodeName } from "../remote_name.ts";
import type { EntryType, OpenEntry, RemoteEntry } from "./entry.ts";
import { isTotal } from "./months.ts";
import { dateAt, type DateFound } from "./unix_date.ts";
import { Words } from "./words.ts";

const TYPES: Readonly<Record<string, EntryType>> = { "-": "file", d: "dir", l: "link" };

/** Type and rights, perhaps a mark for an ACL; a large number of links may follow at once. */
const HEAD = /^[-a-z?][-rwxstl]{9}[+.@*]?(?=[\s\d])/i;

/** Behind which character the rights end. */
const RIGHTS_END = 10;

const MARKS = "+.@*";

const COMMA = 0x2c;
const MINUS = 0x2d;

/** The two numbers of a device, and what servers write whose numbers are too small for a file. */
const SIGNED = /^(?:\d+,)?-?\d+$/;

const ARROW = " -> ";

/** How many arrows in a name are looked at. */
const MOST_ARROWS = 16;

/**
 * Reads one line.
 *
 * @param line The line without its end.
 * @param now The time of the listing: a date without a year is in the year before it.
 * @returns The entry; null for `total` and for the directory itself and the one above; undefined for
 * another format.
 */
export function parseUnixLine(line: string, now: Date): RemoteEntry | null | undefined {
  if (!HEAD.test(line)) return isTotal(line) ? null : undefined;
  const hasMark = MARKS.includes(line.charAt(RIGHTS_END));
  words.read(line, hasMark ? RIGHTS_END + 1 : RIGHTS_END);
  const fields = fieldsOf(line, now);
  if (fields === undefined) return undefined;
  const { owner, group, size, date, rest } = fields;
  if (rest === "." || rest === "..") return null;
  const type = TYPES[line.charAt(0).toLowerCase()] ?? "other";
  const arrow = type === "link" ? arrowIn(rest, size) : -1;
  const name = arrow < 0 ? rest : rest.slice(0, arrow);
  const entry: OpenEntry = { name, type, permissions: line.slice(1, RIGHTS_END) };
  if (size !== undefined && type !== "dir") entry.size = size;
  if (date.modified !== undefined) entry.modified = date.modified;
  if (owner !== undefined) entry.owner = owner;
  if (group !== undefined) entry.group = group;
  if (arrow >= 0) entry.target = rest.slice(arrow + ARROW.length);
  return entry;
}

/** Of the line that is being read. */
const words = new Words();

interface Fields {
  readonly owner: string | undefined;
  readonly group: string | undefined;
  /** Undefined for a device, which has two other numbers in its place. */
  readonly size: number | undefined;
  readonly date: DateFound;
  /** The name, and where a link leads. */
  readonly rest: string;
}

/**
 * The size is the first number with a date behind it. Before it stand at most the number of links,
 * the owner and the group; the latter may be several words.
 */
function fieldsOf(line: string, now: Date): Fields | undefined {
  for (let pass = 0; pass < 2; pass++) {
    const anyMonth = pass > 0;
    for (let at = 0; at < words.count; at++) {
      if (!isNumber(at)) continue;
      const date = dateAt(words, at + 1, { now, anyMonth });
      if (date === undefined) continue;
      const end = words.end(at + date.words);
      const space = date.padded && line.charAt(end + 1) === " " ? 2 : 1;
      const rest = line.slice(end + space);
      if (rest === "") return undefined;
      const digits = words.at(at);
      const isSecondOfTwo = words.code(at - 1, words.length(at - 1) - 1) === COMMA;
      const isDevice = isSecondOfTwo || digits.includes(",");
      const before = isSecondOfTwo && !digits.includes(",") ? at - 1 : at;
      const size = isDevice ? undefined : sizeOf(digits);
      return { ...owners(before), size, date, rest };
    }
  }
  return undefined;
}

/** Whether a word may be a size, or the numbers of a device. */
function isNumber(at: number): boolean {
  const isPlain = words.number(at, 0) >= 0;
  return isPlain ||
    (words.hasDigit(at) || words.code(at, 0) === MINUS) && SIGNED.test(words.at(at));
}

/** The owner and the group of those words that are before the size; the first may be a number. */
function owners(end: number): Pick<Fields, "owner" | "group"> {
  const first = words.number(0, 0) >= 0 ? 1 : 0;
  return {
    owner: first < end ? words.at(first) : undefined,
    group: first + 1 < end ? words.text(first + 1, end) : undefined,
  };
}

/** Servers whose numbers are too small for a file write negative ones. */
function sizeOf(digits: string): number | undefined {
  const size = Number(digits);
  return Number.isSafeInteger(size) && size >= 0 ? size : undefined;
}

/**
 * Where the name of a link ends. Both names may hold an arrow: the size of a link is that of what is
 * behind the right one.
 */
function arrowIn(rest: string, size: number | undefined): number {
  const first = rest.indexOf(ARROW);
  let at = first;
  for (let count = 0; at >= 0 && count < MOST_ARROWS; count++) {
    if (encodeName(rest.slice(at + ARROW.length)).length === size) return at;
    at = rest.indexOf(ARROW, at + 1);
  }
  return first;
}
