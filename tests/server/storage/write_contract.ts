/**
 * Whole files: writing them, as every storage does it.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Checks } from "./contract.ts";
import type { WriteOptions } from "../../../server/storage/storage.ts";
import { assertRefused, cutUpload, download, listNames, readAll, upload, USER } from "./support.ts";

/** The checks, by what they show. */
export const WRITE_CHECKS: Checks = {
  async "write: what was committed can be read back from any offset"({ storage }) {
    await upload(storage, "/a", { text: "0123456789" });
    assertEquals(await download(storage, "/a"), "0123456789");
    assertEquals(await download(storage, "/a", 7), "789");
    assertEquals(await download(storage, "/a", 10), "");
  },

  async "write: an empty file is a file"({ storage }) {
    await upload(storage, "/empty", { text: "" });
    const { type, size } = await storage.stat("/empty");
    assertEquals([type, size, await download(storage, "/empty")], ["file", 0, ""]);
  },

  async "write: more than is handled at once comes back byte for byte"({ storage }) {
    const text = "0123456789abcdef".repeat(20_000);
    await upload(storage, "/large", { text });
    assert(await download(storage, "/large") === text);
    assert(await download(storage, "/large", 200_001) === text.slice(200_001));
  },

  async "write: nothing shows before the commit"({ storage }) {
    await using writer = await storage.write("/a", { mode: "replace", user: USER });
    await writer.write(new Uint8Array(3));
    assertEquals(await listNames(storage, "/"), []);
    await assertRefused("not-found", () => storage.stat("/a"));
    assertEquals(await storage.partialSize("/a", USER), undefined);
    await writer.commit();
    assertEquals(await listNames(storage, "/"), ["a"]);
  },

  async "write: a replaced file is the old one until the commit, for whoever reads it too"(
    { storage },
  ) {
    await upload(storage, "/a", { text: "old" });
    await using reader = await storage.read("/a", 0);
    await using writer = await storage.write("/a", { mode: "replace", user: USER });
    await writer.write(new TextEncoder().encode("newer"));
    assertEquals(await download(storage, "/a"), "old");
    await writer.commit();
    assertEquals(await download(storage, "/a"), "newer");
    assertEquals(await readAll(reader), "old");
  },

  async "write: a cut replacement leaves the old file and nothing else"({ storage }) {
    await upload(storage, "/a", { text: "old" });
    await cutUpload(storage, "/a", { text: "newer" });
    assertEquals(await download(storage, "/a"), "old");
    await storage.removeFile("/a", USER);
    assertEquals(await storage.partialSize("/a", USER), undefined);
  },

  async "write: a commit that is aborted leaves the old file, and what arrived of a new one"(
    { storage },
  ) {
    await upload(storage, "/old", { text: "old" });
    for (const [path, replaces] of [["/old", true], ["/new", false]] as const) {
      await using writer = await storage.write(path, { mode: "replace", user: USER });
      assertEquals(writer.replaces, replaces);
      await writer.write(new TextEncoder().encode("newer"));
      assertEquals(await writer.commit(AbortSignal.abort()), false);
    }
    assertEquals([await download(storage, "/old"), await listNames(storage, "/")], ["old", [
      "old",
    ]]);
    assertEquals(await storage.partialSize("/old", USER), undefined);
    assertEquals(await storage.partialSize("/new", USER), 5);
  },

  async "write: what was flushed goes on being an upload"({ storage }) {
    await using writer = await storage.write("/a", { mode: "replace", user: USER });
    await writer.write(new TextEncoder().encode("one, "));
    await writer.flush();
    await assertRefused("not-found", () => storage.stat("/a"));
    await writer.write(new TextEncoder().encode("two"));
    await writer.commit();
    assertEquals(await download(storage, "/a"), "one, two");
  },

  async "write: what cannot be trusted is not kept, not even what was resumed"({ storage }) {
    await cutUpload(storage, "/a", { text: "begun" });
    assertEquals(await storage.partialSize("/a", USER), 5);
    for (const mode of ["append", "replace"] as const) {
      const writer = await storage.write("/a", { mode, user: USER });
      await writer.write(new Uint8Array(3));
      await writer.abort("remove");
      assertEquals(await storage.partialSize("/a", USER), undefined);
      await assertRefused("not-found", () => storage.stat("/a"));
    }
  },

  async "write: of two uploads of one name each is whole, and the last commit wins"({ storage }) {
    await using one = await storage.write("/a", { mode: "replace", user: USER });
    await using two = await storage.write("/a", { mode: "replace", user: USER });
    await one.write(new TextEncoder().encode("one one"));
    await two.write(new TextEncoder().encode("two"));
    await two.commit();
    assertEquals(await download(storage, "/a"), "two");
    await one.commit();
    assertEquals(await download(storage, "/a"), "one one");
  },

  async "write: ends once"({ storage }) {
    const writer = await storage.write("/a", { mode: "replace", user: USER });
    await writer.commit();
    await assertRefused("io", () => writer.commit());
    await assertRefused("io", () => writer.write(new Uint8Array(1)));
    await writer.abort();
    assertEquals((await storage.stat("/a")).size, 0);
  },

  async "write: a directory, a missing directory and a file as a directory are refused at once"(
    { storage },
  ) {
    await storage.makeDirectory("/d");
    await upload(storage, "/f", { text: "" });
    for (const mode of ["replace", "resume", "append"] as const) {
      const write = (path: string) => storage.write(path, { mode, user: USER });
      await assertRefused("is-a-directory", () => write("/"));
      await assertRefused("is-a-directory", () => write("/d"));
      await assertRefused("not-found", () => write("/missing/a"));
      await assertRefused("not-a-directory", () => write("/f/a"));
    }
  },

  async "growth: what is there afterwards, without what it replaced"({ storage }) {
    const grown = async (
      options: Pick<WriteOptions, "mode" | "offset">,
      end: "commit" | "keep" | "remove",
    ): Promise<readonly number[]> => {
      await using writer = await storage.write("/a", { user: USER, ...options });
      await writer.write(new Uint8Array(10));
      await (end === "commit" ? writer.commit() : writer.abort(end));
      return [writer.growth.bytes, writer.growth.files];
    };
    assertEquals(await grown({ mode: "replace" }, "keep"), [10, 0]);
    assertEquals(await grown({ mode: "replace" }, "keep"), [0, 0]);
    assertEquals(await grown({ mode: "append" }, "keep"), [10, 0]);
    assertEquals(await grown({ mode: "resume", offset: 5 }, "keep"), [-5, 0]);
    assertEquals(await grown({ mode: "append" }, "remove"), [-15, 0]);
    assertEquals(await grown({ mode: "replace" }, "keep"), [10, 0]);
    assertEquals(await grown({ mode: "resume", offset: 4 }, "commit"), [4, 1]);
    assertEquals(await grown({ mode: "append" }, "commit"), [10, 0]);
    assertEquals(await grown({ mode: "append" }, "keep"), [10, 0]);
    assertEquals(await grown({ mode: "resume", offset: 10 }, "commit"), [-14, 0]);
    assertEquals(await grown({ mode: "replace" }, "keep"), [0, 0]);
    assertEquals(await grown({ mode: "replace" }, "commit"), [-10, 0]);
    assertEquals(await storage.removeFile("/a", USER), { bytes: 10, files: 1 });
  },

  async "write exclusive: what exists is refused, in every mode"({ storage }) {
    await upload(storage, "/a", { text: "old" });
    for (const mode of ["replace", "resume", "append"] as const) {
      const options = { mode, user: USER, exclusive: true };
      await assertRefused("exists", () => storage.write("/a", options));
    }
    await upload(storage, "/b", { text: "new", exclusive: true });
    assertEquals(await listNames(storage, "/"), ["a", "b"]);
  },

  async "write exclusive: what comes into being meanwhile is not overwritten"({ storage }) {
    const options = { mode: "replace", user: USER, exclusive: true } as const;
    await using late = await storage.write("/a", options);
    await late.write(new Uint8Array(9));
    await upload(storage, "/a", { text: "first" });
    await assertRefused("exists", () => late.commit());
    assertEquals(await download(storage, "/a"), "first");
    await storage.removeFile("/a", USER);
    assertEquals(await storage.partialSize("/a", USER), undefined);
  },
};
