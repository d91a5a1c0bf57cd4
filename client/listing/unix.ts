/**
 * Listings as `ls -l` writes them, which most servers send for LIST.
 *
 * @module
 */
import { encodeName } from "../remote_name.ts";
import type { EntryType, OpenEntry, RemoteEntry } from "./entry.ts";
import { isTotal } from "./months.ts";
import { dateAt, type DateFound } from "./unix_date.ts";

const TYPES: Readonly<Record<string, EntryType>> = { "-": "file", d: "dir", l: "link" };

/** Type and rights, perhaps a mark for an ACL; a large number of links may follow at once. */
const HEAD = /^([-a-z?])([-rwxstl]{9})[+.@*]?(?=[\s\d])/i;

/** The number of links, owner, group, and the words of the latter come before the size. */
const MOST_WORDS = 24;

const ARROW = " -> ";

const SPACE = 0x20;
const TAB = 0x09;

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
  if (isTotal(line)) return null;
  const head = line.match(HEAD);
  const fields = head === null ? undefined : fieldsOf(line, { start: head[0].length, now });
  if (head === null || fields === undefined) return undefined;
  const [, letter = "", permissions = ""] = head;
  const { owner, group, size, date, rest } = fields;
  if (rest === "." || rest === "..") return null;
  const type = TYPES[letter.toLowerCase()] ?? "other";
  const arrow = type === "link" ? arrowIn(rest, size) : -1;
  const name = arrow < 0 ? rest : rest.slice(0, arrow);
  const entry: OpenEntry = { name, type, permissions };
  if (size !== undefined && type !== "dir") entry.size = size;
  if (date.modified !== undefined) entry.modified = date.modified;
  if (owner !== undefined) entry.owner = owner;
  if (group !== undefined) entry.group = group;
  if (arrow >= 0) entry.target = rest.slice(arrow + ARROW.length);
  return entry;
}

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
function fieldsOf(
  line: string,
  way: { readonly start: number; readonly now: Date },
): Fields | undefined {
  const { words, ends } = wordsOf(line, way.start);
  for (const anyMonth of [false, true]) {
    for (const [at, word] of words.entries()) {
      if (!/^(?:\d+,)?-?\d+$/.test(word)) continue;
      const date = dateAt(words, at + 1, { now: way.now, anyMonth });
      const end = date === undefined ? undefined : ends[at + date.words];
      if (date === undefined || end === undefined) continue;
      const space = date.padded && line[end + 1] === " " ? 2 : 1;
      const rest = line.slice(end + space);
      if (rest === "") return undefined;
      const isDevice = word.includes(",") || words[at - 1]?.endsWith(",") === true;
      const before = words.slice(0, isDevice && !word.includes(",") ? at - 1 : at);
      return { ...owners(before), size: isDevice ? undefined : sizeOf(word), date, rest };
    }
  }
  return undefined;
}

function wordsOf(
  line: string,
  start: number,
): { readonly words: string[]; readonly ends: number[] } {
  const words: string[] = [];
  const ends: number[] = [];
  for (let at = start; at < line.length && words.length < MOST_WORDS; at++) {
    const begin = at;
    while (at < line.length && !isBlank(line, at)) at++;
    if (at === begin) continue;
    words.push(line.slice(begin, at));
    ends.push(at);
  }
  return { words, ends };
}

function isBlank(line: string, at: number): boolean {
  const code = line.charCodeAt(at);
  return code === SPACE || code === TAB;
}

function owners(words: readonly string[]): Pick<Fields, "owner" | "group"> {
  const [owner, ...group] = /^\d+$/.test(words[0] ?? "") ? words.slice(1) : words;
  return { owner, group: group.length === 0 ? undefined : group.join(" ") };
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
