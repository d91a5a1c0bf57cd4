import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { keepsTickets } from "../../shared/client_hello.ts";

const short = (value: number): number[] => [value >> 8, value & 0xff];

/** A ClientHello with extensions of these types and sizes. */
function hello(extensions: readonly (readonly [type: number, size: number])[]): Uint8Array {
  const body = extensions.flatMap(([type, size]) => [
    ...short(type),
    ...short(size),
    ...Array<number>(size).fill(35),
  ]);
  const message = [
    ...[3, 3],
    ...Array<number>(32).fill(35),
    ...[2, 0, 35],
    ...[...short(4), 0xc0, 0x2c, 0xc0, 0x30],
    ...[1, 0],
    ...short(body.length),
    ...body,
  ];
  const length = message.length;
  return Uint8Array.from([22, 3, 1, ...short(length + 4), 1, 0, ...short(length), ...message]);
}

const others = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 65_535 }).filter((type) => type !== 35), fc.nat(300)),
  { maxLength: 12 },
);

Deno.test("keepsTickets: the extension is found among any others, and not in their contents", () => {
  fc.assert(fc.property(others, others, fc.nat(200), (before, after, size) => {
    assertEquals(keepsTickets(hello([...before, [35, size], ...after])), true);
    assertEquals(keepsTickets(hello([...before, ...after])), false);
  }));
});

Deno.test("keepsTickets: what is cut off, or something else, is no error", () => {
  const whole = hello([[0, 20], [35, 0]]);
  for (let length = 0; length < whole.length - 2; length++) {
    keepsTickets(whole.subarray(0, length));
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    assertEquals(typeof keepsTickets(bytes), "boolean");
    assertEquals(typeof keepsTickets(Uint8Array.from([22, 3, 1, 0, 9, 1, ...bytes])), "boolean");
  }));
});
