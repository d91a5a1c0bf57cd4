import { assertEquals, assertStrictEquals } from "@std/assert";
import { BUFFER_SIZES, BufferPool } from "../../shared/buffer_pool.ts";

const { small, large } = BUFFER_SIZES;

Deno.test("BufferPool: where all large buffers are lent, further ones are small", () => {
  const pool = new BufferPool({ large: 2, keptSmall: 1 });
  const lent = Array.from({ length: 200 }, () => pool.lend("large"));
  assertEquals(lent.map(({ length }) => length), [large, large, ...Array(198).fill(small)]);
  assertEquals(pool.lentLarge, 2);
  lent.forEach((buffer) => pool.giveBack(buffer));
  assertEquals([pool.lentLarge, pool.lend("large").length], [0, large]);
});

Deno.test("BufferPool: the buffer that came back last is lent first", () => {
  const pool = new BufferPool({ large: 2, keptSmall: 2 });
  for (const kind of ["small", "large"] as const) {
    const [one, other] = [pool.lend(kind), pool.lend(kind)];
    pool.giveBack(one);
    pool.giveBack(other);
    assertStrictEquals(pool.lend(kind), other);
    assertStrictEquals(pool.lend(kind), one);
  }
});

Deno.test("BufferPool: of small buffers it keeps a few, and frees the others at once", () => {
  const pool = new BufferPool({ large: 0, keptSmall: 3 });
  const lent = Array.from({ length: 200 }, () => pool.lend("small"));
  lent.forEach((buffer) => pool.giveBack(buffer));
  assertEquals([pool.keptSmall, lent.filter(({ length }) => length > 0).length], [3, 3]);
});
