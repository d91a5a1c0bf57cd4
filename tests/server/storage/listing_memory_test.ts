import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ListingMemory, type MemoryLease } from "../../../server/storage/listing_memory.ts";
import { shortLease } from "../../support/short_memory.ts";

Deno.test("ListingMemory: so much in all, for haste half of it, and all of it comes back", () => {
  const memory = new ListingMemory(100);
  using giant = memory.lease();
  giant.take(101);
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

Deno.test("ListingMemory: one listing at a time may pass the limit, and is not counted for others", () => {
  const memory = new ListingMemory(100);
  const giant = memory.lease();
  assertEquals([giant.take(90), giant.take(90), memory.held], [true, true, 0]);
  using other = memory.lease();
  assertEquals([giant.takeForHaste(1), giant.take(1), other.take(100)], [false, true, true]);
  assertEquals([other.take(1), memory.held, giant.own], [false, 100, 181]);
  giant[Symbol.dispose]();
  assertEquals([memory.held, other.take(1), memory.held], [100, true, 0]);
});

Deno.test("ListingMemory: one that passed the limit for what others held is one of them again once it fits", () => {
  const memory = new ListingMemory(100);
  const first = memory.lease();
  using second = memory.lease();
  assertEquals([first.take(95), second.take(10), memory.held], [true, true, 95]);
  first[Symbol.dispose]();
  assertEquals(memory.held, 10);
  using third = memory.lease();
  assertEquals([third.take(150), memory.held], [true, 10]);
  third.give(70);
  assertEquals(memory.held, 90);
});

Deno.test("MemoryLease.hold: until it is disposed, and undefined where there is too little", () => {
  const lease = shortLease(100);
  {
    using held = lease.hold(60);
    assertEquals([held !== undefined, lease.hold(60), lease.own], [true, undefined, 60]);
  }
  assertEquals(lease.own, 0);
});

Deno.test("ListingMemory: whatever is taken and given, nothing is left when all have ended", () => {
  const steps = fc.array(fc.record({
    who: fc.nat(3),
    what: fc.constantFrom("take" as const, "haste" as const, "give" as const, "end" as const),
    bytes: fc.nat(80),
  }));
  fc.assert(fc.property(steps, (all) => {
    const memory = new ListingMemory(100);
    const leases: MemoryLease[] = Array.from({ length: 4 }, () => memory.lease());
    for (const { who, what, bytes } of all) {
      const lease = leases[who] ?? memory.lease();
      if (what === "take") lease.take(bytes);
      else if (what === "haste") lease.takeForHaste(bytes);
      else if (what === "give") lease.give(Math.min(bytes, lease.own));
      else {
        lease[Symbol.dispose]();
        leases[who] = memory.lease();
      }
      assertEquals(memory.held >= 0 && memory.held <= 100, true);
    }
    for (const lease of leases) lease[Symbol.dispose]();
    assertEquals(memory.held, 0);
    using whole = memory.lease();
    assertEquals([whole.take(100), memory.held, whole.take(1), memory.held], [true, 100, true, 0]);
  }));
});

Deno.test("MemoryLease: work that goes on after its end takes nothing, and hears of the end", () => {
  const memory = new ListingMemory(100);
  const lease = memory.lease();
  const heard: string[] = [];
  lease.onEnd(() => heard.push("one"));
  lease.onEnd(() => heard.push("other"))[Symbol.dispose]();
  lease.take(10);
  lease[Symbol.dispose]();
  lease[Symbol.dispose]();
  lease.give(5);
  assertEquals([lease.take(1), lease.takeForHaste(1), memory.held], [false, false, 0]);
  assertEquals(heard, ["one"]);
});
