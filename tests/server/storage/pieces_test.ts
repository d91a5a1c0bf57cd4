import { assertEquals } from "@std/assert";
import { Pieces } from "../../../server/storage/pieces.ts";

/** What was asked for in a number of steps: bytes at once, or `later`. */
async function ask(pieces: Pieces, steps: number, work: () => void = () => {}) {
  const asked: (number | "later")[] = [];
  for (let step = 0; step < steps; step++) {
    await pieces.take({
      now(most) {
        asked.push(most);
        work();
        return most;
      },
      later() {
        asked.push("later");
        return Promise.resolve(1);
      },
    });
  }
  return asked;
}

/** Takes longer than memory does. */
function slow(): void {
  for (const end = performance.now() + 2; performance.now() < end;);
}

Deno.test("Pieces: after a slow step others are left to another thread, then it is tried again", async () => {
  const later = Array.from({ length: 16 }, () => "later" as const);
  const asked = await ask(new Pieces(), 35, slow);
  assertEquals(asked, [64 * 1024, ...later, 64 * 1024, ...later, 64 * 1024]);
});

Deno.test("Pieces: it begins with little, and goes on with much while that is quick", async () => {
  const [first, ...others] = await ask(new Pieces(), 50);
  assertEquals(first, 64 * 1024);
  // A busy machine may make any of them slow.
  assertEquals(others.includes(512 * 1024), true);
});
