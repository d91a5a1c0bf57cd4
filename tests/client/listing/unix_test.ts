/**
 * Listings in the manner of `ls -l`.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { monthNumber } from "../../../client/listing/months.ts";
import { parseUnixLine } from "../../../client/listing/unix.ts";

const NOW = new Date("2024-03-01T12:00:00Z");

/** One line for what was read: type, rights, owner, group, size, time, name, target. */
function summary(line: string, now = NOW): string {
  const entry = parseUnixLine(line, now);
  if (!entry) return String(entry);
  const { type, permissions, owner = "-", group = "-", size = "-", modified, name, target } = entry;
  const time = modified === undefined
    ? "-"
    : `${modified.date.toISOString().slice(0, 16)}/${modified.precision}`;
  const zone = modified?.zoneKnown ? " zone!" : "";
  const arrow = target === undefined ? "" : ` -> ${target}`;
  return `${type} ${permissions} ${owner} ${group} ${size} ${time}${zone} |${name}|${arrow}`;
}

const LINES: readonly (readonly [what: string, line: string, meaning: string])[] = [
  [
    "a file of this year",
    "-rw-r--r--   1 joe      users        1234 Feb  3 01:12 name",
    "file rw-r--r-- joe users 1234 2024-02-03T01:12/minute |name|",
  ],
  [
    "a file of an earlier year",
    "-rw-r--r--   1 joe      users        1234 Feb  3  2020 name",
    "file rw-r--r-- joe users 1234 2020-02-03T00:00/day |name|",
  ],
  [
    "a time that would be in the future was last year",
    "-rw-r--r-- 1 joe users 1 Mar  9 10:00 f",
    "file rw-r--r-- joe users 1 2023-03-09T10:00/minute |f|",
  ],
  [
    "a clock that is a zone ahead of ours",
    "-rw-r--r-- 1 joe users 1 Mar  2 02:00 f",
    "file rw-r--r-- joe users 1 2024-03-02T02:00/minute |f|",
  ],
  [
    "a directory, whose size says nothing",
    "drwxr-xr-x 2 0 0 4096 Jan 31 23:59 dir",
    "dir rwxr-xr-x 0 0 - 2024-01-31T23:59/minute |dir|",
  ],
  [
    "a link",
    "lrwxrwxrwx 1 joe users 3 Jan  1 00:00 a link -> b -> c",
    "link rwxrwxrwx joe users 3 2024-01-01T00:00/minute |a link| -> b -> c",
  ],
  [
    "spaces around and in the name",
    "-rw-r--r-- 1 joe users 1 Jan  1 00:00  a  b ",
    "file rw-r--r-- joe users 1 2024-01-01T00:00/minute | a  b |",
  ],
  [
    "no group",
    "-rw-r--r-- 1 joe 17 Jan  1 00:00 f",
    "file rw-r--r-- joe - 17 2024-01-01T00:00/minute |f|",
  ],
  [
    "neither number of links nor group",
    "-rw-r--r-- joe 17 Jan  1 00:00 f",
    "file rw-r--r-- joe - 17 2024-01-01T00:00/minute |f|",
  ],
  [
    "a group of two words",
    "-rw-r--r-- 1 joe Domain Users 17 Jan  1 00:00 f",
    "file rw-r--r-- joe Domain Users 17 2024-01-01T00:00/minute |f|",
  ],
  [
    "a mark for an ACL, special rights",
    "-rwsr-sr-t+ 1 joe users 17 Jan  1 00:00 f",
    "file rwsr-sr-t joe users 17 2024-01-01T00:00/minute |f|",
  ],
  [
    "a device has no size",
    "crw-rw-rw- 1 root root 1, 3 Jan  1 00:00 null",
    "other rw-rw-rw- root root - 2024-01-01T00:00/minute |null|",
  ],
  [
    "the day before the month",
    "-rw-r--r-- 1 joe users 17 31 Dec 2019 f",
    "file rw-r--r-- joe users 17 2019-12-31T00:00/day |f|",
  ],
  [
    "an ISO date",
    "-rw-r--r-- 1 joe users 17 2019-12-31 23:58 f",
    "file rw-r--r-- joe users 17 2019-12-31T23:58/minute |f|",
  ],
  [
    "a name that looks like a date",
    "-rw-r--r-- 1 joe users 17 Dec 31  2019 Jan  1  2000 x",
    "file rw-r--r-- joe users 17 2019-12-31T00:00/day |Jan  1  2000 x|",
  ],
  [
    "a size beyond 4 GiB",
    "-rw-r--r-- 1 joe users 5368709120 Dec 31  2019 f",
    "file rw-r--r-- joe users 5368709120 2019-12-31T00:00/day |f|",
  ],
  [
    "a day that does not exist",
    "-rw-r--r-- 1 joe users 17 Feb 30  2019 f",
    "file rw-r--r-- joe users 17 - |f|",
  ],
  [
    "a 29 February without a year",
    "-rw-r--r-- 1 joe users 17 Feb 29 01:00 f",
    "file rw-r--r-- joe users 17 2024-02-29T01:00/minute |f|",
  ],
  [
    "numeric owners without a number of links",
    "drwxr-xr-x 1000 100 4096 Jan  1 00:00 d",
    "dir rwxr-xr-x 100 - - 2024-01-01T00:00/minute |d|",
  ],
  [
    "so many links that no space is left",
    "drwxr-xr-x1000 joe users 4096 Jan  1 00:00 d",
    "dir rwxr-xr-x joe users - 2024-01-01T00:00/minute |d|",
  ],
  [
    "neither owner nor group",
    "-rw-r--r-- 1 17 Jan  1 00:00 f",
    "file rw-r--r-- - - 17 2024-01-01T00:00/minute |f|",
  ],
  [
    "marks of SELinux and of extended attributes",
    "-rw-r--r--. 1 joe users 17 Jan  1 00:00 f",
    "file rw-r--r-- joe users 17 2024-01-01T00:00/minute |f|",
  ],
  [
    "extended attributes",
    "-rw-r--r--@ 1 joe users 17 Jan  1 00:00 f",
    "file rw-r--r-- joe users 17 2024-01-01T00:00/minute |f|",
  ],
  [
    "a device of two numbers in one word",
    "brw-rw---- 1 root disk 8,0 Jan  1 00:00 sda",
    "other rw-rw---- root disk - 2024-01-01T00:00/minute |sda|",
  ],
  [
    "a device of two numbers far apart",
    "brw-rw---- 1 root disk 259,    0 Jan  1 00:00 nvme0n1",
    "other rw-rw---- root disk - 2024-01-01T00:00/minute |nvme0n1|",
  ],
  [
    "a size that the server could not count",
    "-rw-r--r-- 1 joe users -2147483648 Jan  1 00:00 f",
    "file rw-r--r-- joe users - 2024-01-01T00:00/minute |f|",
  ],
  [
    "a link whose name holds an arrow, told by its size",
    "lrwxrwxrwx 1 joe users 1 Jan  1 00:00 a -> b -> c",
    "link rwxrwxrwx joe users 1 2024-01-01T00:00/minute |a -> b| -> c",
  ],
  [
    "a link whose target holds an arrow, told by its size in bytes",
    "lrwxrwxrwx 1 joe users 7 Jan  1 00:00 a -> ä -> c",
    "link rwxrwxrwx joe users 7 2024-01-01T00:00/minute |a| -> ä -> c",
  ],
  [
    "a link to a name with spaces around",
    "lrwxrwxrwx 1 joe users 3 Jan  1 00:00  a  ->  b ",
    "link rwxrwxrwx joe users 3 2024-01-01T00:00/minute | a | ->  b ",
  ],
  [
    "a link that tells no target",
    "lrwxrwxrwx 1 joe users 3 Jan  1 00:00 a",
    "link rwxrwxrwx joe users 3 2024-01-01T00:00/minute |a|",
  ],
  [
    "a file with an arrow in its name",
    "-rw-r--r-- 1 joe users 3 Jan  1 00:00 a -> b",
    "file rw-r--r-- joe users 3 2024-01-01T00:00/minute |a -> b|",
  ],
  [
    "tabs between the fields",
    "-rw-r--r--\t1\tjoe\tusers\t3\tJan  1 00:00\tf",
    "file rw-r--r-- joe users 3 2024-01-01T00:00/minute |f|",
  ],
  ["a total", "total 1234", "null"],
  ["a total in other units", "total 12.5K", "null"],
  ["a German total", "insgesamt 12", "null"],
  ["a Russian total", "итого 12", "null"],
  ["a Chinese total", "总用量 12", "null"],
  ["a French total", "total 12", "null"],
  ["what only looks like a total", "subtotal 12", "undefined"],
  ["the directory itself", "drwxr-xr-x 2 0 0 4096 Jan 31 23:59 .", "null"],
  ["the one above", "drwxr-xr-x 2 0 0 4096 Jan 31 23:59 ..", "null"],
  ["something else", "Volume SYS:", "undefined"],
  ["a DOS line", "11-21-24  01:12AM       <DIR>          name", "undefined"],
  ["a file without a name", "-rw-r--r-- 1 joe users 17 Feb  3  2019 ", "undefined"],
];

for (const [what, line, meaning] of LINES) {
  Deno.test(`parseUnixLine: ${what}`, () => assertEquals(summary(line), meaning));
}

/** Dates in front of ` f`: time in UTC or as it stands, precision, and `zone!` where it is known. */
const DATES: readonly (readonly [date: string, meaning: string])[] = [
  ["21 Nov  2019", "2019-11-21T00:00/day"],
  ["21 Feb 01:12", "2024-02-21T01:12/minute"],
  ["Feb 21 01:12:03 2019", "2019-02-21T01:12/second"],
  ["Thu Feb 21 01:12:03 2019", "2019-02-21T01:12/second"],
  ["2019-12-31 23:58", "2019-12-31T23:58/minute"],
  ["2019-12-31 23:58:59", "2019-12-31T23:58/second"],
  ["2019-12-31 23:58:59.123456789 +0100", "2019-12-31T22:58/second zone!"],
  ["2019-12-31 23:58:59 -0330", "2020-01-01T03:28/second zone!"],
  ["2019-12-31T23:58:59Z", "2019-12-31T23:58/second zone!"],
  ["02-21 01:12", "2024-02-21T01:12/minute"],
  ["2019-12-31 ", "2019-12-31T00:00/day"],
  ["31.12.2019 23:58", "2019-12-31T23:58/minute"],
  ["21. Feb 01:12", "2024-02-21T01:12/minute"],
  ["Feb 21. 01:12", "2024-02-21T01:12/minute"],
  ["21. feb 01.12", "2024-02-21T01:12/minute"],
  ["M\udce4r  1  2019", "2019-03-01T00:00/day"],
  ["d\udce9c.  1  2019", "2019-12-01T00:00/day"],
  ["2月  3 01:12", "2024-02-03T01:12/minute"],
  ["2月  3日 01:12", "2024-02-03T01:12/minute"],
  ["2月3日 01:12", "2024-02-03T01:12/minute"],
  ["11月 21  2019", "2019-11-21T00:00/day"],
  ["11月 21日  2019年", "2019-11-21T00:00/day"],
  ["11월 21  2019", "2019-11-21T00:00/day"],
  ["11월 21일 2019년", "2019-11-21T00:00/day"],
  ["2019年11月21日 01:12", "2019-11-21T01:12/minute"],
  ["2019年 11月 21日", "2019-11-21T00:00/day"],
  ["11\udcb7\udcee 21  2019", "2019-11-21T00:00/day"],
  ["13月 21  2019", "-"],
  ["Foo 21  2019", "-"],
  ["Feb 30  2019", "-"],
  ["2019-02-30 01:12", "-"],
];

for (const [date, meaning] of DATES) {
  Deno.test(`parseUnixLine: the date ${date}`, () => {
    const line = `-rw-r--r-- 1 joe Domain Users 17 ${date} f 1`;
    assertEquals(summary(line), `file rw-r--r-- joe Domain Users 17 ${meaning} |f 1|`);
  });
}

Deno.test("parseUnixLine: a name that begins like the year of a date", () => {
  const line = "-rw-r--r-- 1 joe users 17 Feb 21 01:12 2019 report";
  assertEquals(
    summary(line),
    "file rw-r--r-- joe users 17 2024-02-21T01:12/minute |2019 report|",
  );
});

const LANGUAGES = "de fr es it pt nl pl ru cs sv da nb fi hu tr en".split(" ");

for (const language of LANGUAGES) {
  Deno.test(`monthNumber: the months as they are written in ${language}`, () => {
    for (const style of [{ month: "short" }, { month: "short", day: "numeric" }] as const) {
      const format = new Intl.DateTimeFormat(language, { ...style, timeZone: "UTC" });
      for (let month = 1; month <= 12; month++) {
        const parts = format.formatToParts(new Date(Date.UTC(2024, month - 1, 21)));
        const name = parts.find(({ type }) => type === "month")?.value ?? "";
        if (/^\d+$/.test(name)) continue; // some write such dates in numbers alone
        const spellings = [
          name,
          name.toUpperCase(),
          name.normalize("NFD"),
          `${name.replace(".", "")}.`,
        ];
        assertEquals(spellings.map(monthNumber), [month, month, month, month], name);
      }
    }
  });
}

Deno.test("monthNumber: what is no month", () => {
  const words = ["", ".", "0月", "13月", "8", "8x", "july.", "m", "constructor"];
  assertEquals(words.map(monthNumber), words.map(() => 0));
});

Deno.test("parseUnixLine: a 29 February of some years back", () => {
  const line = "-rw-r--r-- 1 joe users 17 Feb 29 01:00 f";
  const meaning = "file rw-r--r-- joe users 17 2024-02-29T01:00/minute |f|";
  assertEquals(summary(line, new Date("2027-06-01T00:00:00Z")), meaning);
});

Deno.test("parseUnixLine: any name comes back as it is", () => {
  const name = fc.string({ unit: "binary", minLength: 1 }).filter((text) =>
    text !== "." && text !== ".." && !/[\r\n]/.test(text)
  );
  fc.assert(fc.property(name, (text) => {
    const line = `-rw-r--r-- 1 joe users 17 Feb  3  2019 ${text}`;
    assertEquals(parseUnixLine(line, NOW)?.name, text);
  }));
});

Deno.test("parseUnixLine: a hostile line of the longest kind takes no long time", () => {
  const line = `-rw-r--r-- 1 joe${" ".repeat(4000)}${"1 ".repeat(2000)}`;
  assertEquals(parseUnixLine(line, NOW), undefined);
});

Deno.test("parseUnixLine: the usual date means the same as in any other spelling", () => {
  const year = fc.integer({ min: 1900, max: 2100 }).map(String);
  const clock = fc.tuple(fc.nat(25), fc.nat(61)).map(([hours, minutes]) =>
    `${hours}:${String(minutes).padStart(2, "0")}`
  );
  const month = fc.constantFrom("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep");
  const instant = fc.date({ min: new Date(0), max: new Date("2300-01-01"), noInvalidDate: true });
  fc.assert(
    fc.property(month, fc.nat(33), fc.oneof(year, clock), instant, (name, day, tail, now) => {
      const line = (spelling: string): string => `-rw-r--r-- 1 a b 1 ${spelling} ${day} ${tail} f`;
      assertEquals(summary(line(name), now), summary(line(name.toUpperCase()), now));
    }),
  );
});
