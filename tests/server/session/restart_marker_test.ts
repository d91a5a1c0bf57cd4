/** Restart markers in both directions (RFC 959 section 3.5). */

import { assert, assertEquals } from "@std/assert";
import { MARKER_DISTANCE } from "../../../server/data/data_form.ts";
import { openLocalStorage } from "../../../server/storage/local.ts";
import { NOTHING, type Storage, type StorageWriter } from "../../../server/storage/storage.ts";
import { StorageError } from "../../../shared/errors.ts";
import {
  block,
  BLOCK_FORM,
  blocksIn,
  COMPRESSED_FORM,
  concat,
  writeAll,
} from "../../support/data_form.ts";
import { RawClient, readAll } from "../../support/raw_client.ts";
import { TestServer } from "../../support/test_server.ts";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Downloads in MODE B or C over a connection of its own. */
async function download(client: RawClient, command: string): Promise<Uint8Array> {
  using data = await client.openData();
  await client.command(command, 150);
  const done = client.expect(250).then(() => client.command("ABOR", 226));
  const wire = await readAll(data);
  await done;
  return wire;
}

Deno.test("RETR in MODE B: a marker each mebibyte names the offset, and REST takes it", async () => {
  await using server = await TestServer.start();
  const file = new Uint8Array(3 * MARKER_DISTANCE + 5).map((_, at) => at * 7 + (at >> 12));
  await Deno.writeFile(server.path("f"), file);
  using client = await RawClient.login(server.address);
  await client.command("MODE B", 200);
  const wire = await download(client, "RETR f");
  const markers: string[] = [];
  let offset = 0;
  for (const { descriptor, data } of blocksIn(wire)) {
    if (descriptor !== 16) offset += data.length;
    else {
      markers.push(text(data));
      assertEquals(text(data), String(offset));
    }
  }
  assertEquals(markers, [1, 2, 3].map((count) => String(count * MARKER_DISTANCE)));
  const marker = markers[1] ?? "";
  await client.command(`REST ${marker}`, 350);
  const rest = await download(client, "RETR f");
  assertEquals(BLOCK_FORM.decode(rest), file.subarray(Number(marker)));
  const first = blocksIn(rest).find(({ descriptor }) => descriptor === 16);
  assertEquals(text(first?.data ?? new Uint8Array()), markers[2]);
});

Deno.test("RETR in MODE C: the markers are there as well; TYPE A and listings have none", async () => {
  await using server = await TestServer.start();
  const file = new Uint8Array(2 * MARKER_DISTANCE).fill(5);
  await Deno.writeFile(server.path("f"), file);
  using client = await RawClient.login(server.address);
  await client.command("MODE C", 200);
  const wire = await download(client, "RETR f");
  assert(text(wire).includes(`\0\x10\x07${MARKER_DISTANCE}`));
  assertEquals(COMPRESSED_FORM.decode(wire), file);
  await client.command("TYPE A", 200);
  assert(!text(await download(client, "RETR f")).includes(String(MARKER_DISTANCE)));
});

Deno.test("STOR in MODE B: each marker is answered with ours, and REST with that goes on", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  await client.command("MODE B", 200);
  {
    using data = await client.openData();
    await client.command("STOR f", 150);
    await writeAll(data, concat(block(0, "12345"), block(16, "first")));
    assertEquals((await client.expect(110)).lines, ["MARK first = 5"]);
    await writeAll(data, concat(block(0, "678"), block(16, "x1"), block(16, "x2")));
    assertEquals((await client.expect(110)).lines, ["MARK x1 = 8"]);
    assertEquals((await client.expect(110)).lines, ["MARK x2 = 8"]);
    await writeAll(data, block(0, "lost?"));
  }
  await client.expect(426);
  await client.command("REST 8", 350);
  using data = await client.openData();
  await client.command("STOR f", 150);
  await writeAll(data, concat(block(0, "9"), block(16, "again"), block(64, "!")));
  assertEquals((await client.expect(110)).lines, ["MARK again = 9"]);
  await client.expect(250);
  assertEquals(await Deno.readTextFile(server.path("f")), "123456789!");
});

Deno.test("STOR in MODE C and TYPE A: the mark is the offset in the file", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  await client.command("MODE C", 200);
  await client.command("TYPE A", 200);
  using data = await client.openData();
  await client.command("STOR f", 150);
  const line = concat(Uint8Array.of(3), new TextEncoder().encode("a\r\n"));
  await writeAll(data, concat(line, Uint8Array.of(0, 16, 1, 77), line));
  assertEquals((await client.expect(110)).lines, ["MARK M = 2"]);
  await writeAll(data, Uint8Array.of(0, 64, 0xc0));
  await client.expect(250);
  assertEquals(await Deno.readTextFile(server.path("f")), "a\na\n");
});

Deno.test("STOR in MODE B: a marker that cannot be repeated in a reply is refused", async () => {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("f"), "old");
  using client = await RawClient.login(server.address);
  await client.command("MODE B", 200);
  for (const marker of ["", "two words", "a\r\n226 done", "ü", "x".repeat(128)]) {
    using data = await client.openData();
    await client.command("STOR f", 150);
    await writeAll(data, concat(block(0, "new"), block(16, marker)));
    await client.expect(426);
  }
  assertEquals(await Deno.readTextFile(server.path("f")), "old");
});

/** A storage whose writers tell of each flush what was written before it. */
function recording(storage: Storage, log: string[]): Storage {
  return Object.assign(Object.create(storage) as Storage, {
    async write(...args: Parameters<Storage["write"]>): Promise<StorageWriter> {
      const writer = await storage.write(...args);
      let written = 0;
      return {
        offset: writer.offset,
        get growth() {
          return writer.growth;
        },
        async write(bytes) {
          const taken = await writer.write(bytes);
          written += taken;
          return taken;
        },
        async flush() {
          await writer.flush();
          log.push(`flushed ${written}`);
        },
        replaces: writer.replaces,
        commit: (signal) => writer.commit(signal),
        abort: (arrived) => writer.abort(arrived),
        [Symbol.asyncDispose]: () => writer[Symbol.asyncDispose](),
      };
    },
  });
}

Deno.test("STOR in MODE B: a marker is answered only after a flush of everything before it", async () => {
  const log: string[] = [];
  const folder = await Deno.makeTempDir({ prefix: "ftpkit-test-" });
  const storage = recording(await openLocalStorage(folder), log);
  try {
    await using server = await TestServer.start({ storage: () => storage });
    using client = await RawClient.login(server.address);
    await client.command("MODE B", 200);
    using data = await client.openData();
    await client.command("STOR f", 150);
    for (let mark = 1; mark <= 5; mark++) {
      await writeAll(data, concat(BLOCK_FORM.encode(new Uint8Array(300_000)).subarray(0, -3)));
      await writeAll(data, block(16, `m${mark}`));
      assertEquals((await client.expect(110)).lines, [`MARK m${mark} = ${mark * 300_000}`]);
      assertEquals(log.at(-1), `flushed ${mark * 300_000}`);
    }
    await writeAll(data, block(64, ""));
    await client.expect(250);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("STOR in MODE B: many markers from a client that reads no replies are all answered", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  await client.command("MODE B", 200);
  using data = await client.openData();
  await client.command("STOR f", 150);
  const count = 3000;
  const marks = Array.from({ length: count }, () => block(16, "m".repeat(100)));
  await writeAll(data, concat(...marks, block(64, "end")));
  for (let mark = 0; mark < count; mark++) await client.expect(110);
  await client.expect(250);
});

/** A storage that takes nothing, or cannot put it on the disk. */
function failing(part: "write" | "flush"): Storage {
  const full = (): Promise<never> => Promise.reject(new StorageError("no-space", "No space left"));
  const writer: StorageWriter = {
    offset: 0,
    growth: NOTHING,
    write: part === "write" ? full : (bytes) => Promise.resolve(bytes.length),
    flush: part === "flush" ? full : () => Promise.resolve(),
    replaces: false,
    commit: () => Promise.resolve(true),
    abort: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return { write: () => Promise.resolve(writer) } as Partial<Storage> as Storage;
}

for (const part of ["write", "flush"] as const) {
  Deno.test(`STOR in MODE B: a ${part} that fails before a marker is 452 without 110`, async () => {
    await using server = await TestServer.start({ storage: () => failing(part) });
    using client = await RawClient.login(server.address);
    await client.command("MODE B", 200);
    using data = await client.openData();
    await client.command("STOR f", 150);
    await writeAll(data, concat(block(0, "data"), block(16, "mark"), block(0, "more")));
    await client.expect(452);
    await client.command("STOR f", 425);
  });
}
