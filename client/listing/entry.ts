/**
 * One entry of a remote directory, whatever listing it was read from.
 *
 * @module
 */

/** What an entry is. `link`: to a file or a directory; `other`: a device, a socket and the like. */
export type EntryType = "file" | "dir" | "link" | "other";

/** When an entry last changed, and how well that is known. */
export interface EntryTime {
  readonly date: Date;
  /** `minute` and `day`: what is finer is not told. */
  readonly precision: "second" | "minute" | "day";
  /** False: the server's local time, read as if it were UTC. */
  readonly zoneKnown: boolean;
}

/** One entry. What the server does not tell is left out. */
export interface RemoteEntry {
  readonly name: string;
  readonly type: EntryType;
  /** Bytes. */
  readonly size?: number;
  readonly modified?: EntryTime;
  /** Nine letters such as `rwxr-xr-x`. */
  readonly permissions?: string;
  readonly owner?: string;
  readonly group?: string;
  /** Where a link leads. */
  readonly target?: string;
  /** The same for two names only where they are one file or directory (RFC 3659 section 7.5.2). */
  readonly id?: string;
}

/** One that is being made: not by spreading, as there may be a hundred thousand. */
export type OpenEntry = { -readonly [Key in keyof RemoteEntry]: RemoteEntry[Key] };

/**
 * One format of listings.
 *
 * @param line One line without its end.
 * @param now The time of the listing, for dates without a year.
 * @returns The entry; null for a line that belongs to the format and is no entry; undefined for a
 * line of another format.
 */
export type Grammar = (line: string, now: Date) => RemoteEntry | null | undefined;

/**
 * Permission bits in letters.
 *
 * @example Usage
 * ```ts
 * import { permissionLetters } from "./entry.ts";
 * if (permissionLetters(0o4750) !== "rwsr-x---") throw new Error("unexpected");
 * ```
 *
 * @param mode The bits, 0 to 0o7777.
 * @returns Nine letters, as `ls -l` writes them.
 */
export function permissionLetters(mode: number): string {
  const known = LETTERS.get(mode);
  if (known !== undefined) return known;
  const letters = lettersOf(mode);
  LETTERS.set(mode, letters);
  return letters;
}

/** Of modes that were there already, which are few. */
const LETTERS = new Map<number, string>();

function lettersOf(mode: number): string {
  const triple = (shift: number, special: number, letter: string): string => {
    const bits = mode >> shift;
    const run = (bits & 1) !== 0;
    const last = (mode & special) === 0 ? (run ? "x" : "-") : run ? letter : letter.toUpperCase();
    return `${bits & 4 ? "r" : "-"}${bits & 2 ? "w" : "-"}${last}`;
  };
  return triple(6, 0o4000, "s") + triple(3, 0o2000, "s") + triple(0, 0o1000, "t");
}

/**
 * A calendar date, if there is such a day and time.
 *
 * @param year The year.
 * @param parts Month from 1, day, hours and minutes; UTC.
 * @returns The date, or undefined for a 31 February and the like.
 */
export function calendarDate(
  year: number,
  parts: readonly [month: number, day: number, hours: number, minutes: number],
): Date | undefined {
  const [month, day, hours, minutes] = parts;
  const date = new Date(Date.UTC(year, month - 1, day, hours, minutes));
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day &&
    date.getUTCHours() === hours && date.getUTCMinutes() === minutes;
  return exists ? date : undefined;
}
