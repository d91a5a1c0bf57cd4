/**
 * A part that is written at several places: no hole may ever pass for data.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import {
  openPart,
  OVERLAP,
  type PartFile,
  ResumeMismatch,
} from "../../../client/transfer/part_file.ts";
import { type Piece, SegmentFile } from "../../../client/transfer/segment_file.ts";
import { SegmentMap } from "../../../client/transfer/segment_map.ts";
import { writeAll } from "../../../shared/connection.ts";
import { newDigest } from "../../../shared/digest.ts";
import { tempFolder } from "../../support/files.ts";

const TOTAL = 100_000;
/** No byte is 0, as those of holes are. */
const BYTES = Uint8Array.from(
  { length: TOTAL },
  (_, index) => 1 + (index * 7 + (index >> 8)) % 255,
);
const TIME = new Date("2024-01-02T03:04:05Z");

function newMap(): SegmentMap {
  return new SegmentMap({ total: TOTAL, modified: TIME });
}

/** Lets one connection fetch a piece, or the first bytes of it, and what is before it. */
async function bring(file: SegmentFile, piece: Piece, length = Infinity): Promise<void> {
  const writer = await file.writer(piece);
  await writeAll(writer, BYTES.subarray(writer.start, Math.min(piece.end, piece.start + length)));
}

/** Opens what was left behind, and checks that it tells no more than it has. */
async function reopen(target: string): Promise<PartFile> {
  const part = await openPart(target, { resume: true });
  const { map } = part;
  assert(map !== undefined);
  assertEquals([map.total, map.modified, part.size], [TOTAL, TIME, map.bytes]);
  const content = await Deno.readFile(part.path);
  for (const { start, end } of map.done) {
    assertEquals(content.subarray(start, end), BYTES.subarray(start, end));
  }
  return part;
}

Deno.test("SegmentFile: what arrived is known again, and the part is longer than the file", async () => {
  await using folder = await tempFolder();
  const target = join(folder.path, "f");
  const pieces = [{ start: 50_000, end: TOTAL }, { start: 0, end: 50_000 }];
  for (const piece of pieces) {
    await using part = piece.start > 0
      ? await openPart(target, { resume: true })
      : await reopen(target);
    await using file = new SegmentFile(part, part.map ?? newMap());
    await bring(file, piece, 30_000);
    assert((await Deno.stat(part.path)).size > TOTAL);
  }
  await using part = await reopen(target);
  assertEquals(part.map?.done, [{ start: 0, end: 30_000 }, { start: 50_000, end: 80_000 }]);
  assertEquals(part.size, 60_000);
});

Deno.test("SegmentFile: while it is written, a copy of the part at any moment tells the truth", async () => {
  await using folder = await tempFolder();
  const target = join(folder.path, "f");
  await using part = await openPart(target, { resume: true });
  await using file = new SegmentFile(part, newMap());
  const pieces: Piece[] = [0, 1, 2, 3].map((n) => ({ start: n * 25_000, end: (n + 1) * 25_000 }));
  const copy = join(folder.path, "copy");
  for (let round = 0; round < 25; round++) {
    for (const piece of pieces.toReversed()) {
      await file.write(piece.start, BYTES.subarray(piece.start, piece.start + 1000));
      piece.start += 1000;
    }
    if (round % 8 > 0) continue;
    await Deno.copyFile(part.path, `${copy}.part`);
    assert((await Deno.stat(`${copy}.part`)).size > TOTAL);
    await using killed = await reopen(copy);
    assert(killed.size <= (round + 1) * 4000);
  }
});

Deno.test("SegmentFile: the map follows at most a second behind", async () => {
  await using folder = await tempFolder();
  const target = join(folder.path, "f");
  await using part = await openPart(target, { resume: true });
  await using file = new SegmentFile(part, newMap());
  await file.write(50_000, BYTES.subarray(50_000, 60_000));
  const copy = join(folder.path, "copy");
  const size = async (): Promise<number> => {
    await Deno.copyFile(part.path, `${copy}.part`);
    await using killed = await openPart(copy, { resume: true });
    return killed.map?.bytes ?? 0;
  };
  // It is written without any other byte that comes.
  while (await size() < 10_000);
});

Deno.test("SegmentFile: a part whose map is torn is longer than the file, and has none", async () => {
  await using folder = await tempFolder();
  const target = join(folder.path, "f");
  {
    await using part = await openPart(target, { resume: true });
    await using file = new SegmentFile(part, newMap());
    await bring(file, { start: 50_000, end: TOTAL });
  }
  const { size } = await Deno.stat(`${target}.part`);
  for (const cut of [1, 100, size - TOTAL - 1]) {
    await Deno.truncate(`${target}.part`, size - cut);
    await using part = await openPart(target, { resume: true });
    assertEquals([part.map, part.size > TOTAL], [undefined, true]);
  }
});

Deno.test("SegmentFile: a whole file loses its map and gets its name", async () => {
  await using folder = await tempFolder();
  const target = join(folder.path, "f");
  await using part = await openPart(target, { resume: true });
  {
    await using file = new SegmentFile(part, newMap());
    await bring(file, { start: 30_000, end: TOTAL });
    await bring(file, { start: 0, end: 30_000 });
    await file.checkSeams();
    await file.complete();
  }
  await part.complete({ modified: TIME });
  assertEquals(await Deno.readFile(target), BYTES);
});

Deno.test("SegmentFile: nothing came: a new part goes, an old one stays as it was", async () => {
  await using folder = await tempFolder();
  const target = join(folder.path, "f");
  {
    await using part = await openPart(target, { resume: true });
    await using _file = new SegmentFile(part, newMap());
  }
  assertEquals(await Array.fromAsync(Deno.readDir(folder.path)), []);
  await Deno.writeFile(`${target}.part`, BYTES.subarray(0, 10));
  {
    await using part = await openPart(target, { resume: true });
    part.restart();
    await using _file = new SegmentFile(part, newMap());
  }
  assertEquals(await Deno.readFile(`${target}.part`), BYTES.subarray(0, 10));
});

Deno.test("SegmentWriter: what comes before a piece must be what is there", async () => {
  await using folder = await tempFolder();
  await using part = await openPart(join(folder.path, "f"), { resume: true });
  await using file = new SegmentFile(part, newMap());
  await bring(file, { start: 0, end: 50_000 });
  const writer = await file.writer({ start: 50_000, end: TOTAL });
  assertEquals(writer.start, 50_000 - OVERLAP);
  const wrong = BYTES.slice(writer.start, 50_000);
  wrong[OVERLAP - 1] = 0;
  await assertRejects(() => writeAll(writer, wrong), ResumeMismatch, "another one");
  assertEquals(file.map.bytes, 50_000);
});

Deno.test("SegmentWriter: what is behind the piece is dropped", async () => {
  await using folder = await tempFolder();
  await using part = await openPart(join(folder.path, "f"), { resume: true });
  await using file = new SegmentFile(part, newMap());
  const piece = { start: 0, end: 50_000 };
  const writer = await file.writer(piece);
  await writeAll(writer, BYTES.subarray(0, 40_000));
  piece.end = 45_000; // somebody else takes over the rest
  await writeAll(writer, BYTES.subarray(40_000, 60_000));
  assertEquals([piece, file.map.done], [{ start: 45_000, end: 45_000 }, [{
    start: 0,
    end: 45_000,
  }]]);
});

Deno.test("SegmentWriter: more than the file has is not taken", async () => {
  await using folder = await tempFolder();
  await using part = await openPart(join(folder.path, "f"), { resume: true });
  await using file = new SegmentFile(part, newMap());
  const writer = await file.writer({ start: 0, end: TOTAL });
  const more = new Uint8Array(TOTAL + 1);
  await assertRejects(() => writer.write(more), ResumeMismatch, "more than the rest");
  assertEquals(file.map.bytes, 0);
});

Deno.test("SegmentFile.checkSeams: pieces that do not fit are found, also after a pause", async () => {
  await using folder = await tempFolder();
  const target = join(folder.path, "f");
  const other = BYTES.map((byte) => byte ^ 128);
  {
    await using part = await openPart(target, { resume: true });
    await using file = new SegmentFile(part, newMap());
    const piece = { start: 50_000, end: TOTAL };
    const writer = await file.writer(piece);
    await writeAll(writer, other.subarray(writer.start));
    assertEquals(file.map.seams.map(({ start, end }) => [start, end]), [[writer.start, 50_000]]);
  }
  await using part = await openPart(target, { resume: true });
  await using file = new SegmentFile(part, part.map ?? newMap());
  await bring(file, { start: 0, end: 50_000 });
  assertEquals(file.map.missing(), []);
  await assertRejects(() => file.checkSeams(), ResumeMismatch, "do not fit together");
  const digest = newDigest("SHA-256");
  digest.update(other.subarray(50_000 - OVERLAP, 50_000));
  assertEquals(file.map.seams.map(({ hash }) => hash), [digest.hex()]);
});

Deno.test("PartFile.restart: nothing of the segments is left when it is begun again in order", async () => {
  await using folder = await tempFolder();
  const target = join(folder.path, "f");
  await using part = await openPart(target, { resume: true });
  {
    await using file = new SegmentFile(part, newMap());
    await bring(file, { start: 50_000, end: TOTAL });
  }
  part.restart();
  assertEquals([part.size, part.map], [0, undefined]);
  await part.write(BYTES.subarray(0, 10));
  await part.complete({ modified: TIME });
  assertEquals(await Deno.readFile(target), BYTES.subarray(0, 10));
});

Deno.test("SegmentFile: of what could be the beginning nothing is taken", async () => {
  await using folder = await tempFolder();
  await using part = await openPart(join(folder.path, "f"), { resume: true });
  await using file = new SegmentFile(part, newMap());
  assertEquals(await file.beginning(), undefined);
  await bring(file, { start: 0, end: OVERLAP });
  const beginning = await file.beginning();
  assertEquals(beginning, BYTES.subarray(0, OVERLAP));
  for (const [from, isDoubtful] of [[0, true], [50_000 - OVERLAP, false]] as const) {
    const piece = { start: 50_000, end: 60_000 };
    const writer = await file.writer(piece, beginning);
    await writeAll(writer, BYTES.subarray(from, from + OVERLAP + 1000));
    assertEquals([writer.isDoubtful, piece.start], [isDoubtful, isDoubtful ? 50_000 : 51_000]);
    assertEquals(file.map.seams.length, isDoubtful ? 0 : 1);
  }
});

Deno.test("SegmentFile: in a file of more than 2 GiB there are more wrong places than the first byte", async () => {
  await using folder = await tempFolder();
  await using part = await openPart(join(folder.path, "f"), { resume: true });
  const map = new SegmentMap({ total: 2 ** 31 + 1, modified: TIME });
  map.add({ start: 0, end: OVERLAP });
  await using file = new SegmentFile(part, map);
  assertEquals(await file.beginning(), undefined);
});
