/**
 * MODE Z: packing, unpacking, and everything that is no whole zlib stream.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as fc from "fast-check";
import { deflateSync, inflateSync } from "node:zlib";
import { ProtocolError, TruncatedError } from "../../shared/errors.ts";
import {
  deflating,
  inflating,
  type UnpackLimit,
  UnpackLimitError,
} from "../../shared/mode_deflate.ts";
import type { ByteSource } from "../../shared/pump.ts";
import { anyCut, cutAt, cutEverywhere } from "../support/cut.ts";
import { drain, sourceOf } from "./source_support.ts";

const LIMIT: UnpackLimit = { free: 2 ** 30, ratio: 100 };

async function packed(pieces: readonly Uint8Array[], level = 6): Promise<Uint8Array> {
  await using source = deflating(sourceOf(pieces), level);
  return await drain(source);
}

async function unpacked(pieces: readonly Uint8Array[], limit = LIMIT): Promise<Uint8Array> {
  await using source = inflating(sourceOf(pieces), limit);
  return await drain(source);
}

function pack(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(deflateSync(bytes));
}

/** Bytes of which zlib can save some. */
function sample(size: number): Uint8Array {
  return new Uint8Array(size).map((_, at) => (at * at) >> 8);
}

Deno.test("deflating: any cut is one zlib stream that others can read", async () => {
  await fc.assert(fc.asyncProperty(anyCut(fc.uint8Array()), async ({ whole, pieces }) => {
    assertEquals(new Uint8Array(inflateSync(await packed(pieces))), whole);
  }));
});

Deno.test("inflating: any cut of what others pack gives back the bytes", async () => {
  await fc.assert(fc.asyncProperty(
    fc.uint8Array({ maxLength: 2000 }),
    fc.array(fc.nat()),
    async (bytes, offsets) => {
      assertEquals(await unpacked(cutAt(pack(bytes), offsets)), bytes);
    },
  ));
});

Deno.test("deflating and inflating: megabytes come back, and a level changes the size", async () => {
  const bytes = sample(3_000_000);
  const sizes: number[] = [];
  for (const level of [1, 6, 9]) {
    const wire = await packed([bytes], level);
    sizes.push(wire.length);
    assertEquals(await unpacked([wire]), bytes);
  }
  assert((sizes[0] ?? 0) > (sizes[2] ?? 0), sizes.join());
});

Deno.test("inflating: a stream that stops anywhere is truncated", async () => {
  const wire = pack(sample(300));
  for (let length = 0; length < wire.length; length++) {
    await assertRejects(() => unpacked([wire.subarray(0, length)]), TruncatedError);
  }
});

Deno.test("inflating: bytes behind the end are refused, wherever they are cut", async () => {
  const wire = pack(sample(300));
  const more = new Uint8Array(wire.length + 3);
  more.set(wire);
  for (let cut = 0; cut < more.length; cut++) {
    const pieces = [more.subarray(0, cut), more.subarray(cut)];
    await assertRejects(() => unpacked(pieces), ProtocolError, "behind the end");
  }
});

Deno.test("inflating: random bytes and damaged streams throw nothing but ProtocolError", async () => {
  const refused = async (bytes: Uint8Array): Promise<void> => {
    const error = await unpacked(cutEverywhere(bytes)).catch((caught) => caught);
    assert(error instanceof ProtocolError, String(error));
  };
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 50 }), refused));
  const wire = pack(sample(100));
  for (let at = 0; at < wire.length; at++) {
    const damaged = wire.map((byte, index) => index === at ? byte ^ 0x55 : byte);
    await refused(damaged);
  }
});

Deno.test("inflating: a bomb is stopped at the limit, not behind it", async () => {
  const wire = pack(new Uint8Array(50_000_000));
  let read = 0;
  await using source = inflating(sourceOf(cutAt(wire, [100, 5000])), { free: 100_000, ratio: 10 });
  await assertRejects(async () => {
    for (;;) read += await source.read(new Uint8Array(1000)) ?? 0;
  }, UnpackLimitError);
  assert(read <= 100_000 + 10 * wire.length, String(read));
  assertEquals((await unpacked([wire], { free: 0, ratio: 1040 })).length, 50_000_000);
});

Deno.test("deflating and inflating: what the inner source throws is thrown", async () => {
  const broken: ByteSource = { read: () => Promise.reject(new Error("lost")) };
  for (const make of [() => deflating(broken, 6), () => inflating(broken, LIMIT)]) {
    await using source = make();
    await assertRejects(() => source.read(new Uint8Array(1)), Error, "lost");
  }
});

Deno.test("inflating: reads no further ahead than the reader wants", async () => {
  const wire = pack(new Uint8Array(64 * 1024 * 1024));
  let given = 0;
  const inner = sourceOf(cutAt(wire, Array.from({ length: 650 }, (_, at) => at * 100)));
  const counting: ByteSource = {
    async read(buffer) {
      const count = await inner.read(buffer);
      given += count ?? 0;
      return count;
    },
  };
  await using source = inflating(counting, LIMIT);
  await source.read(new Uint8Array(10));
  assert(given < 2000, String(given));
});

Deno.test("deflating: disposed in the middle it leaves nothing behind", async () => {
  const endless: ByteSource = { read: (buffer) => Promise.resolve(buffer.length) };
  await using source = deflating(endless, 6);
  await source.read(new Uint8Array(10));
});
