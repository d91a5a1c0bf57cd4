/**
 * Braces in patterns: `{a,b}` stands for each of its alternatives, and may hold others.
 *
 * As in a shell, braces come before everything else in a pattern, and without a comma or without
 * their other half they stand for themselves.
 *
 * @module
 */
import { UsageError } from "./errors.ts";
import { isGlob } from "./glob.ts";

/** How many patterns one pattern may stand for. */
export const MOST_ALTERNATIVES = 1000;

/** One `{…}`: where it and its parts begin and end. */
interface Group {
  /** Of the opening brace. */
  readonly start: number;
  readonly commas: number[];
  /** Of the closing brace. */
  end: number;
}

/**
 * Whether a path may stand for more than itself.
 *
 * @param path A name or a path.
 * @returns True where there is a `*`, a `?`, a `[` or a `{…,…}` in it.
 */
export function isPattern(path: string): boolean {
  return isGlob(path) || findGroups(path).size > 0;
}

/**
 * Writes a pattern with braces as patterns without.
 *
 * @example Usage
 * ```ts
 * import { expandBraces } from "./brace.ts";
 * const all = expandBraces("{a,b{1,2}}.txt");
 * if (all.join(" ") !== "a.txt b1.txt b2.txt") throw new Error("unexpected");
 * ```
 *
 * @param pattern The pattern; what follows a `\` is no brace and no comma.
 * @returns The alternatives, in order; escapes stay as they are.
 * @throws {UsageError} If they are more than {@linkcode MOST_ALTERNATIVES}.
 */
export function expandBraces(pattern: string): readonly string[] {
  return expand({ text: pattern, groups: findGroups(pattern) }, [0, pattern.length]);
}

/** All groups by their beginning, found in one pass. */
function findGroups(text: string): ReadonlyMap<number, Group> {
  const groups = new Map<number, Group>();
  const open: Group[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "\\") at++;
    else if (character === "{") open.push({ start: at, commas: [], end: at });
    else if (character === ",") open.at(-1)?.commas.push(at);
    else if (character === "}") {
      const group = open.pop();
      if (group === undefined || group.commas.length === 0) continue;
      group.end = at;
      groups.set(group.start, group);
    }
  }
  return groups;
}

interface Braced {
  readonly text: string;
  readonly groups: ReadonlyMap<number, Group>;
}

/** Each level of nesting has an alternative of its own, so the limit bounds the recursion too. */
function expand(
  braced: Braced,
  range: readonly [start: number, end: number],
  depth = 0,
): readonly string[] {
  if (depth > MOST_ALTERNATIVES) throw tooMany(braced.text);
  const [start, end] = range;
  let heads: readonly string[] = [""];
  let literal = start;
  for (let at = start; at < end; at++) {
    const group = braced.groups.get(at);
    if (group === undefined) continue;
    const before = braced.text.slice(literal, at);
    const inner = alternatives(braced, group, depth);
    if (heads.length * inner.length > MOST_ALTERNATIVES) throw tooMany(braced.text);
    heads = heads.flatMap((head) => inner.map((each) => head + before + each));
    at = group.end;
    literal = at + 1;
  }
  const rest = braced.text.slice(literal, end);
  return heads.map((head) => head + rest);
}

function alternatives(braced: Braced, group: Group, depth: number): readonly string[] {
  const starts = [group.start, ...group.commas];
  const ends = [...group.commas, group.end];
  const all: string[] = [];
  for (const [index, start] of starts.entries()) {
    all.push(...expand(braced, [start + 1, ends[index] ?? group.end], depth + 1));
    if (all.length > MOST_ALTERNATIVES) throw tooMany(braced.text);
  }
  return all;
}

function tooMany(pattern: string): UsageError {
  const shown = pattern.length > 40 ? `${pattern.slice(0, 40)}…` : pattern;
  return new UsageError(
    `Cannot expand ${JSON.stringify(shown)}: more than ${MOST_ALTERNATIVES} alternatives`,
  );
}
