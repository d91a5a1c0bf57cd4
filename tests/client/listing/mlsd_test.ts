/**
 * Listings for programs.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { isClosedDirectory, parseMlsdLine } from "../../../client/listing/mlsd.ts";
import { formatFacts } from "../../../shared/facts.ts";

const TIME = {
  date: new Date("2024-01-02T03:04:05Z"),
  precision: "second",
  zoneKnown: true,
} as const;

const LINES: readonly (readonly [line: string, entry: ReturnType<typeof parseMlsdLine>])[] = [
  ["type=file;size=7;modify=20240102030405; a b", {
    name: "a b",
    type: "file",
    size: 7,
    modified: TIME,
  }],
  ["Type=DIR;Size=4096;Modify=20240102030405; d", { name: "d", type: "dir", modified: TIME }],
  ["type=file;UNIX.mode=0100644;UNIX.owner=0;UNIX.ownername=joe;UNIX.group=100; f", {
    name: "f",
    type: "file",
    permissions: "rw-r--r--",
    owner: "joe",
    group: "100",
  }],
  ["type=file;unix.uid=5;unix.gid=6; f", { name: "f", type: "file", owner: "5", group: "6" }],
  ["type=OS.unix=slink:/a b; l", { name: "l", type: "link", target: "/a b" }],
  ["type=OS.unix=symlink; l", { name: "l", type: "link" }],
  ["type=OS.unix=chr-1/3; null", { name: "null", type: "other" }],
  ["size=x;modify=never;type=file; f", { name: "f", type: "file" }],
  ["type=file;  lead", { name: " lead", type: "file" }],
  ["TYPE=FILE;SIZE=7;MODIFY=20240102030405; f", {
    name: "f",
    type: "file",
    size: 7,
    modified: TIME,
  }],
  ["Type=OS.UNIX=SLINK:/a; l", { name: "l", type: "link", target: "/a" }],
  ["type=UNIX.slink:/a; l", { name: "l", type: "link", target: "/a" }],
  ["type=UNIX.slink; l", { name: "l", type: "link" }],
  ["type=file;unique=8U12; f", { name: "f", type: "file", id: "8U12" }],
  ["size=7; f", { name: "f", type: "file", size: 7 }],
  ["unix.mode=0040755;size=7; d", { name: "d", type: "dir", permissions: "rwxr-xr-x" }],
  ["unix.mode=0120777; l", { name: "l", type: "link", permissions: "rwxrwxrwx" }],
  ["unix.mode=755; x", { name: "x", type: "other", permissions: "rwxr-xr-x" }],
  ["perm=el; x", { name: "x", type: "other" }],
  [" x", { name: "x", type: "other" }],
  ["type=cdir; /home", null],
  ["type=pdir; ..", null],
  ["type=dir; ..", null],
  ["total 12", undefined],
  ["-rw-r--r-- 1 joe users 17 Feb  3  2019 f", undefined],
];

for (const [line, entry] of LINES) {
  Deno.test(`parseMlsdLine: ${line}`, () => assertEquals(parseMlsdLine(line), entry));
}

Deno.test("parseMlsdLine: reads what formatFacts writes, whatever the name", () => {
  const name = fc.string({ unit: "binary", minLength: 1 }).filter((text) =>
    text !== "." && text !== ".." && !/[\r\n\0]/.test(text)
  );
  fc.assert(fc.property(name, fc.nat(), (text, size) => {
    const line = formatFacts([["type", "file"], ["size", String(size)]], text);
    assertEquals(parseMlsdLine(line), { name: text, type: "file", size });
  }));
});

Deno.test("isClosedDirectory: the listed directory without the right to enter it", () => {
  assertEquals(isClosedDirectory("type=cdir;perm=fl; ."), true);
  assertEquals(isClosedDirectory("Type=CDIR;Perm=FL; ."), true);
  const others = ["type=cdir;perm=fle; .", "type=cdir; .", "type=pdir;perm=fl; ..", "no listing"];
  for (const line of others) assertEquals(isClosedDirectory(line), false, line);
});
