/**
 * The file of accepted certificates.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import fc from "fast-check";
import { KnownHosts } from "../../../client/session/known_hosts.ts";
import { LocalFileError } from "../../../shared/errors.ts";
import { tempFolder } from "../../support/files.ts";

const A = `sha256:${"a".repeat(64)}`;
const B = `sha256:${"b".repeat(64)}`;

Deno.test("KnownHosts.find: by host and port, in any case, several for one", async () => {
  await using folder = await tempFolder();
  const known = new KnownHosts(join(folder.path, "known_hosts"));
  const lines = [
    "# a comment",
    `ftp.example.org:21 ${A}`,
    `  ftp.example.org:21\t${B.toUpperCase()}\r`,
    `[::1]:2121 ${A}`,
    `other.example.org:21 sha256:123`,
    "",
    `unfinished:21`,
  ];
  await Deno.writeTextFile(known.path, lines.join("\n"));
  const find = async (hostname: string, port: number): Promise<string[]> => [
    ...await known.find({ hostname, port }),
  ];
  assertEquals(await find("FTP.example.org", 21), [A, B]);
  assertEquals(await find("ftp.example.org", 2121), []);
  assertEquals(await find("::1", 2121), [A]);
  assertEquals(await find("other.example.org", 21), []);
  assertEquals(await find("unfinished", 21), []);
  assertEquals(await find("# a comment", 21), []);
});

Deno.test("KnownHosts.add: behind what is there, also where that has no line end", async () => {
  await using folder = await tempFolder();
  const known = new KnownHosts(join(folder.path, "deep", "down", "known_hosts"));
  await known.add({ hostname: "A", port: 1 }, A);
  await Deno.writeTextFile(known.path, `b:2 ${B}`, { append: true });
  await known.add({ hostname: "c", port: 3 }, A);
  assertEquals(await Deno.readTextFile(known.path), `a:1 ${A}\nb:2 ${B}\nc:3 ${A}\n`);
});

Deno.test("KnownHosts: whatever is in the file, what is added is found", async () => {
  await using folder = await tempFolder();
  const known = new KnownHosts(join(folder.path, "known_hosts"));
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary" }), fc.domain(), fc.nat(65535), async (...all) => {
      const [content, hostname, port] = all;
      await Deno.writeTextFile(known.path, content);
      await known.add({ hostname, port }, A);
      assertEquals((await known.find({ hostname, port })).has(A), true);
    }),
  );
});

Deno.test("KnownHosts: a file that is there and cannot be read is no empty one", async () => {
  await using folder = await tempFolder();
  const known = new KnownHosts(folder.path);
  const server = { hostname: "a", port: 1 };
  await assertRejects(() => known.find(server), LocalFileError, `Cannot read "${folder.path}"`);
  await assertRejects(() => known.add(server, A), LocalFileError);
});
