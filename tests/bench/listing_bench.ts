/**
 * How fast listings are written by the server and read by the client: a thousand lines each.
 *
 * @module
 */
import { HOT_PATHS } from "./hot_paths.ts";

for (const { name, run } of HOT_PATHS.filter(({ name }) => /listing|parsing/.test(name))) {
  Deno.bench(name, { group: "listings, 1000 lines" }, async () => void await run());
}
