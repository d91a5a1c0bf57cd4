/**
 * What a download is written to.
 *
 * @module
 */

import { assert, assertEquals, assertLessOrEqual, assertRejects } from "@std/assert";
import { basename, join } from "@std/path";
import * as fc from "fast-check";
import { openPart, OVERLAP, ResumeMismatch } from "../../../client/transfer/part_file.ts";
import { partName, UNIQUE_PART } from "../../../client/transfer/part_name.ts";
import { LocalFileError } from "../../../shared/errors.ts";
import { tempFolder } from "../../support/files.ts";

const bytes = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => index & 255);

Deno.test("partName: NAME.part, or a shorter name that is its own each time", async () => {
  assertEquals(await partName("a"), "a.part");
  const unique = await partName("a", true);
  assertEquals([unique.startsWith("a~"), UNIQUE_PART.test(unique)], [true, true]);
  assertEquals(await partName("x".repeat(250)), `${"x".repeat(250)}.part`);
  const names = ["x".repeat(251), "x".repeat(255), "ä".repeat(127), "😀".repeat(63)];
  const parts = await Promise.all(names.map((name) => partName(name)));
  assertEquals(new Set(parts).size, names.length);
  assertEquals(parts, await Promise.all(names.map((name) => partName(name))));
  for (const part of parts) {
    assert(part.endsWith(".part") && part.isWellFormed());
    assertLessOrEqual(new TextEncoder().encode(part).length, 255);
  }
});

Deno.test("partName: any two names have two parts, each short enough for a file system", async () => {
  const anyName = fc.string({ minLength: 1, maxLength: 300, unit: "grapheme" })
    .filter((name) => name.isWellFormed() && new TextEncoder().encode(name).length <= 255);
  const anyLongName = fc.tuple(fc.constantFrom("x", "ü", "😀"), anyName).map(([letter, name]) => {
    const room = 255 - new TextEncoder().encode(name).length;
    return letter.repeat(Math.floor(room / new TextEncoder().encode(letter).length)) + name;
  });
  const names = fc.oneof(anyName, anyLongName);
  await fc.assert(fc.asyncProperty(names, names, async (one, other) => {
    const parts = await Promise.all([one, other].map((name) => partName(name)));
    assertEquals(parts[0] === parts[1], one === other);
    for (const part of parts) {
      assert(part.endsWith(".part") && part.isWellFormed());
      assertLessOrEqual(new TextEncoder().encode(part).length, 255);
    }
  }));
});

Deno.test("openPart: a name of 255 bytes is written and renamed", async () => {
  await using folder = await tempFolder();
  const target = join(folder.path, "n".repeat(255));
  await using part = await openPart(target, { resume: false });
  await part.write(bytes(3));
  await part.complete({});
  assertEquals(await Deno.readFile(target), bytes(3));
});

Deno.test("PartFile: what is not completed stays, with the remote time; the empty one goes", async () => {
  await using folder = await tempFolder();
  const target = join(folder.path, "f");
  const time = new Date("2024-01-02T03:04:05Z");
  {
    await using part = await openPart(target, { resume: false });
    await part.write(bytes(3));
    part.modified = time;
  }
  assertEquals((await Deno.stat(`${target}.part`)).mtime, time);
  {
    await using part = await openPart(target, { resume: true });
    assertEquals([part.size, part.modified], [3, time]);
    // What is there is dropped for something better, and nothing came.
    part.restart();
  }
  assertEquals((await Deno.stat(`${target}.part`)).size, 3);
  await Deno.remove(`${target}.part`);
  {
    await using _part = await openPart(target, { resume: true });
  }
  assertEquals(await Array.fromAsync(Deno.readDir(folder.path)), []);
});

Deno.test("PartFile: which version it is of outlives a program that is killed, and a look at it", async () => {
  await using folder = await tempFolder();
  const target = join(folder.path, "f");
  const version = new Date("2024-01-02T03:04:05Z");
  const killed = await openPart(target, { resume: false });
  killed.modified = new Date("2024-01-02T03:04:05.678Z");
  await killed.write(bytes(OVERLAP));
  await killed.write(bytes(1));
  await killed.write(bytes(10_000));
  killed.file.close();
  const { mtime } = await Deno.stat(`${target}.part`);
  assert(mtime !== null && mtime > killed.modified, "it was written to");
  for (let look = 0; look < 2; look++) {
    const part = await openPart(target, { resume: true });
    assertEquals([part.modified, part.isRemoteTime], [version, true]);
    part.file.close();
  }
  const again = await openPart(target, { resume: true });
  again.restart();
  again.modified = new Date("2024-01-02T03:04:06Z");
  await again.write(bytes(5000));
  await again.continueTo(9000);
  again.file.close();
  await using part = await openPart(target, { resume: true });
  assertEquals(part.modified, again.modified);
});

Deno.test("continueTo: what comes again must be what is there", async () => {
  await using folder = await tempFolder();
  const whole = bytes(OVERLAP + 2000);
  const target = join(folder.path, "f");
  await Deno.writeFile(`${target}.part`, whole.subarray(0, OVERLAP + 1000));
  await using part = await openPart(target, { resume: true });
  assertEquals(await part.continueTo(whole.length), 1000);
  for (let at = 1000; at < whole.length;) at += await part.write(whole.subarray(at, at + 700));
  await assertRejects(() => part.write(bytes(1)), ResumeMismatch, "more than the rest");
  await part.complete({});
  assertEquals(await Deno.readFile(target), whole);
});

Deno.test("continueTo: nothing is written of what does not fit", async () => {
  await using folder = await tempFolder();
  const target = join(folder.path, "f");
  await Deno.writeFile(`${target}.part`, bytes(100));
  await using part = await openPart(target, { resume: true });
  assertEquals(await part.continueTo(1000), 0);
  assertEquals(await part.write(bytes(60)), 60);
  await assertRejects(() => part.write(bytes(60)), ResumeMismatch);
  assertEquals(part.size, 100);
  assertEquals(await Deno.readFile(`${target}.part`), bytes(100));
});

Deno.test("openPart: a link to a file stays one", async () => {
  await using folder = await tempFolder();
  const real = join(folder.path, "real");
  const link = join(folder.path, "link");
  await Deno.writeFile(real, bytes(1));
  await Deno.symlink("real", link);
  await using part = await openPart(link, { resume: false });
  assertEquals(basename(part.path), "real.part");
  await part.write(bytes(2));
  await part.complete({});
  assert((await Deno.lstat(link)).isSymlink);
  assertEquals(await Deno.readFile(real), bytes(2));
});

Deno.test("openPart: a link that takes a new file's place meanwhile is not written through", async () => {
  await using folder = await tempFolder();
  const [real, target] = [join(folder.path, "real"), join(folder.path, "target")];
  await Deno.writeFile(real, bytes(1));
  await Deno.symlink("real", target);
  await using part = await openPart(target, { resume: false, isNew: true });
  await part.write(bytes(2));
  await part.complete({});
  assert((await Deno.lstat(target)).isFile);
  assertEquals(await Deno.readFile(target), bytes(2));
  assertEquals(await Deno.readFile(real), bytes(1));
});

Deno.test("openPart: a directory, a device and a missing parent are refused", async () => {
  await using folder = await tempFolder();
  const open = (path: string): Promise<unknown> => openPart(path, { resume: false });
  await assertRejects(() => open(folder.path), LocalFileError, "it is a directory");
  await assertRejects(() => open("/dev/null"), LocalFileError, "it is not a regular file");
  const orphan = join(folder.path, "no", "f");
  await assertRejects(() => open(orphan), LocalFileError, "no such file or directory");
  await Deno.mkdir(join(folder.path, "g.part"));
  await assertRejects(() => open(join(folder.path, "g")), LocalFileError, "not a regular file");
  await Deno.symlink("elsewhere", join(folder.path, "h.part"));
  await assertRejects(() => open(join(folder.path, "h")), LocalFileError, "not a regular file");
  await assertRejects(() => Deno.lstat(join(folder.path, "elsewhere")), Deno.errors.NotFound);
});
