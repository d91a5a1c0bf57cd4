/**
 * Uses a storage in a worker without any further rights, and posts what came of it.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import { StorageError } from "../../../shared/errors.ts";
import { type LocalStorage, openLocalStorage } from "../../../server/storage/local.ts";
import { cutUpload, download, listNames, upload, USER } from "./support.ts";

async function kindOf(run: () => PromiseLike<unknown>): Promise<string> {
  try {
    await run();
    return "allowed";
  } catch (error) {
    return error instanceof StorageError ? error.kind : String(error);
  }
}

async function reading(storage: LocalStorage): Promise<Record<string, unknown>> {
  return {
    listed: await listNames(storage, "/"),
    linked: (await storage.stat("/link")).target,
    read: await download(storage, "/link"),
    outside: await kindOf(() => storage.read("/out/secret", 0)),
  };
}

async function writing(storage: LocalStorage): Promise<Record<string, unknown>> {
  await upload(storage, "/link", { text: "new" });
  const written = await download(storage, "/old");
  await upload(storage, "/exclusive", { text: "exclusive", exclusive: true });
  const exclusive = await download(storage, "/exclusive");
  await cutUpload(storage, "/cut", { text: "cut" });
  const partial = await storage.partialSize("/cut", USER);
  await upload(storage, "/cut", { text: " and whole", mode: "resume", offset: 3 });
  const resumed = await download(storage, "/cut");
  await upload(storage, "/large", { text: "x".repeat(3_000_000) });
  const large = (await download(storage, "/large")).length;
  await upload(storage, "/old", { text: ", appended", mode: "append" });
  const appended = await download(storage, "/link");
  await storage.makeDirectory("/d");
  await storage.rename("/old", "/d/moved");
  const renamed = await download(storage, "/d/moved");
  for (const path of ["/d/moved", "/exclusive", "/cut", "/large"]) {
    await storage.removeFile(path, USER);
  }
  await storage.removeDirectory("/d");
  const left = await listNames(storage, "/");
  return { written, exclusive, resumed, partial, large, appended, renamed, left };
}

async function refused(storage: LocalStorage): Promise<Record<string, unknown>> {
  const write = { mode: "replace", user: USER } as const;
  return {
    write: await kindOf(() => storage.write("/new", write)),
    append: await kindOf(() => storage.write("/old", { ...write, mode: "append" })),
    makeDirectory: await kindOf(() => storage.makeDirectory("/d")),
    removeFile: await kindOf(() => storage.removeFile("/old", USER)),
    rename: await kindOf(() => storage.rename("/old", "/new")),
    partial: await storage.partialSize("/new", USER) ?? "none",
  };
}

self.onmessage = async ({ data }) => {
  const storage = await openLocalStorage(data.root);
  const read = await reading(storage);
  const rest = data.mayWrite ? await writing(storage) : await refused(storage);
  self.postMessage({ ...read, ...rest, swept: await storage.removeStaleTemporaries() });
};
