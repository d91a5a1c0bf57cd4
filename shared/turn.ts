/**
 * Long work in one thread: letting others have their turn.
 *
 * @module
 */
import { setImmediate } from "node:timers";

/** What the hop to another thread works on. */
const NOTHING = new Uint8Array();

let turn: Promise<void> | undefined;

/**
 * Resolves behind everything that is due now: sockets are served, timers fire. Takes a few hundredths
 * of a millisecond. All that ask meanwhile wait for the same turn.
 *
 * `setImmediate` alone does not do it: the runtime looks at its sockets only when it has nothing else
 * to do, or after dozens of rounds. So a turn ends with a hop to another thread, for which the runtime
 * has to wait, and begins when everybody else who is busy waits for it too.
 */
export function nextTurn(): Promise<void> {
  return turn ??= takeTurn();
}

async function takeTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  const hopBegan = performance.now();
  await crypto.subtle.digest("SHA-256", NOTHING);
  turn = undefined;
  lastTurn = performance.now();
  slice = Math.min(Math.max(SHORTEST, (lastTurn - hopBegan) * WORTH), LONGEST);
}

/** Milliseconds that long work may keep the thread where a turn takes no time; several works add up. */
const SHORTEST = 0.4;

/** Milliseconds that it may keep it at most. */
const LONGEST = 2;

/** How much more time goes to work than to turns: where the cores are busy, a hop takes milliseconds. */
const WORTH = 4;

/** Milliseconds that long work may keep the thread now. */
let slice = SHORTEST;

/** When a turn ended last, whoever asked for it. */
let lastTurn = 0;

/**
 * Tells long work when it has kept the thread for so long that others shall have their turn.
 *
 * @example Usage
 * ```ts
 * import { nextTurn, Slice } from "./turn.ts";
 * const slice = new Slice();
 * for (let step = 0; step < 100_000; step++) if (slice.over) await nextTurn();
 * ```
 */
export class Slice {
  readonly #began = performance.now();

  /** Whether it is time for {@linkcode nextTurn}. */
  get over(): boolean {
    return performance.now() - Math.max(this.#began, lastTurn) > slice;
  }
}

/** Values that are sorted or merged before it is asked whether others shall have their turn. */
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
export async function sortInTurns<T extends string | number | object>(
  values: readonly T[],
  compare: Compare<T>,
): Promise<readonly T[]>;
export async function sortInTurns<T extends string | number | object>(
  values: readonly T[],
  compare?: Compare<T>,
): Promise<readonly T[]> {
  const slice = new Slice();
  const inOrder = compare === undefined
    ? (left: T, right: T): boolean => left <= right
    : (left: T, right: T): boolean => compare(left, right) <= 0;
  // Two arrays take turns: a new one for each merge would be many times as much memory.
  let from = values.slice();
  let to = values.slice();
  for (let start = 0; start < from.length; start += PIECE) {
    if (slice.over) await nextTurn();
    from.slice(start, start + PIECE).sort(compare).forEach((value, at) => from[start + at] = value);
  }
  for (let width = PIECE; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) {
      const merging = merge({ from, to, start, width }, inOrder);
      while (!merging.next().done) if (slice.over) await nextTurn();
    }
    [from, to] = [to, from];
  }
  return from;
}

/** Two sorted runs, one behind the other, that become one at the same place of another array. */
interface Runs<T> {
  readonly from: readonly T[];
  readonly to: T[];
  /** Where the first one begins. */
  readonly start: number;
  /** Values of each. */
  readonly width: number;
}

/** Merges two runs, with a break now and then. */
function* merge<T extends string | number | object>(
  { from, to, start, width }: Runs<T>,
  inOrder: (left: T, right: T) => boolean,
): Generator<void> {
  const firstEnd = Math.min(start + width, from.length);
  const end = Math.min(firstEnd + width, from.length);
  let [first, second] = [start, firstEnd];
  for (let at = start; at < end; at++) {
    const left = first < firstEnd ? from[first] : undefined;
    const right = second < end ? from[second] : undefined;
    if (left !== undefined && (right === undefined || inOrder(left, right))) {
      to[at] = left;
      first++;
    } else if (right !== undefined) {
      to[at] = right;
      second++;
    }
    if (at % PIECE === 0) yield;
  }
}
