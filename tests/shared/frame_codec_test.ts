/**
 * Blocks, compressed strings and records: what is written, and that it comes back whatever way it
 * is cut.
 *
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import type { ByteBuffer } from "../../shared/byte_buffer.ts";
import { ProtocolError, TruncatedError } from "../../shared/errors.ts";
import type { FrameDecoder, FrameEncoder } from "../../shared/frame.ts";
import { BlockDecoder, BlockEncoder } from "../../shared/mode_block.ts";
import {
  CompressedDecoder,
  CompressedEncoder,
  IMAGE_FILLER,
  TEXT_FILLER,
} from "../../shared/mode_compressed.ts";
import { RecordDecoder, RecordEncoder } from "../../shared/record_structure.ts";
import { cutAt, cutEverywhere } from "../support/cut.ts";
import { decodeParts, encodeParts, joined, latin1, type Part, textOf } from "./frame_codec.ts";

/** One form on the wire. */
interface Form {
  readonly name: string;
  readonly markers: boolean;
  readonly encoder: (out: ByteBuffer) => FrameEncoder;
  readonly decoder: () => FrameDecoder;
}

const BLOCK: Form = {
  name: "Block",
  markers: true,
  encoder: (out) => new BlockEncoder(out),
  decoder: () => new BlockDecoder(),
};
const COMPRESSED: Form = {
  name: "Compressed",
  markers: true,
  encoder: (out) => new CompressedEncoder(out, IMAGE_FILLER),
  decoder: () => new CompressedDecoder(IMAGE_FILLER),
};
const RECORD: Form = {
  name: "Record",
  markers: false,
  encoder: (out) => new RecordEncoder(out),
  decoder: () => new RecordDecoder(),
};
const FORMS: readonly Form[] = [BLOCK, COMPRESSED, RECORD, {
  ...COMPRESSED,
  name: "TextCompressed",
  encoder: (out) => new CompressedEncoder(out, TEXT_FILLER),
  decoder: () => new CompressedDecoder(TEXT_FILLER),
}];

const END: Part = { data: "", ending: 64 };

const anyRun = fc.tuple(fc.constantFrom("\0", " ", "a", "\xff"), fc.integer({ min: 1, max: 200 }))
  .map(([char, count]) => char.repeat(count));
const anyMixture = fc.array(fc.constantFrom("a", "b", "\0", "\xff", "\x01", " "), {
  maxLength: 300,
}).map((chars) => chars.join(""));
const anyData = fc.array(fc.oneof(anyRun, anyMixture), { maxLength: 4 })
  .map((texts) => texts.join(""));
const anyPart: fc.Arbitrary<Part> = fc.oneof(
  fc.record({ data: anyData, ending: fc.constantFrom(0, 128) }),
  fc.record({ marker: fc.stringMatching(/^[!-~]{1,127}$/) }),
);

function wireOf(form: Form, parts: readonly Part[]): string {
  return textOf(encodeParts(form.encoder, parts));
}

for (const form of FORMS) {
  Deno.test(`${form.name}Encoder and ${form.name}Decoder: any cut gives back what went in`, () => {
    fc.assert(fc.property(fc.array(anyPart), fc.array(fc.nat()), (all, offsets) => {
      const parts = [...all.filter((part) => form.markers || !("marker" in part)), END];
      const wire = encodeParts(form.encoder, parts);
      assertEquals(decodeParts(form.decoder(), cutAt(wire, offsets)), joined(parts));
      assertEquals(decodeParts(form.decoder(), cutEverywhere(wire)), joined(parts));
    }));
  });

  Deno.test(`${form.name}Decoder: random bytes throw nothing but ProtocolError, in any cut`, () => {
    const outcome = (pieces: Iterable<Uint8Array>): unknown => {
      try {
        return decodeParts(form.decoder(), pieces);
      } catch (error) {
        assert(error instanceof ProtocolError, String(error));
        return error.message;
      }
    };
    const grammar = fc.array(
      fc.constantFrom(0, 1, 2, 3, 16, 32, 64, 65, 128, 192, 255, 97).map((byte) => byte),
      { maxLength: 60 },
    ).map((bytes) => Uint8Array.from(bytes));
    const anyBytes = fc.oneof(fc.uint8Array({ maxLength: 100 }), grammar);
    fc.assert(fc.property(anyBytes, fc.array(fc.nat()), (bytes, offsets) => {
      assertEquals(outcome(cutAt(bytes, offsets)), outcome([bytes]));
    }));
  });

  Deno.test(`${form.name}Decoder: data that stops before its end of file is truncated`, () => {
    const wire = encodeParts(form.encoder, [{ data: "aaaaaaaabc", ending: 128 }, {
      data: "def",
      ending: 64,
    }]);
    for (let length = 0; length < wire.length; length++) {
      assertThrows(() => decodeParts(form.decoder(), [wire.subarray(0, length)]), TruncatedError);
    }
  });
}

Deno.test("BlockEncoder: descriptor, count of 16 bits, data", () => {
  const cases: readonly (readonly [Part, string])[] = [
    [{ data: "abc", ending: 0 }, "\0\0\x03abc"],
    [{ data: "abc", ending: 128 }, "\x80\0\x03abc"],
    [{ data: "", ending: 64 }, "\x40\0\0"],
    [{ data: "a", ending: 192 }, "\xc0\0\x01a"],
    [{ data: "", ending: 0 }, ""],
    [{ marker: "1048576" }, "\x10\0\x071048576"],
  ];
  for (const [part, wire] of cases) assertEquals(wireOf(BLOCK, [part]), wire);
  const long = "x".repeat(65_536);
  assertEquals(
    wireOf(BLOCK, [{ data: long, ending: 64 }]),
    `\0\xff\xff${long.slice(1)}\x40\0\x01x`,
  );
});

Deno.test("BlockDecoder: suspected data counts; bits without a meaning do not", () => {
  const parts = (wire: string): Part[] => decodeParts(new BlockDecoder(), [latin1(wire)]);
  assertEquals(parts("\x20\0\x01a\x60\0\x01b"), [{ data: "ab", ending: 64 }]);
  for (const descriptor of ["\x01", "\x08", "\x11", "\x30", "\x50", "\x90"]) {
    assertThrows(() => parts(`${descriptor}\0\x01a`), ProtocolError, "no meaning");
  }
});

Deno.test("CompressedEncoder: strings, runs and filler, each where it is the shortest", () => {
  const cases: readonly (readonly [Part, string])[] = [
    [{ data: "abc", ending: 0 }, "\x03abc"],
    [{ data: "aaa", ending: 0 }, "\x03aaa"],
    [{ data: "aaaa", ending: 0 }, "\x84a"],
    [{ data: "xaaaay", ending: 0 }, "\x01x\x84a\x01y"],
    [{ data: "\0\0\0", ending: 0 }, "\xc3"],
    [{ data: "\0\0", ending: 0 }, "\x02\0\0"],
    [{ data: "a".repeat(64), ending: 0 }, "\xbfa\x01a"],
    [{ data: "\0".repeat(126), ending: 0 }, "\xff\xff"],
    [{ data: "", ending: 64 }, "\0\x40\xc0"],
    [{ data: "ab", ending: 128 }, "\0\x80\x02ab"],
    [{ data: "abcccc", ending: 192 }, "\x02ab\0\xc0\x84c"],
    [{ marker: "1048576" }, "\0\x10\x071048576"],
  ];
  for (const [part, wire] of cases) assertEquals(wireOf(COMPRESSED, [part]), wire);
  const varied = Array.from({ length: 128 }, (_, at) => String.fromCharCode(at + 100)).join("");
  assertEquals(
    wireOf(COMPRESSED, [{ data: varied, ending: 0 }]),
    `\x7f${varied.slice(0, 127)}\x01${varied.slice(127)}`,
  );
});

Deno.test("CompressedDecoder: what another encoder may write", () => {
  const parts = (wire: string, filler = IMAGE_FILLER): Part[] =>
    decodeParts(new CompressedDecoder(filler), [latin1(wire)]);
  assertEquals(parts("\x01a\xc2\0\x40\x81b", TEXT_FILLER), [{ data: "a  b", ending: 64 }]);
  assertEquals(parts("\0\x10\x834\x012\0\x40\xc0"), [{ marker: "444" }, {
    data: "2",
    ending: 64,
  }]);
  assertThrows(() => parts("\0\x80\0\x40\xc0"), ProtocolError, "no string");
  assertThrows(() => parts("\0\x04\xc0"), ProtocolError, "no meaning");
});

Deno.test("BlockDecoder and CompressedDecoder: a marker is printable, not empty, not too long", () => {
  const blocks = ["\x10\0\0", "\x10\0\x01 ", "\x10\0\x02a\n", `\x10\0\x80${"a".repeat(128)}`];
  for (const wire of blocks) {
    assertThrows(() => decodeParts(new BlockDecoder(), [latin1(wire)]), ProtocolError, "marker");
  }
  for (const wire of ["\0\x10\xc0", "\0\x10\x01\r", "\0\x10\xc1"]) {
    const decoder = new CompressedDecoder(TEXT_FILLER);
    assertThrows(() => decodeParts(decoder, [latin1(wire)]), ProtocolError, "marker");
  }
});

Deno.test("RecordEncoder: control codes of two bytes, and all ones twice", () => {
  const cases: readonly (readonly [Part, string])[] = [
    [{ data: "abc", ending: 0 }, "abc"],
    [{ data: "a", ending: 128 }, "a\xff\x01"],
    [{ data: "a", ending: 64 }, "a\xff\x02"],
    [{ data: "", ending: 192 }, "\xff\x03"],
    [{ data: "\xff\xffa\xff", ending: 0 }, "\xff\xff\xff\xffa\xff\xff"],
  ];
  for (const [part, wire] of cases) assertEquals(wireOf(RECORD, [part]), wire);
  for (const wire of ["\xff\0", "\xff\x04", "\xff\xfe"]) {
    assertThrows(
      () => decodeParts(new RecordDecoder(), [latin1(wire)]),
      ProtocolError,
      "no meaning",
    );
  }
});
