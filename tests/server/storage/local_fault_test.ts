import fs from "node:fs";
import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { assertRefused, cutUpload, listNames, Shared, upload, USER } from "./support.ts";

const REPLACE = { mode: "replace", user: USER } as const;

const isRoot = Deno.uid() === 0;

/** Runs `fault_child.ts` in a process of its own and gives back what it found. */
async function inChild(scenario: string, shared: Shared): Promise<unknown> {
  const script = fromFileUrl(new URL("fault_child.ts", import.meta.url));
  const deno = ["run", "-A", "--no-prompt", script, scenario, shared.root];
  // Mounts belong to the child's own name space: nothing of them is left behind.
  const command = new Deno.Command("unshare", { args: ["--mount", Deno.execPath(), ...deno] });
  const { success, stdout, stderr } = await command.output();
  assert(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

async function canMount(): Promise<boolean> {
  if (!isRoot || Deno.build.os !== "linux") return false;
  const script = 'mount -t tmpfs -o size=64k tmpfs "$0" && umount "$0"';
  const args = ["--mount", "sh", "-c", script, "/mnt"];
  return (await new Deno.Command("unshare", { args }).output()).success;
}

const mayMount = await canMount();

Deno.test({
  name: "local faults: a full disk (ignored unless root may mount a small one)",
  ignore: !mayMount,
  fn: async () => {
    await using shared = await Shared.open();
    assertEquals(await inChild("full disk", shared), {
      replace: "no-space",
      old: "old",
      afterReplace: ["old"],
      resume: "no-space",
      partialIsKept: true,
      afterRoom: "whole",
    });
  },
});

Deno.test({
  name: "local faults: a read-only disk, a mount in use, two disks (ignored unless root may mount)",
  ignore: !mayMount,
  fn: async () => {
    await using shared = await Shared.open();
    assertEquals(await inChild("mounts", shared), {
      write: "read-only",
      append: "read-only",
      makeDirectory: "read-only",
      removeFile: "read-only",
      removeMount: "busy",
      renameAcross: "unsupported",
      read: "text",
    });
  },
});

Deno.test({
  name: "local faults: a file under its name is a success, though its directory cannot be flushed",
  ignore: !isRoot || Deno.build.os !== "linux",
  fn: async () => {
    await using shared = await Shared.open();
    assertEquals(await inChild("no descriptors", shared), {
      exhausted: true,
      commit: "allowed",
      growth: { bytes: 5, files: 1 },
      new: "whole",
    });
  },
});

Deno.test({
  name: "local faults: what a user may not do (ignored unless root: it takes another user)",
  ignore: !isRoot || Deno.build.os !== "linux",
  fn: async () => {
    await using shared = await Shared.open();
    assertEquals(await inChild("no rights", shared), {
      read: "denied",
      list: "denied",
      listUnentered: "denied",
      statBehind: "denied",
      replaceProtected: "denied",
      appendProtected: "denied",
      newInProtected: "denied",
      replaceInProtected: "denied",
      removeInProtected: "denied",
      makeInProtected: "denied",
      leftInProtected: ["f"],
      appendInProtected: "old, new",
      upload: "text",
      keptMode: "640",
    });
  },
});

Deno.test("local faults: a directory that vanished makes the commit fail and leaves nothing", async () => {
  for (const exclusive of [false, true]) {
    await using shared = await Shared.open();
    const { storage } = shared;
    await storage.makeDirectory("/d");
    await using writer = await storage.write("/d/a", { ...REPLACE, exclusive });
    await using aborted = await storage.write("/d/b", REPLACE);
    await writer.write(new Uint8Array(9));
    await aborted.write(new Uint8Array(9));
    await Deno.remove(shared.real("/d"), { recursive: true });
    await assertRefused("not-found", () => writer.commit());
    await aborted.abort();
    assertEquals(await shared.names(), []);
  }
});

Deno.test("local faults: a directory made under the name meanwhile makes the commit fail", async () => {
  await using shared = await Shared.open();
  const { storage } = shared;
  await using writer = await storage.write("/a", REPLACE);
  await writer.write(new Uint8Array(9));
  await storage.makeDirectory("/a");
  await assertRefused("is-a-directory", () => writer.commit());
  assertEquals(await shared.names(), ["a"]);
});

Deno.test("local faults: an upload that is cut when its file has come from elsewhere is not kept", async () => {
  await using shared = await Shared.open();
  await using writer = await shared.storage.write("/a", REPLACE);
  await writer.write(new Uint8Array(9));
  await upload(shared.storage, "/a", { text: "other" });
  await writer.abort();
  assertEquals(await shared.names(), ["a"]);
});

Deno.test("local faults: an upload whose old file was removed meanwhile is kept", async () => {
  await using shared = await Shared.open();
  await upload(shared.storage, "/a", { text: "old" });
  await using writer = await shared.storage.write("/a", REPLACE);
  await writer.write(new Uint8Array(9));
  await shared.storage.removeFile("/a", USER);
  await writer.abort();
  assertEquals(await shared.storage.partialSize("/a", USER), 9);
});

Deno.test("local faults: what a killed server was writing is never under its name", async () => {
  await using shared = await Shared.open();
  await upload(shared.storage, "/a", { text: "old" });
  await using writer = await shared.storage.write("/a", REPLACE);
  await writer.write(new Uint8Array(9));
  // All that is on the disk at this point is what a kill -9 would leave.
  const [hidden = "", ...rest] = await shared.names();
  assertEquals(rest, ["a"]);
  assertEquals((await Deno.stat(shared.real(`/${hidden}`))).size, 9);
  assertEquals(await listNames(shared.storage, "/"), ["a"]);
  assertEquals(await Deno.readTextFile(shared.real("/a")), "old");
});

Deno.test("local faults: a partial that cannot be taken over goes back to its place", async () => {
  await using shared = await Shared.open();
  await cutUpload(shared.storage, "/a", { text: "12345" });
  const before = await shared.names();
  for (const offset of [6, -1]) {
    const options = { mode: "resume", offset, user: USER } as const;
    await assertRefused("bad-offset", () => shared.storage.write("/a", options));
  }
  assertEquals(await shared.names(), before);
});

/** Puts other calls in the place of the system's, until the end. */
function replaceCalls(calls: Partial<Record<"fsync" | "renameSync", unknown>>): Disposable {
  const { fsync, renameSync } = fs;
  Object.assign(fs, calls);
  return { [Symbol.dispose]: () => Object.assign(fs, { fsync, renameSync }) };
}

type Done = (error: Error | null) => void;

/** Notes what happens on the disk, in order, until the end. */
function watchDisk(events: string[]): Disposable {
  const { fsync, renameSync } = fs;
  return replaceCalls({
    fsync: (fd: number, done: Done) =>
      fsync(fd, (error) => {
        events.push(fs.fstatSync(fd).isDirectory() ? "directory synced" : "file synced");
        done(error);
      }),
    renameSync: (from: string, to: string) => {
      events.push("renamed");
      renameSync(from, to);
    },
  });
}

Deno.test("local faults: bytes are on the disk before the name, and both before it is answered", async () => {
  await using shared = await Shared.open();
  const events: string[] = [];
  using _watch = watchDisk(events);
  await upload(shared.storage, "/a", { text: "text" });
  assertEquals(events.splice(0), ["file synced", "renamed", "directory synced"]);
  await cutUpload(shared.storage, "/b", { text: "text" });
  assertEquals(events.splice(0), ["file synced", "renamed", "directory synced"]);
  await upload(shared.storage, "/a", { text: "text", mode: "append" });
  assertEquals(events.splice(0), ["file synced"]);
  await cutUpload(shared.storage, "/a", { text: "text", mode: "resume", offset: 2 });
  assertEquals(events.splice(0), ["file synced"]);
});

Deno.test("local faults: bytes that the disk does not take are never under the name", async () => {
  await using shared = await Shared.open();
  await upload(shared.storage, "/a", { text: "old" });
  const broken = Object.assign(new Error("the disk is broken"), { code: "EIO" });
  using _broken = replaceCalls({ fsync: (_fd: number, done: Done) => done(broken) });
  await assertRefused("io", () => upload(shared.storage, "/a", { text: "new" }));
  await cutUpload(shared.storage, "/b", { text: "cut" });
  assertEquals(await shared.names(), ["a"]);
  assertEquals(await Deno.readTextFile(shared.real("/a")), "old");
});
