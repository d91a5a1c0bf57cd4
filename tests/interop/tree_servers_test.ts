/** Trees between ftpkit's client and the servers of others, and its own. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { tempFolder } from "../support/files.ts";
import { peerTest } from "../support/peers.ts";
import { assertDone, call, type Kind, KINDS, NAMES, target } from "./remote.ts";

const FILES = 2000;
const DIRECTORIES = 20;

/** Two thousand small files, odd names, an empty directory, and one far below. */
async function plant(root: string, kind: Kind): Promise<void> {
  for (let at = 0; at < DIRECTORIES; at++) await Deno.mkdir(join(root, `d${at}`));
  for (let at = 0; at < FILES; at++) {
    const text = `${at} `.repeat(at % 300);
    await Deno.writeTextFile(join(root, `d${at % DIRECTORIES}`, `file-${at}`), text);
  }
  await Deno.mkdir(join(root, "odd"));
  for (const name of NAMES.filter((name) => !kind.unstorable.includes(name))) {
    await Deno.writeTextFile(join(root, "odd", name), name);
  }
  await Deno.mkdir(join(root, "empty"));
  await Deno.mkdir(join(root, "x/y/z"), { recursive: true });
  await Deno.writeTextFile(join(root, "x/y/z", ".deep"), "deep");
}

/** Every path below a directory and what is in it, in order. */
async function harvest(root: string): Promise<string[]> {
  const found: string[] = [];
  const visit = async (path: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(join(root, path))) {
      const inner = join(path, name);
      found.push(
        isDirectory ? `${inner}/` : `${inner}: ${await Deno.readTextFile(join(root, inner))}`,
      );
      if (isDirectory) await visit(inner);
    }
  };
  await visit("");
  return found.sort();
}

for (const kind of KINDS) {
  peerTest(`ftpkit put -r, get -r, mirror: ${FILES} files with ${kind.name}`, {
    needs: kind.needs,
  }, async () => {
    await using server = await kind.start("127.0.0.1");
    await using folder = await tempFolder();
    const [here, back] = [join(folder.path, "tree"), join(folder.path, "back")];
    await Deno.mkdir(here);
    await plant(here, kind);
    const all = await harvest(here);
    assertDone(await call(server, ["put", "-r", "-q", here, target(server)]));
    assertEquals(await harvest(join(server.root, "tree")), all);
    assertDone(
      await call(server, ["get", "-r", "-q", "--parallel", "8", target(server, "tree"), back]),
    );
    assertEquals(await harvest(back), all);
    for (
      const [from, to] of [[target(server, "tree"), back], [back, target(server, "tree")]] as const
    ) {
      const again = await call(server, ["mirror", from, to]);
      assertDone(again);
      assertEquals(again.stdout, "");
      assertStringIncludes(again.stderr, "0 files, 0 B");
    }
  });

  peerTest(
    `ftpkit mirror --delete: both ways with ${kind.name}`,
    { needs: kind.needs },
    async () => {
      await using server = await kind.start("127.0.0.1");
      await using folder = await tempFolder();
      const here = join(folder.path, "here");
      await Deno.mkdir(join(here, "gone/deep"), { recursive: true });
      for (const name of ["a", "b", "gone/deep/c"]) {
        await Deno.writeTextFile(join(here, name), name);
      }
      const there = target(server, "there");
      assertDone(await call(server, ["mirror", here, there]));
      await Deno.remove(join(here, "gone"), { recursive: true });
      await Deno.writeTextFile(join(here, "a"), "longer than before");
      assertDone(await call(server, ["mirror", "--delete", here, there]));
      const wanted = ["a: longer than before", "b: b"];
      assertEquals(await harvest(join(server.root, "there")), wanted);
      await Deno.mkdir(join(here, "extra"));
      const { stdout, code } = await call(server, ["mirror", "--delete", there, here]);
      assert(code === 0 && stdout.includes("extra  removed"), stdout);
      assertEquals(await harvest(here), wanted);
    },
  );
}

for (const kind of KINDS) {
  peerTest(
    `ftpkit get, get -r --follow: links with ${kind.name}`,
    { needs: kind.needs },
    async () => {
      await using server = await kind.start("127.0.0.1");
      await using folder = await tempFolder();
      await Deno.mkdir(join(server.root, "t/d"), { recursive: true });
      await Deno.writeTextFile(join(server.root, "t/file"), "longer than the link");
      await Deno.writeTextFile(join(server.root, "t/d/f"), "f");
      for (const [path, to] of [["t/lf", "file"], ["t/ld", "d"], ["t/d/up", ".."]] as const) {
        await Deno.symlink(to, join(server.root, path));
      }
      const [one, tree] = [join(folder.path, "one"), join(folder.path, "tree")];
      assertDone(await call(server, ["get", target(server, "t/lf"), one]));
      assertEquals(await Deno.readTextFile(one), "longer than the link");
      assertDone(await call(server, ["get", "-r", "--follow", target(server, "t"), tree]));
      const copied = ["d/", "d/f: f", "file: longer than the link"];
      const behind = ["ld/", "ld/f: f", "lf: longer than the link"];
      assertEquals(await harvest(tree), [...copied, ...behind]);
    },
  );
}

/** How directories are closed; open again, they can be cleared away. */
const CLOSED = { closed: 0o444, hidden: 0o111 } as const;
const OPEN = 0o755;

for (const kind of KINDS.filter(({ name }) => name === "vsftpd" || name === "proftpd")) {
  peerTest(
    `ftpkit mirror --delete: nothing goes for a directory that may not be read, with ${kind.name}`,
    { needs: kind.needs },
    async () => {
      await using server = await kind.start("127.0.0.1");
      await using folder = await tempFolder();
      for (const [name, mode] of Object.entries(CLOSED)) {
        await Deno.mkdir(join(server.root, name));
        await Deno.writeTextFile(join(server.root, name, "f"), "f");
        await Deno.chmod(join(server.root, name), mode);
        await Deno.mkdir(join(folder.path, name));
        await Deno.writeTextFile(join(folder.path, name, "kept"), "kept");
      }
      const all = await harvest(folder.path);
      const { code, stderr } = await call(server, [
        "mirror",
        "--delete",
        target(server),
        folder.path,
      ]);
      for (const name of Object.keys(CLOSED)) await Deno.chmod(join(server.root, name), OPEN);
      assertEquals([code, await harvest(folder.path)], [8, all], stderr);
    },
  );
}
