import { assertEquals, assertRejects } from "@std/assert";
import { QuickPath } from "../../../server/system/quick_path.ts";

/** Takes longer than anything quick may. */
function slow(): void {
  for (const end = performance.now() + 2; performance.now() < end;);
}

/** How often each way was taken in a number of steps. */
async function count(path: QuickPath, steps: number, work: () => void = () => {}) {
  const ways = { now: 0, later: 0 };
  for (let step = 0; step < steps; step++) {
    await path.run({
      now: () => {
        ways.now++;
        work();
      },
      later: () => {
        ways.later++;
        work();
        return Promise.resolve();
      },
    });
  }
  return ways;
}

Deno.test("QuickPath: slow steps are always left to another thread", async () => {
  assertEquals(await count(new QuickPath(), 50, slow), { now: 0, later: 50 });
});

Deno.test("QuickPath: quick steps are soon done at once, and one slow step ends that for long", async () => {
  const path = new QuickPath();
  // A busy machine may make any of them slow.
  while ((await count(path, 20)).now === 0);
  const { now } = await count(path, 200, slow);
  assertEquals(now, 1);
});

Deno.test("QuickPath: an error of a step is its caller's", async () => {
  const fail = (): never => {
    throw new TypeError("broken");
  };
  await assertRejects(() => new QuickPath().run({ now: fail, later: fail }), TypeError, "broken");
});
