import { assertEquals, assertThrows } from "@std/assert";
import { Jail } from "../../../server/storage/jail.ts";
import { entryOf } from "../../../server/storage/local_entry.ts";
import {
  PACKED_BYTES,
  PackedEntry,
  PackedFacts,
  type PackedKind,
  timeIn,
} from "../../../server/storage/packed_facts.ts";
import { Shared } from "./support.ts";

Deno.test("PackedFacts.lookUp: tells what is at a name, links not followed", async () => {
  await using shared = await Shared.open();
  await Deno.writeTextFile(shared.real("/file"), "123");
  await Deno.mkdir(shared.real("/dir"));
  await Deno.symlink("file", shared.real("/link"));
  await Deno.symlink("nowhere", shared.real("/broken"));
  using _socket = Deno.listen({ transport: "unix", path: shared.real("/socket") });
  const kinds: readonly (readonly [string, PackedKind])[] = [
    ["file", "file"],
    ["dir", "dir"],
    ["link", "link"],
    ["broken", "link"],
    ["socket", "other"],
    ["missing", "absent"],
    ["file/below", "absent"],
  ];
  const facts = PackedFacts.of(kinds.length);
  kinds.forEach(([name], at) => facts.lookUp(at, shared.real(`/${name}`)));
  kinds.forEach(([name, kind], at) => assertEquals(facts.kind(at), kind, name));
});

Deno.test("PackedEntry: says what stat says, to the last digit", async () => {
  await using shared = await Shared.open();
  await Deno.writeTextFile(shared.real("/f"), "123");
  await Deno.truncate(shared.real("/f"), 5 * 1024 ** 3 + 1);
  await Deno.chmod(shared.real("/f"), 0o4751);
  await Deno.link(shared.real("/f"), shared.real("/g"));
  await Deno.utime(shared.real("/f"), -2.5, -2.5);
  await Deno.mkdir(shared.real("/d"));
  const facts = PackedFacts.of(2);
  for (const [at, type] of [[1, "file"], [0, "dir"]] as const) {
    const name = type === "file" ? "f" : "d";
    facts.lookUp(at, shared.real(`/${name}`));
    const packed = new PackedEntry(name, type, { facts, at }) as PackedEntry & { target?: string };
    const { size, modified, created, mode, links, owner, group, device, inode, target } = packed;
    const told = { name, type, size, modified, created, mode, links, owner, group, device, inode };
    assertEquals({ ...told, ...(target && { target }) }, {
      created: undefined,
      ...await shared.storage.stat(`/${name}`),
    });
  }
});

Deno.test("PackedFacts.put: what the system does not tell is as it is for other entries", async () => {
  await using shared = await Shared.open();
  const info = await Deno.lstat(shared.root);
  const facts = PackedFacts.of(1);
  facts.put(0, {
    ...info,
    ...{ mtime: null, birthtime: null, nlink: null, uid: null, gid: null, mode: null },
  });
  const { modified, created, links, owner, group, mode } = new PackedEntry("", "dir", {
    facts,
    at: 0,
  });
  assertEquals([modified, created, links, owner, group, mode], [0, undefined, 1, 0, 0, 0]);
});

Deno.test("timeIn: a time that no date can hold is as one that is not known", async () => {
  const table: readonly (readonly [Date | null, number | undefined])[] = [
    [new Date(-1), -1],
    [null, undefined],
    [new Date(NaN), undefined],
  ];
  for (const [date, time] of table) assertEquals(timeIn(date), time);
  await using shared = await Shared.open();
  const info = { ...await Deno.lstat(shared.root), mtime: new Date(NaN), birthtime: new Date(NaN) };
  const facts = PackedFacts.of(1);
  facts.put(0, info);
  const packed = new PackedEntry("d", "dir", { facts, at: 0 });
  const own = shared.root;
  const entry = entryOf(new Jail(own), "d", { own, real: own, info });
  for (const { modified, created } of [packed, entry]) {
    assertEquals([modified, created], [0, undefined]);
  }
});

Deno.test("PackedFacts.lookUp: a directory that may not be entered is no missing name", () => {
  const { lstatSync } = Deno;
  const facts = PackedFacts.of(2);
  Deno.lstatSync = () => {
    throw Object.assign(new Error("as the test wants"), { code: "EACCES" });
  };
  try {
    facts.lookUp(1, "/x");
  } finally {
    Deno.lstatSync = lstatSync;
  }
  assertEquals([facts.kind(0), facts.kind(1)], ["absent", "denied"]);
});

Deno.test("PackedFacts: needs room for each name", () => {
  assertThrows(() => new PackedFacts(new ArrayBuffer(2 * PACKED_BYTES - 1), 0, 2), RangeError);
});
