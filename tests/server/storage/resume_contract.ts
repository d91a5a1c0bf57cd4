/**
 * Cut uploads and files that grow, as every storage does it.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { StorageReader } from "../../../server/storage/storage.ts";
import type { Checks } from "./contract.ts";
import { assertRefused, cutUpload, download, listNames, readAll, upload, USER } from "./support.ts";

/** The checks, by what they show. */
export const RESUME_CHECKS: Checks = {
  async "write resume: goes on in place, and the end of what was written is the end"({ storage }) {
    await upload(storage, "/a", { text: "0123456789" });
    await upload(storage, "/a", { text: "xy", mode: "resume", offset: 4 });
    assertEquals(await download(storage, "/a"), "0123xy");
    await upload(storage, "/a", { text: "z", mode: "resume", offset: 6 });
    assertEquals(await download(storage, "/a"), "0123xyz");
  },

  async "write resume: a whole file keeps what arrived before the cut, and its old end"(
    { storage },
  ) {
    await upload(storage, "/a", { text: "0123456789" });
    await cutUpload(storage, "/a", { text: "xy", mode: "resume", offset: 4 });
    assertEquals(await download(storage, "/a"), "0123xy6789");
  },

  async "write resume: no offset behind the end, nor one that is no number of bytes"({ storage }) {
    await upload(storage, "/whole", { text: "123" });
    await cutUpload(storage, "/cut", { text: "123" });
    for (const path of ["/whole", "/cut", "/missing"]) {
      for (const offset of [4, -1, 0.5, NaN]) {
        await assertRefused(
          "bad-offset",
          () => storage.write(path, { mode: "resume", offset, user: USER }),
        );
      }
    }
    assertEquals(await storage.partialSize("/cut", USER), 3);
  },

  async "write resume: goes on with this user's cut upload, which is then the file"({ storage }) {
    await cutUpload(storage, "/a", { text: "0123456789" });
    assertEquals(await storage.partialSize("/a", USER), 10);
    await using writer = await storage.write("/a", { mode: "resume", offset: 4, user: USER });
    assertEquals(writer.offset, 4);
    await writer.write(new TextEncoder().encode("xy"));
    assertEquals(await storage.partialSize("/a", USER), undefined);
    await writer.commit();
    assertEquals(await download(storage, "/a"), "0123xy");
    await storage.removeFile("/a", USER);
    assertEquals(await storage.partialSize("/a", USER), undefined);
  },

  async "write resume: cut again, it ends where the bytes ended"({ storage }) {
    await cutUpload(storage, "/a", { text: "0123456789" });
    await cutUpload(storage, "/a", { text: "xy", mode: "resume", offset: 4 });
    assertEquals(await storage.partialSize("/a", USER), 6);
    await upload(storage, "/a", { text: "!", mode: "append" });
    assertEquals(await download(storage, "/a"), "0123xy!");
  },

  async "write resume: cut before the first byte, nothing of the cut upload is lost"({ storage }) {
    await cutUpload(storage, "/a", { text: "0123456789" });
    await cutUpload(storage, "/a", { text: "", mode: "resume", offset: 4 });
    assertEquals(await storage.partialSize("/a", USER), 10);
  },

  async "write resume: of two that resume one cut upload, one gets it"({ storage }) {
    await cutUpload(storage, "/a", { text: "0123456789" });
    const resume = { mode: "resume", offset: 10, user: USER } as const;
    await using writer = await storage.write("/a", resume);
    await assertRefused("bad-offset", () => storage.write("/a", resume));
    await writer.commit();
    assertEquals(await download(storage, "/a"), "0123456789");
  },

  async "write resume: from the start it needs nothing to go on with"({ storage }) {
    await upload(storage, "/a", { text: "new", mode: "resume", offset: 0 });
    assertEquals(await download(storage, "/a"), "new");
  },

  async "write append: goes behind the end, and a cut keeps what arrived"({ storage }) {
    await upload(storage, "/a", { text: "one" });
    await using writer = await storage.write("/a", { mode: "append", user: USER });
    assertEquals(writer.offset, 3);
    await writer.commit();
    await upload(storage, "/a", { text: ", two", mode: "append" });
    await cutUpload(storage, "/a", { text: ", thr", mode: "append" });
    assertEquals(await download(storage, "/a"), "one, two, thr");
  },

  async "write append: two at once lose nothing of each other"({ storage }) {
    await upload(storage, "/a", { text: "-" });
    await using one = await storage.write("/a", { mode: "append", user: USER });
    await using two = await storage.write("/a", { mode: "append", user: USER });
    await one.write(new TextEncoder().encode("one"));
    await two.write(new TextEncoder().encode("two"));
    await one.commit();
    await two.commit();
    assertEquals(await download(storage, "/a"), "-onetwo");
  },

  async "write append: of two at once onto a new name, the second is refused, not lost"(
    { storage },
  ) {
    await using late = await storage.write("/new", { mode: "append", user: USER });
    await late.write(new TextEncoder().encode("two"));
    await upload(storage, "/new", { text: "one", mode: "append" });
    await assertRefused("exists", () => late.commit());
    await upload(storage, "/new", { text: "two", mode: "append" });
    assertEquals(await download(storage, "/new"), "onetwo");
  },

  async "write append: goes on with this user's cut upload, or makes the file"({ storage }) {
    await cutUpload(storage, "/a", { text: "half" });
    await upload(storage, "/a", { text: " and half", mode: "append" });
    await upload(storage, "/b", { text: "new", mode: "append" });
    assertEquals(await download(storage, "/a"), "half and half");
    assertEquals(await download(storage, "/b"), "new");
  },

  async "partialSize: only for its own user, only while there is no such file, only with a byte"(
    { storage },
  ) {
    await cutUpload(storage, "/a", { text: "12345" });
    await cutUpload(storage, "/nothing", { text: "" });
    assertEquals(await storage.partialSize("/a", USER), 5);
    assertEquals(await storage.partialSize("/a", "bob"), undefined);
    assertEquals(await storage.partialSize("/nothing", USER), undefined);
    assertEquals(await storage.partialSize("/", USER), undefined);
    assertEquals(await listNames(storage, "/"), []);
    await upload(storage, "/a", { text: "whole", user: "bob" });
    assertEquals(await storage.partialSize("/a", USER), undefined);
  },

  async "readPartial: as partialSize, from any byte of it"({ storage }) {
    await cutUpload(storage, "/a", { text: "12345" });
    const read = (path: string, offset: number, user = USER): Promise<StorageReader> =>
      storage.readPartial(path, { user, offset });
    assertEquals(await readAll(await read("/a", 0)), "12345");
    assertEquals(await readAll(await read("/a", 3)), "45");
    await assertRefused("bad-offset", () => read("/a", 6));
    await assertRefused("not-found", () => read("/a", 0, "bob"));
    await assertRefused("not-found", () => read("/b", 0));
    await assertRefused("not-found", () => read("/", 0));
    await upload(storage, "/a", { text: "whole", user: "bob" });
    await assertRefused("not-found", () => read("/a", 0));
  },

  async "partialSize: the last cut upload counts, and a whole one ends it"({ storage }) {
    await cutUpload(storage, "/a", { text: "12345" });
    await cutUpload(storage, "/a", { text: "123" });
    assertEquals(await storage.partialSize("/a", USER), 3);
    await upload(storage, "/a", { text: "whole" });
    await storage.removeFile("/a", USER);
    assertEquals(await storage.partialSize("/a", USER), undefined);
  },

  async "partialSize: nothing is left of it after a day"({ storage, age }) {
    await cutUpload(storage, "/a", { text: "12345" });
    await age();
    await assertRefused(
      "bad-offset",
      () => storage.write("/a", { mode: "resume", offset: 5, user: USER }),
    );
    assertEquals(await storage.partialSize("/a", USER), undefined);
    await assertRefused("not-found", () => storage.removeFile("/a", USER));
  },
};
