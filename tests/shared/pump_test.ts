import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { TransferError, type TransferFault } from "../../shared/errors.ts";
import { type ByteSource, pump } from "../../shared/pump.ts";
import { RateLimit } from "../../shared/rate_limit.ts";

/** A source that gives its pieces, and then waits until it is interrupted. */
function endless(...pieces: string[]): ByteSource & { interrupt(): void } {
  const stopped = Promise.withResolvers<number | null>();
  stopped.promise.catch(() => {}); // nobody may be reading when it is interrupted
  return {
    read(buffer) {
      const piece = pieces.shift();
      if (piece === undefined) return stopped.promise;
      return Promise.resolve(new TextEncoder().encodeInto(piece, buffer).written);
    },
    interrupt: () => stopped.reject(new Error("interrupted")),
  };
}

function collector(): { text: string; write(bytes: Uint8Array): Promise<number> } {
  return {
    text: "",
    write(bytes) {
      this.text += new TextDecoder().decode(bytes.subarray(0, 3));
      return Promise.resolve(Math.min(3, bytes.length));
    },
  };
}

Deno.test("pump: a stall fails with what arrived already written", async () => {
  const source = endless("one", "two");
  const sink = collector();
  const error = await assertRejects(
    () => pump(source, sink, { ...source, signal: new AbortController().signal, stallTimeout: 20 }),
    TransferError,
    "0.02 s",
  );
  assertEquals([error.fault, error.bytes, sink.text], ["stall", 6, "onetwo"]);
});

Deno.test("pump: an abort ends a source that waits for ever", async () => {
  const source = endless("one");
  const sink = collector();
  const controller = new AbortController();
  const copy = pump(source, sink, {
    ...source,
    signal: controller.signal,
    onBytes: () => controller.abort(),
  });
  const error = await assertRejects(() => copy, TransferError);
  assertEquals([error.fault, sink.text], ["cancel", "one"]);
});

Deno.test("pump: a sink that fails ends the wait for the source, and its error is the cause", async () => {
  const source = endless("one");
  const full = new Error("disk full");
  const sink = { write: () => Promise.reject(full) };
  const error = await assertRejects(
    () => pump(source, sink, { ...source, signal: new AbortController().signal }),
    TransferError,
    "disk full",
  );
  assertEquals(error.fault, "sink");
  assertStrictEquals(error.cause, full);
});

Deno.test("pump: a source that fails is told apart from the sink", async () => {
  const source = { read: () => Promise.reject(new Error("reset")) };
  const options = { signal: new AbortController().signal, interrupt: () => {} };
  const error = await assertRejects(
    () => pump(source, collector(), options),
    TransferError,
    "reset",
  );
  assertEquals(error.fault, "source");
});

Deno.test("pump: what was received under a rate limit is written when the copy is cancelled", async () => {
  const controller = new AbortController();
  const source = endless("x".repeat(300));
  const reading: ByteSource = {
    async read(buffer) {
      const count = await source.read(buffer);
      controller.abort(); // the bytes are here, and their turn would come much later
      return count;
    },
  };
  const sink = collector();
  const error = await assertRejects(
    () =>
      pump(reading, sink, {
        interrupt: () => source.interrupt(),
        signal: controller.signal,
        rateLimit: new RateLimit(6000),
      }),
    TransferError,
  );
  assertEquals([error.fault, error.bytes, sink.text.length], ["cancel", 300, 300]);
});

Deno.test("pump: a buffer that a slow source still fills is given to no other transfer", async () => {
  const slow = Promise.withResolvers<number | null>();
  const failing = Promise.withResolvers<number>();
  const lent: ArrayBufferLike[] = [];
  const source: ByteSource = {
    read(buffer) {
      lent.push(buffer.buffer);
      if (lent.length < 3) return Promise.resolve(1);
      failing.reject(new Error("gone"));
      return slow.promise;
    },
  };
  const sink = { write: () => failing.promise };
  const options = { signal: new AbortController().signal, interrupt: () => {}, readAhead: true };
  await assertRejects(() => pump(source, sink, options), TransferError, "gone");
  const others: ArrayBufferLike[] = [];
  const next: ByteSource = {
    read(buffer) {
      others.push(buffer.buffer);
      return Promise.resolve(others.length > 4 ? null : 1);
    },
  };
  await pump(next, { write: ({ length }) => Promise.resolve(length) }, options);
  const filling = lent.pop();
  assert(filling !== undefined && !others.includes(filling));
  slow.resolve(null);
});

Deno.test("pump: a wait for the rate is no stall, however long it is", async () => {
  const pieces = [..."abcd"];
  const source: ByteSource = {
    read(buffer) {
      const piece = pieces.shift();
      if (piece === undefined) return Promise.resolve(null);
      return Promise.resolve(new TextEncoder().encodeInto(piece, buffer).written);
    },
  };
  const sink = collector();
  const faults: TransferFault[] = [];
  await pump(source, sink, {
    interrupt: (fault) => faults.push(fault),
    signal: new AbortController().signal,
    stallTimeout: 250,
    rateLimit: new RateLimit(2),
  });
  assertEquals([sink.text, faults], ["abcd", []]);
});
