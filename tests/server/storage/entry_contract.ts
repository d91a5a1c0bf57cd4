/**
 * What is there: reading, looking, listing, removing, renaming, as every storage does it.
 *
 * @module
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { clearImmediate, setImmediate } from "node:timers";
import { LIST_BATCH } from "../../../server/storage/storage.ts";
import type { Checks } from "./contract.ts";
import { assertRefused, cutUpload, download, list, listNames, upload, USER } from "./support.ts";

/** The checks, by what they show. */
export const ENTRY_CHECKS: Checks = {
  async "read: only what is there, a file, and from inside"({ storage }) {
    await storage.makeDirectory("/d");
    await upload(storage, "/f", { text: "123" });
    await assertRefused("not-found", () => storage.read("/missing", 0));
    await assertRefused("is-a-directory", () => storage.read("/d", 0));
    await assertRefused("is-a-directory", () => storage.read("/", 0));
    await assertRefused("not-a-directory", () => storage.read("/f/x", 0));
    for (const offset of [4, -1]) {
      await assertRefused("bad-offset", () => storage.read("/f", offset));
    }
    await using reader = await storage.read("/f", 1);
    assertEquals(reader.size, 3);
  },

  async "stat: says what is there"({ storage }) {
    const before = Date.now() - 2000;
    await storage.makeDirectory("/d");
    await upload(storage, "/d/f", { text: "123" });
    const directory = await storage.stat("/d");
    const file = await storage.stat("/d/f");
    assertEquals([directory.name, directory.type, directory.size], ["d", "dir", 0]);
    assertEquals([file.name, file.type, file.size, file.links], ["f", "file", 3, 1]);
    assert(file.modified > before && file.modified < Date.now() + 2000);
    assertEquals(file.mode & 0o400, 0o400);
    assertEquals("target" in file, false);
    assertNotEquals(file.inode, directory.inode);
    const root = await storage.stat("/");
    assertEquals([root.name, root.type], ["", "dir"]);
  },

  async "list: is sorted by code units, and each entry is what stat says"({ storage }) {
    for (const name of ["b", "B", "ä", "a", "10", "9"]) await storage.makeDirectory(`/${name}`);
    await upload(storage, "/a/file", { text: "123" });
    assertEquals(await listNames(storage, "/"), ["10", "9", "B", "a", "b", "ä"]);
    assertEquals(await list(storage, "/a"), [await storage.stat("/a/file")]);
    assertEquals(await list(storage, "/b"), []);
  },

  async "list: comes in pieces, and others get their turn between them"({ storage }) {
    const names = Array.from({ length: 2 * LIST_BATCH + 10 }, (_, index) => `f${1000 + index}`);
    for (const name of names) await storage.makeDirectory(`/${name}`);
    const sizes: number[] = [];
    let turns = 0;
    const other = setImmediate(() => turns++);
    const seen: string[] = [];
    for await (const batch of storage.list("/")) {
      sizes.push(batch.length);
      // Longer than anyone may keep the thread.
      for (const end = performance.now() + 5; performance.now() < end;);
      seen.push(...batch.map((entry) => entry.name));
    }
    clearImmediate(other);
    assertEquals(sizes, [LIST_BATCH, LIST_BATCH, 10]);
    assertEquals(seen, names);
    assertEquals(turns, 1);
  },

  async "list: what goes away meanwhile is left out"({ storage }) {
    const count = LIST_BATCH + 44;
    for (let i = 0; i < count; i++) await storage.makeDirectory(`/${1000 + i}`);
    const batches = storage.list("/")[Symbol.asyncIterator]();
    await batches.next();
    await storage.removeDirectory(`/${1000 + count - 1}`);
    const rest = await batches.next();
    assertEquals(rest.value?.length, 43);
  },

  async "list: ends where it is aborted"({ storage }) {
    for (let i = 0; i < 2 * LIST_BATCH; i++) await storage.makeDirectory(`/${1000 + i}`);
    const stopping = new AbortController();
    const batches = storage.list("/", { signal: stopping.signal })[Symbol.asyncIterator]();
    assertEquals((await batches.next()).value?.length, LIST_BATCH);
    stopping.abort();
    assertEquals((await batches.next()).done, true);
  },

  async "list: of a file or of nothing is refused"({ storage }) {
    await upload(storage, "/f", { text: "" });
    await assertRefused("not-a-directory", () => list(storage, "/f"));
    await assertRefused("not-found", () => list(storage, "/missing"));
  },

  async "removeFile: removes files, not directories, and nothing twice"({ storage }) {
    await storage.makeDirectory("/d");
    await upload(storage, "/f", { text: "" });
    await storage.removeFile("/f", USER);
    await assertRefused("not-found", () => storage.removeFile("/f", USER));
    await assertRefused("is-a-directory", () => storage.removeFile("/d", USER));
    await assertRefused("denied", () => storage.removeFile("/", USER));
    assertEquals(await listNames(storage, "/"), ["d"]);
  },

  async "removeFile: removes a cut upload for its own user only"({ storage }) {
    await cutUpload(storage, "/a", { text: "12345" });
    await assertRefused("not-found", () => storage.removeFile("/a", "bob"));
    await storage.removeFile("/a", USER);
    assertEquals(await storage.partialSize("/a", USER), undefined);
  },

  async "removeFile: a file takes its user's cut upload of that name with it"({ storage }) {
    await cutUpload(storage, "/a", { text: "12345" });
    await upload(storage, "/a", { text: "whole", user: "bob" });
    await storage.removeFile("/a", USER);
    assertEquals(await storage.partialSize("/a", USER), undefined);
  },

  async "removeDirectory: only an empty one, never the root"({ storage }) {
    await storage.makeDirectory("/d");
    await upload(storage, "/d/f", { text: "" });
    await assertRefused("not-empty", () => storage.removeDirectory("/d"));
    await assertRefused("not-a-directory", () => storage.removeDirectory("/d/f"));
    await assertRefused("not-found", () => storage.removeDirectory("/missing"));
    await assertRefused("denied", () => storage.removeDirectory("/"));
    await storage.removeFile("/d/f", USER);
    await storage.removeDirectory("/d");
    assertEquals(await listNames(storage, "/"), []);
  },

  async "removeDirectory: a cut upload goes with it, a running one keeps it"({ storage }) {
    await storage.makeDirectory("/d");
    await cutUpload(storage, "/d/cut", { text: "12345" });
    await using writer = await storage.write("/d/running", { mode: "replace", user: USER });
    await assertRefused("not-empty", () => storage.removeDirectory("/d"));
    await writer.abort();
    await storage.removeDirectory("/d");
    assertEquals(await listNames(storage, "/"), []);
  },

  async "makeDirectory: once, and only where its parent is"({ storage }) {
    await storage.makeDirectory("/d");
    await storage.makeDirectory("/d/e");
    await upload(storage, "/f", { text: "" });
    for (const path of ["/d", "/f", "/"]) {
      await assertRefused("exists", () => storage.makeDirectory(path));
    }
    await assertRefused("not-found", () => storage.makeDirectory("/missing/d"));
    await assertRefused("not-a-directory", () => storage.makeDirectory("/f/d"));
    assertEquals(await listNames(storage, "/d"), ["e"]);
  },

  async "rename: moves files and directories with what is in them"({ storage }) {
    await storage.makeDirectory("/d");
    await upload(storage, "/d/f", { text: "123" });
    await storage.rename("/d", "/e");
    await storage.rename("/e/f", "/g");
    assertEquals(await listNames(storage, "/"), ["e", "g"]);
    assertEquals(await download(storage, "/g"), "123");
  },

  async "rename: replaces a file, never a directory, nor a file by a directory"({ storage }) {
    await storage.makeDirectory("/d");
    await storage.makeDirectory("/empty");
    await upload(storage, "/f", { text: "one" });
    await upload(storage, "/g", { text: "two" });
    await storage.rename("/f", "/g");
    assertEquals(await download(storage, "/g"), "one");
    await storage.rename("/g", "/g");
    await assertRefused("exists", () => storage.rename("/g", "/d"));
    await assertRefused("exists", () => storage.rename("/d", "/empty"));
    await assertRefused("exists", () => storage.rename("/d", "/g"));
    await assertRefused("exists", () => storage.rename("/d", "/"));
    assertEquals(await listNames(storage, "/"), ["d", "empty", "g"]);
  },

  async "rename: not the root, not what is missing, no directory into itself"({ storage }) {
    await storage.makeDirectory("/d");
    await storage.makeDirectory("/d/e");
    await assertRefused("denied", () => storage.rename("/", "/x"));
    await assertRefused("not-found", () => storage.rename("/missing", "/x"));
    await assertRefused("not-found", () => storage.rename("/d", "/missing/x"));
    await assertRefused("bad-name", () => storage.rename("/d", "/d/x"));
    await assertRefused("bad-name", () => storage.rename("/d", "/d/e/x"));
    assertEquals(await listNames(storage, "/d"), ["e"]);
  },
};
