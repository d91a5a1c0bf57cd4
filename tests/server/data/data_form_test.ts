/** What TYPE, STRU, MODE, OPTS MODE Z and RANG choose: text in records, ranges, limits, STAT. */

import { assert, assertEquals } from "@std/assert";
import { createDeflate } from "node:zlib";
import { UNPACK_LIMIT } from "../../../server/data/data_form.ts";
import { NOTHING, type Storage, type StorageWriter } from "../../../server/storage/storage.ts";
import { DEFLATE_FORM } from "../../support/data_form.ts";
import { RawClient } from "../../support/raw_client.ts";
import { TestServer } from "../../support/test_server.ts";

const TEXTS: readonly (readonly [file: string, wire: string])[] = [
  ["", "\xff\x02"],
  ["one\ntwo\n", "one\xff\x01two\xff\x01\xff\x02"],
  ["one\ntwo", "one\xff\x01two\xff\x02"],
  ["\n\n", "\xff\x01\xff\x01\xff\x02"],
  ["a\xffb\n", "a\xff\xffb\xff\x01\xff\x02"],
];

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

Deno.test("STRU R in TYPE A: the lines of a text are its records, both ways", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  await client.command("TYPE A", 200);
  await client.command("STRU R", 200);
  for (const [file, wire] of TEXTS) {
    await client.store("STOR f", latin1(wire));
    assertEquals(await Deno.readFile(server.path("f")), latin1(file));
    assertEquals(await client.fetch("RETR f"), latin1(wire));
  }
});

Deno.test("STRU R in TYPE A: a record that ends together with the file is a whole line", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  await client.command("TYPE A", 200);
  await client.command("STRU R", 200);
  await client.store("STOR f", latin1("one\xff\x01two\xff\x03"));
  assertEquals(await Deno.readTextFile(server.path("f")), "one\ntwo\n");
});

Deno.test("STRU R in TYPE I: records are put one behind the other; a file goes out as one", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  await client.command("STRU R", 200);
  await client.store("STOR f", latin1("one\n\xff\x01two\xff\x01\xff\x02"));
  assertEquals(await Deno.readTextFile(server.path("f")), "one\ntwo");
  assertEquals(await client.fetch("RETR f"), latin1("one\ntwo\xff\x03"));
  await client.command("REST 4", 350);
  assertEquals(await client.fetch("RETR f"), latin1("two\xff\x03"));
});

Deno.test("STRU R: a listing's lines are records", async () => {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("a"), "");
  await Deno.writeTextFile(server.path("b"), "");
  using client = await RawClient.login(server.address);
  await client.command("STRU R", 200);
  assertEquals(await client.fetch("NLST"), latin1("a\xff\x01b\xff\x01\xff\x02"));
});

Deno.test("MODE Z: the level of OPTS is used, for files and listings", async () => {
  await using server = await TestServer.start();
  const file = latin1(Array.from({ length: 60_000 }, (_, at) => (at * at) % 9973).join());
  await Deno.writeFile(server.path("f"), file);
  using client = await RawClient.login(server.address);
  await client.command("MODE Z", 200);
  const sizes: number[] = [];
  for (const level of [1, 9]) {
    await client.command(`OPTS MODE Z LEVEL ${level}`, 200);
    const wire = await client.fetch("RETR f");
    assertEquals(DEFLATE_FORM.decode(wire), file);
    sizes.push(wire.length);
  }
  assert((sizes[0] ?? 0) > (sizes[1] ?? 0), sizes.join());
  assertEquals(DEFLATE_FORM.decode(await client.fetch("NLST")), latin1("f\r\n"));
});

Deno.test("MODE Z: bytes behind the stream's end are 426 and nothing is stored", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  await client.command("MODE Z", 200);
  const wire = DEFLATE_FORM.encode(latin1("content"));
  await client.store("STOR f", new Uint8Array([...wire, 0]), 426);
  await client.store("STOR f", new Uint8Array([...wire, ...wire]), 426);
  await client.command("SIZE f", 550);
});

/** A storage that counts what is written and keeps nothing of it. */
function bottomless(log: { written: number; ended: string[] }): Storage {
  const writer: StorageWriter = {
    offset: 0,
    growth: NOTHING,
    write(bytes) {
      log.written += bytes.length;
      return Promise.resolve(bytes.length);
    },
    flush: () => Promise.resolve(),
    replaces: false,
    commit: () => Promise.resolve(log.ended.push("commit") > 0),
    abort: (arrived) => Promise.resolve(void log.ended.push(`abort ${arrived}`)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return { write: () => Promise.resolve(writer) } as Partial<Storage> as Storage;
}

/** Packed zeros, about a thousandth of their number. */
async function packedZeros(mebibytes: number): Promise<Uint8Array> {
  const stream = createDeflate({ level: 9 });
  const zeros = new Uint8Array(2 ** 20);
  const pieces = Array.fromAsync<Uint8Array>(stream);
  for (let left = mebibytes; left > 0; left--) {
    await new Promise((resolve) => stream.write(zeros, resolve));
  }
  stream.end();
  return new Uint8Array(await new Blob(await pieces as BlobPart[]).arrayBuffer());
}

Deno.test("MODE Z: a bomb is 552 at the limit, and nothing is kept; a gibibyte is no bomb", async () => {
  const log = { written: 0, ended: [] as string[] };
  await using server = await TestServer.start({ storage: () => bottomless(log) });
  using client = await RawClient.login(server.address);
  await client.command("MODE Z", 200);
  const wire = await packedZeros(1200);
  const reply = await client.store("STOR bomb", wire, 552);
  assert(reply.lines[0]?.startsWith("Cannot unpack more than"));
  assert(log.written <= UNPACK_LIMIT.free + UNPACK_LIMIT.ratio * wire.length);
  assert(log.written >= UNPACK_LIMIT.free);
  assertEquals(log.ended, ["abort remove"]);
  log.written = 0;
  await client.store("STOR zeros", await packedZeros(1024));
  assertEquals(log.written, 2 ** 30);
  assertEquals(log.ended.at(-1), "commit");
});

Deno.test("RANG: both ends count, behind the end there is nothing, and it is used up", async () => {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("f"), "0123456789");
  using client = await RawClient.login(server.address);
  const cases: readonly (readonly [string, string])[] = [
    ["RANG 0 0", "0"],
    ["RANG 2 5", "2345"],
    ["RANG 8 100", "89"],
    ["RANG 10 20", ""],
    ["RANG 1 0", "0123456789"],
  ];
  for (const [command, part] of cases) {
    await client.command(command, 350);
    assertEquals(await client.fetchText("RETR f"), part);
    assertEquals(await client.fetchText("RETR f"), "0123456789");
  }
  await client.command("RANG 11 20", 350);
  await client.command("EPSV", 229);
  await client.command("RETR f", 554);
});

Deno.test("RANG and REST: the later one counts", async () => {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("f"), "0123456789");
  using client = await RawClient.login(server.address);
  await client.command("REST 5", 350);
  await client.command("RANG 1 2", 350);
  assertEquals(await client.fetchText("RETR f"), "12");
  await client.command("RANG 1 2", 350);
  await client.command("REST 5", 350);
  assertEquals(await client.fetchText("RETR f"), "56789");
  await client.command("REST 5", 350);
  await client.command("RANG 1 0", 350);
  assertEquals(await client.fetchText("RETR f"), "0123456789");
});

Deno.test("RANG: 504 for uploads and for any form but TYPE I, STRU F, MODE S", async () => {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("f"), "0123456789");
  using client = await RawClient.login(server.address);
  for (const command of ["STOR f", "APPE f", "STOU"]) {
    await client.command("RANG 1 2", 350);
    await client.command("EPSV", 229);
    await client.command(command, 504);
  }
  for (const form of ["TYPE A", "STRU R", "MODE B", "MODE C", "MODE Z"]) {
    await client.command(form, 200);
    await client.command("RANG 1 2", 350);
    await client.command("EPSV", 229);
    await client.command("RETR f", 504);
    for (const plain of ["TYPE I", "STRU F", "MODE S"]) await client.command(plain, 200);
  }
  assertEquals(await Deno.readTextFile(server.path("f")), "0123456789");
});

Deno.test("STAT: tells TYPE, STRU and MODE; REIN begins anew", async () => {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("f"), "0123456789");
  using client = await RawClient.login(server.address);
  const form = async (): Promise<string | undefined> =>
    (await client.command("STAT", 211)).lines[3];
  assertEquals(await form(), " TYPE: image, STRU: file, MODE: stream");
  await client.command("OPTS MODE Z LEVEL 9", 200);
  await client.command("MODE Z", 200);
  await client.command("STRU R", 200);
  await client.command("RANG 1 2", 350);
  assertEquals(await form(), " TYPE: image, STRU: record, MODE: deflate, level 9");
  await client.command("MODE B", 200);
  assertEquals(await form(), " TYPE: image, STRU: record, MODE: block");
  await client.command("REIN", 220);
  await client.command("USER alice", 331);
  await client.command("PASS secret", 230);
  assertEquals(await form(), " TYPE: ASCII, STRU: file, MODE: stream");
  await client.command("TYPE I", 200);
  assertEquals(await client.fetchText("RETR f"), "0123456789");
  await client.command("MODE Z", 200);
  assertEquals(await form(), " TYPE: image, STRU: file, MODE: deflate, level 6");
  await client.command("MODE S", 200);
});

Deno.test("REST: in TYPE A it is refused in every mode", async () => {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("f"), "0123456789");
  using client = await RawClient.login(server.address);
  await client.command("TYPE A", 200);
  for (const mode of ["MODE S", "MODE B", "MODE C", "MODE Z"]) {
    await client.command(mode, 200);
    await client.command("REST 3", 350);
    using _data = await client.openData();
    await client.command("RETR f", 554);
  }
});
