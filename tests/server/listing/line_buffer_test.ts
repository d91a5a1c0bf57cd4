import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { LineBuffer } from "../../../server/listing/line_buffer.ts";
import { openCharset } from "../../../shared/charset.ts";

function text(out: LineBuffer): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(out.bytes);
}

const WIDTH = fc.integer({ min: 0, max: 20 });
const FILL = fc.constantFrom(" " as const, "0" as const);

Deno.test("LineBuffer.number: as String and padStart write it", () => {
  const numbers = fc.oneof(
    fc.maxSafeNat(),
    fc.integer({ min: 0, max: 53 }).map((power) => 2 ** power),
    fc.integer({ min: 0, max: 15 }).map((power) => 10 ** power - 1),
    fc.constantFrom(0, -1, 0.5, 2 ** 63, NaN),
  );
  fc.assert(fc.property(numbers, WIDTH, FILL, (number, width, fill) => {
    const out = new LineBuffer();
    out.ascii("x");
    out.number(number, width, fill);
    assertEquals(text(out), `x${String(number).padStart(width, fill)}`);
  }));
});

Deno.test("LineBuffer.name: every name whole, but without line breaks", () => {
  const names = fc.array(fc.string({ unit: "binary" }).filter((name) => name.isWellFormed()));
  fc.assert(fc.property(names, (all) => {
    const out = new LineBuffer();
    for (const name of all) out.name(name);
    assertEquals(text(out), all.join("").replace(/[\r\n]/g, "?"));
  }));
});

Deno.test("LineBuffer.name: in the encoding of the session, with ? for what it lacks", () => {
  const out = new LineBuffer(openCharset("latin1"));
  for (const name of ["a", "ü\r", "文"]) out.name(name);
  assertEquals([...out.bytes], [..."aü??"].map((each) => each.charCodeAt(0)));
});

Deno.test("LineBuffer: more than its memory, cut, and used again", () => {
  const out = new LineBuffer();
  const long = "0123456789".repeat(5000);
  out.ascii(long);
  out.name(`${long}ü`);
  const start = out.length;
  out.ascii("last");
  out.end();
  assertEquals(new TextDecoder().decode(out.cut(start)), "last\r\n");
  assertEquals(text(out), `${long}${long}ü`);
  out.clear();
  assertEquals([text(out), out.length], ["", 0]);
  out.spacesTo(3);
  out.spacesTo(2);
  out.raw(Uint8Array.of(120));
  assertEquals(text(out), "   x");
});
