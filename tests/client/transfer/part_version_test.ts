/**
 * What the times of a part tell of the remote file.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import * as fc from "fast-check";
import { markVersion, versionOf } from "../../../client/transfer/part_version.ts";
import { PositionedFile } from "../../../client/transfer/positioned_file.ts";
import { tempFolder } from "../../support/files.ts";

const REMOTE = new Date("2024-01-02T03:04:05Z");
const MARKED = new Date("2024-01-02T03:04:05.619Z");
const BEGUN = new Date("2024-06-07T08:09:10.25Z");
const WRITTEN = new Date("2024-06-07T08:10:20.5Z");

const CASES: readonly {
  readonly name: string;
  readonly times: Parameters<typeof versionOf>[0];
  readonly told: ReturnType<typeof versionOf>;
}[] = [
  {
    name: "one that was killed has its mark",
    times: { atime: MARKED, birthtime: BEGUN, mtime: WRITTEN, ctime: WRITTEN },
    told: { modified: REMOTE, isRemoteTime: true, isMarked: true },
  },
  {
    name: "one that was kept and then read has its time",
    times: { atime: WRITTEN, birthtime: BEGUN, mtime: REMOTE, ctime: WRITTEN },
    told: { modified: REMOTE, isRemoteTime: true, isMarked: false },
  },
  {
    name: "one that was killed and then read is of no file that is younger than it",
    times: { atime: WRITTEN, birthtime: BEGUN, mtime: WRITTEN, ctime: WRITTEN },
    told: { modified: new Date("2024-06-07T08:09:09.25Z"), isRemoteTime: false, isMarked: false },
  },
  {
    name: "where nobody knows when it was begun, of none that is younger than its last write",
    times: { atime: WRITTEN, birthtime: null, mtime: WRITTEN, ctime: WRITTEN },
    told: { modified: WRITTEN, isRemoteTime: false, isMarked: false },
  },
  {
    name: "a system without times tells nothing",
    times: { atime: null, birthtime: null, mtime: null, ctime: null },
    told: { modified: undefined, isRemoteTime: false, isMarked: false },
  },
];

for (const { name, times, told } of CASES) {
  Deno.test(`versionOf: ${name}`, () => assertEquals(versionOf(times), told));
}

Deno.test("markVersion: any second is known again, whatever is written behind it", async () => {
  await using folder = await tempFolder();
  using file = await PositionedFile.open(join(folder.path, "f"));
  const anyTime = fc.date({ min: new Date(0), max: new Date("2037-01-01"), noInvalidDate: true });
  await fc.assert(fc.asyncProperty(anyTime, async (time) => {
    await markVersion(file, time);
    await file.write(0, Uint8Array.of(1));
    await file.truncate(0);
    const { modified, isMarked } = versionOf(await file.stat());
    const second = new Date(Math.floor(time.getTime() / 1000) * 1000);
    assertEquals([modified, isMarked], [second, true]);
  }));
});

Deno.test("markVersion: no time, no mark", async () => {
  await using folder = await tempFolder();
  using file = await PositionedFile.open(join(folder.path, "f"));
  const before = await file.stat();
  await markVersion(file, undefined);
  assertEquals((await file.stat()).ctime, before.ctime);
});
