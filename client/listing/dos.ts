/**
 * Listings as DOS writes them, which IIS and other Windows servers send for LIST.
 *
 * @module
 */
import { calendarDate, type RemoteEntry } from "./entry.ts";

/** `11-21-24  01:12AM       <DIR>          name`, also with four digits of a year, or 24 hours. */
const LINE =
  /^(\d\d)[-/](\d\d)[-/](\d{4}|\d\d)\s+(\d{1,2}):(\d\d)\s*([ap]m?)?\s+(<[a-z]+>|[\d,.]+)\s+(.+)$/is;

/** Two digits of a year from here on are in the last century. */
const CENTURY_PIVOT = 70;

/**
 * Reads one line.
 *
 * @param line The line without its end.
 * @returns The entry; null for the directory itself and the one above; undefined for another format.
 */
export function parseDosLine(line: string): RemoteEntry | null | undefined {
  const match = line.match(LINE);
  if (match === null) return undefined;
  const [, month, day, year = "", hours, minutes, half = "", what = "", name = ""] = match;
  if (name === "." || name === "..") return null;
  const time = [Number(month), Number(day), hoursOf(Number(hours), half), Number(minutes)] as const;
  const date = calendarDate(yearOf(year), time);
  if (date === undefined) return undefined;
  const modified = { date, precision: "minute", zoneKnown: false } as const;
  if (!what.startsWith("<")) {
    return { name, type: "file", size: Number(what.replace(/[,.]/g, "")), modified };
  }
  return { name, type: /^<symlinkd?>$/i.test(what) ? "link" : "dir", modified };
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
