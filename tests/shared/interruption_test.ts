/**
 * What interrupts the program, and who takes it.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { InterruptedError } from "../../shared/errors.ts";
import { Interruption } from "../../shared/interruption.ts";

Deno.test("Interruption: the first signal aborts, the second one leaves", () => {
  let left = 0;
  const interruption = new Interruption(() => left++);
  interruption.interrupt();
  assertEquals(interruption.signal.reason instanceof InterruptedError, true);
  assertEquals(left, 0);
  interruption.stop();
  assertEquals(left, 1);
});

Deno.test("Interruption: SIGINT goes to who takes it last, SIGTERM to nobody", () => {
  let left = 0;
  const taken: string[] = [];
  const interruption = new Interruption(() => left++);
  {
    using _outer = interruption.divert(() => taken.push("outer"));
    {
      using _inner = interruption.divert(() => taken.push("inner"));
      interruption.interrupt();
    }
    interruption.interrupt();
    assertEquals([interruption.signal.aborted, taken], [false, ["inner", "outer"]]);
    interruption.stop();
    assertEquals(interruption.signal.aborted, true);
  }
  interruption.interrupt();
  assertEquals([taken.length, left], [2, 1]);
});
