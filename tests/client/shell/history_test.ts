/**
 * Lines that are kept, and how they are found again.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { History, isKept, MOST_LINES } from "../../../client/shell/history.ts";
import { HistorySearch } from "../../../client/shell/history_search.ts";
import { ListingCache } from "../../../client/shell/listing_cache.ts";
import { userFile } from "../../../client/user_directory.ts";
import { tempFolder } from "../../support/files.ts";
import { testIo } from "../dialogue.ts";

for (
  const [line, kept] of [
    ["get a", true],
    ["open ftp://alice@host/", true],
    ["get host:a@b", true],
    ["site UMASK 022", true],
    ["put password.txt", true],
    ["get ftp://host:21/a@b", true],
    ["put raw pass", true],
    ["", false],
    ["  ", false],
    [" get a", false],
    ["open ftp://alice:secret@host/", false],
    ["open 'ftps://alice:se cret@host/x'", false],
    ["ls; open FTP://a:b@c", false],
    ["quote PASS secret", false],
    ["raw acct x", false],
    ["site pswd a b", false],
    ["close; quote PASS secret", false],
    ["get a &site pswd a b", false],
    ["open ftp://alice:sec/ret@host/", false],
  ] as const
) {
  Deno.test(`isKept: ${JSON.stringify(line)} is ${kept ? "" : "not "}kept`, () => {
    assertEquals(isKept(line), kept);
  });
}

Deno.test("History: lines once each, the newest last, and those of other shells", async () => {
  await using folder = await tempFolder();
  const io = testIo({ env: { XDG_STATE_HOME: folder.path } });
  const [one, other] = [await History.open(io), await History.open(io)];
  for (const line of ["ls", "pwd", "ls"]) await one.add(line);
  await other.add("cd x");
  await other.add("quote PASS x");
  assertEquals(other.lines, ["pwd", "ls", "cd x"]);
  assertEquals((await History.open(io)).lines, ["pwd", "ls", "cd x"]);
  for (let at = 0; at < 20; at++) await one.add(`get ${at}`);
  const path = `${folder.path}/ftpkit/history`;
  const many = Array.from({ length: 2 * MOST_LINES }, (_, at) => `cat ${at}\n`);
  await Deno.writeTextFile(path, many.join(""));
  await one.add("ls");
  assertEquals(one.lines.length, MOST_LINES);
  assertEquals(one.lines.at(-1), "ls");
});

Deno.test("History: without a home, or one that can be written to, it is kept for the session", async () => {
  await using folder = await tempFolder();
  await Deno.writeTextFile(`${folder.path}/ftpkit`, "a file in the way");
  for (const env of [{}, { XDG_STATE_HOME: folder.path }]) {
    const history = await History.open(testIo({ env }));
    await history.add("ls");
    await history.add("pwd");
    assertEquals(history.lines, ["ls", "pwd"]);
  }
});

for (
  const [env, wanted] of [
    [{ XDG_STATE_HOME: "/s", HOME: "/h" }, "/s/ftpkit/x"],
    [{ XDG_STATE_HOME: "relative", HOME: "/h" }, "/h/.local/state/ftpkit/x"],
    [{ XDG_STATE_HOME: "", HOME: "/h" }, "/h/.local/state/ftpkit/x"],
    [{}, undefined],
  ] as const
) {
  Deno.test(`userFile: ${JSON.stringify(env)}`, { ignore: Deno.build.os === "windows" }, () => {
    assertEquals(userFile(testIo({ env }), "state", "x"), wanted);
  });
}

Deno.test("HistorySearch: behind what was typed and taken back, it is the newest line that holds it", () => {
  const line = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 4 });
  const text = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 3 });
  fc.assert(fc.property(fc.array(line), text, text, (lines, first, second) => {
    const search = new HistorySearch(lines);
    for (const character of first) search.type(character);
    for (const _ of first) search.erase();
    for (const character of second) search.type(character);
    assertEquals(search.text, second);
    assertEquals(search.found, lines.find((each) => each.includes(second)));
  }));
});

Deno.test("HistorySearch: the newest line first, then older ones, and the oldest stays", () => {
  const search = new HistorySearch(["get b", "cd a", "get a"]);
  search.older();
  assertEquals(search.found, undefined);
  search.type("g");
  assertEquals(search.found, "get b");
  search.older();
  assertEquals(search.found, "get a");
  search.older();
  assertEquals(search.found, "get a");
  search.erase();
  assertEquals([search.text, search.found], ["", undefined]);
});

Deno.test("ListingCache: each directory once, until it is cleared; a failure is not kept", async () => {
  const cache = new ListingCache();
  let asked = 0;
  const list = (): Promise<[]> => {
    asked++;
    return Promise.resolve([]);
  };
  await cache.get("/a", list);
  await cache.get("/a", list);
  assertEquals(asked, 1);
  cache.clear();
  await cache.get("/a", list);
  assertEquals(asked, 2);
  const failed = await cache.get("/b", () => Promise.reject(new Error("no"))).catch(() => "failed");
  assertEquals(failed, "failed");
  await cache.get("/b", list);
  assertEquals(asked, 3);
  for (let at = 0; at < 200; at++) await cache.get(`/many/${at}`, list);
  await cache.get("/a", list);
  assertEquals(asked, 204, "the oldest was given up");
});
