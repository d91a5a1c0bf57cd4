/**
 * Listings in the manner of DOS.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { parseDosLine } from "../../../client/listing/dos.ts";

function summary(line: string): string {
  const entry = parseDosLine(line);
  if (!entry) return String(entry);
  const { type, size = "-", modified, name } = entry;
  return `${type} ${size} ${modified?.date.toISOString().slice(0, 16)} |${name}|`;
}

const LINES: readonly (readonly [line: string, meaning: string])[] = [
  [
    "11-21-24  01:12AM       <DIR>          Program Files",
    "dir - 2024-11-21T01:12 |Program Files|",
  ],
  ["11-21-24  01:12PM                 1234 a b.txt", "file 1234 2024-11-21T13:12 |a b.txt|"],
  ["11-21-2024  12:00AM     5,368,709,120 big", "file 5368709120 2024-11-21T00:00 |big|"],
  ["11-21-1999  12:00PM                 0 noon", "file 0 1999-11-21T12:00 |noon|"],
  ["11-21-99  23:05                     1 f", "file 1 1999-11-21T23:05 |f|"],
  ["11/21/69  03:05a                    1 f", "file 1 2069-11-21T03:05 |f|"],
  ["02-03-04  05:06PM       <JUNCTION>     docs", "dir - 2004-02-03T17:06 |docs|"],
  ["02-03-04  05:06PM       <SYMLINKD>     link", "link - 2004-02-03T17:06 |link|"],
  ["02-03-04  05:06PM       <DIR>          .", "null"],
  ["02-03-04  05:06PM       <DIR>          ..", "null"],
  ["02-30-04  05:06PM                   1 f", "undefined"],
  ["21-11-24  23:05                     1 f", "file 1 2024-11-21T23:05 |f|"],
  ["21.11.2024  23:05    <DIR>          d", "dir - 2024-11-21T23:05 |d|"],
  ["2024-11-21  11:05PM                 1 f", "file 1 2024-11-21T23:05 |f|"],
  ["2024/11/21  23:05                   1 f", "file 1 2024-11-21T23:05 |f|"],
  ["2024-13-21  23:05                   1 f", "undefined"],
  ["11-21-24  01:12AM       <DIR>          a  b ", "dir - 2024-11-21T01:12 |a  b |"],
  ["-rw-r--r-- 1 joe users 17 Feb  3  2019 f", "undefined"],
  ["", "undefined"],
];

for (const [line, meaning] of LINES) {
  Deno.test(`parseDosLine: ${line.replace(/ +/g, " ")}`, () =>
    assertEquals(summary(line), meaning));
}
