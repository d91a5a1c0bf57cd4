/** get and put at their edges, with the servers of others and our own: disks, names, offsets, text. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { hashFile, makeFile, tempFolder } from "../support/files.ts";
import { peerTest } from "../support/peers.ts";
import type { DiskResult } from "./disk_child.ts";
import { assertDone, assertRefused, call, KINDS, target } from "./remote.ts";

const SIZE = 1_000_000;
const LONGEST = "ü".repeat(100) + "x".repeat(51) + ".bin";

async function canMount(): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  const args = ["--mount", "sh", "-c", "mount -t tmpfs -o size=64k tmpfs /mnt"];
  return (await new Deno.Command("unshare", { args }).output()).success;
}

/** Mounts belong to the child's own name space: nothing of them is left behind. */
async function tryDisks(name: string): Promise<DiskResult> {
  await using folder = await tempFolder();
  const script = fromFileUrl(new URL("disk_child.ts", import.meta.url));
  const deno = [Deno.execPath(), "run", "-A", "--no-prompt", "--quiet", script, name, folder.path];
  const command = new Deno.Command("unshare", { args: ["--mount", ...deno] });
  const { success, stdout, stderr } = await command.output();
  assert(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

const mayMount = await canMount();

for (const kind of KINDS) {
  if (mayMount) {
    peerTest(`ftpkit get, put: full and read-only disks with ${kind.name}`, {
      needs: kind.needs,
    }, async () => {
      const { codes, whole, said, madeGood } = await tryDisks(kind.name);
      const { "put, full": full, "put --atomic, full": atomic, "put, read-only": locked, ...here } =
        codes;
      assertEquals(here, { "get, full": 7, "get -c, room again": 0, "get, read-only": 7 }, said);
      for (const code of [full, atomic, locked]) assert(code === 1 || code === 6, said);
      assertEquals([whole, madeGood], [[], true], said);
      assertMatch(said, /no space left/i);
    });
  }

  peerTest(`ftpkit get, put: -c at random offsets with ${kind.name}`, {
    needs: kind.needs,
  }, async () => {
    await using server = await kind.start("127.0.0.1");
    await using folder = await tempFolder();
    const [here, back] = [join(folder.path, "here"), join(folder.path, "back")];
    await makeFile(here, SIZE);
    // One that is as young as its part could have been replaced meanwhile.
    const before = new Date("2024-01-02T03:04:05Z");
    await Deno.utime(here, before, before);
    const bytes = await Deno.readFile(here);
    for (let round = 0; round < 3; round++) {
      const offset = Math.floor(Math.random() * (SIZE + 1));
      const there = join(server.root, `there-${round}`);
      await Deno.writeFile(there, bytes.subarray(0, offset));
      await Deno.chmod(there, 0o666);
      assertDone(await call(server, ["put", "-c", here, target(server, `there-${round}`)]));
      assertEquals(await hashFile(there), await hashFile(here), `put -c from ${offset}`);
      await Deno.writeFile(`${back}.part`, bytes.subarray(0, offset));
      assertDone(await call(server, ["get", "-c", target(server, `there-${round}`), back]));
      assertEquals(await hashFile(back), await hashFile(here), `get -c from ${offset}`);
      await Deno.remove(back);
    }
  });

  peerTest(`ftpkit get, put: a name of 255 bytes, also unfinished, with ${kind.name}`, {
    needs: kind.needs,
  }, async () => {
    await using server = await kind.start("127.0.0.1");
    await using folder = await tempFolder();
    const here = join(folder.path, LONGEST);
    assertEquals(new TextEncoder().encode(LONGEST).length, 255);
    await makeFile(here, SIZE);
    const hash = await hashFile(here);
    for (const option of ["--no-preserve", "--atomic"]) {
      assertDone(await call(server, ["put", option, here, target(server)]));
      assertEquals(await hashFile(join(server.root, LONGEST)), hash, option);
    }
    const back = join(folder.path, "back");
    await Deno.mkdir(back);
    assertDone(await call(server, ["get", target(server, LONGEST), back]));
    assertEquals(await hashFile(join(back, LONGEST)), hash);
    assertDone(await call(server, ["get", "-r", target(server), join(back, "tree")]));
    const found = await Array.fromAsync(Deno.readDir(join(back, "tree")), ({ name }) => name);
    assertEquals(found.filter((name) => !name.startsWith(".")), [LONGEST]);
  });

  peerTest(`ftpkit get, put: a directory has the name, with ${kind.name}`, {
    needs: kind.needs,
  }, async () => {
    await using server = await kind.start("127.0.0.1");
    await using folder = await tempFolder();
    const here = join(folder.path, "f");
    await makeFile(here, 1000);
    await Deno.mkdir(join(server.root, "d"));
    await Deno.mkdir(join(server.root, "d", "f"));
    for (const path of ["d", "d/f"]) await Deno.chmod(join(server.root, path), 0o777);
    const there = await call(server, ["put", here, target(server, "d/")]);
    assert(there.code === 1 || there.code === 6, there.stderr);
    assertMatch(there.stderr, /^ftpkit: .*d\/f/m);
    await Deno.copyFile(here, join(server.root, "g"));
    await Deno.mkdir(join(folder.path, "g"));
    assertRefused(await call(server, ["get", target(server, "g"), `${folder.path}/`]), 7);
    assertRefused(await call(server, ["get", target(server, "d"), join(folder.path, "new")]), 1);
  });

  peerTest(`ftpkit get, put: --ascii brings a text back, with ${kind.name}`, {
    needs: kind.needs,
  }, async () => {
    await using server = await kind.start("127.0.0.1");
    await using folder = await tempFolder();
    const here = join(folder.path, "here");
    const text = Array.from({ length: 5000 }, (_, at) => `${at}${"\n".repeat(at % 3)}`).join("");
    await Deno.writeTextFile(here, text);
    assertDone(await call(server, ["put", "--ascii", here, target(server, "text")]));
    const stored = await Deno.readTextFile(join(server.root, "text"));
    // vsftpd and Pure-FTPd store a text as it travels unless they are told otherwise.
    assertEquals(stored.replaceAll("\r\n", "\n"), text);
    const back = join(folder.path, "back");
    assertDone(await call(server, ["get", "--ascii", target(server, "text"), back]));
    assertEquals(await Deno.readTextFile(back), text);
  });
}
