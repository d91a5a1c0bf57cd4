/**
 * Local patterns.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { expandLocal } from "../../../client/directory/local_glob.ts";
import { LocalFileError } from "../../../shared/errors.ts";
import { tempFolder } from "../../support/files.ts";

Deno.test("expandLocal: what matches, in order; a name that is there wins", async () => {
  await using folder = await tempFolder();
  await Deno.mkdir(join(folder.path, "sub/below"), { recursive: true });
  for (const name of ["b.txt", "a.txt", "[ab].txt", ".c.txt", "sub/below/d.txt"]) {
    await Deno.writeTextFile(join(folder.path, name), "");
  }
  await Deno.symlink("sub", join(folder.path, "link"));
  const cases: readonly (readonly [pattern: string, paths: readonly string[]])[] = [
    ["*.txt", ["[ab].txt", "a.txt", "b.txt"]],
    ["[ab].txt", ["[ab].txt"]],
    ["[a-b].txt", ["a.txt", "b.txt"]],
    ["{sub,x}/*", ["sub/below"]],
    ["link/*/d*", ["link/below/d.txt"]],
    ["**/d.txt", ["sub/below/d.txt"]],
    ["missing", ["missing"]],
  ];
  for (const [pattern, paths] of cases) {
    const found = await expandLocal(`${folder.path}/${pattern}`);
    assertEquals(found, paths.map((path) => `${folder.path}/${path}`), pattern);
  }
});

Deno.test("expandLocal: a relative pattern begins here", async () => {
  assertEquals(await expandLocal("main.[t]s"), ["main.ts"]);
});

Deno.test("expandLocal: a pattern that matches nothing is a local error", async () => {
  await using folder = await tempFolder();
  const pattern = join(folder.path, "none/*.txt");
  await assertRejects(() => expandLocal(pattern), LocalFileError, "nothing matches");
});

Deno.test("expandLocal: a directory that cannot be read is a local error", async () => {
  const pattern = `${"x".repeat(300)}/*`;
  await assertRejects(() => expandLocal(pattern), LocalFileError, "Cannot read");
});
