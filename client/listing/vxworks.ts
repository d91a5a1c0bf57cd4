/**
 * Listings of VxWorks: `512    JUL-08-1996  11:32:00   NAME   <DIR>`.
 *
 * @module
 */
import { calendarDate, type RemoteEntry } from "./entry.ts";
import { monthNumber } from "./months.ts";

const LINE = /^\s*(\d+)\s+([a-z]{3})-(\d\d)-(\d{4})\s+(\d\d):(\d\d):(\d\d)\s+(\S.*)$/i;

const DIRECTORY = "<DIR>";

/** The heading, and the dashes below it. */
const FRAME = /^\s*(size\s+date\s+time\s+name|-{4,}(\s+-{4,}){3})\s*$/i;

/**
 * Reads one line.
 *
 * @param line The line without its end.
 * @returns The entry; null for the heading, the directory itself and the one above; undefined for
 * another format.
 */
export function parseVxworksLine(line: string): RemoteEntry | null | undefined {
  if (FRAME.test(line)) return null;
  const match = line.trimEnd().match(LINE);
  if (match === null) return undefined;
  const [, size, month = "", day, year, hours, minutes, seconds, rest = ""] = match;
  const isDirectory = rest.toUpperCase().endsWith(DIRECTORY);
  const name = isDirectory ? rest.slice(0, -DIRECTORY.length).trimEnd() : rest;
  if (name === "." || name === "..") return null;
  const time = [monthNumber(month), Number(day), Number(hours), Number(minutes)] as const;
  const date = calendarDate(Number(year), time);
  if (date === undefined) return undefined;
  date.setUTCSeconds(Number(seconds));
  return {
    name,
    type: isDirectory ? "dir" : "file",
    ...(isDirectory ? {} : { size: Number(size) }),
    modified: { date, precision: "second", zoneKnown: false },
  };
}
