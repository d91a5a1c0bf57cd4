/**
 * Listings as DOS writes them, which IIS and other Windows servers send for LIST.
 *
 * The order of day and month is a setting of the server: `11-21-24` or `21-11-24`. A listing in which
 * both would do for every line is read as IIS writes it, month first.
 *
 * @module
 */
import { calendarDate, type RemoteEntry } from "./entry.ts";

/** `11-21-24  01:12AM       <DIR>          name`, also with four digits of a year, or 24 hours. */
const LINE =
  /^(\d\d)[-/.](\d\d)[-/.](\d{4}|\d\d)\s+(\d{1,2}):(\d\d)(?:\s*([ap]m?))?\s+(<[a-z]+>|[\d,.]+)\s+(.+)$/is;

/** `2024-11-21  01:12       <DIR>          name` */
const YEAR_FIRST = /^(\d{4})([-/.])(\d\d)\2(\d\d)(?=\s)/;

/** Two digits of a year from here on are in the last century. */
const CENTURY_PIVOT = 70;

/** What comes first in a date. */
export type DateOrder = "month" | "day";

/**
 * Reads one line.
 *
 * @param line The line without its end.
 * @returns The entry, with the month first wherever that is possible; null for the directory itself
 * and the one above; undefined for another format.
 */
export function parseDosLine(line: string): RemoteEntry | null | undefined {
  const match = line.replace(YEAR_FIRST, "$3$2$4$2$1").match(LINE);
  if (match === null) return undefined;
  const [, first, second, year = "", hours, minutes, half = "", what = "", name = ""] = match;
  if (name === "." || name === "..") return null;
  const clock = [hoursOf(Number(hours), half), Number(minutes)] as const;
  const date = calendarDate(yearOf(year), [Number(first), Number(second), ...clock]) ??
    calendarDate(yearOf(year), [Number(second), Number(first), ...clock]);
  if (date === undefined) return undefined;
  const modified = { date, precision: "minute", zoneKnown: false } as const;
  if (!what.startsWith("<")) {
    return { name, type: "file", size: Number(what.replace(/[,.]/g, "")), modified };
  }
  return { name, type: /^<symlinkd?>$/i.test(what) ? "link" : "dir", modified };
}

/**
 * What a line tells of the order of its date.
 *
 * @param line A line that {@linkcode parseDosLine} has read.
 * @returns The order; undefined where both would do.
 */
export function dateOrder(line: string): DateOrder | undefined {
  if (YEAR_FIRST.test(line)) return "month";
  const [first = 0, second = 0] = line.split(/\D/, 2).map(Number);
  if (first > 12) return "day";
  return second > 12 ? "month" : undefined;
}

/**
 * The other reading of a date that was read with the month first.
 *
 * @param entry The entry.
 * @returns It with day and month exchanged, if there is such a day.
 */
export function withDayFirst(entry: RemoteEntry): RemoteEntry {
  const { modified } = entry;
  if (modified === undefined) return entry;
  const { date } = modified;
  const clock = [date.getUTCHours(), date.getUTCMinutes()] as const;
  const parts = [date.getUTCDate(), date.getUTCMonth() + 1, ...clock] as const;
  const exchanged = calendarDate(date.getUTCFullYear(), parts);
  return exchanged === undefined ? entry : { ...entry, modified: { ...modified, date: exchanged } };
}

function yearOf(digits: string): number {
  const year = Number(digits);
  if (digits.length === 4) return year;
  return year + (year < CENTURY_PIVOT ? 2000 : 1900);
}

function hoursOf(hours: number, half: string): number {
  if (half === "") return hours;
  return hours % 12 + (/^p/i.test(half) ? 12 : 0);
}
