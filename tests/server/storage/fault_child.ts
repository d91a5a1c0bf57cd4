/**
 * Faults that need a process of their own: mounts in a name space that ends with it, and another
 * user. Called with a scenario and the shared directory; prints what it found as JSON.
 *
 * @module
 */
import fs from "node:fs";
import process from "node:process";
import { StorageError } from "../../../shared/errors.ts";
import { type LocalStorage, openLocalStorage } from "../../../server/storage/local.ts";
import { cutUpload, download, list, listNames, upload, USER } from "./support.ts";

const DISK_SIZE = 256 * 1024;
const NOBODY = 65534;
const REPLACE = { mode: "replace", user: USER } as const;

/** Why it was refused. */
async function kindOf(run: () => PromiseLike<unknown>): Promise<string> {
  try {
    await run();
    return "allowed";
  } catch (error) {
    return error instanceof StorageError ? error.kind : String(error);
  }
}

async function mount(directory: string, options: string): Promise<void> {
  const args = ["-t", "tmpfs", "-o", options, "tmpfs", directory];
  const { success } = await new Deno.Command("mount", { args }).output();
  if (!success) throw new Error("cannot mount");
}

/** Fails unless it really is the small disk that is about to be filled. */
function assertSmall(directory: string): void {
  const { bsize, blocks } = fs.statfsSync(directory);
  if (bsize * blocks > DISK_SIZE) throw new Error("not the small disk");
}

async function fullDisk(root: string): Promise<unknown> {
  await mount(root, `size=${DISK_SIZE}`);
  assertSmall(root);
  const storage = await openLocalStorage(root);
  await upload(storage, "/old", { text: "old" });
  const text = "x".repeat(2 * DISK_SIZE);
  const replace = await kindOf(() => upload(storage, "/old", { text }));
  const old = await download(storage, "/old");
  const afterReplace = await listNames(storage, "/");
  await cutUpload(storage, "/new", { text: "who" });
  const resume = await kindOf(() => upload(storage, "/new", { text, mode: "resume", offset: 3 }));
  const partialIsKept = (await storage.partialSize("/new", USER) ?? 0) > 3;
  await upload(storage, "/new", { text: "le", mode: "resume", offset: 3 });
  return {
    replace,
    old,
    afterReplace,
    resume,
    partialIsKept,
    afterRoom: await download(storage, "/new"),
  };
}

async function mounts(root: string): Promise<unknown> {
  const storage = await openLocalStorage(root);
  await storage.makeDirectory("/disk");
  await mount(`${root}/disk`, `size=${DISK_SIZE}`);
  await upload(storage, "/disk/f", { text: "text" });
  await upload(storage, "/f", { text: "text" });
  const renameAcross = await kindOf(() => storage.rename("/f", "/disk/g"));
  await mount(`${root}/disk`, "remount,ro");
  return {
    write: await kindOf(() => storage.write("/disk/new", REPLACE)),
    append: await kindOf(() => storage.write("/disk/f", { mode: "append", user: USER })),
    makeDirectory: await kindOf(() => storage.makeDirectory("/disk/d")),
    removeFile: await kindOf(() => storage.removeFile("/disk/f", USER)),
    removeMount: await kindOf(() => storage.removeDirectory("/disk")),
    renameAcross,
    read: await download(storage, "/disk/f"),
  };
}

async function prepareRights(root: string): Promise<LocalStorage> {
  const storage = await openLocalStorage(root);
  for (const name of ["/locked", "/closed", "/blind", "/mine"]) await storage.makeDirectory(name);
  for (const name of ["/secret", "/fixed", "/locked/f", "/mine/f", "/closed/f", "/blind/f"]) {
    await upload(storage, name, { text: "old" });
  }
  const modes: Record<string, number> = {
    "": 0o777,
    "/..": 0o755,
    "/secret": 0o600,
    "/fixed": 0o644,
    "/locked/f": 0o666,
    "/locked": 0o755,
    "/closed": 0o700,
    "/blind": 0o744,
    "/mine/f": 0o640,
  };
  for (const [name, mode] of Object.entries(modes)) await Deno.chmod(`${root}${name}`, mode);
  for (const name of ["/mine", "/mine/f"]) await Deno.chown(`${root}${name}`, NOBODY, NOBODY);
  return storage;
}

async function noRights(root: string): Promise<unknown> {
  const storage = await prepareRights(root);
  process.setgroups?.([]);
  process.setgid?.(NOBODY);
  process.setuid?.(NOBODY);
  const append = { text: ", new", mode: "append" } as const;
  await upload(storage, "/locked/f", append);
  await upload(storage, "/mine/f", { text: "text" });
  return {
    read: await kindOf(() => storage.read("/secret", 0)),
    list: await kindOf(() => list(storage, "/closed")),
    listUnentered: await kindOf(() => list(storage, "/blind")),
    statBehind: await kindOf(() => storage.stat("/closed/f")),
    replaceProtected: await kindOf(() => storage.write("/fixed", REPLACE)),
    appendProtected: await kindOf(() => upload(storage, "/fixed", append)),
    newInProtected: await kindOf(() => storage.write("/locked/new", REPLACE)),
    replaceInProtected: await kindOf(() => storage.write("/locked/f", REPLACE)),
    removeInProtected: await kindOf(() => storage.removeFile("/locked/f", USER)),
    makeInProtected: await kindOf(() => storage.makeDirectory("/locked/d")),
    leftInProtected: await listNames(storage, "/locked"),
    appendInProtected: await download(storage, "/locked/f"),
    upload: await download(storage, "/mine/f"),
    keptMode: (await storage.stat("/mine/f")).mode.toString(8),
  };
}

/** Opens what the process may open; a file that is open already can still be committed. */
async function noDescriptors(root: string): Promise<unknown> {
  const storage = await openLocalStorage(root);
  await using writer = await storage.write("/new", REPLACE);
  await writer.write(new TextEncoder().encode("whole"));
  const args = ["--pid", String(Deno.pid), "--nofile=100:100"];
  const { success } = await new Deno.Command("prlimit", { args }).output();
  if (!success) throw new Error("cannot set a limit");
  using opened = new DisposableStack();
  const refused = await kindOf(async () => {
    for (let count = 0; count < 100; count++) opened.use(await Deno.open("/dev/null"));
  });
  const commit = await kindOf(() => writer.commit());
  opened.dispose();
  const { growth } = writer;
  return { exhausted: refused !== "allowed", commit, growth, new: await download(storage, "/new") };
}

const SCENARIOS: Readonly<Record<string, (root: string) => Promise<unknown>>> = {
  "full disk": fullDisk,
  "mounts": mounts,
  "no rights": noRights,
  "no descriptors": noDescriptors,
};

const [scenario = "", root = ""] = Deno.args;
const found = await SCENARIOS[scenario]?.(root);
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(found)));
