/**
 * Whole files through sender and receiver: structure, restart markers, ends.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as fc from "fast-check";
import { ByteBuffer } from "../../shared/byte_buffer.ts";
import { limited, transformed } from "../../shared/byte_source.ts";
import { AsciiDecoder, AsciiEncoder } from "../../shared/ascii.ts";
import { ProtocolError, TruncatedError } from "../../shared/errors.ts";
import { FrameReceiver } from "../../shared/frame_receiver.ts";
import { framed, type MarkerRule } from "../../shared/frame_sender.ts";
import { BlockDecoder, BlockEncoder } from "../../shared/mode_block.ts";
import { CompressedDecoder, CompressedEncoder } from "../../shared/mode_compressed.ts";
import type { ByteSource } from "../../shared/pump.ts";
import {
  LineRecords,
  plainFile,
  RecordDecoder,
  RecordEncoder,
  singleRecord,
} from "../../shared/record_structure.ts";
import { anyMixOf, cutAt } from "../support/cut.ts";
import { latin1, textOf } from "./frame_codec.ts";
import { drain, sourceOf } from "./source_support.ts";

type Shape = "file" | "record" | "lines";

const SHAPES = { file: plainFile, record: singleRecord };

function recordStream(source: ByteSource, shape: Shape): ByteSource {
  const out = new ByteBuffer();
  const encoder = new RecordEncoder(out);
  const file = shape === "lines" ? new LineRecords(encoder) : SHAPES[shape](encoder);
  return framed(source, { out, encoder, shape: file });
}

function blockStream(source: ByteSource, markers?: MarkerRule): ByteSource {
  const out = new ByteBuffer();
  const encoder = new BlockEncoder(out);
  const shape = plainFile(encoder);
  return framed(source, { out, encoder, shape, ...(markers ? { markers } : {}) });
}

const anyText = anyMixOf(["\r", "\n", "\r\n", "a", "bcd", "\0", Uint8Array.of(255)]);

Deno.test("LineRecords: each line is a record, and what has no line end ends with the file", async () => {
  const cases: readonly (readonly [string, string])[] = [
    ["", "\xff\x02"],
    ["a\r\nb\r\n", "a\xff\x01b\xff\x01\xff\x02"],
    ["a\r\nb", "a\xff\x01b\xff\x02"],
    ["\r\n\r\n", "\xff\x01\xff\x01\xff\x02"],
    ["a\rb\nc\r", "a\rb\nc\r\xff\x02"],
    ["\r\r\n", "\r\xff\x01\xff\x02"],
  ];
  for (const [text, wire] of cases) {
    for (const pieces of [[latin1(text)], Array.from(text, latin1)]) {
      assertEquals(textOf(await drain(recordStream(sourceOf(pieces), "lines"))), wire);
    }
  }
});

Deno.test("singleRecord: the whole file is one record, an empty one has none", async () => {
  const wire = async (text: string): Promise<string> =>
    textOf(await drain(recordStream(sourceOf([latin1(text)]), "record")));
  assertEquals(await wire("a\r\nb"), "a\r\nb\xff\x03");
  assertEquals(await wire(""), "\xff\x02");
});

Deno.test("framed and FrameReceiver: a text in records comes back with LF, whatever the cuts", async () => {
  const property = fc.asyncProperty(
    anyText,
    fc.array(fc.nat()),
    fc.array(fc.nat()),
    async (file, fileCuts, wireCuts) => {
      const text = transformed(sourceOf(cutAt(file, fileCuts)), new AsciiEncoder());
      const wire = await drain(recordStream(text, "lines"));
      const options = { decoder: new RecordDecoder(), lines: true, last: true };
      const receiver = new FrameReceiver(sourceOf(cutAt(wire, wireCuts)), options);
      const back = textOf(await drain(transformed(receiver, new AsciiDecoder())));
      assertEquals(back, textOf(file).replaceAll("\r\n", "\n"));
    },
  );
  await fc.assert(property);
});

Deno.test("FrameReceiver: records of other data are put one behind the other", async () => {
  const wire = latin1("ab\xff\x01c\xff\xff\xff\x01\xff\x02");
  const options = { decoder: new RecordDecoder(), lines: false, last: true };
  assertEquals(textOf(await drain(new FrameReceiver(sourceOf([wire]), options))), "abc\xff");
});

Deno.test("framed: markers stand every so many bytes and name the offset in the file", async () => {
  const source = sourceOf([latin1("abcde"), latin1("fghij")]);
  const wire = textOf(await drain(blockStream(source, { offset: 100, every: 4 })));
  assertEquals(
    wire,
    "\0\0\x04abcd\x10\0\x03104\0\0\x01e\0\0\x03fgh\x10\0\x03108\0\0\x02ij\x40\0\0",
  );
});

Deno.test("FrameReceiver: a marker is told after all data before it was read, and waited for", async () => {
  const told: string[] = [];
  let read = "";
  const wire = await drain(
    blockStream(sourceOf([latin1("abcdefgh")]), { offset: 0, every: 4 }),
  );
  for (const pieces of [[wire], Array.from(wire, (byte) => Uint8Array.of(byte))]) {
    told.length = 0;
    read = "";
    const receiver = new FrameReceiver(sourceOf(pieces), {
      decoder: new BlockDecoder(),
      lines: false,
      last: false,
      async onMarker(text) {
        await Promise.resolve();
        told.push(`${text}:${read}`);
      },
    });
    const buffer = new Uint8Array(100);
    for (;;) {
      const count = await receiver.read(buffer);
      if (count === null) break;
      read += textOf(buffer.subarray(0, count));
    }
    assertEquals(told, ["4:abcd", "8:abcdefgh"]);
  }
});

Deno.test("FrameReceiver: ends where the sender says so, and knows of bytes behind", async () => {
  const wire = latin1("\x40\0\x01a");
  const options = { decoder: new BlockDecoder(), lines: false, last: false };
  const never: ByteSource = { read: () => Promise.reject(new Error("read too far")) };
  const exact = new FrameReceiver(sourceOf([wire], never), options);
  assertEquals(textOf(await drain(exact)), "a");
  assert(!exact.surplus);
  const more = new FrameReceiver(sourceOf([latin1("\x40\0\x01ab")]), options);
  assertEquals(textOf(await drain(more)), "a");
  assert(more.surplus);
});

Deno.test("FrameReceiver: where the wire must end with the file, bytes behind it are refused", async () => {
  for (const pieces of [["a\xff\x02b"], ["a\xff\x02", "b"]]) {
    const options = { decoder: new RecordDecoder(), lines: false, last: true };
    const receiver = new FrameReceiver(sourceOf(pieces.map(latin1)), options);
    await assertRejects(() => drain(receiver), ProtocolError, "behind its end");
  }
});

Deno.test("FrameReceiver: a wire that ends early is truncated", async () => {
  for (const decoder of [new BlockDecoder(), new CompressedDecoder(0), new RecordDecoder()]) {
    const receiver = new FrameReceiver(sourceOf([]), { decoder, lines: false, last: false });
    await assertRejects(() => drain(receiver), TruncatedError);
  }
});

Deno.test("framed: MODE C with megabytes of runs and noise comes back", async () => {
  const file = new Uint8Array(3_000_000).map((_, at) => at % 5000 < 2500 ? 7 : at * 31 + (at >> 9));
  const out = new ByteBuffer();
  const encoder = new CompressedEncoder(out, 0);
  const wire = await drain(framed(sourceOf([file]), { out, encoder, shape: plainFile(encoder) }));
  assert(wire.length < file.length * 0.6);
  const options = { decoder: new CompressedDecoder(0), lines: false, last: true };
  assertEquals(await drain(new FrameReceiver(sourceOf([wire]), options)), file);
});

Deno.test("limited: ends after so many bytes, or with its source", async () => {
  for (const [length, expected] of [[0, ""], [3, "abc"], [5, "abcde"], [9, "abcdef"]] as const) {
    const source = limited(sourceOf([latin1("abcd"), latin1("ef")]), length);
    assertEquals(textOf(await drain(source)), expected);
  }
});
