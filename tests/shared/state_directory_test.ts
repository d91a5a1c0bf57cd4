import { assertEquals } from "@std/assert";
import { stateDirectory } from "../../shared/state_directory.ts";

const CASES: readonly (readonly [Readonly<Record<string, string>>, string | undefined])[] = [
  [{ XDG_STATE_HOME: "/x", HOME: "/home/u" }, "/x/ftpkit"],
  [{ XDG_STATE_HOME: "", HOME: "/home/u" }, "/home/u/.local/state/ftpkit"],
  [{ XDG_STATE_HOME: "relative", HOME: "/home/u" }, "/home/u/.local/state/ftpkit"],
  [{ HOME: "/home/u", LOCALAPPDATA: "/data" }, "/home/u/.local/state/ftpkit"],
  [{ LOCALAPPDATA: "/data" }, "/data/ftpkit"],
  [{ HOME: "" }, undefined],
  [{}, undefined],
];

for (const [env, path] of CASES) {
  Deno.test(`stateDirectory: ${JSON.stringify(env)} is ${path}`, () => {
    assertEquals(stateDirectory((name) => env[name]), path);
  });
}
