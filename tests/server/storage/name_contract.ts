/**
 * Names, as every storage does it.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Checks } from "./contract.ts";
import { assertRefused, cutUpload, download, list, listNames, upload, USER } from "./support.ts";

/** Names that must work everywhere, byte for byte. */
const ODD_NAMES = [
  " leading and trailing ",
  'quo"te',
  "per%20cent",
  "back\\slash",
  "-dash",
  "line\r\nbreak",
  "täxt-日本-🎈",
  ".hidden",
  ".ftpkit-notes.txt",
  "x".repeat(255),
  "é".repeat(127),
];

const HIDDEN = `.ftpkit-${"0123456789abcdef".repeat(2)}`;

/** Names that a client can ask for but that are never there. */
const UNADDRESSABLE = [`${HIDDEN}.tmp`, `${HIDDEN}.PART`, "a\0b", "bad\ufffdbytes", "lone\ud800"];

/** Names that are wrong whatever is asked. */
const WRONG = ["x".repeat(256), "é".repeat(128), ".", ".."];

/** The checks, by what they show. */
export const NAME_CHECKS: Checks = {
  async "names: every odd one works as a file, as a directory and as a new name"({ storage }) {
    for (const name of ODD_NAMES) {
      const path = `/${name}`;
      await upload(storage, path, { text: name });
      await cutUpload(storage, path, { text: "cut" });
      assertEquals(await download(storage, path), name);
      assertEquals(await listNames(storage, "/"), [name]);
      await storage.rename(path, "/other");
      await storage.makeDirectory(path);
      await storage.rename("/other", `${path}/${name}`);
      assertEquals(await listNames(storage, path), [name]);
      await storage.removeFile(`${path}/${name}`, USER);
      await storage.removeDirectory(path);
    }
  },

  async "names: those of the storage itself and those that are not UTF-8 are never there"(
    { storage },
  ) {
    for (const name of UNADDRESSABLE) {
      const path = `/${name}`;
      await assertRefused("not-found", () => storage.stat(path));
      await assertRefused("not-found", () => storage.stat(`${path}/x`));
      await assertRefused("not-found", () => storage.partialSize(path, USER));
      await assertRefused("not-found", () => list(storage, path));
      await assertRefused("not-found", () => storage.read(path, 0));
      await assertRefused("not-found", () => storage.removeFile(path, USER));
      await assertRefused("not-found", () => storage.removeDirectory(path));
      await assertRefused("not-found", () => storage.rename(path, "/x"));
    }
  },

  async "names: no such one can be made"({ storage }) {
    await upload(storage, "/f", { text: "" });
    for (const name of [...UNADDRESSABLE, ...WRONG]) {
      const path = `/${name}`;
      await assertRefused("bad-name", () => storage.write(path, { mode: "replace", user: USER }));
      await assertRefused("bad-name", () => storage.makeDirectory(path));
      await assertRefused("bad-name", () => storage.rename("/f", path));
    }
    assertEquals(await listNames(storage, "/"), ["f"]);
  },

  async "names: one that is too long cannot be there"({ storage }) {
    for (const path of [`/${"x".repeat(256)}`, `/${"x".repeat(256)}/f`]) {
      await assertRefused("not-found", () => storage.stat(path));
      await assertRefused("not-found", () => storage.read(path, 0));
      await assertRefused("not-found", () => storage.removeFile(path, USER));
    }
  },

  async "names: no name at all is wrong wherever it stands"({ storage }) {
    const none = WRONG.filter((name) => name.startsWith(".")).map((name) => `/${name}`);
    for (const path of [...none, "", "relative", "/a//b", "/a/"]) {
      await assertRefused("bad-name", () => storage.stat(path));
      await assertRefused("bad-name", () => storage.read(path, 0));
      await assertRefused("bad-name", () => list(storage, path));
      await assertRefused("bad-name", () => storage.removeFile(path, USER));
    }
  },
};
