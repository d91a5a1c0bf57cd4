/**
 * The house rules that no linter knows: how large a room is and that it says what it is for.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";

const ROOT = fromFileUrl(new URL("..", import.meta.url));
const MOST_LINES = 300;

async function* sources(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(join(ROOT, folder))) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* sources(path);
    else if (name.endsWith(".ts") && !name.endsWith(".d.ts")) yield path;
  }
}

for (const folder of ["server", "client", "shared"]) {
  Deno.test(`${folder}/: every room has at most ${MOST_LINES} lines, a noun and a purpose`, async () => {
    for await (const path of sources(folder)) {
      const text = await Deno.readTextFile(join(ROOT, path));
      const lines = text.split("\n").length - 1;
      assert(lines <= MOST_LINES, `${path} has ${lines} lines`);
      assert(
        /^\/\*\*\n(?: \*.*\n)*? \* @module\n \*\/\n/.test(text),
        `${path} does not begin with its purpose`,
      );
      assert(/^[a-z0-9_]+\.ts$/.test(path.split("/").at(-1) ?? ""), path);
      assertEquals(path.endsWith("/utils.ts"), false, path);
    }
  });
}
