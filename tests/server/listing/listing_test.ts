import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { LineBuffer } from "../../../server/listing/line_buffer.ts";
import {
  DEFAULT_FACTS,
  type Fact,
  writeFacts,
  writeLongLine,
} from "../../../server/listing/listing.ts";
import { ListingSource } from "../../../server/listing/listing_source.ts";
import type { Entry } from "../../../server/storage/storage.ts";
import { formatTimeVal, parseFacts, parseTimeVal } from "../../../shared/facts.ts";
import { RawClient } from "../../support/raw_client.ts";
import { TestServer } from "../../support/test_server.ts";

const ENTRY: Entry = {
  name: "report",
  type: "file",
  size: 1234,
  modified: new Date(2026, 4, 6, 7, 8).getTime(),
  mode: 0o640,
  links: 1,
  owner: 1000,
  group: 100,
  device: 1,
  inode: 2,
};

const LINES: readonly (readonly [string, Partial<Entry>, RegExp])[] = [
  ["a file of this year", {}, /^-rw-r----- +1 1000 +100 +1234 May {2}6 07:08 report\r\n$/],
  ["an older file", { modified: new Date(2020, 0, 31).getTime() }, / Jan 31 {2}2020 report\r\n$/],
  [
    "a file of the future",
    { modified: new Date(2030, 11, 1).getTime() },
    / Dec {2}1 {2}2030 report\r\n$/,
  ],
  ["a file of long ago", { modified: new Date(-1, 0, 1).getTime() }, / Jan {2}1 {2}-1 report\r\n$/],
  [
    "a file of the far future",
    { modified: new Date(12_000, 0, 1).getTime() },
    / Jan {2}1 {2}12000 report\r\n$/,
  ],
  ["a directory", { type: "dir", mode: 0o755, size: 0 }, /^drwxr-xr-x /],
  ["a link", { target: "/d/x" }, /^l.* report -> \/d\/x\r\n$/],
  ["a name with spaces", { name: " a b " }, / a b \r\n$/],
  ["a name with line breaks", { name: "a\r\nb" }, / a\?\?b\r\n$/],
];

for (const [what, part, expected] of LINES) {
  Deno.test(`writeLongLine: ${what}`, () => {
    const out = new LineBuffer();
    writeLongLine(out, { ...ENTRY, ...part }, { now: new Date(2026, 5, 1) });
    assertMatch(new TextDecoder().decode(out.bytes), expected);
  });
}

function factsOf(
  entry: Entry,
  how: { readonly facts: readonly Fact[]; readonly perm: string },
): string {
  const out = new LineBuffer();
  writeFacts(out, entry, { ...how, name: entry.name });
  return new TextDecoder().decode(out.bytes);
}

Deno.test("writeFacts: only what is asked for and known", () => {
  const facts = ["Type", "Perm", "UNIX.mode", "UNIX.owner", "UNIX.group"] as const;
  assertEquals(
    factsOf(ENTRY, { facts, perm: "r" }),
    "Type=file;Perm=r;UNIX.mode=0640;UNIX.owner=1000;UNIX.group=100; report",
  );
  assertEquals(
    factsOf({ ...ENTRY, type: "other", mode: 0, owner: 100, group: 1000 }, { facts, perm: "" }),
    "Type=OS.unix=special;Perm=;UNIX.mode=0000;UNIX.owner=100;UNIX.group=1000; report",
  );
  const some = ["Size", "Create", "Unique"] as const;
  assertEquals(factsOf(ENTRY, { facts: some, perm: "" }), "Size=1234;Unique=1-2; report");
  const bare = { ...ENTRY, type: "dir" as const, inode: 0 };
  assertEquals(factsOf(bare, { facts: some, perm: "" }), " report");
});

const WORD = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const TIME = fc.integer({ min: -62_167_219_200, max: 253_402_300_799 }).map((at) => at * 1000);

Deno.test("writeFacts: a client reads what was written", () => {
  const entries = fc.record({
    name: fc.string({ unit: "grapheme", minLength: 1 }).filter((name) => !/[\r\n\0]/.test(name)),
    type: fc.constant("file" as const),
    size: fc.maxSafeNat(),
    modified: TIME,
    created: TIME,
    mode: fc.integer({ min: 0, max: 0o7777 }),
    links: WORD,
    owner: WORD,
    group: WORD,
    device: fc.maxSafeNat(),
    inode: fc.maxSafeNat().filter((inode) => inode !== 0),
  });
  fc.assert(fc.property(entries, (entry) => {
    const { name, facts } = parseFacts(factsOf(entry, { facts: DEFAULT_FACTS, perm: "adfrw" }));
    assertEquals(name, entry.name);
    assertEquals(Object.fromEntries(facts), {
      type: "file",
      size: String(entry.size),
      modify: formatTimeVal(entry.modified),
      create: formatTimeVal(entry.created),
      perm: "adfrw",
      unique: `${entry.device}-${entry.inode}`,
      "unix.mode": `0${entry.mode.toString(8).padStart(3, "0")}`,
      "unix.owner": String(entry.owner),
      "unix.group": String(entry.group),
    });
    assertEquals(parseTimeVal(facts.get("modify") ?? "").getTime(), entry.modified);
  }));
});

Deno.test("ListingSource: pieces of any length through a buffer of any length", async () => {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (const piece of ["", "abc", "", "ü"]) {
      yield await Promise.resolve(new TextEncoder().encode(piece));
    }
  }
  const source = new ListingSource(pieces());
  const bytes: number[] = [];
  const buffer = new Uint8Array(2);
  for (;;) {
    const count = await source.read(buffer);
    if (count === null) break;
    bytes.push(...buffer.subarray(0, count));
  }
  assertEquals(new TextDecoder().decode(Uint8Array.from(bytes)), "abcü");
});

/** Names that have broken servers and clients before. */
const ODD_NAMES = [
  " lead",
  "trail ",
  'quo"te',
  "ünï",
  "100%",
  "back\\slash",
  "-dash",
  "a;b=c",
  "#x",
];

Deno.test("listings: odd names come out whole in LIST, NLST, MLSD and MLST, and can be fetched", async () => {
  await using server = await TestServer.start();
  for (const name of ODD_NAMES) await Deno.writeTextFile(server.path(name), name);
  using client = await RawClient.login(server.address);
  const list = (await client.fetchText("LIST")).split("\r\n");
  const names = (await client.fetchText("NLST")).split("\r\n");
  const machine = (await client.fetchText("MLSD")).split("\r\n");
  for (const name of ODD_NAMES) {
    assert(list.some((line) => line.endsWith(` ${name}`)), name);
    assert(names.includes(name), name);
    assert(machine.some((line) => line.endsWith(`; ${name}`)), name);
    assertEquals(
      (await client.command(`MLST ${name}`, 250)).lines[1]?.endsWith(`; /${name}`),
      true,
    );
    assertEquals(await client.fetchText(`RETR ${name}`), name);
  }
});

Deno.test("listings: what a name holds besides is told as it is, and can be asked for", async () => {
  await using server = await TestServer.start();
  const name = "tab\t esc\x1b[0m del\x7f nel\x85";
  await Deno.writeTextFile(server.path(name), "content");
  using client = await RawClient.login(server.address);
  for (const command of ["LIST", "NLST", "MLSD"]) {
    assertEquals((await client.fetchText(command)).slice(-name.length - 2), `${name}\r\n`);
  }
  assertEquals(await client.fetchText(`RETR ${name}`), "content");
});

Deno.test("listings: a name with CR or LF never makes a line of its own", async () => {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("a\r\ntype=file; b"), "");
  using client = await RawClient.login(server.address);
  for (const command of ["LIST", "NLST", "MLSD"]) {
    const text = await client.fetchText(command);
    assertMatch(text, /a\?\?type=file; b\r\n$/);
    assertEquals(text.split("\r\n").length, 2);
  }
});

Deno.test("LIST and NLST: options, hidden names, one file, a path before each name", async () => {
  await using server = await TestServer.start();
  await Deno.mkdir(server.path("d"));
  await Deno.writeTextFile(server.path("d/.hidden"), "");
  await Deno.writeTextFile(server.path("d/seen"), "");
  await Deno.writeTextFile(server.path("-a"), "");
  using client = await RawClient.login(server.address);
  assertEquals(await client.fetchText("NLST d"), "d/seen\r\n");
  assertEquals(await client.fetchText("NLST -a d"), "d/.hidden\r\nd/seen\r\n");
  assertEquals(await client.fetchText("NLST d/seen"), "d/seen\r\n");
  assertEquals((await client.fetchText("LIST -la d")).split("\r\n").length, 3);
  assertEquals((await client.fetchText("MLSD d")).split("\r\n").length, 3);
  assertMatch(await client.fetchText("LIST -a"), /^- .* -a\r\n$|^-.* -a\r\n$/);
  await client.command("EPSV", 229);
  await client.command("LIST none", 550);
  await client.command("EPSV", 229);
  await client.command("MLSD d/seen", 501);
});

Deno.test("STAT: a directory and a file on the control connection", async () => {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("f"), "abc");
  using client = await RawClient.login(server.address);
  assertMatch((await client.command("STAT /", 212)).lines[1] ?? "", / f$/);
  assertMatch((await client.command("STAT f", 213)).lines[1] ?? "", / 3 .* f$/);
  await client.command("STAT none", 550);
});

Deno.test("MDTM: in UTC", async () => {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("f"), "");
  await Deno.utime(
    server.path("f"),
    new Date("2024-02-29T23:59:58Z"),
    new Date("2024-02-29T23:59:58Z"),
  );
  using client = await RawClient.login(server.address);
  assertEquals((await client.command("MDTM f", 213)).lines, ["20240229235958"]);
  assertMatch((await client.command("MLST f", 250)).lines[1] ?? "", /Modify=20240229235958;/);
});
