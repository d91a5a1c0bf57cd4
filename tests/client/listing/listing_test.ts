/**
 * Listings as they arrive.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
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

const MIXED = "total 3\r\n-rw-r--r-- 1 joe users 1 Feb  3  2019 ä\r\n\r\nwhat is this?\n" +
  "02-03-04  05:06PM       <DIR>          dos\ntype=file;size=1; facts\r\n" +
  "drwxr-xr-x 1 joe users 1 Feb  3  2019 last";

Deno.test("Listing: LIST is read by the first grammar that knows the line", async () => {
  assertEquals(await read("LIST", [encoder.encode(MIXED)]), {
    names: ["ä", "dos", "facts", "last"],
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
