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

Deno.test("Pieces: after a slow step others are left to another thread, ever more of them up to 64", async () => {
  const pieces = new Pieces();
  const asked = await ask(pieces, 263, slow);
  const probes = [...asked.entries()].filter(([, what]) => what === 64 * 1024).map(([at]) => at);
  assertEquals(probes, [0, 2, 5, 10, 19, 36, 69, 134, 199]);
  assertEquals(asked.length - probes.length, asked.filter((what) => what === "later").length);
});

Deno.test("Pieces: after a quick step the next slow one costs little again", async () => {
  const pieces = new Pieces();
  await ask(pieces, 10, slow);
  await ask(pieces, 9); // the eighth of those left to another thread, then a quick one
  assertEquals((await ask(pieces, 3, slow)).filter((what) => what === "later").length, 1);
});

Deno.test("Pieces: it begins with little, and goes on with much while that is quick", async () => {
  const [first, ...others] = await ask(new Pieces(), 50);
  assertEquals(first, 64 * 1024);
  // A busy machine may make any of them slow.
  assertEquals(others.includes(512 * 1024), true);
});
