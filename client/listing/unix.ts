/**
 * Listings as `ls -l` writes them, which most servers send for LIST.
 *
 * @module
 */
import { calendarDate, type EntryTime, type EntryType, type RemoteEntry } from "./entry.ts";

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const TYPES: Readonly<Record<string, EntryType>> = { "-": "file", d: "dir", l: "link" };

/** `Nov 21 01:12`, `Nov 21  2024`, `21 Nov 01:12` or `2024-11-21 01:12`. */
const DATE =
  /(?:[a-z]{3} +\d{1,2}|\d{1,2} +[a-z]{3}) +(?:\d{4}|\d{1,2}:\d\d)|\d{4}-\d\d-\d\d \d\d:\d\d/;

/**
 * Type and rights, perhaps a mark for an ACL, perhaps the number of links; owner and perhaps group,
 * which may hold spaces; size, or the two numbers of a device; date; one space; name.
 */
const LINE = new RegExp(
  String.raw`^([-a-z])([-rwxstl]{9})[+.@*]?\s+(?:\d+\s+)?(?:(\S+)\s+(?:(\S.*?)\s+)??)??` +
    String.raw`(\d+(?:,\s*\d+)?)\s+(${DATE.source}) (.+)$`,
  "is",
);

/**
 * Reads one line.
 *
 * @param line The line without its end.
 * @param now The time of the listing: a date without a year is in the year before it.
 * @returns The entry; null for `total` and for the directory itself and the one above; undefined for
 * another format.
 */
export function parseUnixLine(line: string, now: Date): RemoteEntry | null | undefined {
  if (/^total \d+\s*$/i.test(line)) return null;
  const match = line.match(LINE);
  if (match === null) return undefined;
  const [, letter = "", permissions = "", owner, group, size = "", date = "", rest = ""] = match;
  if (rest === "." || rest === "..") return null;
  const type = TYPES[letter.toLowerCase()] ?? "other";
  const arrow = type === "link" ? rest.indexOf(" -> ") : -1;
  const modified = unixTime(date, now);
  return {
    name: arrow < 0 ? rest : rest.slice(0, arrow),
    type,
    ...(size.includes(",") || type === "dir" ? {} : { size: Number(size) }),
    ...(modified === undefined ? {} : { modified }),
    permissions,
    ...(owner === undefined ? {} : { owner }),
    ...(group === undefined ? {} : { group }),
    ...(arrow < 0 ? {} : { target: rest.slice(arrow + 4) }),
  };
}

/**
 * The number of a month.
 *
 * @param name Its first three letters in English.
 * @returns 1 to 12; 0 for anything else.
 */
export function monthNumber(name: string): number {
  return MONTHS.indexOf(name.toLowerCase()) + 1;
}

/**
 * Reads a time as `ls -l` writes it.
 *
 * @param text Such as `Nov 21 01:12` or `Nov 21  2024`.
 * @param now The time of the listing: a date without a year is in the year before it.
 * @returns The time; undefined where it is none.
 */
export function unixTime(text: string, now: Date): EntryTime | undefined {
  const iso = text.match(/^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d)$/)?.slice(1).map(Number);
  if (iso !== undefined) {
    const [year = 0, month = 0, day = 0, hours = 0, minutes = 0] = iso;
    return known(calendarDate(year, [month, day, hours, minutes]), "minute");
  }
  const [first = "", second = "", last = ""] = text.toLowerCase().split(/ +/);
  const [name, day] = /^\d/.test(first) ? [second, Number(first)] : [first, Number(second)];
  const month = monthNumber(name);
  if (month === 0) return undefined;
  if (!last.includes(":")) return known(calendarDate(Number(last), [month, day, 0, 0]), "day");
  const [hours = 0, minutes = 0] = last.split(":").map(Number);
  return known(latestDate(now, [month, day, hours, minutes]), "minute");
}

function known(
  date: Date | undefined,
  precision: EntryTime["precision"],
): EntryTime | undefined {
  return date === undefined ? undefined : { date, precision, zoneKnown: false };
}

/** The server's clock may be a zone, so up to a day, ahead of ours. */
function latestDate(
  now: Date,
  parts: readonly [number, number, number, number],
): Date | undefined {
  const tomorrow = now.getTime() + 24 * 60 * 60 * 1000;
  const newest = new Date(tomorrow).getUTCFullYear();
  // A 29 February may be some years back.
  for (let year = newest; year > newest - 9; year--) {
    const date = calendarDate(year, parts);
    if (date !== undefined && date.getTime() <= tomorrow) return date;
  }
  return undefined;
}
