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
export async function sortInTurns(texts: readonly string[]): Promise<readonly string[]> {
  let runs: (readonly string[])[] = [];
  for (let start = 0; start < texts.length; start += PIECE) {
    if (start > 0) await nextTurn();
    runs.push(texts.slice(start, start + PIECE).sort());
  }
  while (runs.length > 1) {
    const longer: (readonly string[])[] = [];
    for (let at = 0; at < runs.length; at += 2) {
      longer.push(await merge(runs[at] ?? [], runs[at + 1] ?? []));
    }
    runs = longer;
  }
  return runs[0] ?? [];
}

async function merge(first: readonly string[], second: readonly string[]): Promise<string[]> {
  const merged: string[] = [];
  let [a, b] = [0, 0];
  while (a < first.length && b < second.length) {
    if (merged.length % PIECE === PIECE - 1) await nextTurn();
    const [left = "", right = ""] = [first[a], second[b]];
    if (left <= right) a++;
    else b++;
    merged.push(left <= right ? left : right);
  }
  return merged.concat(first.slice(a), second.slice(b));
}
