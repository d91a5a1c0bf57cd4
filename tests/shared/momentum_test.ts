import { assertEquals } from "@std/assert";
import { Momentum, PAUSE, PROOF } from "../../shared/momentum.ts";

/** Moves pieces, each after so many milliseconds; tells what is wanted after each. */
function after(steps: readonly (readonly [ms: number, bytes: number])[]): string[] {
  let now = 1000;
  const momentum = new Momentum(() => now);
  return [
    momentum.wanted,
    ...steps.map(([ms, bytes]) => {
      now += ms;
      momentum.moved(bytes);
      return momentum.wanted;
    }),
  ];
}

const CASES = [
  ["a copy begins small and grows", [[1, PROOF - 1], [1, 1]], ["small", "small", "large"]],
  [
    "a long wait makes it small again, and it may grow again",
    [[1, PROOF], [PAUSE + 1, PROOF], [1, PROOF - 1], [1, 1]],
    ["small", "large", "small", "small", "large"],
  ],
  ["a short wait does not", [[1, PROOF], [PAUSE, 1]], ["small", "large", "large"]],
  [
    "who is slow from the start never grows",
    [[PAUSE + 1, PROOF], [PAUSE + 1, PROOF], [PAUSE + 1, PROOF]],
    ["small", "small", "small", "small"],
  ],
] as const;

for (const [name, steps, wanted] of CASES) {
  Deno.test(`Momentum: ${name}`, () => assertEquals(after(steps), [...wanted]));
}
