/**
 * Dates in listings as `ls -l` writes them, in whatever language and style the server is set to.
 *
 * @module
 */
import { calendarDate, type EntryTime } from "./entry.ts";
import { monthNumber } from "./months.ts";

/** A date among the words of a line. */
export interface DateFound {
  /** Undefined where there is no such day, or its month is in no language that we know. */
  readonly modified: EntryTime | undefined;
  /** How many words it takes. */
  readonly words: number;
  /** It stands alone, in the style that pads it with a space where others have a time. */
  readonly padded: boolean;
}

/** One style: what it looks like at the beginning of some words, and how it is read. */
interface Style {
  readonly shape: RegExp;
  /** Undefined: it is no date after all. */
  readonly read: (parts: readonly string[], now: Date) => EntryTime | null | undefined;
  readonly padded?: true;
}

// deno-lint-ignore no-control-regex -- what is no ASCII
const MARK = /[^\x00-\x7f]{0,3}/.source; // 日, 일, 年 and the like
const WEEKDAY = "(?:(?:mon|tue|wed|thu|fri|sat|sun) )?";
// deno-lint-ignore no-control-regex -- what is no ASCII
const MONTH = /([^\s\d]{2,12}|\d{1,2}[^\x00-\x7f]{1,3})/.source;
const DAY = `(\\d{1,2})(?:[.,]|${MARK})`;
const CLOCK = "(\\d{1,2})[:.](\\d\\d)(?::(\\d\\d))?";
const YEAR = `(\\d{4})${MARK}`;
/** A year, or a time of this year or the last; only one with seconds has a year behind it. */
const TAIL = `(?:${YEAR}|(\\d{1,2})[:.](\\d\\d)(?::(\\d\\d)(?: (\\d{4})(?= ))?)?)`;

const STYLES: readonly Style[] = [
  // Nov 21 01:12   Nov 21  2024   Thu Nov 21 01:12:03 2024   11月 21日 01:12
  {
    shape: shape(`${WEEKDAY}${MONTH} ${DAY} ${TAIL}`),
    read: ([month = "", day = "", ...tail], now) => named([month, day], { tail, now }),
  },
  // 11月21日 01:12
  {
    shape: shape(`(\\d{1,2}[月월])(\\d{1,2})[日일] ${TAIL}`),
    read: ([month = "", day = "", ...tail], now) => named([month, day], { tail, now }),
  },
  // 21 Nov 01:12   21. Nov 2024
  {
    shape: shape(`${DAY} ${MONTH} ${TAIL}`),
    read: ([day = "", month = "", ...tail], now) => named([month, day], { tail, now }),
  },
  // 2024-11-21 01:12   2024-11-21 01:12:03.000000000 +0100
  {
    shape: shape(
      "(\\d{4})-(\\d\\d)-(\\d\\d)[ T](\\d\\d):(\\d\\d)(?::(\\d\\d)(?:\\.\\d+)?)?(?: ?(Z|[+-]\\d{4}))?",
    ),
    read: ([year = "", month = "", day = "", ...clock]) => full([year, month, day], clock),
  },
  // 2024年11月21日 01:12   2024年 11月 21日
  {
    shape: shape(`(\\d{4})年 ?(\\d{1,2})月 ?(\\d{1,2})日(?: ${CLOCK})?`),
    read: ([year = "", month = "", day = "", ...clock]) => full([year, month, day], clock),
  },
  // 21.11.2024 01:12
  {
    shape: shape(`(\\d{1,2})\\.(\\d{1,2})\\.(\\d{4}) ${CLOCK}`),
    read: ([day = "", month = "", year = "", ...clock]) => full([year, month, day], clock),
  },
  // 11-21 01:12
  {
    shape: shape("(\\d\\d)-(\\d\\d) (\\d\\d):(\\d\\d)"),
    read: ([month = "", day = "", ...clock], now) => recent([month, day], { clock, now }),
  },
  // 2024-11-21
  {
    shape: shape("(\\d{4})-(\\d\\d)-(\\d\\d)"),
    read: ([year = "", month = "", day = ""]) => full([year, month, day], []),
    padded: true,
  },
];

/** A date in a language that is not in the table: it has a shape, and no value. */
const UNKNOWN: Style = {
  shape: shape(`\\S{1,24} \\S{1,24} (?:\\d{4}[^\\d\\s]{0,4}|\\d{1,2}[:.]\\d\\d)`),
  read: () => null,
};

/** No date begins so, but a size, an owner or a group often does. */
const LARGE_NUMBER = /^\d{3,}$/;

/** More words than any style has. */
const MOST_WORDS = 6;

function shape(source: string): RegExp {
  return new RegExp(`^${source}(?= |$)`, "iu");
}

/**
 * Reads the date that begins at a word.
 *
 * @param words The words of a line.
 * @param at Where to look.
 * @param way The time of the listing (a date without a year is in the year before it), and whether a
 * month that no language knows will do.
 * @returns The date; undefined where there is none.
 */
export function dateAt(
  words: readonly string[],
  at: number,
  way: { readonly now: Date; readonly anyMonth?: boolean },
): DateFound | undefined {
  if (!way.anyMonth && LARGE_NUMBER.test(words[at] ?? "")) return undefined;
  const text = words.slice(at, at + MOST_WORDS).join(" ");
  for (const { shape, read, padded = false } of way.anyMonth ? [UNKNOWN] : STYLES) {
    const match = text.match(shape);
    const modified = match === null ? undefined : read(match.slice(1), way.now);
    if (match === null || modified === undefined) continue;
    return { modified: modified ?? undefined, words: match[0].split(" ").length, padded };
  }
  return undefined;
}

/** Month by name, day, and year or time. */
function named(
  [name, day]: readonly [string, string],
  way: { readonly tail: readonly string[]; readonly now: Date },
): EntryTime | null | undefined {
  const month = monthNumber(name);
  if (month === 0) return undefined;
  const [year, hours, minutes, seconds, lastYear] = way.tail;
  if (year !== undefined) return full([year, String(month), day], []);
  const clock = [hours ?? "", minutes ?? "", seconds ?? ""];
  if (lastYear !== undefined) return full([lastYear, String(month), day], clock);
  return recent([String(month), day], { clock, now: way.now });
}

/** A whole date, perhaps with a time, perhaps with a zone: hours, minutes, seconds, zone. */
function full(
  [year, month, day]: readonly [string, string, string],
  [hours, minutes, seconds, zone]: readonly (string | undefined)[],
): EntryTime | null {
  const parts = [Number(month), Number(day), Number(hours ?? 0), Number(minutes ?? 0)] as const;
  const date = calendarDate(Number(year), parts);
  if (date === undefined) return null;
  if (hours === undefined) return { date, precision: "day", zoneKnown: false };
  if (seconds === undefined || seconds === "") return inZone(date, zone, "minute");
  date.setUTCSeconds(Number(seconds));
  return inZone(date, zone, "second");
}

function inZone(
  date: Date,
  zone: string | undefined,
  precision: EntryTime["precision"],
): EntryTime {
  if (zone === undefined) return { date, precision, zoneKnown: false };
  const [, sign, hours, minutes] = zone.match(/^([+-])(\d\d)(\d\d)$/) ?? [];
  const offset = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * (sign === "-" ? -1 : 1);
  return { date: new Date(date.getTime() - offset * 60_000), precision, zoneKnown: true };
}

/** The server's clock may be a zone, so up to a day, ahead of ours. */
function recent(
  [month, day]: readonly [string, string],
  way: { readonly clock: readonly string[]; readonly now: Date },
): EntryTime | null {
  const [hours = 0, minutes = 0] = way.clock.map(Number);
  const tomorrow = way.now.getTime() + 24 * 60 * 60 * 1000;
  const newest = new Date(tomorrow).getUTCFullYear();
  // A 29 February may be some years back.
  for (let year = newest; year > newest - 9; year--) {
    const date = calendarDate(year, [Number(month), Number(day), hours, minutes]);
    if (date !== undefined && date.getTime() <= tomorrow) {
      return { date, precision: "minute", zoneKnown: false };
    }
  }
  return null;
}
