import { assertEquals } from "@std/assert";
import type { Account } from "../../../server/accounts/accounts.ts";
import { type Permission, RIGHTS } from "../../../server/accounts/permissions.ts";
import type { Storage } from "../../../server/storage/storage.ts";
import { openUserView } from "../../../server/storage/user_view.ts";
import { assertRefused, list, listNames, Shared, upload, USER } from "./support.ts";
import { testAccount } from "../../support/account.ts";

const ACCOUNT = testAccount({ user: USER });

async function view(
  shared: Shared,
  account: Partial<Account>,
  deny: string[] = [],
): Promise<Storage> {
  return await openUserView(shared.storage, {
    account: { ...ACCOUNT, ...account },
    config: { deny },
  });
}

/** A file, a directory with a file in it, an empty directory. */
async function fill(shared: Shared): Promise<void> {
  await Deno.writeTextFile(shared.real("/f"), "old");
  await Deno.mkdir(shared.real("/d"));
  await Deno.writeTextFile(shared.real("/d/g"), "old");
  await Deno.mkdir(shared.real("/e"));
}

const OPERATIONS: Readonly<Record<string, (storage: Storage) => Promise<unknown>>> = {
  "list": (storage) => list(storage, "/"),
  "read": async (storage) => await (await storage.read("/f", 0))[Symbol.asyncDispose](),
  "new": (storage) => upload(storage, "/n", { text: "x" }),
  "replace": (storage) => upload(storage, "/f", { text: "x" }),
  "append": (storage) => upload(storage, "/f", { text: "x", mode: "append" }),
  "delete": (storage) => storage.removeFile("/f", USER),
  "rmdir": (storage) => storage.removeDirectory("/e"),
  "mkdir": (storage) => storage.makeDirectory("/n"),
  "rename": (storage) => storage.rename("/f", "/n"),
  "rename onto": (storage) => storage.rename("/f", "/d/g"),
  "time": async (storage) => await storage.setModified?.("/f", new Date(0)),
  "mode": async (storage) => await storage.setMode?.("/f", 0o600),
  "look at a file": (storage) => storage.stat("/f"),
  "look at a directory": (storage) => storage.stat("/d"),
};

/** Permissions, and what they are enough for. */
const ENOUGH: readonly (readonly [readonly Permission[], readonly string[]])[] = [
  [[], ["look at a directory"]],
  [["list"], ["list", "look at a file", "look at a directory"]],
  [["read"], ["read", "look at a file", "look at a directory"]],
  [["upload"], ["new", "look at a directory"]],
  [["write"], ["new", "replace", "append", "mode", "look at a file", "look at a directory"]],
  [["delete"], ["delete", "rmdir", "look at a file", "look at a directory"]],
  [["mkdir"], ["mkdir", "look at a directory"]],
  [["rename"], ["rename", "look at a file", "look at a directory"]],
  [["rename", "write"], [
    "new",
    "replace",
    "append",
    "rename",
    "rename onto",
    "mode",
    "look at a file",
    "look at a directory",
  ]],
  [["times"], ["time", "look at a file", "look at a directory"]],
  [RIGHTS.write, Object.keys(OPERATIONS)],
];

for (const [permissions, enough] of ENOUGH) {
  Deno.test(`user view: ${permissions.join(", ") || "no permission"}`, async () => {
    for (const [name, run] of Object.entries(OPERATIONS)) {
      await using shared = await Shared.open();
      await fill(shared);
      const storage = await view(shared, { permissions });
      const done = await run(storage).then(() => true, () => false);
      assertEquals(done, enough.includes(name), name);
      if (!done) assertEquals(await Deno.readTextFile(shared.real("/f")), "old", name);
    }
  });
}

Deno.test("user view: an override decides for its directory and below", async () => {
  await using shared = await Shared.open();
  await fill(shared);
  const overrides = [{ path: "/d", permissions: ["upload" as const] }];
  const storage = await view(shared, { permissions: ["list", "read"], overrides });
  await assertRefused("denied", () => upload(storage, "/n", { text: "x" }));
  await upload(storage, "/d/n", { text: "x" });
  await assertRefused("exists", () => upload(storage, "/d/g", { text: "x" }));
  await assertRefused("denied", () => storage.read("/d/g", 0));
  await assertRefused("denied", () => list(storage, "/d"));
  await assertRefused("not-found", () => storage.stat("/d/g"));
});

Deno.test("user view: a home is the root, and no link leads out of it", async () => {
  await using shared = await Shared.open();
  await fill(shared);
  await Deno.symlink("../f", shared.real("/d/out"));
  await Deno.symlink("g", shared.real("/d/in"));
  const storage = await view(shared, { home: "/d" });
  const names = await listNames(storage, "/");
  assertEquals(names, ["g", "in"]);
  assertEquals((await storage.stat("/in")).target, "/g");
  const error = await assertRefused("not-found", () => storage.stat("/out"));
  assertEquals(error.message, 'Cannot find "/out": no such file or directory');
});

Deno.test("user view: a home that is not there is made only where that is wanted", async () => {
  await using shared = await Shared.open();
  await assertRefused("not-found", () => view(shared, { home: "/home/alice" }));
  await view(shared, { home: "/home/alice", makeHome: true });
  assertEquals((await Deno.stat(shared.real("/home/alice"))).isDirectory, true);
  await view(shared, { home: "/home/alice", makeHome: true });
});

Deno.test("user view: denied names do not exist and cannot be made", async () => {
  await using shared = await Shared.open();
  await fill(shared);
  await Deno.writeTextFile(shared.real("/x.exe"), "");
  const storage = await view(shared, {}, ["*.exe", "d"]);
  const names = await listNames(storage, "/");
  assertEquals(names, ["e", "f"]);
  for (const path of ["/x.exe", "/d", "/d/g"]) {
    await assertRefused("not-found", () => storage.stat(path));
    await assertRefused("not-found", () => storage.removeFile(path, USER));
  }
  await assertRefused("bad-name", () => upload(storage, "/y.exe", { text: "x" }));
  await assertRefused("bad-name", () => storage.makeDirectory("/z.exe"));
  await assertRefused("bad-name", () => storage.rename("/f", "/f.exe"));
  await assertRefused("not-found", () => upload(storage, "/d/n", { text: "x" }));
});

Deno.test("user view: an anonymous uploader sees no hidden file, reads nothing, replaces nothing", async () => {
  await using shared = await Shared.open();
  await fill(shared);
  await Deno.writeTextFile(shared.real("/.h"), "");
  const storage = await view(shared, { anonymous: true, permissions: RIGHTS.upload });
  const names = await listNames(storage, "/");
  assertEquals(names, ["d", "e", "f"]);
  await assertRefused("not-found", () => storage.stat("/.h"));
  await assertRefused("bad-name", () => upload(storage, "/.profile", { text: "x" }));
  await assertRefused("exists", () => upload(storage, "/f", { text: "x" }));
  await assertRefused("denied", () => storage.read("/f", 0));
  const reader = await view(shared, { anonymous: true, permissions: RIGHTS.read });
  assertEquals((await reader.stat("/.h")).size, 0);
});
