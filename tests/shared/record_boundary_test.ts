import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { RecordBoundary } from "../../shared/record_boundary.ts";

/** Records of any type and contents, as one stream. */
const records = fc.array(
  fc.tuple(fc.integer({ min: 20, max: 23 }), fc.uint8Array({ maxLength: 400 })),
  { maxLength: 6 },
).map((list) =>
  list.flatMap(([type, body]) => [type, 3, 3, body.length >> 8, body.length & 0xff, ...body])
);

Deno.test("RecordBoundary: finds the first byte behind the records, whatever way they are cut", () => {
  const text = fc.constantFrom("USER alice\r\n", "\r\n", "A", "\xff\xf4ABOR\r\n", "");
  const cuts = fc.array(fc.nat(2000), { maxLength: 8 });
  fc.assert(fc.property(records, text, cuts, (tls, plain, places) => {
    const bytes = Uint8Array.from([...tls, ...Array.from(plain, (char) => char.charCodeAt(0))]);
    const boundary = new RecordBoundary();
    const borders = [
      0,
      ...places.filter((at) => at < bytes.length).sort((a, b) => a - b),
      bytes.length,
    ];
    let found: number | undefined;
    for (let index = 1; index < borders.length && found === undefined; index++) {
      const start = borders[index - 1] ?? 0;
      const at = boundary.push(bytes.subarray(start, borders[index]));
      if (at !== undefined) found = start + at;
    }
    assertEquals(found, plain === "" ? undefined : tls.length);
  }));
});
