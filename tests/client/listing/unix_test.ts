/**
 * Listings in the manner of `ls -l`.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
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
  ["a total", "total 1234", "null"],
  ["the directory itself", "drwxr-xr-x 2 0 0 4096 Jan 31 23:59 .", "null"],
  ["the one above", "drwxr-xr-x 2 0 0 4096 Jan 31 23:59 ..", "null"],
  ["something else", "Volume SYS:", "undefined"],
  ["a DOS line", "11-21-24  01:12AM       <DIR>          name", "undefined"],
  ["a file without a name", "-rw-r--r-- 1 joe users 17 Feb  3  2019 ", "undefined"],
];

for (const [what, line, meaning] of LINES) {
  Deno.test(`parseUnixLine: ${what}`, () => assertEquals(summary(line), meaning));
}

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
