import { assertEquals } from "@std/assert";
import { Deadline } from "../../shared/deadline.ts";

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}

Deno.test("Deadline: aborts when the time is over, and says that it was the time", async () => {
  using deadline = new Deadline(1);
  await aborted(deadline.signal);
  assertEquals(deadline.expired, true);
  assertEquals(deadline.signal.reason.name, "TimeoutError");
});

Deno.test("Deadline: follows another signal with its reason", () => {
  const parent = new AbortController();
  using deadline = new Deadline(60_000, parent.signal);
  assertEquals(deadline.signal.aborted, false);
  const reason = new Error("stop");
  parent.abort(reason);
  assertEquals([deadline.signal.aborted, deadline.expired], [true, false]);
  assertEquals(deadline.signal.reason, reason);
});

Deno.test("Deadline: a signal that was aborted before ends it at once", () => {
  using deadline = new Deadline(60_000, AbortSignal.abort("gone"));
  assertEquals([deadline.signal.aborted, deadline.signal.reason], [true, "gone"]);
});

Deno.test("Deadline: disposed, it leaves no timer and no listener behind", () => {
  const parent = new AbortController();
  const deadline = new Deadline(60_000, parent.signal);
  deadline[Symbol.dispose]();
  parent.abort();
  assertEquals([deadline.signal.aborted, deadline.expired], [false, false]);
});
