/**
 * Listings of OpenVMS: `NAME.TXT;3  12/15  29-JAN-1996 03:33:12  [GROUP,OWNER]  (RWED,RWED,RE,)`.
 *
 * Sizes are blocks there, so they are left out: a size that is not that of a download is none.
 *
 * @module
 */
import { calendarDate, type RemoteEntry } from "./entry.ts";
import { monthNumber } from "./unix.ts";

const LINE =
  /^(\S+);\d+\s+\d+(?:\/\d+)?\s+(\d{1,2})-([a-z]{3})-(\d{4})\s+(\d{1,2}):(\d\d)(?::\d\d)?(?:\.\d+)?(?:\s+\[(?:([^,\]]*),)?([^\]]*)\])?/i;

/** What stands around the entries. */
const FRAME = /^(Directory \S+\]|(Grand )?Total of \d+ (files?|director(y|ies)),?.*)\s*$/i;

/**
 * Reads one line.
 *
 * @param line The line without its end.
 * @returns The entry, without its version; null for what frames them; undefined for another format.
 */
export function parseVmsLine(line: string): RemoteEntry | null | undefined {
  if (FRAME.test(line)) return null;
  const match = line.match(LINE);
  if (match === null) return undefined;
  const [, file = "", day, month = "", year, hours, minutes, group, owner] = match;
  const time = [monthNumber(month), Number(day), Number(hours), Number(minutes)] as const;
  const date = calendarDate(Number(year), time);
  if (date === undefined) return undefined;
  const directory = file.match(/^(.+)\.DIR$/i);
  return {
    name: directory?.[1] ?? file,
    type: directory === null ? "file" : "dir",
    modified: { date, precision: "minute", zoneKnown: false },
    ...(owner === undefined || owner === "" ? {} : { owner }),
    ...(group === undefined || group === "" ? {} : { group }),
  };
}
