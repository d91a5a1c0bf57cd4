/**
 * Dates in listings as `ls -l` writes them, in whatever language and style the server is set to.
 *
 * @module
 */
import { calendarDate, type EntryTime } from "./entry.ts";
import { monthNumber } from "./months.ts";
import type { Words } from "./words.ts";

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
  words: Words,
  at: number,
  way: { readonly now: Date; readonly anyMonth?: boolean },
): DateFound | undefined {
  if (way.anyMonth) return styledDate(words.text(at, at + MOST_WORDS), [UNKNOWN], way.now);
  if (!mayBegin(words, at)) return undefined;
  const modified = usualDate(words, at, way.now);
  if (modified !== undefined) return { modified, words: 3, padded: false };
  return styledDate(words.text(at, at + MOST_WORDS), STYLES, way.now);
}

/**
 * Whether a date of some style may begin at a word: with a number of no more than two digits, or of a
 * year, or with a word or two and a number behind them. A size, an owner or a group often cannot.
 */
function mayBegin(words: Words, at: number): boolean {
  if (words.length(at) > 2 && words.number(at, 0) >= 0) return false;
  return words.hasDigit(at) || words.hasDigit(at + 1) ||
    (words.length(at) === WEEKDAY_LENGTH && words.hasDigit(at + 2));
}

function styledDate(text: string, styles: readonly Style[], now: Date): DateFound | undefined {
  for (const { shape, read, padded = false } of styles) {
    const match = text.match(shape);
    const modified = match === null ? undefined : read(match.slice(1), now);
    if (match === null || modified === undefined) continue;
    return { modified: modified ?? undefined, words: match[0].split(" ").length, padded };
  }
  return undefined;
}

/** `Nov 21 01:12` and `Nov 21  2024`: what most servers send, read without a pattern. */
function usualDate(words: Words, at: number, now: Date): EntryTime | undefined {
  const month = words.length(at) === MONTH_LENGTH ? ENGLISH.get(words.at(at)) : undefined;
  const day = words.length(at + 1) <= 2 ? words.number(at + 1, 0) : NaN;
  if (month === undefined || Number.isNaN(day)) return undefined;
  const last = at + 2;
  const length = words.length(last);
  if (length === YEAR_LENGTH && words.number(last, 0) >= 0) {
    return datedTime(calendarDate(words.number(last, 0), [month, day, 0, 0]), "day");
  }
  const colon = length - 3;
  if (colon < 1 || colon > 2 || words.code(last, colon) !== COLON) return undefined;
  const hours = words.number(last, 0, colon);
  const minutes = words.number(last, colon + 1);
  if (Number.isNaN(hours) || Number.isNaN(minutes)) return undefined;
  return datedTime(recentDate([month, day, hours, minutes], now), "minute");
}

function datedTime(
  date: Date | undefined,
  precision: EntryTime["precision"],
): EntryTime | undefined {
  return date === undefined ? undefined : { date, precision, zoneKnown: false };
}

const COLON = 0x3a;
const YEAR_LENGTH = 4;
const MONTH_LENGTH = 3;
const WEEKDAY_LENGTH = 3;

const ENGLISH: ReadonlyMap<string, number> = new Map(
  ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    .map((name, index) => [name, index + 1]),
);

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

/** A date without a year. */
function recent(
  [month, day]: readonly [string, string],
  way: { readonly clock: readonly string[]; readonly now: Date },
): EntryTime | null {
  const [hours = 0, minutes = 0] = way.clock.map(Number);
  const parts = [Number(month), Number(day), hours, minutes] as const;
  return datedTime(recentDate(parts, way.now), "minute") ?? null;
}

const DAY_LENGTH = 24 * 60 * 60 * 1000;

/** By the time of a listing: its lines have it in common. */
const newestYears = new WeakMap<Date, number>();

/** The server's clock may be a zone, so up to a day, ahead of ours. */
function recentDate(
  parts: readonly [month: number, day: number, hours: number, minutes: number],
  now: Date,
): Date | undefined {
  const [month, day, hours, minutes] = parts;
  const tomorrow = now.getTime() + DAY_LENGTH;
  const newest = newestYears.get(now) ?? new Date(tomorrow).getUTCFullYear();
  newestYears.set(now, newest);
  // A 29 February may be some years back.
  for (let year = newest; year > newest - 9; year--) {
    if (Date.UTC(year, month - 1, day, hours, minutes) > tomorrow) continue;
    const date = calendarDate(year, parts);
    if (date !== undefined) return date;
  }
  return undefined;
}
