import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  assertRefused,
  cutUpload,
  download,
  list,
  listNames,
  Shared,
  upload,
  USER,
} from "./support.ts";

const REPLACE = { mode: "replace", user: USER } as const;

/** A shared directory with every kind of link that must not be followed. */
async function withBadLinks(): Promise<Shared> {
  const shared = await Shared.open();
  await Deno.writeTextFile(`${shared.outside}/secret`, "secret");
  await Deno.mkdir(`${shared.outside}/closed`, { mode: 0o400 });
  const links: Record<string, string> = {
    "file": `${shared.outside}/secret`,
    "directory": shared.outside,
    "relative": "../outside/secret",
    "up": "..",
    "chain": "relative",
    "dangling": "nowhere",
    "dangling-outside": `${shared.outside}/nowhere`,
    "loop": "loop",
    "through-file": "../outside/secret/x",
    "long": "x".repeat(300),
  };
  for (const [name, target] of Object.entries(links)) {
    await Deno.symlink(target, shared.real(`/${name}`));
  }
  return shared;
}

Deno.test("jail: a link that leads outside, nowhere or in a circle does not exist, for any call", async () => {
  await using shared = await withBadLinks();
  const { storage } = shared;
  await upload(storage, "/mine", { text: "mine" });
  const names = (await shared.names()).filter((name) => name !== "mine");
  assertEquals(names.length, 10);
  for (const path of names.map((name) => `/${name}`)) {
    await assertRefused("not-found", () => storage.stat(path));
    await assertRefused("not-found", () => storage.partialSize(path, USER));
    await assertRefused("not-found", () => storage.read(path, 0));
    await assertRefused("not-found", () => list(storage, path));
    for (const mode of ["replace", "resume", "append"] as const) {
      await assertRefused("not-found", () => storage.write(path, { mode, user: USER }));
    }
    await assertRefused("not-found", () => storage.removeFile(path, USER));
    await assertRefused("not-found", () => storage.removeDirectory(path));
    await assertRefused("not-found", () => storage.makeDirectory(path));
    await assertRefused("not-found", () => storage.rename(path, "/x"));
    await assertRefused("not-found", () => storage.rename("/mine", path));
  }
  assertEquals(await listNames(storage, "/"), ["mine"]);
  assertEquals(await Deno.readTextFile(`${shared.outside}/secret`), "secret");
});

Deno.test("jail: behind such a link nothing tells what is there and what is not", async () => {
  await using shared = await withBadLinks();
  const { storage } = shared;
  const inside = ["secret", "nowhere", "secret/x", "closed/x"].map((name) => `/directory/${name}`);
  for (const path of [...inside, "/file/x", "/loop/x", "/up/root", "/up/root/x"]) {
    await assertRefused("not-found", () => storage.stat(path));
    await assertRefused("not-found", () => storage.read(path, 0));
    await assertRefused("not-found", () => storage.write(path, REPLACE));
    await assertRefused("not-found", () => storage.removeFile(path, USER));
    await assertRefused("not-found", () => storage.removeDirectory(path));
    await assertRefused("not-found", () => storage.makeDirectory(path));
    await assertRefused("not-found", () => storage.rename(path, "/x"));
  }
});

Deno.test("jail: a way that leads out and back in again is none", async () => {
  await using shared = await withBadLinks();
  await upload(shared.storage, "/f", { text: "inside" });
  await assertRefused("not-found", () => shared.storage.read("/up/root/f", 0));
});

Deno.test("jail: dots in a path are refused, whoever forgot to resolve them", async () => {
  await using shared = await Shared.open();
  await Deno.writeTextFile(`${shared.outside}/secret`, "secret");
  for (const path of ["/../outside/secret", "/..", "/./x", "../outside/secret"]) {
    await assertRefused("bad-name", () => shared.storage.read(path, 0));
    await assertRefused("bad-name", () => shared.storage.write(path, REPLACE));
  }
});

Deno.test("jail: a directory beside the shared one whose name begins like it is outside", async () => {
  await using shared = await Shared.open();
  await Deno.mkdir(`${shared.root}-twin`);
  await Deno.symlink("../root-twin", shared.real("/twin"));
  await assertRefused("not-found", () => shared.storage.stat("/twin"));
});

Deno.test("jail: links inside are followed, wherever they stand in a path", async () => {
  await using shared = await Shared.open();
  const { storage } = shared;
  await storage.makeDirectory("/d");
  await upload(storage, "/d/f", { text: "text" });
  await Deno.symlink("d", shared.real("/relative"));
  await Deno.symlink(shared.real("/d"), shared.real("/absolute"));
  await Deno.symlink("../relative/f", shared.real("/d/chain"));
  for (const path of ["/relative/f", "/absolute/f", "/relative/chain", "/d/chain"]) {
    assertEquals(await download(storage, path), "text", path);
  }
  assertEquals(await listNames(storage, "/absolute"), ["chain", "f"]);
  const [, , relative] = await list(storage, "/");
  assertEquals([relative?.name, relative?.type, relative?.target], ["relative", "dir", "/d"]);
  const chain = await storage.stat("/relative/chain");
  assertEquals([chain.name, chain.type, chain.size, chain.target], ["chain", "file", 4, "/d/f"]);
  assertEquals("target" in await storage.stat("/relative/f"), false);
});

Deno.test("jail: what is written through a link inside is written to what it leads to", async () => {
  await using shared = await Shared.open();
  const { storage } = shared;
  await storage.makeDirectory("/d");
  await upload(storage, "/d/f", { text: "old" });
  await Deno.symlink("d/f", shared.real("/link"));
  await upload(storage, "/link", { text: "new" });
  await upload(storage, "/link", { text: "er", mode: "append" });
  await cutUpload(storage, "/link", { text: "cut" });
  assertEquals(await download(storage, "/d/f"), "newer");
  assertEquals((await Deno.lstat(shared.real("/link"))).isSymlink, true);
  assertEquals(await shared.names("/d"), ["f"]);
  assertEquals(await shared.names(), ["d", "link"]);
});

Deno.test("jail: removing and renaming a link leaves what it leads to", async () => {
  await using shared = await Shared.open();
  const { storage } = shared;
  await storage.makeDirectory("/d");
  await upload(storage, "/d/f", { text: "text" });
  for (const [name, target] of [["to-file", "d/f"], ["to-d", "d"], ["to-d2", "d"]] as const) {
    await Deno.symlink(target, shared.real(`/${name}`));
  }
  await storage.rename("/to-file", "/renamed");
  assertEquals((await storage.stat("/renamed")).target, "/d/f");
  await assertRefused("not-a-directory", () => storage.removeDirectory("/renamed"));
  await storage.removeFile("/renamed", USER);
  await assertRefused("exists", () => storage.rename("/d/f", "/to-d"));
  await storage.removeDirectory("/to-d");
  await storage.removeFile("/to-d2", USER);
  assertEquals(await shared.names(), ["d"]);
  assertEquals(await download(storage, "/d/f"), "text");
});

Deno.test("jail: a link moved to where it leads outside is gone for good", async () => {
  await using shared = await Shared.open();
  const { storage } = shared;
  await storage.makeDirectory("/d");
  await upload(storage, "/outside", { text: "inside" });
  await Deno.symlink("../outside", shared.real("/d/link"));
  assertEquals(await download(storage, "/d/link"), "inside");
  await storage.rename("/d/link", "/link");
  await assertRefused("not-found", () => storage.stat("/link"));
});

Deno.test("jail: a directory exchanged for a link after it was found is not used", async () => {
  await using shared = await Shared.open();
  const { storage } = shared;
  await Deno.mkdir(`${shared.outside}/d`);
  await Deno.writeTextFile(`${shared.outside}/d/f`, "secret");
  await storage.makeDirectory("/p");
  await storage.makeDirectory("/p/d");
  await upload(storage, "/p/d/f", { text: "inside" });
  const calls = [
    () => storage.read("/p/d/f", 0),
    () => storage.write("/p/d/f", REPLACE),
    () => storage.write("/p/d/new", REPLACE),
    () => storage.write("/p/d/f", { mode: "append", user: USER }),
    () => list(storage, "/p/d"),
  ];
  for (const call of calls) {
    using _exchange = exchangeWhenFound(shared);
    await assertRefused("not-found", call);
  }
  const outside = await Array.fromAsync(Deno.readDir(`${shared.outside}/d`), ({ name }) => name);
  assertEquals(outside, ["f"]);
  assertEquals(await Deno.readTextFile(`${shared.outside}/d/f`), "secret");
});

Deno.test("jail: not even where it is exchanged back before the check", async () => {
  await using shared = await Shared.open();
  await Deno.mkdir(`${shared.outside}/d`);
  await Deno.writeTextFile(`${shared.outside}/d/f`, "secret");
  await shared.storage.makeDirectory("/p");
  await shared.storage.makeDirectory("/p/d");
  await upload(shared.storage, "/p/d/f", { text: "inside" });
  using _exchange = exchangeWhenFound(shared, { back: true });
  await assertRefused("not-found", () => shared.storage.read("/p/d/f", 0));
});

/** Once the first path has been resolved, `/p` leads outside: until the next one is, or the end. */
function exchangeWhenFound(shared: Shared, options = { back: false }): Disposable {
  const [place, aside] = [shared.real("/p"), shared.real("/aside")];
  const realPathSync = Deno.realPathSync;
  let exchanged = false;
  const exchangeBack = (): void => {
    if (!exchanged) return;
    exchanged = false;
    Deno.realPathSync = realPathSync;
    Deno.removeSync(place);
    Deno.renameSync(aside, place);
  };
  Deno.realPathSync = (path) => {
    if (exchanged && options.back) exchangeBack();
    const real = realPathSync(path);
    if (Deno.realPathSync === realPathSync || exchanged) return real;
    exchanged = true;
    Deno.renameSync(place, aside);
    Deno.symlinkSync(shared.outside, place);
    return real;
  };
  return {
    [Symbol.dispose]: () => {
      exchangeBack();
      Deno.realPathSync = realPathSync;
    },
  };
}

Deno.test("jail: no message tells where the shared directory is", async () => {
  await using shared = await withBadLinks();
  const error = await assertRefused("not-found", () => shared.storage.read("/directory/secret", 0));
  assertEquals(error.message, 'Cannot read "/directory/secret": no such file or directory');
  const moved = await assertRefused("not-found", () => shared.storage.rename("/up", "/x"));
  assertStringIncludes(moved.message, '"/up"');
});
