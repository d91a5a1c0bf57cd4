import { assertEquals } from "@std/assert";
import { ListingMemory } from "../../../server/storage/listing_memory.ts";

Deno.test("ListingMemory: so much in all, for haste half of it, and all of it comes back", () => {
  const memory = new ListingMemory(100);
  using one = memory.lease();
  const other = memory.lease();
  assertEquals([one.takeForHaste(51), one.takeForHaste(40), one.take(20)], [false, true, true]);
  assertEquals([other.takeForHaste(1), other.take(41), other.take(40)], [false, false, true]);
  assertEquals(memory.held, 100);
  other.give(10);
  assertEquals([memory.held, other.take(11), other.take(10)], [90, false, true]);
  other[Symbol.dispose]();
  assertEquals(memory.held, 60);
});

Deno.test("ListingMemory: one listing alone may hold more", () => {
  const memory = new ListingMemory(100);
  using one = memory.lease();
  assertEquals([one.take(90), one.take(90), memory.held], [true, true, 180]);
  using other = memory.lease();
  assertEquals([other.take(1), one.take(1)], [false, true]);
});

Deno.test("MemoryLease: work that goes on after its end takes nothing", () => {
  const memory = new ListingMemory(100);
  const lease = memory.lease();
  lease.take(10);
  lease[Symbol.dispose]();
  lease[Symbol.dispose]();
  lease.give(5);
  assertEquals([lease.take(1), lease.takeForHaste(1), memory.held], [false, false, 0]);
});
