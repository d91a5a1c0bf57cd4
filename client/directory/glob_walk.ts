/**
 * Finds what a pattern stands for in a tree of directories, remote or local.
 *
 * `*`, `?` and `[…]` match within one name (`shared/glob.ts`), `{a,b}` stands for alternatives
 * (`shared/brace.ts`), `**` for any number of directories, and `\` takes away the meaning of what
 * follows it. A name that is spelled exactly like its pattern wins. All alternatives go down the tree
 * together, so each directory is listed at most once.
 *
 * @module
 */
import { expandBraces } from "../../shared/brace.ts";
import { ProtocolError } from "../../shared/errors.ts";
import { compileGlob, literalText } from "../../shared/glob.ts";
import type { EntryType } from "../listing/entry.ts";
import { childPath } from "../location.ts";
import { Ancestry } from "./ancestry.ts";

/** What of an entry matters here. */
export interface GlobEntry {
  readonly name: string;
  readonly type: EntryType;
  readonly id?: string;
}

/** A tree of directories. */
export interface GlobTree<E extends GlobEntry> {
  /**
   * The entries of a directory; none where there is no such directory.
   *
   * @param path As the pattern writes it; empty: where relative paths begin.
   * @param wish Whether names with a leading dot matter, and whether a listing has shown this
   * directory, so that failing to list it is more than a name that does not match.
   */
  list(
    path: string,
    wish: { readonly hidden: boolean; readonly known: boolean },
  ): Promise<readonly E[]>;
}

/** A path that matches. */
export interface GlobMatch<E> {
  /** Relative or absolute, as the pattern is. */
  readonly path: string;
  readonly entry: E;
}

/** How many paths one pattern may match. */
const MOST_MATCHES = 1_000_000;

/**
 * Finds the paths that match.
 *
 * @param pattern The pattern. A path that is spelled exactly like it is the only match; so is, in a
 * directory, a name that is spelled like its part of the pattern.
 * @param tree Where to look; only directories that a pattern leads to are listed.
 * @returns The paths in order. Names with a leading dot match only where the pattern writes the dot,
 * links to directories are followed only where it names what is in them, not by `**`.
 * @throws {UsageError} If the braces stand for too many alternatives.
 * @throws {ProtocolError} If the tree is too deep, or too much matches.
 */
export async function expandGlob<E extends GlobEntry>(
  pattern: string,
  tree: GlobTree<E>,
): Promise<readonly GlobMatch<E>[]> {
  const search = new Search(pattern, tree);
  return await search.run();
}

/** One name of a pattern, and what follows it. */
interface Step {
  readonly kind: "name" | "glob" | "deep";
  /** As it is written; of a `name`, without escapes. */
  readonly name: string;
  /** Whether a name matches, hidden or not. */
  readonly takes: (name: string) => boolean;
  /** It also takes names with a leading dot. */
  readonly hidden: boolean;
  readonly next: Step | undefined;
  /** As the last step: it ends with a slash, so no file matches. */
  readonly directory: boolean;
  /** It belongs to the pattern taken by its letters. */
  readonly literal: boolean;
}

/** What the letters of a pattern may mean more than themselves by. */
const SPECIAL = /[*?[{\\]/;

/** The steps of one alternative, the first one linked to the others. */
function chain(path: string, literal: boolean): Step | undefined {
  const names = path.split("/").filter((name) => name !== "");
  const directory = path.endsWith("/");
  return names.reduceRight<Step | undefined>((next, name) => ({
    ...(literal ? nameStep(name) : globStep(name)),
    next,
    directory,
    literal,
  }), undefined);
}

type StepKind = Pick<Step, "kind" | "name" | "takes" | "hidden">;

function nameStep(name: string): StepKind {
  const takes = (given: string): boolean => given === name;
  return { kind: "name", name, takes, hidden: name.startsWith(".") };
}

function globStep(pattern: string): StepKind {
  if (pattern === "**") return { kind: "deep", name: pattern, takes: () => true, hidden: false };
  const name = literalText(pattern);
  if (name !== undefined) return nameStep(name);
  const hidden = /^\\?\./.test(pattern);
  return { kind: "glob", name: pattern, takes: compileGlob(pattern), hidden };
}

/** A directory to look into. */
interface Place {
  readonly path: string;
  readonly steps: ReadonlySet<Step>;
  /** A listing has shown it. */
  readonly known: boolean;
  readonly ancestry: Ancestry;
}

class Search<E extends GlobEntry> {
  readonly #pattern: string;
  readonly #tree: GlobTree<E>;
  readonly #places: Place[] = [];
  readonly #matches = new Map<string, E>();
  readonly #literal = new Map<string, E>();

  constructor(pattern: string, tree: GlobTree<E>) {
    this.#pattern = pattern;
    this.#tree = tree;
  }

  async run(): Promise<readonly GlobMatch<E>[]> {
    const roots = new Map<string, Set<Step>>();
    const alternatives = expandBraces(this.#pattern).map((path) => ({ path, literal: false }));
    for (const { path, literal } of [{ path: this.#pattern, literal: true }, ...alternatives]) {
      const first = chain(path, literal);
      if (first !== undefined) addTo(roots, path.startsWith("/") ? "/" : "", first);
    }
    for (const [path, steps] of roots) {
      this.#places.push({ path, steps, known: false, ancestry: new Ancestry({ name: "" }) });
    }
    for (let place = this.#places.pop(); place !== undefined; place = this.#places.pop()) {
      await this.#visit(place);
    }
    const found = this.#literal.size > 0 ? this.#literal : this.#matches;
    const paths = [...found].map(([path, entry]) => ({ path, entry }));
    return paths.sort((a, b) => a.path < b.path ? -1 : 1);
  }

  async #visit(place: Place): Promise<void> {
    const steps = withoutDepth(place.steps);
    const below = new Map<string, Set<Step>>();
    const looking: Step[] = [];
    for (const step of steps) {
      // What is only passed through need not be listed to be opened.
      if (isPassage(step)) addTo(below, step.name, step.next);
      else looking.push(step);
    }
    const seen = new Map<string, E>();
    if (looking.length > 0) {
      const hidden = looking.some((step) => step.hidden);
      const entries = await this.#tree.list(place.path, { hidden, known: place.known });
      const exact = exactly(looking, entries);
      for (const entry of entries) {
        const goesOn = this.#look(entry, { place, looking: exact, below });
        if (goesOn || below.has(entry.name)) seen.set(entry.name, entry);
      }
    }
    for (const [name, next] of below) {
      this.#open(place, { name, steps: next, entry: seen.get(name) });
    }
  }

  /** Takes an entry that matches; true where what is in it may match too. */
  #look(
    entry: E,
    at: {
      readonly place: Place;
      readonly looking: readonly Step[];
      readonly below: Map<string, Set<Step>>;
    },
  ): boolean {
    const { name, type } = entry;
    // No name of a path has a slash in it: such an entry would lead elsewhere.
    if (name === "" || name.includes("/")) return false;
    const taking = at.looking.filter((step) =>
      (step.hidden || !name.startsWith(".")) && step.takes(name)
    );
    let goesOn = false;
    for (const step of taking) {
      if (step.next === undefined) this.#add(childPath(at.place.path, name), { step, entry });
      const next = step.kind === "deep" ? step : step.next;
      if (next === undefined || (step.kind === "deep" ? type !== "dir" : type === "file")) continue;
      addTo(at.below, name, next);
      goesOn = true;
    }
    return goesOn;
  }

  #add(path: string, found: { readonly step: Step; readonly entry: E }): void {
    const { step, entry } = found;
    if (step.directory && entry.type === "file") return;
    (step.literal ? this.#literal : this.#matches).set(path, entry);
    if (this.#matches.size <= MOST_MATCHES) return;
    throw new ProtocolError(
      `Cannot expand "${this.#pattern}": more than ${MOST_MATCHES} names match`,
    );
  }

  #open(
    place: Place,
    child: {
      readonly name: string;
      readonly steps: ReadonlySet<Step>;
      readonly entry: E | undefined;
    },
  ): void {
    const { name, entry } = child;
    if (entry?.type === "file") return;
    const ancestry = place.ancestry.child({ name, id: entry?.id });
    // Only `**` goes on for ever in a loop; a name behind it may still be meant.
    const steps = ancestry === undefined ? named(child.steps) : child.steps;
    if (steps.size === 0) return;
    this.#places.push({
      path: childPath(place.path, name),
      steps,
      known: entry?.type === "dir",
      ancestry: ancestry ?? new Ancestry({ name: "" }),
    });
  }
}

/** A glob that is spelled like a name in the directory is that name. */
function exactly(steps: readonly Step[], entries: readonly GlobEntry[]): readonly Step[] {
  const spellings = new Set(steps.filter(({ kind }) => kind === "glob").map(({ name }) => name));
  const present = new Set(entries.map(({ name }) => name).filter((name) => spellings.has(name)));
  return steps.map((step) =>
    step.kind === "glob" && present.has(step.name) ? { ...step, ...nameStep(step.name) } : step
  );
}

/** A pattern is hardly ever the name of a directory: that is opened only once it was seen. */
function isPassage(step: Step): step is Step & { readonly next: Step } {
  if (step.kind !== "name" || step.next === undefined) return false;
  return !step.literal || !SPECIAL.test(step.name);
}

function addTo(map: Map<string, Set<Step>>, key: string, step: Step): void {
  const steps = map.get(key);
  if (steps === undefined) map.set(key, new Set([step]));
  else steps.add(step);
}

/** `**` also stands for no directory at all: what follows it may be right here. */
function withoutDepth(steps: ReadonlySet<Step>): ReadonlySet<Step> {
  const all = new Set<Step>();
  for (const step of steps) {
    let each: Step | undefined = step;
    for (; each?.kind === "deep" && each.next !== undefined; each = each.next) all.add(each);
    if (each !== undefined) all.add(each);
  }
  return all;
}

function named(steps: ReadonlySet<Step>): ReadonlySet<Step> {
  return new Set([...steps].filter((step) => step.kind !== "deep"));
}
