import { assert, assertEquals, assertRejects } from "@std/assert";
import { openLog } from "../../../shared/log.ts";
import { StorageError } from "../../../shared/errors.ts";
import { ListingMemory } from "../../../server/storage/listing_memory.ts";
import { openLocalStorage } from "../../../server/storage/local.ts";
import { shortLease } from "../../support/short_memory.ts";
import {
  assertRefused,
  cutUpload,
  download,
  list,
  listNames,
  Shared,
  upload,
  USER,
} from "./support.ts";

const REPLACE = { mode: "replace", user: USER } as const;

async function run(program: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args }).output();
  assert(success, new TextDecoder().decode(stderr));
}

/** How many files in a shared directory this process has open. */
function openFiles(shared: Shared): number {
  const targets = Array.from(Deno.readDirSync("/proc/self/fd"), ({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${name}`);
    } catch {
      return ""; // Closed meanwhile: that was the list itself, or another test's.
    }
  });
  return targets.filter((target) => target.startsWith(shared.root)).length;
}

const noOpenFileList = Deno.build.os !== "linux";

Deno.test("openLocalStorage: says what is wrong with the directory", async () => {
  await using shared = await Shared.open();
  await upload(shared.storage, "/f", { text: "" });
  const missing = await assertRejects(() => openLocalStorage("/no/such/place"), StorageError);
  assertEquals(missing.message, 'Cannot share "/no/such/place": no such file or directory');
  const file = await assertRejects(() => openLocalStorage(shared.real("/f")), StorageError);
  assertEquals(file.kind, "not-a-directory");
});

Deno.test("openLocalStorage: the shared directory itself may be a link", async () => {
  await using shared = await Shared.open();
  await upload(shared.storage, "/f", { text: "text" });
  const link = `${shared.outside}/link`;
  await Deno.symlink("../root", link);
  const storage = await openLocalStorage(link);
  assertEquals(await download(storage, "/f"), "text");
  assertEquals((await storage.stat("/f")).name, "f");
});

Deno.test("openLocalStorage: the root of the file system can be shared", async () => {
  await using shared = await Shared.open();
  await upload(shared.storage, "/f", { text: "text" });
  const storage = await openLocalStorage("/");
  assertEquals(await download(storage, shared.real("/f")), "text");
  assertEquals((await storage.stat("/")).type, "dir");
  await Deno.symlink("f", shared.real("/link"));
  assertEquals((await storage.stat(shared.real("/link"))).target, shared.real("/f"));
});

Deno.test("stat: tells the system's facts", async () => {
  await using shared = await Shared.open();
  await upload(shared.storage, "/a", { text: "123" });
  await Deno.chmod(shared.real("/a"), 0o4751);
  await Deno.link(shared.real("/a"), shared.real("/b"));
  const info = await Deno.stat(shared.real("/a"));
  const [a, b] = await list(shared.storage, "/");
  assertEquals([a?.mode, a?.links, a?.owner, a?.group], [0o4751, 2, info.uid, info.gid]);
  assertEquals(a?.modified, info.mtime?.getTime());
  assertEquals([a?.device, a?.inode], [b?.device, b?.inode]);
});

Deno.test("list: leaves out names that are not UTF-8, and says so once a directory", async () => {
  await using shared = await Shared.open();
  const messages: string[] = [];
  await openLog((record) => messages.push(record.message), "warning");
  await run("sh", "-c", `cd '${shared.root}' && mkdir d && touch good "$(printf 'bad\\377')" d/f`);
  assertEquals(await listNames(shared.storage, "/"), ["d", "good"]);
  assertEquals(await listNames(shared.storage, "/"), ["d", "good"]);
  assertEquals(await listNames(shared.storage, "/d"), ["f"]);
  assertEquals(messages, ['Names that are not UTF-8 are left out of "/"']);
});

Deno.test("list: what a small directory's names take is held until its end", async () => {
  await using shared = await Shared.open();
  for (let number = 0; number < 100; number++) {
    await Deno.writeTextFile(shared.real(`/${number}`), "");
  }
  const memory = new ListingMemory();
  for await (const _batch of shared.storage.list("/", { memory: memory.lease() })) {
    assert(memory.held >= 100 * 32);
  }
  assertEquals(memory.held, 0);
  const list = shared.storage.list("/", { memory: shortLease(100) })[Symbol.asyncIterator]();
  const error = await assertRejects(() => list.next(), StorageError);
  assertEquals(error.message, 'Cannot list "/": other listings hold too much memory');
});

Deno.test("read, write: FIFOs, sockets and devices are refused at once", async () => {
  await using shared = await Shared.open();
  const { storage } = shared;
  await run("mkfifo", shared.real("/fifo"));
  using _socket = Deno.listen({ transport: "unix", path: shared.real("/socket") });
  await Deno.symlink("fifo", shared.real("/link"));
  for (const path of ["/fifo", "/socket", "/link"]) {
    assertEquals((await storage.stat(path)).type, "other");
    await assertRefused("not-regular", () => storage.read(path, 0));
    for (const mode of ["replace", "resume", "append"] as const) {
      await assertRefused("not-regular", () => storage.write(path, { mode, user: USER }));
    }
  }
  await storage.rename("/fifo", "/other");
  await storage.removeFile("/other", USER);
  assertEquals(await listNames(storage, "/"), ["socket"]);
});

Deno.test("read: an offset beyond 4 GiB in a sparse file", async () => {
  await using shared = await Shared.open();
  const end = 5 * 1024 ** 3;
  {
    using file = await Deno.open(shared.real("/sparse"), { write: true, create: true });
    await file.truncate(end);
    await file.seek(0, Deno.SeekMode.End);
    await file.write(new TextEncoder().encode("end"));
  }
  await using reader = await shared.storage.read("/sparse", end - 100_000);
  assertEquals(reader.size, end + 3);
  assertEquals(await download(shared.storage, "/sparse", end), "end");
  const resume = { mode: "resume", offset: end + 1 } as const;
  await upload(shared.storage, "/sparse", { text: "XYZ", ...resume });
  assertEquals(await download(shared.storage, "/sparse", end), "eXYZ");
});

Deno.test("write: a replaced file keeps its mode but gets no set-user-id, nor does a new one", async () => {
  await using shared = await Shared.open();
  const { storage } = shared;
  const mode = async (path: string) => ((await Deno.stat(shared.real(path))).mode ?? 0) & 0o7777;
  await upload(storage, "/a", { text: "old" });
  for (const bits of [0o600, 0o640, 0o755, 0o666]) {
    await Deno.chmod(shared.real("/a"), bits);
    await upload(storage, "/a", { text: "new" });
    assertEquals(await mode("/a"), bits);
  }
  await Deno.chmod(shared.real("/a"), 0o6755);
  await upload(storage, "/a", { text: "new" });
  assertEquals(await mode("/a"), 0o755);
  await Deno.writeTextFile(shared.real("/b"), "made by the system");
  await upload(storage, "/c", { text: "made by us" });
  assertEquals(await mode("/c"), await mode("/b"));
});

Deno.test("write: a commit that is aborted while the file is put on the disk gives it no name", async () => {
  await using shared = await Shared.open();
  await upload(shared.storage, "/a", { text: "old" });
  await using writer = await shared.storage.write("/a", REPLACE);
  await writer.write(new TextEncoder().encode("newer"));
  let looks = 0;
  const { signal } = new AbortController();
  Object.defineProperty(signal, "aborted", { get: () => ++looks > 1 });
  assertEquals([await writer.commit(signal), looks], [false, 2]);
  assertEquals(await download(shared.storage, "/a"), "old");
  assertEquals(await listNames(shared.storage, "/"), ["a"]);
});

Deno.test("write: a private file is never public while it is replaced", async () => {
  await using shared = await Shared.open();
  await upload(shared.storage, "/a", { text: "old" });
  await Deno.chmod(shared.real("/a"), 0o600);
  await using writer = await shared.storage.write("/a", REPLACE);
  await writer.write(new Uint8Array(1));
  for (const name of await shared.names()) {
    assertEquals(((await Deno.stat(shared.real(`/${name}`))).mode ?? 0) & 0o777, 0o600, name);
  }
});

Deno.test({
  name:
    "write: a replaced file keeps its owner (ignored unless root: only root may give files away)",
  ignore: Deno.uid() !== 0,
  fn: async () => {
    await using shared = await Shared.open();
    await upload(shared.storage, "/a", { text: "old" });
    await Deno.chown(shared.real("/a"), 12345, 23456);
    await Deno.chmod(shared.real("/a"), 0o640);
    await upload(shared.storage, "/a", { text: "new" });
    const { uid, gid, mode } = await Deno.stat(shared.real("/a"));
    assertEquals([uid, gid, (mode ?? 0) & 0o777], [12345, 23456, 0o640]);
  },
});

Deno.test("write: a name of the greatest length leaves room for the temporary and the partial", async () => {
  await using shared = await Shared.open();
  const path = `/${"n".repeat(255)}`;
  await cutUpload(shared.storage, path, { text: "123" });
  await upload(shared.storage, path, { text: "456", mode: "append" });
  assertEquals(await download(shared.storage, path), "123456");
});

Deno.test("write: nothing is left on the disk but the file, whichever way it ends", async () => {
  await using shared = await Shared.open();
  const { storage } = shared;
  await upload(storage, "/a", { text: "one" });
  await cutUpload(storage, "/a", { text: "two" });
  await cutUpload(storage, "/b", { text: "" });
  await cutUpload(storage, "/c", { text: "cut" });
  await upload(storage, "/c", { text: "three" });
  await upload(storage, "/d", { text: "four", exclusive: true });
  await assertRefused(
    "bad-offset",
    () => storage.write("/e", { mode: "resume", offset: 1, user: USER }),
  );
  assertEquals(await shared.names(), ["a", "c", "d"]);
});

Deno.test({
  name: "read, write: no file stays open, whichever way it ends (ignored where there is no /proc)",
  ignore: noOpenFileList,
  fn: async () => {
    await using shared = await Shared.open();
    const { storage } = shared;
    await upload(storage, "/a", { text: "text" });
    {
      await using _reader = await storage.read("/a", 0);
      assertEquals(openFiles(shared), 1);
    }
    await upload(storage, "/a", { text: "new" });
    await upload(storage, "/a", { text: "new", mode: "append" });
    await cutUpload(storage, "/a", { text: "cut" });
    await cutUpload(storage, "/b", { text: "cut" });
    const behind = { mode: "resume", offset: 99, user: USER } as const;
    await assertRefused("bad-offset", () => storage.read("/a", 99));
    await assertRefused("bad-offset", () => storage.write("/a", behind));
    await assertRefused("bad-offset", () => storage.write("/b", behind));
    await using late = await storage.write("/c", { ...REPLACE, exclusive: true });
    await upload(storage, "/c", { text: "first" });
    await assertRefused("exists", () => late.commit());
    assertEquals(openFiles(shared), 0);
  },
});

Deno.test("write: a reader and a writer closed while they work do not disturb other files", async () => {
  await using shared = await Shared.open();
  const { storage } = shared;
  const large = new Uint8Array(4_000_000).fill(65);
  const writer = await storage.write("/a", REPLACE);
  const writing = writer.write(large);
  await writer.abort();
  const taken = await writing;
  assertEquals(await storage.partialSize("/a", USER), taken);
  await upload(storage, "/a", { text: "whole" });
  const reader = await storage.read("/a", 0);
  const reading = reader.read(new Uint8Array(10));
  await reader[Symbol.asyncDispose]();
  assertEquals(await reading, 5);
});

Deno.test("LocalStorage: times and modes of files and directories, never of the root or what is special", async () => {
  await using shared = await Shared.open();
  await Deno.mkdir(shared.real("/d"));
  await Deno.writeTextFile(shared.real("/f"), "x");
  const time = new Date("2001-02-03T04:05:06Z");
  for (const path of ["/f", "/d"]) {
    await shared.storage.setModified(path, time);
    await shared.storage.setMode(path, 0o7750);
    const { modified, mode, created } = await shared.storage.stat(path);
    assertEquals([modified, mode], [time.getTime(), 0o750]);
    assertEquals(typeof created, "number");
  }
  await assertRefused("denied", () => shared.storage.setMode("/", 0o777));
  await assertRefused("not-found", () => shared.storage.setModified("/none", time));
  await Deno.symlink("../outside", shared.real("/out"));
  await assertRefused("not-found", () => shared.storage.setMode("/out", 0o777));
});

Deno.test("LocalStorage: the umask is the storage's own, whatever the process has", async () => {
  await using shared = await Shared.open();
  const before = Deno.umask(0o077);
  try {
    const storage = await openLocalStorage(shared.root, { umask: 0o027 });
    await upload(storage, "/f", { text: "x" });
    await storage.makeDirectory("/d");
    assertEquals([(await storage.stat("/f")).mode, (await storage.stat("/d")).mode], [
      0o640,
      0o750,
    ]);
    await Deno.chmod(shared.real("/f"), 0o604);
    await upload(storage, "/f", { text: "new" });
    assertEquals((await storage.stat("/f")).mode, 0o604);
  } finally {
    Deno.umask(before);
  }
});
