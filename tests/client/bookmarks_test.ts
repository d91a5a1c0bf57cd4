/**
 * Bookmarks: what is kept of a place, and how it is named.
 *
 * @module
 */

import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Bookmarks, placeReader } from "../../client/bookmarks.ts";
import { parseLocation, type RemoteLocation } from "../../client/location.ts";
import { LocalFileError, UsageError } from "../../shared/errors.ts";
import { Secret } from "../../shared/safe_text.ts";
import { tempFolder } from "../support/files.ts";
import { TestServer } from "../support/test_server.ts";
import { testIo } from "./dialogue.ts";
import { runShell } from "./shell/shell_io.ts";

const PLACE: RemoteLocation = {
  kind: "remote",
  scheme: "ftp",
  host: "ftp.example.org",
  path: "/pub",
  ascii: false,
};

for (
  const [text, wanted] of [
    ["office:", { ...PLACE, path: "/pub" }],
    ["office:a/b", { ...PLACE, path: "/pub/a/b" }],
    ["office:/etc", { ...PLACE, path: "/etc" }],
    ["office:*.txt", { ...PLACE, path: "/pub/*.txt", pattern: "/pub/*.txt" }],
    ["home:x", { ...PLACE, scheme: "ftpes", host: "::1", port: 2121, user: "a@b", path: "x" }],
    ["other:x", parseLocation("other:x")],
    ["alice@office:x", parseLocation("alice@office:x")],
    ["ftp://office/x", parseLocation("ftp://office/x")],
    ["./office:x", { kind: "local", path: "./office:x" }],
    ["office", { kind: "local", path: "office" }],
    ["-", { kind: "stream" }],
  ] as const
) {
  Deno.test(`placeReader: ${text}`, async () => {
    await using folder = await tempFolder();
    await Deno.mkdir(`${folder.path}/ftpkit`);
    const lines = [
      "# by hand",
      "",
      "office ftp://ftp.example.org/%2Fpub",
      "home ftpes://a%40b@[::1]:2121/",
    ];
    await Deno.writeTextFile(`${folder.path}/ftpkit/bookmarks`, lines.join("\n"));
    const read = await placeReader(testIo({ env: { XDG_CONFIG_HOME: folder.path } }));
    assertEquals<unknown>(read(text), wanted);
  });
}

Deno.test("Bookmarks: any place comes back as it was, but for its password", async () => {
  await using folder = await tempFolder();
  const io = testIo({ env: { HOME: folder.path } });
  const text = fc.string({ unit: "grapheme" }).filter((each) => !/[\r\n\0]/.test(each));
  const location = fc.record({
    path: text.filter((each) => !each.startsWith("~")),
    user: text.filter((each) => each !== ""),
    port: fc.integer({ min: 1, max: 65535 }),
  });
  await fc.assert(
    fc.asyncProperty(location, async (parts) => {
      const place = { ...PLACE, ...parts };
      const secret = { ...place, password: new Secret("hunter2") };
      await (await Bookmarks.open(io)).add("office", secret);
      const found = (await Bookmarks.open(io)).find("office");
      const { pattern: _, ...rest } = found ?? PLACE;
      assertEquals<RemoteLocation>(rest, place);
    }),
    { numRuns: 50 },
  );
  const file = `${folder.path}/.config/ftpkit/bookmarks`;
  assertEquals((await Deno.readTextFile(file)).includes("hunter2"), false);
  assertEquals((await Deno.stat(file)).mode ?? 0 & 0o777, 0o100600);
});

Deno.test("Bookmarks: names that could not stand before a colon are refused", async () => {
  await using folder = await tempFolder();
  const bookmarks = await Bookmarks.open(testIo({ env: { HOME: folder.path } }));
  for (const name of ["", "c", "a b", "a:b", "a/b", "a@b", "-x", "#x", "[x]", "ü1"]) {
    await assertRejects(() => bookmarks.add(name, PLACE), UsageError);
  }
  await assertRejects(() => bookmarks.remove("nope"), UsageError);
  await assertRejects(async () => await (await Bookmarks.open(testIo())).add("office", PLACE));
});

Deno.test("Bookmarks: a file that cannot be read, and a line that is no place, are told", async () => {
  await using folder = await tempFolder();
  const io = testIo({ env: { XDG_CONFIG_HOME: folder.path } });
  await Deno.mkdir(`${folder.path}/ftpkit/bookmarks`, { recursive: true });
  await assertRejects(() => Bookmarks.open(io), LocalFileError);
  await Deno.remove(`${folder.path}/ftpkit/bookmarks`);
  await Deno.writeTextFile(`${folder.path}/ftpkit/bookmarks`, "office /tmp\n");
  const bookmarks = await Bookmarks.open(io);
  assertThrows(() => bookmarks.find("office"), UsageError, "not a remote place");
});

Deno.test("shell: bookmarks are kept, shown, opened and forgotten, and get knows them", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  await Deno.mkdir(server.path("sub dir"));
  await Deno.writeTextFile(server.path("sub dir/x"), "x");
  const env = { XDG_CONFIG_HOME: folder.path, FTPKIT_PASSWORD: "secret" };
  const { port } = server.address;
  const script = `cd 'sub dir'; bookmark add office; bookmark add far ftp.example.org:pub; bookmark
    bookmark remove far; bookmark; close; open office; pwd; cat x; bookmark add 'a b'`;
  const { code, stdout } = await runShell(server.address, script, { env });
  const office = `office  ftp://alice@127.0.0.1:${port}/%2Fsub%20dir\n`;
  const both = `far     ftp://ftp.example.org/pub\n${office}`;
  assertEquals(stdout, `${both}${office}/sub dir\nx`);
  assertEquals(code, 2);
  const again = await runShell(server.address, "bookmark nope", { env });
  assertEquals(again.code, 2);
  for (const [name, args] of [["get", ["office:x", "-"]], ["ls", ["-1", "office:"]]] as const) {
    const { run } = await import(`../../client/${name}_command.ts`);
    const io = testIo({ env });
    assertEquals(await run(["-q", "--no-netrc", ...args], io), 0);
    assertMatch(io.stdoutText, /^x\n?$/);
  }
});
