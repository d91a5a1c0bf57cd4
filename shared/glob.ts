/**
 * Globs over one name: `*` any text, `?` one character, `[a-z]` and `[!a-z]` one of a set, `\` the
 * next character as it is. No braces and no recursion: the work is about the product of both lengths
 * at most, however large the sets are.
 *
 * @module
 */

/** One step of a pattern: a character, any character, a set of them, or any text. */
type Step =
  | {
    readonly kind: "one";
    readonly takes: (character: string) => boolean;
    /** The only character that it takes, where there is one. */
    readonly literal?: string;
  }
  | { readonly kind: "any" };

/**
 * Whether a text holds anything that a glob takes for more than itself.
 *
 * @param text A name or a path.
 * @returns True where `*`, `?` or `[` is in it.
 */
export function isGlob(text: string): boolean {
  return /[*?[]/.test(text);
}

/**
 * Writes a name as a pattern that matches nothing else, also where braces are expanded.
 *
 * @example Usage
 * ```ts
 * import { escapeGlob } from "./glob.ts";
 * if (escapeGlob("a*{b}") !== "a\\*\\{b\\}") throw new Error("unexpected");
 * ```
 *
 * @param name A name or a path.
 * @returns The pattern.
 */
export function escapeGlob(name: string): string {
  return name.replace(/[*?[\]{},\\]/g, "\\$&");
}

/**
 * Compiles a glob.
 *
 * @example Usage
 * ```ts
 * import { compileGlob } from "./glob.ts";
 * if (!compileGlob("IMG_[0-9]*.jp?g")("IMG_1234.jpeg")) throw new Error("unexpected");
 * ```
 *
 * @param pattern The glob. A `[` without its `]` stands for itself.
 * @returns Whether a whole name matches.
 */
export function compileGlob(pattern: string): (name: string) => boolean {
  const steps = parse([...pattern]).map((step) => step.kind === "any" ? "any" : step.takes);
  return (name) => matchInOrder(steps, [...name]);
}

/**
 * The only name that a glob stands for, where there is one.
 *
 * @example Usage
 * ```ts
 * import { literalText } from "./glob.ts";
 * if (literalText("a\\*b") !== "a*b") throw new Error("unexpected");
 * if (literalText("a*b") !== undefined) throw new Error("unexpected");
 * ```
 *
 * @param pattern The glob.
 * @returns The name, without the escapes; undefined where several names may match.
 */
export function literalText(pattern: string): string | undefined {
  let text = "";
  for (const step of parse([...pattern])) {
    if (step.kind === "any" || step.literal === undefined) return undefined;
    text += step.literal;
  }
  return text;
}

function parse(characters: readonly string[]): readonly Step[] {
  const steps: Step[] = [];
  for (let at = 0; at < characters.length;) {
    const { step, next } = parseStep(characters, at);
    // Two stars in a row mean what one means.
    if (step.kind !== "any" || steps.at(-1)?.kind !== "any") steps.push(step);
    at = next;
  }
  return steps;
}

function parseStep(
  characters: readonly string[],
  at: number,
): { readonly step: Step; readonly next: number } {
  const character = characters[at] ?? "";
  if (character === "*") return { step: { kind: "any" }, next: at + 1 };
  if (character === "?") return { step: { kind: "one", takes: () => true }, next: at + 1 };
  if (character === "[") {
    const end = setEnd(characters, at);
    if (end !== undefined) return { step: setStep(characters.slice(at + 1, end)), next: end + 1 };
  }
  const escaped = character === "\\" && at + 1 < characters.length;
  const literal = (escaped ? characters[at + 1] : undefined) ?? character;
  const takes = (given: string): boolean => given === literal;
  return { step: { kind: "one", takes, literal }, next: at + (escaped ? 2 : 1) };
}

/** Where the set ends; a `]` right at its beginning is a member. */
function setEnd(characters: readonly string[], at: number): number | undefined {
  const first = isNegation(characters[at + 1]) ? at + 2 : at + 1;
  const end = characters.indexOf("]", first + 1);
  return end < 0 ? undefined : end;
}

function isNegation(character: string | undefined): boolean {
  return character === "!" || character === "^";
}

function setStep(members: readonly string[]): Step {
  const negated = isNegation(members[0]);
  const list = negated ? members.slice(1) : members;
  const ranges: Range[] = [];
  for (let at = 0; at < list.length; at++) {
    const low = codeOf(list[at]);
    const isRange = list[at + 1] === "-" && at + 2 < list.length;
    const high = isRange ? codeOf(list[at + 2]) : low;
    if (low <= high) ranges.push([low, high]);
    if (isRange) at += 2;
  }
  const sorted = joined(ranges);
  return { kind: "one", takes: (given) => holds(sorted, codeOf(given)) !== negated };
}

/** First and last code point. */
type Range = readonly [number, number];

/** The same set in order and without overlaps, so that no set is slow to ask. */
function joined(ranges: readonly Range[]): readonly Range[] {
  const sorted: Range[] = [];
  for (const [low, high] of ranges.toSorted(([a], [b]) => a - b)) {
    const last = sorted.at(-1);
    if (last === undefined || low > last[1]) sorted.push([low, high]);
    else sorted[sorted.length - 1] = [last[0], Math.max(last[1], high)];
  }
  return sorted;
}

function holds(sorted: readonly Range[], code: number): boolean {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const [low, high] = sorted[middle] ?? [0, 0];
    if (low <= code && code <= high) return true;
    if (code < low) to = middle;
    else from = middle + 1;
  }
  return false;
}

function codeOf(character = ""): number {
  return character.codePointAt(0) ?? 0;
}

/**
 * Whether steps take all items, in order. Where a step fails, only the last `any` may take one item
 * more: earlier ones never help, so the work is at most the product of both lengths.
 *
 * @param steps What takes one item each, or `any`: any number of items.
 * @param items The items.
 * @returns Whether they match.
 */
export function matchInOrder<T>(
  steps: readonly ("any" | ((item: T) => boolean))[],
  items: readonly T[],
): boolean {
  let [step, at] = [0, 0];
  let retry: { step: number; at: number } | undefined;
  for (const end = items.length; at < end;) {
    const [current, item] = [steps[step], items[at]];
    if (current === "any") {
      retry = { step: ++step, at };
    } else if (current !== undefined && item !== undefined && current(item)) {
      step++;
      at++;
    } else if (retry !== undefined) {
      retry.at++;
      ({ step, at } = retry);
    } else {
      return false;
    }
  }
  while (steps[step] === "any") step++;
  return step === steps.length;
}
