import { assertEquals } from "@std/assert";
import { MemoryStorage } from "../../../server/storage/memory.ts";
import { testContract } from "./contract.ts";
import { assertRefused, cutUpload, download, LONG_AGO, upload, USER } from "./support.ts";

testContract("MemoryStorage", () => {
  let now = Date.now();
  return Promise.resolve({
    storage: new MemoryStorage({ now: () => now }),
    age: () => {
      now += LONG_AGO;
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});

Deno.test("MemoryStorage: what does not fit is refused, and what is removed makes room", async () => {
  const storage = new MemoryStorage({ capacity: 10 });
  await upload(storage, "/a", { text: "123456" });
  await assertRefused("no-space", () => upload(storage, "/b", { text: "12345" }));
  await upload(storage, "/b", { text: "1234" });
  await storage.removeFile("/a", USER);
  await upload(storage, "/b", { text: "123456" });
  assertEquals(await download(storage, "/b"), "123456");
});

Deno.test("MemoryStorage: cut, replaced and outdated uploads give their bytes back", async () => {
  let now = 0;
  const storage = new MemoryStorage({ capacity: 10, now: () => now });
  await cutUpload(storage, "/a", { text: "12345" });
  await cutUpload(storage, "/a", { text: "1234" });
  now += LONG_AGO;
  assertEquals(await storage.partialSize("/a", USER), undefined);
  await upload(storage, "/a", { text: "12345" });
  await upload(storage, "/a", { text: "54321" });
  await cutUpload(storage, "/a", { text: "12345" });
  await storage.makeDirectory("/d");
  await cutUpload(storage, "/d/a", { text: "12345" });
  await storage.removeDirectory("/d");
  await upload(storage, "/b", { text: "12345" });
});
