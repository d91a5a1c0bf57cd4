/**
 * Machine-readable listings and times (RFC 3659): MLST and MLSD facts, MDTM and MFMT time values.
 *
 * @module
 */

import { ProtocolError } from "./errors.ts";
import { FactLine, UNFIT_NAME } from "./fact_line.ts";

/** One entry of a machine-readable listing. */
export interface FactEntry {
  /** The path as the peer wrote it, spaces at either end included. */
  readonly name: string;
  /** The facts by name, the names in lower case (RFC 3659 section 7.2: case does not matter). */
  readonly facts: ReadonlyMap<string, string>;
}

/** How {@linkcode formatTimeVal} writes a time. */
export interface TimeValOptions {
  /** Whether to add the milliseconds, as `.mmm`; not unless asked. */
  readonly milliseconds?: boolean;
}

// Date.UTC takes the year 0 for 1900, so the year 0000 begins one month after December of -1.
const FIRST_TIME = Date.UTC(-1, 12);
const LAST_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

// Servers that print "19" and the years since 1900 write 19100 for 2000.
const TIME_VAL = /^(?:19([1-9]\d\d)|(\d{4}))(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d+))?$/;

// deno-lint-ignore no-control-regex -- control characters are what it looks for
const UNFIT_FACT = /[\s;\x00-\x1f\x7f]/;

/**
 * Writes a time in UTC as `YYYYMMDDHHMMSS` (RFC 3659 section 2.3).
 *
 * @example Usage
 * ```ts
 * import { formatTimeVal } from "./facts.ts";
 * if (formatTimeVal(new Date(0)) !== "19700101000000") throw new Error("unexpected");
 * ```
 *
 * @param date When; a number: milliseconds since 1970. Years have four digits: a time before 0000 or after 9999 is written as the
 * nearest one that can be.
 * @param options Whether milliseconds are wanted.
 * @returns The digits.
 * @throws {RangeError} If the date is not valid.
 */
export function formatTimeVal(date: Date | number, options: TimeValOptions = {}): string {
  const time = typeof date === "number" ? date : date.getTime();
  const day = String(dateDigits(time)).padStart(DATE_DIGITS, "0");
  const text = day + String(clockDigits(time)).padStart(CLOCK_DIGITS, "0");
  if (options.milliseconds !== true) return text;
  return `${text}.${String(Math.floor(inDay(time) % SECOND)).padStart(3, "0")}`;
}

/** Digits of the day in a time. */
export const DATE_DIGITS = 8;

/** Digits of the time of day, to the second. */
export const CLOCK_DIGITS = 6;

/**
 * The first half of a time in UTC, as the number that is written `YYYYMMDD` (RFC 3659 section 2.3).
 *
 * @param time Milliseconds since 1970; before the year 0000 or after 9999: as
 * {@linkcode formatTimeVal} has it.
 * @returns The number, of at most {@linkcode DATE_DIGITS} digits.
 * @throws {RangeError} If it is no time.
 */
export function dateDigits(time: number): number {
  const day = Math.floor(withinYears(time) / DAY);
  const known = dayNumbers.get(day);
  if (known !== undefined) return known;
  const digits = Number(new Date(day * DAY).toISOString().slice(0, 10).replaceAll("-", ""));
  if (dayNumbers.size >= MOST_DAYS) dayNumbers.clear();
  dayNumbers.set(day, digits);
  return digits;
}

/**
 * The second half of a time in UTC, as the number that is written `HHMMSS`.
 *
 * @param time As in {@linkcode dateDigits}.
 * @returns The number, of at most {@linkcode CLOCK_DIGITS} digits.
 */
export function clockDigits(time: number): number {
  const second = Math.floor(inDay(time) / SECOND);
  const minute = Math.floor(second / 60);
  return Math.floor(minute / 60) * 10_000 + minute % 60 * 100 + second % 60;
}

/** Milliseconds since the day began. */
function inDay(time: number): number {
  const known = withinYears(time);
  return known - Math.floor(known / DAY) * DAY;
}

function withinYears(time: number): number {
  return Math.min(Math.max(time, FIRST_TIME), LAST_TIME);
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Days that are remembered: the files of a directory share a few. */
const MOST_DAYS = 1000;
const dayNumbers = new Map<number, number>();

/**
 * Reads a time in UTC (RFC 3659 section 2.3). Fractions finer than a millisecond are cut off. A
 * leap second, 60, is the first second of the next minute. Also understood is the year of servers
 * that print "19" in front of the years since 1900, such as 19124 for 2024.
 *
 * @example Usage
 * ```ts
 * import { parseTimeVal } from "./facts.ts";
 * if (parseTimeVal("19700101000001.5").getTime() !== 1500) throw new Error("unexpected");
 * ```
 *
 * @param text The digits; space around them does not matter.
 * @returns The time.
 * @throws {ProtocolError} If it is not in that form, or there is no such day or time.
 */
export function parseTimeVal(text: string): Date {
  const plain = plainTime(text);
  return Number.isNaN(plain) ? parseFields(text) : new Date(plain);
}

const PLAIN_TIME = /^\d{14}$/;

/** What nearly all servers send, read as one number; NaN for what has to be looked at closely. */
function plainTime(text: string): number {
  if (!PLAIN_TIME.test(text)) return NaN;
  const digits = Number(text);
  const hour = Math.floor(digits / 1e4) % 100;
  const minute = Math.floor(digits / 100) % 100;
  const second = digits % 100;
  if (hour > 23 || minute > 59 || second > 59) return NaN;
  return dayTime(Math.floor(digits / 1e6)) + hour * HOUR + minute * MINUTE + second * SECOND;
}

const dayTimes = new Map<number, number>();

/** When a day begins, which is written as the number YYYYMMDD; NaN where there is no such day. */
function dayTime(digits: number): number {
  const known = dayTimes.get(digits);
  if (known !== undefined) return known;
  const [year, month, day] = [
    Math.floor(digits / 1e4),
    Math.floor(digits / 100) % 100,
    digits % 100,
  ];
  const time = dateOf(year, month, day)?.getTime() ?? NaN;
  if (dayTimes.size >= MOST_DAYS) dayTimes.clear();
  dayTimes.set(digits, time);
  return time;
}

/** A day that is not in its month would roll over into another one. */
function dateOf(year: number, month: number, day: number): Date | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 ? date : undefined;
}

function parseFields(text: string): Date {
  const fields = TIME_VAL.exec(text.trim());
  if (fields === null) throw notATime(text, "not YYYYMMDDHHMMSS");
  const [, since1900, plainYear, ...rest] = fields;
  const year = since1900 === undefined ? Number(plainYear) : 1900 + Number(since1900);
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = rest.slice(0, 5).map(Number);
  const milliseconds = Number((rest[5] ?? "").slice(0, 3).padEnd(3, "0"));
  if (hour > 23 || minute > 59 || second > 60) throw notATime(text, "no such time of day");
  const date = dateOf(year, month, day);
  if (date === undefined) throw notATime(text, "no such day");
  date.setUTCHours(hour, minute, second, milliseconds);
  return date;
}

/**
 * Writes one line of MLSD, or the body of MLST after its leading space (RFC 3659 section 7.2).
 *
 * @example Usage
 * ```ts
 * import { formatFacts } from "./facts.ts";
 * const line = formatFacts([["type", "file"], ["size", "3"]], "a b");
 * if (line !== "type=file;size=3; a b") throw new Error("unexpected");
 * ```
 *
 * @param facts Names and values, in the order to write them. A fact whose value the grammar cannot
 * carry (a space, a semicolon, a control character) is left out.
 * @param name The path, as it is.
 * @returns The line without its end.
 * @throws {RangeError} If the name is empty or holds CR, LF or NUL, which would break the listing:
 * callers leave such names out.
 */
export function formatFacts(facts: Iterable<readonly [string, string]>, name: string): string {
  if (name === "" || UNFIT_NAME.test(name)) {
    throw new RangeError(`Cannot list ${JSON.stringify(name)}: empty, or holds CR, LF or NUL`);
  }
  let line = "";
  for (const [fact, value] of facts) {
    if (!UNFIT_FACT.test(value)) line += `${fact}=${value};`;
  }
  return `${line} ${name}`;
}

/**
 * Reads one line of MLSD, or the body of MLST after its leading space (RFC 3659 section 7.2). The
 * facts end at the first semicolon with a space; values with spaces, which RFC 3659 does not
 * allow, are understood.
 *
 * @example Usage
 * ```ts
 * import { parseFacts } from "./facts.ts";
 * const { name, facts } = parseFacts("Type=file;Size=3; a b");
 * if (name !== "a b" || facts.get("size") !== "3") throw new Error("unexpected");
 * ```
 *
 * @param line The line without its end.
 * @returns The entry; of a fact given twice the last one.
 * @throws {ProtocolError} If it is not in that form, or the name is empty or holds CR, LF or NUL.
 */
export function parseFacts(line: string): FactEntry {
  const entry = new FactLine();
  entry.read(line);
  return { name: entry.name, facts: new Map(entry) };
}

function notATime(text: string, reason: string): ProtocolError {
  return new ProtocolError(`Cannot read the time ${JSON.stringify(text.slice(0, 80))}: ${reason}`);
}
