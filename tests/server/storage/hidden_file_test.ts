import { assert, assertEquals, assertThrows } from "@std/assert";
import { moveWithoutReplacing } from "../../../server/storage/hidden_file.ts";
import { openLocalStorage } from "../../../server/storage/local.ts";
import {
  assertRefused,
  cutUpload,
  download,
  listNames,
  LONG_AGO,
  Shared,
  upload,
  USER,
} from "./support.ts";

const REPLACE = { mode: "replace", user: USER } as const;

Deno.test("list: leaves out the storage's own files", async () => {
  await using shared = await Shared.open();
  await cutUpload(shared.storage, "/cut", { text: "123" });
  await using running = await shared.storage.write("/running", REPLACE);
  await running.write(new Uint8Array(1));
  assertEquals((await shared.names()).length, 2);
  assertEquals(await listNames(shared.storage, "/"), []);
});

Deno.test("partialSize: survives a restart, and every worker finds the same", async () => {
  await using shared = await Shared.open();
  await cutUpload(shared.storage, "/a", { text: "12345" });
  const restarted = await openLocalStorage(shared.root);
  assertEquals(await restarted.partialSize("/a", USER), 5);
  await upload(restarted, "/a", { text: "6", mode: "resume", offset: 5 });
  assertEquals(await download(shared.storage, "/a"), "123456");
});

Deno.test("write resume: a cut upload of yesterday that goes on is not taken for a leftover", async () => {
  await using shared = await Shared.open();
  const { storage } = shared;
  await cutUpload(storage, "/a", { text: "12345" });
  const [partial = ""] = await shared.names();
  const almostADay = new Date(Date.now() - 23.9 * 60 * 60_000);
  await Deno.utime(shared.real(`/${partial}`), almostADay, almostADay);
  await using _writer = await storage.write("/a", { mode: "append", user: USER });
  const [temporary = ""] = await shared.names();
  const { mtime } = await Deno.stat(shared.real(`/${temporary}`));
  assert((mtime?.getTime() ?? 0) > Date.now() - 60_000, `${mtime}`);
});

Deno.test("partialSize: a link in the place of a partial does not count", async () => {
  await using shared = await Shared.open();
  await Deno.writeTextFile(`${shared.outside}/secret`, "secret");
  await cutUpload(shared.storage, "/a", { text: "12345" });
  const [partial = ""] = await shared.names();
  await Deno.remove(shared.real(`/${partial}`));
  await Deno.symlink("../outside/secret", shared.real(`/${partial}`));
  assertEquals(await shared.storage.partialSize("/a", USER), undefined);
  await upload(shared.storage, "/a", { text: "new", mode: "append" });
  assertEquals(await download(shared.storage, "/a"), "new");
  assertEquals(await Deno.readTextFile(`${shared.outside}/secret`), "secret");
});

Deno.test("removeDirectory: what a killed server left behind does not keep it for ever", async () => {
  await using shared = await Shared.open();
  const { storage } = shared;
  await storage.makeDirectory("/d");
  await using running = await storage.write("/d/a", REPLACE);
  await running.write(new Uint8Array(1));
  const [temporary = ""] = await shared.names("/d");
  await running.abort();
  await storage.removeFile("/d/a", USER);
  await Deno.writeTextFile(shared.real(`/d/${temporary}`), "killed");
  await assertRefused("not-empty", () => storage.removeDirectory("/d"));
  await shared.age("/d");
  await storage.removeDirectory("/d");
  assertEquals(await shared.names(), []);
});

Deno.test("removeDirectory: removes nothing where something else is in it too", async () => {
  await using shared = await Shared.open();
  const { storage } = shared;
  await storage.makeDirectory("/d");
  await cutUpload(storage, "/d/cut", { text: "12345" });
  await upload(storage, "/d/whole", { text: "" });
  await assertRefused("not-empty", () => storage.removeDirectory("/d"));
  assertEquals(await storage.partialSize("/d/cut", USER), 5);
});

Deno.test("removeStaleTemporaries: removes what is older than a day, everywhere, and follows no link", async () => {
  await using shared = await Shared.open();
  const { storage } = shared;
  await storage.makeDirectory("/d");
  await storage.makeDirectory("/d/e");
  for (const path of ["/old", "/d/old", "/d/e/old"]) await cutUpload(storage, path, { text: "1" });
  for (const path of ["", "/d", "/d/e"]) await shared.age(path);
  const [hidden = ""] = (await shared.names()).filter((name) => name !== "d");
  await Deno.copyFile(shared.real(`/${hidden}`), `${shared.outside}/${hidden}`);
  const then = new Date(Date.now() - LONG_AGO);
  await Deno.utime(`${shared.outside}/${hidden}`, then, then);
  await Deno.symlink(shared.outside, shared.real("/link"));
  await upload(storage, "/.ftpkit-mine", { text: "no leftover" });
  await Deno.utime(shared.real("/.ftpkit-mine"), then, then);
  await cutUpload(storage, "/d/young", { text: "1" });

  assertEquals(await storage.removeStaleTemporaries(AbortSignal.abort()), 0);
  assertEquals(await storage.removeStaleTemporaries(), 3);
  assertEquals(await shared.names(), [".ftpkit-mine", "d", "link"]);
  assertEquals(await storage.partialSize("/d/young", USER), 1);
  assertEquals((await Deno.stat(`${shared.outside}/${hidden}`)).isFile, true);
});

Deno.test("moveWithoutReplacing: without hard links it still replaces nothing", async () => {
  await using shared = await Shared.open();
  const [from, to] = [shared.real("/from"), shared.real("/to")];
  const noLinks = (): never => {
    throw Object.assign(new Error("no links here"), { code: "EPERM" });
  };
  await Deno.writeTextFile(from, "new");
  moveWithoutReplacing({ from, to }, noLinks);
  assertEquals([await shared.names(), await Deno.readTextFile(to)], [["to"], "new"]);
  await Deno.writeTextFile(from, "newer");
  let code = "";
  try {
    moveWithoutReplacing({ from, to }, noLinks);
  } catch (error) {
    if (error instanceof Error && "code" in error) code = String(error.code);
  }
  assertEquals([code, await Deno.readTextFile(to)], ["EEXIST", "new"]);
  const missing = { from: shared.real("/missing"), to: shared.real("/empty") };
  assertThrows(() => moveWithoutReplacing(missing, noLinks));
  assertEquals(await shared.names(), ["from", "to"]);
});
