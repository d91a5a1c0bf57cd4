import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fs from "node:fs";
import {
  O_CREAT,
  O_EXCL,
  O_RDONLY,
  O_WRONLY,
  OpenFile,
  syncDirectory,
} from "../../../server/system/open_file.ts";
import { Shared } from "../storage/support.ts";

Deno.test("OpenFile: a FIFO without another end never makes the thread wait", async () => {
  await using shared = await Shared.open();
  const { success } = await new Deno.Command("mkfifo", { args: [shared.real("/fifo")] }).output();
  assert(success);
  {
    await using file = OpenFile.open(shared.real("/fifo"), { flags: O_RDONLY });
    assertEquals(file.info().isFIFO(), true);
  }
  const write = () => OpenFile.open(shared.real("/fifo"), { flags: O_WRONLY });
  const error = assertThrows(write, Error);
  assertEquals("code" in error && error.code, "ENXIO");
});

Deno.test("OpenFile: a link is not followed where the worker has every right", async () => {
  await using shared = await Shared.open();
  await Deno.writeTextFile(shared.real("/f"), "text");
  await Deno.symlink("f", shared.real("/link"));
  assertThrows(() => OpenFile.open(shared.real("/link"), { flags: O_RDONLY }), Error, "ELOOP");
});

Deno.test("OpenFile: reads and writes at offsets, at once and later", async () => {
  await using shared = await Shared.open();
  const path = shared.real("/f");
  await using file = OpenFile.open(path, { flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600 });
  assertEquals(file.writeNow(new Uint8Array([1, 2, 3, 4]), 0), 4);
  assertEquals(await file.write(new Uint8Array([9]), 1), 1);
  file.truncate(3);
  await using copy = OpenFile.open(path, { flags: O_RDONLY });
  const buffer = new Uint8Array(8);
  assertEquals([copy.readNow(buffer, 1), ...buffer.subarray(0, 2)], [2, 9, 3]);
  assertEquals([await copy.read(buffer, 0), ...buffer.subarray(0, 3)], [3, 1, 9, 3]);
  assertEquals([copy.readNow(buffer, 3), await copy.read(buffer, 3)], [0, 0]);
  assertEquals(file.info().mode & 0o777, 0o600);
});

Deno.test("OpenFile: is closed only after what runs on it, so that its number is not another's", async () => {
  await using shared = await Shared.open();
  const file = OpenFile.open(shared.real("/f"), { flags: O_WRONLY | O_CREAT });
  const { fsync, closeSync } = fs;
  const events: string[] = [];
  const held = Promise.withResolvers<void>();
  Object.assign(fs, {
    fsync: (_fd: number, done: (error: null) => void) => held.promise.then(() => done(null)),
    closeSync: (fd: number) => {
      events.push("closed");
      closeSync(fd);
    },
  });
  try {
    const syncing = file.sync().then(() => events.push("synced"));
    const closing = file.close();
    await Promise.resolve();
    assertEquals(events, []);
    held.resolve();
    await Promise.all([syncing, closing]);
    await file.close();
  } finally {
    Object.assign(fs, { fsync, closeSync });
  }
  assertEquals(events, ["synced", "closed"]);
});

Deno.test("OpenFile: nothing works on it after closing", async () => {
  await using shared = await Shared.open();
  const file = OpenFile.open(shared.real("/f"), { flags: O_WRONLY | O_CREAT });
  await file.close();
  assertThrows(() => file.info(), Error, "closed");
  assertThrows(() => file.writeNow(new Uint8Array(1), 0), Error, "closed");
});

Deno.test("syncDirectory: a directory that is not there is an error", async () => {
  await using shared = await Shared.open();
  await syncDirectory(shared.root);
  await assertRejects(() => syncDirectory(shared.real("/missing")), Error, "ENOENT");
});
