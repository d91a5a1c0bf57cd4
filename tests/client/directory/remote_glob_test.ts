/**
 * Remote patterns: what a listing that fails means for them.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import type { DirectoryContent } from "../../../client/directory/directory.ts";
import { expandRemote, type RemoteLister } from "../../../client/directory/remote_glob.ts";
import {
  ConnectError,
  FtpkitError,
  InterruptedError,
  RemoteFileError,
  ReplyError,
  TransferError,
} from "../../../shared/errors.ts";

function refusal(code: number): ReplyError {
  return new ReplyError(`Cannot list: ${code} no`, { code, lines: ["no"], command: "MLSD" });
}

/** Directories and what listing them brings: names (those with a slash are directories), or an error. */
function lister(
  directories: Readonly<Record<string, string | Error>>,
): Pick<RemoteLister, "list"> {
  return {
    list(path): Promise<DirectoryContent> {
      const what = directories[path] ?? refusal(550);
      if (typeof what !== "string") return Promise.reject(what);
      const entries = what.split(" ").map((name) =>
        name.endsWith("/")
          ? { name: name.slice(0, -1), type: "dir" as const }
          : { name, type: "file" as const, size: 1 }
      );
      return Promise.resolve({ entries, isDirectory: true, strangeLines: 0, isClosed: false });
    },
  };
}

Deno.test("expandRemote: the paths, with what the listing tells of each", async () => {
  const { matches, failures } = await expandRemote(lister({ "d": "b a c/" }), "d/[ab]");
  assertEquals(matches, [
    { path: "d/a", entry: { name: "a", type: "file", size: 1 } },
    { path: "d/b", entry: { name: "b", type: "file", size: 1 } },
  ]);
  assertEquals(failures, []);
});

Deno.test("expandRemote: a directory that is there and refused or cut is told, the rest is found", async () => {
  for (const error of [refusal(550), refusal(426), new TransferError("cut", { bytes: 1 })]) {
    const { matches, failures } = await expandRemote(
      lister({ "": "a/ b/", a: error, b: "x" }),
      "*/x",
    );
    assertEquals(matches.map(({ path }) => path), ["b/x"]);
    assertEquals(failures, [{ path: "a", error }]);
  }
});

Deno.test("expandRemote: a directory that no listing has shown need not be there", async () => {
  const { matches, failures } = await expandRemote(lister({ b: "x" }), "{a,b}/*");
  assertEquals([matches.map(({ path }) => path), failures], [["b/x"], []]);
});

Deno.test("expandRemote: nothing that matches is no such remote file, and says why", async () => {
  const nothing = lister({ "": "a" });
  await assertRejects(() => expandRemote(nothing, "b*"), RemoteFileError, "nothing matches");
  await assertRejects(() => expandRemote(nothing, "x/b*"), RemoteFileError, "Cannot list: 550 no");
});

Deno.test("expandRemote: nothing that matches because of a failure is that failure", async () => {
  const error = refusal(426);
  const closed = lister({ "": "a/", a: error });
  assertEquals(await expandRemote(closed, "a*/*").catch((caught) => caught), error);
});

Deno.test("expandRemote: a lost server, a refused login and an interruption end it", async () => {
  const errors = [new ConnectError("lost"), refusal(530), refusal(421), new InterruptedError("x")];
  for (const error of errors) {
    const lost = lister({ "": "a/ b/", a: error, b: "x" });
    const caught = await assertRejects(() => expandRemote(lost, "*/x"), FtpkitError);
    assertEquals(caught, error);
  }
});

Deno.test("expandRemote: a cut listing of a directory that is only named is a failure", async () => {
  const cut = lister({ d: refusal(426) });
  await assertRejects(() => expandRemote(cut, "d/*"), ReplyError, "426");
});
