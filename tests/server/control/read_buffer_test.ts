import { assertEquals } from "@std/assert";
import { ReadBuffer } from "../../../server/control/read_buffer.ts";

Deno.test("ReadBuffer: there is more room behind a read that filled it, until one does not", () => {
  const buffer = new ReadBuffer();
  const usual = buffer.room().length;
  assertEquals(buffer.took(usual).length, usual);
  const burst = buffer.room().length;
  assertEquals(burst > usual, true);
  buffer.took(burst);
  assertEquals(buffer.room().length, burst);
  buffer.took(burst - 1);
  assertEquals(buffer.room().length, usual);
});

Deno.test("ReadBuffer: what was read is given, byte by byte too", () => {
  const buffer = new ReadBuffer();
  buffer.room().set([1, 2, 3]);
  assertEquals(buffer.took(2), Uint8Array.of(1, 2));
  const one = buffer.room(true);
  assertEquals(one.length, 1);
  one[0] = 4;
  assertEquals(buffer.took(1), Uint8Array.of(4));
});
