/**
 * Listings of MVS (z/OS): data sets, and the members of a partitioned one.
 *
 * Sizes there are tracks and records, so they are left out.
 *
 * @module
 */
import { calendarDate, type EntryTime, type RemoteEntry } from "./entry.ts";

/** `SAVE01 3390   2004/06/23  1    1  FB     128  6144  PO  INCOMING.RPTBM023.D061704` */
const DATA_SET =
  /^\S+\s+\S+\s+(\d{4}\/\d\d\/\d\d|\*\*NONE\*\*)\s+\d+\s+\d+\s+\S+\s+\d+\s+\d+\s+(P[OS](?:-E)?|VS|DA)\s+(\S+)\s*$/;

/** What is kept on another medium: it is there, and its kind is not known. */
const ELSEWHERE = /^(?:Migrated|ARCIVE Not Direct Access Device|Pseudo Directory)\s+(\S+)\s*$/i;

/** `TBSHELF   01.03 2002/09/12 2002/10/11 09:37    11    11     0 KIL001` */
const MEMBER =
  /^(\S{1,8})\s+\d\d\.\d\d\s+\d{4}\/\d\d\/\d\d\s+(\d{4}\/\d\d\/\d\d)\s+(\d\d):(\d\d)\s+\d+\s+\d+\s+\d+\s+(\S+)\s*$/;

const HEADING = /^\s*(Volume\s+Unit\s+Referred|Name\s+VV\.MM\s+Created)\b/i;

/**
 * Reads one line.
 *
 * @param line The line without its end.
 * @returns The entry; null for a heading; undefined for another format.
 */
export function parseMvsLine(line: string): RemoteEntry | null | undefined {
  if (HEADING.test(line)) return null;
  return parseMember(line) ?? parseDataSet(line) ?? parseElsewhere(line);
}

function parseMember(line: string): RemoteEntry | undefined {
  const [, name, day = "", hours, minutes, owner = ""] = line.match(MEMBER) ?? [];
  if (name === undefined) return undefined;
  return { name, type: "file", ...timeOf(day, [Number(hours), Number(minutes)]), owner };
}

function parseDataSet(line: string): RemoteEntry | undefined {
  const [, day = "", organization = "", name] = line.match(DATA_SET) ?? [];
  if (name === undefined) return undefined;
  return { name, type: organization.startsWith("PO") ? "dir" : "file", ...timeOf(day) };
}

function parseElsewhere(line: string): RemoteEntry | undefined {
  const [, name] = line.match(ELSEWHERE) ?? [];
  return name === undefined ? undefined : { name, type: "other" };
}

function timeOf(
  day: string,
  clock?: readonly [hours: number, minutes: number],
): { readonly modified?: EntryTime } {
  const [year = 0, month = 0, date = 0] = day.split("/").map(Number);
  const [hours, minutes] = clock ?? [0, 0];
  const found = calendarDate(year, [month, date, hours, minutes]);
  if (found === undefined) return {};
  const precision = clock === undefined ? "day" : "minute";
  return { modified: { date: found, precision, zoneKnown: false } };
}
