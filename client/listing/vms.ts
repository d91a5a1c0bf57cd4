/**
 * Listings of OpenVMS: `NAME.TXT;3  12/15  29-JAN-1996 03:33:12  [GROUP,OWNER]  (RWED,RWED,RE,)`.
 *
 * Sizes are blocks there, so they are left out: a size that is not that of a download is none.
 *
 * @module
 */
import { calendarDate, type RemoteEntry } from "./entry.ts";
import { monthNumber } from "./months.ts";

const LINE =
  /^(\S+);\d+\s+\d+(?:\/\d+)?\s+(\d{1,2})-([a-z]{3})-(\d{4})\s+(\d{1,2}):(\d\d)(?::\d\d)?(?:\.\d+)?(?:\s+\[(?:([^,\]]*),)?([^\]]*)\])?/i;

/** A file that the server may not look at: its name is all there is. */
const CLOSED = /^(\S+);\d+\s+(?:%RMS-E-\w+,.*|no privilege .*|insufficient privilege.*)$/i;

/** What stands around the entries. */
const FRAME = /^(Directory \S+\]|(Grand )?Total of \d+ (files?|director(y|ies)),?.*)\s*$/i;

/** The end of an entry that was understood without it: owner, rights. */
const REST = /^(?:\[\S*\]\s*)?\([RWED,]*\)$/i;

/** A name, perhaps with its size, that left no room for the rest. */
const BEGINNING = /^\S+;\d+(?:\s+\d+(?:\/\d+)?)?\s*$/;

/**
 * Whether a line is only the beginning of an entry, which goes on in the next line after some spaces.
 *
 * @param line The line without its end.
 * @returns True for a name, perhaps with its size.
 */
export function isVmsBeginning(line: string): boolean {
  return BEGINNING.test(line);
}

/**
 * Reads one line.
 *
 * @param line The line without its end.
 * @returns The entry, without its version; null for what frames them; undefined for another format.
 */
export function parseVmsLine(line: string): RemoteEntry | null | undefined {
  if (FRAME.test(line)) return null;
  if (/^\s/.test(line) && REST.test(line.trim())) return null;
  const match = line.match(LINE);
  if (match === null) return closedFile(line);
  const [, file = "", day, month = "", year, hours, minutes, group, owner] = match;
  const time = [monthNumber(month), Number(day), Number(hours), Number(minutes)] as const;
  const date = calendarDate(Number(year), time);
  if (date === undefined) return undefined;
  return {
    ...namedFile(file),
    modified: { date, precision: "minute", zoneKnown: false },
    ...(owner === undefined || owner === "" ? {} : { owner }),
    ...(group === undefined || group === "" ? {} : { group }),
  };
}

function closedFile(line: string): RemoteEntry | undefined {
  const [, file] = line.match(CLOSED) ?? [];
  return file === undefined ? undefined : namedFile(file);
}

function namedFile(file: string): Pick<RemoteEntry, "name" | "type"> {
  const directory = file.match(/^(.+)\.DIR$/i)?.[1];
  return directory === undefined ? { name: file, type: "file" } : { name: directory, type: "dir" };
}
