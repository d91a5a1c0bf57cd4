import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { BUFFER_SIZES, threadBuffers } from "../../shared/buffer_pool.ts";
import { TransferError } from "../../shared/errors.ts";
import { type ByteSource, pump } from "../../shared/pump.ts";
import { RateLimit } from "../../shared/rate_limit.ts";

const LIMITS = { signal: new AbortController().signal, interrupt() {} };
const LONG = 3 * BUFFER_SIZES.large;

/** A source of so many bytes that tells how large the buffers were; then it ends, or waits. */
function fast(length: number, then: () => Promise<null> = () => Promise.resolve(null)) {
  const rooms: number[] = [];
  let left = length;
  return {
    rooms,
    read(buffer: Uint8Array): Promise<number | null> {
      rooms.push(buffer.length);
      const count = Math.min(left, buffer.length);
      left -= count;
      return count === 0 ? then() : Promise.resolve(count);
    },
  };
}

const nowhere = { write: ({ length }: Uint8Array) => Promise.resolve(length) };

Deno.test("pump: buffers are small at first and large for who moves fast", async () => {
  const source = fast(LONG);
  await pump(source, nowhere, LIMITS);
  assertEquals(source.rooms[0], BUFFER_SIZES.small);
  assertEquals(Math.max(...source.rooms), BUFFER_SIZES.large);
  assertEquals(threadBuffers.lentLarge, 0);
});

Deno.test("pump: a slow rate has small buffers", async () => {
  const source = fast(40_000);
  await pump(source, nowhere, { ...LIMITS, rateLimit: new RateLimit(400_000) });
  assertEquals(Math.max(...source.rooms), 20_000);
});

for (const readAhead of [false, true]) {
  Deno.test(`pump: 200 peers that stall hold few large buffers, and give them back; readAhead ${readAhead}`, async () => {
    const stopped = Promise.withResolvers<never>();
    stopped.promise.catch(() => {}); // each copy hears of it
    const controller = new AbortController();
    let waiting = 0;
    const allWait = Promise.withResolvers<void>();
    const stall = (): Promise<never> => {
      if (++waiting === 200) allWait.resolve();
      return stopped.promise;
    };
    const options = {
      signal: controller.signal,
      interrupt: () => stopped.reject(new Error("closed")),
      readAhead,
    };
    const copies = Array.from({ length: 200 }, (_, at) => {
      if (at % 2 === 0) return pump(fast(LONG, stall), nowhere, options);
      let taken = 0;
      const write = ({ length }: Uint8Array): Promise<number> =>
        (taken += length) < LONG / 2 ? Promise.resolve(length) : stall();
      return pump(fast(LONG), { write }, options);
    });
    const ended = Promise.allSettled(copies);
    await allWait.promise;
    assert(threadBuffers.lentLarge <= 8, `${threadBuffers.lentLarge} are lent`);
    controller.abort();
    const faults = (await ended).map((result) =>
      result.status === "rejected" && result.reason instanceof TransferError && result.reason.fault
    );
    assert(faults.every((fault) => fault === "cancel"));
    assertEquals(threadBuffers.lentLarge, 0);
  });
}

Deno.test("pump: an upload that waits for bytes holds one buffer, whatever was written before", async () => {
  const stopped = Promise.withResolvers<never>();
  stopped.promise.catch(() => {}); // the copy hears of it
  const waits = Promise.withResolvers<void>();
  const source = fast(LONG, () => {
    waits.resolve();
    return stopped.promise;
  });
  const sink = { write: async ({ length }: Uint8Array) => (await Promise.resolve(), length) };
  const interrupt = (): void => stopped.reject(new Error("closed"));
  const controller = new AbortController();
  const options = { signal: controller.signal, interrupt, readAhead: true };
  const copy = assertRejects(() => pump(source, sink, options), TransferError);
  await waits.promise;
  await new Promise((resolve) => setTimeout(resolve)); // what is being written is written then
  assertEquals(threadBuffers.lentLarge, 1);
  controller.abort();
  await copy;
  assertEquals(threadBuffers.lentLarge, 0);
});

/** Gives bytes in pieces of these sizes, some of them only later; then all that is left. */
function cut(bytes: Uint8Array, sizes: readonly number[]): ByteSource {
  let at = 0;
  let turn = 0;
  return {
    async read(buffer) {
      const size = sizes[turn++ % sizes.length] ?? 1;
      if (size % 3 === 0) await new Promise((resolve) => setTimeout(resolve));
      const piece = bytes.subarray(at, at + Math.min(size, buffer.length));
      buffer.set(piece);
      at += piece.length;
      return piece.length === 0 ? null : piece.length;
    },
  };
}

/** Takes pieces of these sizes, some of them only later. */
function taker(sizes: readonly number[]) {
  const taken: Uint8Array[] = [];
  let turn = 0;
  return {
    taken,
    async write(bytes: Uint8Array): Promise<number> {
      const size = sizes[turn++ % sizes.length] ?? 1;
      if (size % 3 === 0) await new Promise((resolve) => setTimeout(resolve));
      const piece = bytes.slice(0, size);
      taken.push(piece);
      return piece.length;
    },
  };
}

Deno.test("pump: any sizes of reads, writes and buffers give the same bytes", async () => {
  const bytes = new Uint8Array(700_000);
  for (let at = 0; at < bytes.length; at++) bytes[at] = at % 251;
  const sizes = fc.array(fc.integer({ min: 20_000, max: 400_000 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(sizes, sizes, fc.boolean(), async (reads, writes, readAhead) => {
      const sink = taker(writes);
      const count = await pump(cut(bytes, reads), sink, { ...LIMITS, readAhead });
      const copy = new Uint8Array(
        await new Blob(sink.taken.map((piece) => piece.slice())).arrayBuffer(),
      );
      assertEquals(count, bytes.length);
      assert(copy.length === bytes.length && copy.every((byte, at) => byte === bytes[at]));
    }),
    { numRuns: 40 },
  );
});
