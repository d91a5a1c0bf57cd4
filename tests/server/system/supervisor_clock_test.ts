import { assertEquals } from "@std/assert";
import { SupervisorClock } from "../../../server/system/supervisor_clock.ts";
import { ManualClock } from "../../support/manual_clock.ts";
import { WallClock } from "../../support/wall_clock.ts";

Deno.test("SupervisorClock: shows the thread's own time until it is told another", () => {
  const own = new ManualClock();
  const clock = new SupervisorClock(own);
  own.time = 20;
  assertEquals(clock.now(), 20);
  clock.told(5);
  assertEquals(clock.now(), 5);
  own.time = 23;
  assertEquals(clock.now(), 8);
});

Deno.test("SupervisorClock: of messages that took different times the quickest counts", () => {
  const own = new ManualClock();
  const clock = new SupervisorClock(own);
  // The supervisor's time is 1000 ms ahead; what arrives is as old as the message.
  for (const [time, age] of [[10, 300], [400, 2], [500, 40], [900, 1], [950, 90]] as const) {
    own.time = time;
    clock.told(time + 1000 - age);
  }
  assertEquals(clock.now(), 950 + 1000 - 1);
});

Deno.test("SupervisorClock: the wall clock may be set", () => {
  const own = new ManualClock();
  const clock = new SupervisorClock(own);
  clock.told(7);
  using _clock = new WallClock(-3_600_000);
  assertEquals(clock.now(), 7);
});
