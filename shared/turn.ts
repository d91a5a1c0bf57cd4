/**
 * Long work in one thread: letting others have their turn.
 *
 * @module
 */
import { setImmediate } from "node:timers";

/** Resolves behind everything that is due now: sockets are served, timers fire. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Values that are sorted or merged before others get their turn: about a millisecond. */
const PIECE = 4096;

/** As `sort` takes it. */
type Compare<T> = (left: T, right: T) => number;

/**
 * Sorts texts by their UTF-16 units, as `sort()` does, without keeping others waiting.
 *
 * @example Usage
 * ```ts
 * import { sortInTurns } from "./turn.ts";
 * if ((await sortInTurns(["b", "a", "c"])).join("") !== "abc") throw new Error("unexpected");
 * ```
 *
 * @param texts The texts.
 * @returns A new array.
 */
export async function sortInTurns(texts: readonly string[]): Promise<readonly string[]>;
/**
 * Sorts anything, as `sort(compare)` does, without keeping others waiting.
 *
 * @param values The values; equal ones stay in their order.
 * @param compare Below 0 where the first one comes first.
 * @returns A new array.
 */
export async function sortInTurns<T extends string | object>(
  values: readonly T[],
  compare: Compare<T>,
): Promise<readonly T[]>;
export async function sortInTurns<T extends string | object>(
  values: readonly T[],
  compare?: Compare<T>,
): Promise<readonly T[]> {
  let runs: (readonly T[])[] = [];
  for (let start = 0; start < values.length; start += PIECE) {
    if (start > 0) await nextTurn();
    runs.push(values.slice(start, start + PIECE).sort(compare));
  }
  while (runs.length > 1) {
    const longer: (readonly T[])[] = [];
    for (let at = 0; at < runs.length; at += 2) {
      longer.push(await merge([runs[at] ?? [], runs[at + 1] ?? []], compare));
    }
    runs = longer;
  }
  return runs[0] ?? [];
}

async function merge<T extends string | object>(
  [first, second]: readonly [readonly T[], readonly T[]],
  compare?: Compare<T>,
): Promise<T[]> {
  const merged: T[] = [];
  let [a, b] = [0, 0];
  for (;;) {
    if (merged.length % PIECE === PIECE - 1) await nextTurn();
    const left = first[a];
    const right = second[b];
    if (left === undefined || right === undefined) break;
    const ordered = compare === undefined ? left <= right : compare(left, right) <= 0;
    merged.push(ordered ? left : right);
    if (ordered) a++;
    else b++;
  }
  return merged.concat(first.slice(a), second.slice(b));
}
