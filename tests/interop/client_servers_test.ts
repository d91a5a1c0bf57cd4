/** ftpkit's client against the servers of others, and its own. */

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { ftpkit } from "../support/cli.ts";
import { hashFile, makeFile, makeSparseFile, tempFolder } from "../support/files.ts";
import { freePort } from "../support/free_port.ts";
import { peerTest } from "../support/peers.ts";
import { assertDone, assertRefused, call, HOSTS, KINDS, NAMES, target } from "./remote.ts";

const MIB = 2 ** 20;
for (const kind of KINDS) {
  for (const host of HOSTS) {
    peerTest(`ftpkit get, put, ls: files of each size with ${kind.name} on ${host}`, {
      needs: kind.needs,
    }, async () => {
      await using server = await kind.start(host);
      await using folder = await tempFolder();
      for (const size of [0, 1, 64 * MIB]) {
        const name = `${size}.bin`;
        const here = join(folder.path, name);
        const back = join(folder.path, "back.bin");
        await makeFile(here, size);
        assertDone(await call(server, ["put", here, target(server, name)]));
        assertDone(await call(server, ["get", target(server, name), back]));
        assertEquals(await hashFile(join(server.root, name)), await hashFile(here), name);
        assertEquals(await hashFile(back), await hashFile(here), name);
      }
      const listing = await call(server, ["ls", "-1", target(server)]);
      assertDone(listing);
      assertEquals(listing.stdout.split("\n"), ["0.bin", "1.bin", `${64 * MIB}.bin`, ""]);
    });
  }

  peerTest(`ftpkit get: goes on near the end of 5 GiB with ${kind.name}`, {
    needs: kind.needs,
  }, async () => {
    await using server = await kind.start("127.0.0.1");
    await using folder = await tempFolder();
    const size = 5 * 1024 * MIB;
    const offset = size - 1000;
    const remote = join(server.root, "sparse.bin");
    const local = join(folder.path, "sparse.bin");
    await makeSparseFile(remote, { size, tail: 1000 });
    // One that is as young as its part could have been replaced meanwhile.
    const before = new Date("2024-01-02T03:04:05Z");
    await Deno.utime(remote, before, before);
    await Deno.writeFile(`${local}.part`, new Uint8Array());
    await Deno.truncate(`${local}.part`, offset);
    const sparse = target(server, "sparse.bin");
    assertDone(await call(server, ["get", "--continue", sparse, local]));
    assertEquals((await Deno.stat(local)).size, size);
    assertEquals(await hashFile(local, offset), await hashFile(remote, offset));
  });

  peerTest(`ftpkit get, put, ls: odd names with ${kind.name}`, { needs: kind.needs }, async () => {
    await using server = await kind.start("127.0.0.1");
    await using folder = await tempFolder();
    const names = NAMES.filter((name) => !kind.unstorable.includes(name));
    for (const [index, name] of names.entries()) {
      const here = join(folder.path, `${index}`);
      const back = join(folder.path, `${index}.back`);
      await makeFile(here, 1000 + index);
      assertDone(await call(server, ["put", here, target(server, name)]));
      assertDone(await call(server, ["get", target(server, name), back]));
      assertEquals(await hashFile(join(server.root, name)), await hashFile(here), name);
      assertEquals(await hashFile(back), await hashFile(here), name);
    }
    const listing = await call(server, ["ls", "-1", target(server)]);
    assertDone(listing);
    assertEquals(listing.stdout.split("\n").slice(0, -1).sort(), names.toSorted());
  });

  peerTest(`ftpkit: exit codes with ${kind.name}`, { needs: kind.needs }, async (t) => {
    await using server = await kind.start("127.0.0.1");
    await using folder = await tempFolder();
    const local = join(folder.path, "local");
    await t.step("a wrong password is 4", async () => {
      assertRefused(await call(server, ["ls", target(server)], "wrong"), 4);
    });
    await t.step("a missing file is 6, and leaves nothing here", async () => {
      assertRefused(await call(server, ["get", target(server, "missing"), local]), 6);
      assertEquals(await Array.fromAsync(Deno.readDir(folder.path)), []);
    });
    await t.step("a missing directory is 6", async () => {
      assertRefused(await call(server, ["ls", target(server, "missing")]), 6);
    });
    await t.step("a local file that is not there is 7", async () => {
      assertRefused(await call(server, ["put", local, target(server, "new")]), 7);
    });
  });
}

Deno.test("ftpkit: a refused connection is exit code 3", async () => {
  const port = String(freePort("127.0.0.1"));
  const args = ["ls", "--port", port, "--retries", "0", "127.0.0.1:"];
  assertRefused(await ftpkit(args), 3);
});

for (const args of [[], ["get"], ["ls", "--bogus", "127.0.0.1:"], ["put", "a", "b"], ["bogus"]]) {
  Deno.test(`ftpkit: "${args.join(" ")}" is a usage error, exit code 2`, async () => {
    assertRefused(await ftpkit(args), 2);
  });
}
