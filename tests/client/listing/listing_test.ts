/**
 * Listings as they arrive.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { permissionLetters } from "../../../client/listing/entry.ts";
import { Listing } from "../../../client/listing/listing.ts";
import { ProtocolError } from "../../../shared/errors.ts";

const encoder = new TextEncoder();

async function read(
  command: "MLSD" | "LIST",
  pieces: readonly Uint8Array[],
): Promise<{ names: string[]; strange: readonly [string | undefined, number] }> {
  const listing = new Listing(command, { now: new Date("2024-03-01") });
  for (const piece of pieces) assertEquals(await listing.write(piece), piece.length);
  listing.finish();
  return {
    names: listing.entries.map(({ name }) => name),
    strange: [listing.firstStrange, listing.strangeLines],
  };
}

const MIXED =
  "LONG.TXT;1\r\n   1/3  29-JAN-1996 03:33\r\n\r\ntotal 3\r\n-rw-r--r-- 1 joe users 1 Feb  3  2019 ä\r\n\r\nwhat is this?\n" +
  "02-03-04  05:06PM       <DIR>          dos\ntype=file;size=1; facts\r\n" +
  "drwxr-xr-x 1 joe users 1 Feb  3  2019 last";

Deno.test("Listing: LIST is read by the first grammar that knows the line", async () => {
  assertEquals(await read("LIST", [encoder.encode(MIXED)]), {
    names: ["LONG.TXT", "ä", "dos", "facts", "last"],
    strange: ["what is this?", 1],
  });
});

Deno.test("Listing: MLSD is read as facts alone", async () => {
  const text = "type=file;size=1; facts\r\n-rw-r--r-- 1 joe users 1 Feb  3  2019 f\r\n";
  const { names, strange } = await read("MLSD", [encoder.encode(text)]);
  assertEquals([names, strange[1]], [["facts"], 1]);
});

Deno.test("Listing: any cut of the bytes gives the same result", async () => {
  const bytes = encoder.encode(MIXED);
  const whole = await read("LIST", [bytes]);
  const cuts = fc.array(fc.nat(bytes.length), { maxLength: 8 });
  await fc.assert(fc.asyncProperty(cuts, async (points) => {
    const ends = [...points.toSorted((a, b) => a - b), bytes.length];
    const pieces = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
    assertEquals(await read("LIST", pieces), whole);
  }));
});

async function dates(...days: readonly string[]): Promise<readonly (string | undefined)[]> {
  const listing = new Listing("LIST", { now: new Date("2024-03-01") });
  const lines = days.map((day) => `${day}  01:02PM       <DIR>          d\r\n`);
  await listing.write(encoder.encode(lines.join("")));
  listing.finish();
  return listing.entries.map(({ modified }) => modified?.date.toISOString().slice(0, 10));
}

Deno.test("Listing: one date of DOS that has the day first tells how all are read", async () => {
  assertEquals(await dates("02-03-24", "04-03-24"), ["2024-02-03", "2024-04-03"]);
  assertEquals(await dates("02-03-24", "31-03-24"), ["2024-03-02", "2024-03-31"]);
  assertEquals(await dates("31-03-24", "02-03-24"), ["2024-03-31", "2024-03-02"]);
  // Nothing fits: each line as far as it can be read.
  assertEquals(await dates("02-03-24", "31-03-24", "03-31-24"), [
    "2024-02-03",
    "2024-03-31",
    "2024-03-31",
  ]);
});

const VMS = [
  "Directory USERS:[JOE]",
  "",
  "SHORT.TXT;1   1/3  29-JAN-1996 03:33:12  [G,JOE]  (RWED,RWED,,)",
  "A_NAME_THAT_LEAVES_NO_ROOM_FOR_ANYTHING.TXT;12",
  "              213/216  29-JAN-1996 03:33:12  [G,JOE]  (RWED,RWED,,)",
  "SUB.DIR;1     1/3",
  "              29-JAN-1996 03:33:12  [G,JOE]",
  "              (RWED,RWED,,)",
  "CLOSED.TXT;1  %RMS-E-PRV, insufficient privilege or file protection violation",
  "LAST.TXT;1    1/3  29-JAN-1996 03:33",
  "              [G,JOE]  (RWED,RWED,,)",
  "",
  "Total of 5 files, 219/228 blocks.",
].join("\r\n");

Deno.test("Listing: entries of OpenVMS that take several lines", async () => {
  const names = ["SHORT.TXT", "A_NAME_THAT_LEAVES_NO_ROOM_FOR_ANYTHING.TXT", "SUB", "CLOSED.TXT"];
  assertEquals(await read("LIST", [encoder.encode(VMS)]), {
    names: [...names, "LAST.TXT"],
    strange: [undefined, 0],
  });
});

Deno.test("Listing: what is not a beginning after all is a line of its own", async () => {
  const text = "A.B;1\r\n-rw-r--r-- 1 joe users 1 Feb  3  2019 f\r\nC.D;2\r\n";
  assertEquals(await read("LIST", [encoder.encode(text)]), {
    names: ["f"],
    strange: ["A.B;1", 2],
  });
});

/** Beginnings of lines, each of which some grammar takes an interest in. */
const BEGINNINGS = [
  "",
  "-rw-r--r-- 1 a b 3 Jan 1 2000",
  "lrwxrwxrwx 1 a b 3 Jan 1 2000",
  "total 1",
  "11-21-24  01:12",
  "11-21-24 01:12AM <DIR>",
  "+r,s3,",
  "A.B;1 3/4 29-JAN-1996 03:33 [",
  "A.B;1 3",
  " [A]",
  "Total of 1 files",
  "d [R----F--] x 5",
  "QSYS 7 02/23/00 15:09:55 *DIR x",
  " 512 JUL-08-1996 11:32:00 a",
  "SAVE01 3390",
  "TB 01.03",
  "type=file;",
];
const REPEATED = [" ", "1 ", "a", " -> ", ";1", "8月 ", "<DIR> ", "1,", ".", "x=1;", "[", "\t"];

Deno.test("Listing: hostile lines of the longest kind are read at once", async () => {
  for (const beginning of BEGINNINGS) {
    for (const piece of REPEATED) {
      const length = Math.floor((8000 - beginning.length) / encoder.encode(piece).length);
      for (const command of ["LIST", "MLSD"] as const) {
        await read(command, [encoder.encode(`${beginning}${piece.repeat(length)}x\r\n`)]);
      }
    }
  }
});

Deno.test("Listing: any lines give entries or are strange, however they are cut", async () => {
  const word = fc.oneof(
    fc.constantFrom(...BEGINNINGS, ...REPEATED, "\n", "\r\n", "\0", "Feb  3  2019", "-rwxr-xr-x "),
    fc.string({ unit: "binary", maxLength: 5 }),
  );
  const bytes = fc.oneof(
    fc.array(word, { maxLength: 12 }).map((words) => encoder.encode(words.join(""))),
    fc.uint8Array({ maxLength: 60 }),
  );
  await fc.assert(fc.asyncProperty(bytes, fc.nat(), async (all, cut) => {
    for (const command of ["LIST", "MLSD"] as const) {
      const at = cut % (all.length + 1);
      const whole = await read(command, [all]);
      assertEquals(await read(command, [all.subarray(0, at), all.subarray(at)]), whole);
      assert(!whole.names.includes(""));
    }
  }));
});

Deno.test("Listing: a piece may be written over once it was taken", async () => {
  const buffer = encoder.encode("type=file; ab");
  const listing = new Listing("MLSD");
  await listing.write(buffer);
  buffer.fill(0);
  listing.finish();
  assertEquals(listing.entries[0]?.name, "ab");
});

Deno.test("Listing: a line without an end is not kept for ever", async () => {
  const listing = new Listing("LIST");
  const piece = new Uint8Array(5000).fill(97);
  await listing.write(piece);
  await assertRejects(() => listing.write(piece), ProtocolError, "a line of a listing is longer");
});

Deno.test("permissionLetters: every bit has its place", () => {
  const modes = [0, 0o777, 0o644, 0o7777, 0o7000, 0o421];
  assertEquals(modes.map(permissionLetters), [
    "---------",
    "rwxrwxrwx",
    "rw-r--r--",
    "rwsrwsrwt",
    "--S--S--T",
    "r---w---x",
  ]);
});

Deno.test("Listing: one line that is not UTF-8 changes no other", async () => {
  const latin1 = [...encoder.encode("type=file; caf"), 0xe9, 13, 10];
  const utf8 = [...encoder.encode("type=file; café\r\n")];
  for (const lines of [[utf8, latin1, utf8], [utf8, utf8, latin1], [latin1, utf8, utf8]]) {
    const { names } = await read("MLSD", [Uint8Array.from(lines.flat())]);
    assertEquals(names, lines.map((line) => line === utf8 ? "café" : "caf\udce9"));
  }
});
