/**
 * What a tree transfer does in one directory: a pure function of the two listings, so a dry run shows
 * exactly what a run does.
 *
 * @module
 */
import { reasonOf } from "../../shared/errors.ts";
import type { EntryTime } from "../listing/entry.ts";
import { UNIQUE_PART } from "../transfer/part_name.ts";
import { sortedByName, type TreeEntry } from "./tree_entry.ts";

/**
 * Which files are transferred where the target has one of the name already: every one, none, one
 * that differs in size or is newer, or one that differs in size or time.
 */
export type Comparison = "always" | "never" | "newer" | "differs";

/** What a plan is made by. */
export interface PlanRules {
  readonly compare: Comparison;
  /** Remove what the source does not have. */
  readonly delete: boolean;
  /** Text is converted on the way, so sizes say nothing. */
  readonly ascii: boolean;
  /** Whether an entry of the source or the target takes part. */
  readonly admits: (name: string, type: "file" | "dir") => boolean;
  /** The name on the target's side. */
  readonly nameThere: (name: string) => string;
  /** Why the target can have no such name; undefined: it can. */
  readonly refusesName: (name: string) => string | undefined;
}

/** One thing to do. `name` is the target's; `there` what stands under it. */
export type PlanStep =
  | {
    readonly kind: "transfer";
    readonly name: string;
    readonly source: TreeEntry;
    readonly there?: TreeEntry;
    /** Another file of the source has the name of its part. */
    readonly isPartTaken?: boolean;
  }
  | {
    readonly kind: "enter";
    readonly name: string;
    readonly source: TreeEntry;
    readonly exists: boolean;
  }
  | { readonly kind: "delete"; readonly name: string; readonly there: TreeEntry }
  /** Nothing is to be done, for a reason that is worth telling, or not. */
  | {
    readonly kind: "pass";
    readonly name: string;
    readonly source: TreeEntry;
    readonly reason: string;
    readonly minor: boolean;
  }
  /** It cannot be done. */
  | {
    readonly kind: "refuse";
    readonly name: string;
    readonly source: TreeEntry;
    readonly reason: string;
  };

/** Both sides of one directory. */
export interface DirectoryPair {
  /** Links that are followed have the type of what they lead to. */
  readonly source: readonly TreeEntry[];
  readonly target: readonly TreeEntry[];
  /** Not all of the source is known: nothing may be removed because of what is missing there. */
  readonly sourceIncomplete: boolean;
}

/** The suffix of unfinished files, which belong to the file that is being transferred. */
const PART = ".part";

/**
 * Plans one directory.
 *
 * @param pair What is on both sides.
 * @param rules What is wanted.
 * @returns What to do: what is in the way is removed first, then files, then directories, by name.
 */
export function planDirectory(pair: DirectoryPair, rules: PlanRules): PlanStep[] {
  const there = new Map(pair.target.map((entry) => [entry.name, entry]));
  const taken = new Map<string, TreeEntry>();
  const steps: PlanStep[] = [];
  let isSomeUnnamed = false;
  for (const source of sortedByName(pair.source)) {
    if (source.type !== "other" && !rules.admits(source.name, shapeOf(source))) continue;
    const name = rules.nameThere(source.name);
    const fault = rules.refusesName(name);
    // The target may have it all the same, by a name that cannot be known here.
    if (fault !== undefined) isSomeUnnamed = true;
    const reason = fault ?? (taken.has(name) ? "another name there reads the same" : undefined);
    if (reason !== undefined) {
      steps.push({ kind: "refuse", name, source, reason });
      continue;
    }
    taken.set(name, source);
    steps.push(...planEntry({ name, source, there: there.get(name) }, rules));
  }
  const mayRemove = rules.delete && !pair.sourceIncomplete && !isSomeUnnamed;
  const removals = mayRemove ? planRemovals(pair, { rules, taken }) : [];
  return [...removals, ...inOrder(steps.map((step) => besidePart(step, taken)))];
}

/** Where there is a NAME.part to be transferred too, the part of NAME is another one. */
function besidePart(step: PlanStep, taken: ReadonlyMap<string, TreeEntry>): PlanStep {
  if (step.kind !== "transfer" || !taken.has(step.name + PART)) return step;
  return { ...step, isPartTaken: true };
}

/** Links are taken for files: that is what most lead to. */
function shapeOf(entry: TreeEntry): "file" | "dir" {
  return entry.type === "dir" ? "dir" : "file";
}

/** Directories come last, so that what is listed is soon at work. */
function inOrder(steps: readonly PlanStep[]): PlanStep[] {
  const isLate = (step: PlanStep): boolean => step.kind === "enter";
  return [...steps.filter((step) => !isLate(step)), ...steps.filter(isLate)];
}

interface Meeting {
  readonly name: string;
  readonly source: TreeEntry;
  readonly there: TreeEntry | undefined;
}

function planEntry(meeting: Meeting, rules: PlanRules): PlanStep[] {
  const { name, source, there } = meeting;
  if (source.fault !== undefined) {
    return [{ kind: "refuse", name, source, reason: reasonOf(source.fault) }];
  }
  if (source.type === "link") {
    const reason = "it is a link to a directory, which --follow would enter";
    return [{ kind: "pass", name, source, reason, minor: false }];
  }
  if (source.type === "other") {
    const reason = "it is neither a file nor a directory";
    return [{ kind: "pass", name, source, reason, minor: false }];
  }
  if (there === undefined) return [arrival(meeting)];
  const fits = there.type !== "link" && (source.type === "dir") === (there.type === "dir");
  if (!fits) return planConflict({ ...meeting, there }, rules);
  if (source.type === "dir") return [{ kind: "enter", name, source, exists: true }];
  const reason = reasonToPass(source, { there, rules });
  if (reason !== undefined) return [{ kind: "pass", name, source, reason, minor: true }];
  return [{ kind: "transfer", name, source, there }];
}

function arrival({ name, source }: Meeting): PlanStep {
  if (source.type === "dir") return { kind: "enter", name, source, exists: false };
  return { kind: "transfer", name, source };
}

/** A file, a directory, a link: only who may delete may replace one by another. */
function planConflict(meeting: Meeting & { there: TreeEntry }, rules: PlanRules): PlanStep[] {
  const { name, source, there } = meeting;
  if (rules.compare === "never") {
    return [{ kind: "pass", name, source, reason: "it exists", minor: true }];
  }
  if (rules.delete && rules.admits(there.name, shapeOf(there))) {
    return [{ kind: "delete", name, there }, arrival(meeting)];
  }
  const reason = there.type === "dir"
    ? "it is a directory there"
    : there.isLink
    ? "it is a link there"
    : "it is no directory there";
  return [{ kind: "refuse", name, source, reason }];
}

function planRemovals(
  pair: DirectoryPair,
  way: { readonly rules: PlanRules; readonly taken: ReadonlyMap<string, TreeEntry> },
): PlanStep[] {
  const { rules, taken } = way;
  return sortedByName(pair.target)
    .filter(({ name }) => !taken.has(name) && !isPartOf(name, taken))
    .filter((entry) => rules.admits(entry.name, shapeOf(entry)))
    .map((there) => ({ kind: "delete", name: there.name, there }));
}

function isPartOf(name: string, taken: ReadonlyMap<string, TreeEntry>): boolean {
  if (name.endsWith(PART) && taken.has(name.slice(0, -PART.length))) return true;
  const [unique] = UNIQUE_PART.exec(name) ?? [];
  if (unique === undefined) return false;
  const start = name.slice(0, -unique.length);
  return taken.keys().some((whole) => whole.startsWith(start));
}

function reasonToPass(
  source: TreeEntry,
  way: { readonly there: TreeEntry; readonly rules: PlanRules },
): string | undefined {
  const { there, rules: { compare, ascii } } = way;
  if (compare === "never") return "it exists";
  if (compare === "always") return undefined;
  const sizes = ascii || source.size === undefined || there.size === undefined
    ? "unknown"
    : source.size === there.size
    ? "same"
    : "differ";
  const times = compareTimes(source.modified, there.modified);
  if (sizes === "differ") return undefined;
  if (times === "unknown") return sizes === "same" ? "it is up to date" : undefined;
  const passes = compare === "newer" ? times !== "later" : times === "same";
  return passes ? "it is up to date" : undefined;
}

const SPAN: Readonly<Record<EntryTime["precision"], number>> = {
  second: 1000,
  minute: 60_000,
  day: 86_400_000,
};

/** Clocks on land differ from UTC by quarters of an hour, from -12 to +14 hours. */
const QUARTER = 900_000;
const WIDEST_ZONES = 26 * 3_600_000;

/**
 * Compares two times as exactly as both are known.
 *
 * Where the zone of one is not known, times that may be the same are: they differ by whole quarters
 * of an hour, and by no more than two places on earth can. What may be later is taken for later, as
 * one transfer too many is better than one too few.
 *
 * @param source The time of the source.
 * @param target The time of the target.
 * @returns What the source's is.
 */
export function compareTimes(
  source: EntryTime | undefined,
  target: EntryTime | undefined,
): "same" | "later" | "earlier" | "unknown" {
  if (source === undefined || target === undefined) return "unknown";
  const span = Math.max(SPAN[source.precision], SPAN[target.precision]);
  const whole = (time: EntryTime): number => Math.floor(time.date.getTime() / span) * span;
  const difference = whole(source) - whole(target);
  if (difference === 0) return "same";
  if (source.zoneKnown && target.zoneKnown) return difference > 0 ? "later" : "earlier";
  const inZones = Math.abs(difference) <= WIDEST_ZONES;
  if (inZones && difference % QUARTER === 0) return "same";
  return difference > (inZones ? -Infinity : 0) ? "later" : "earlier";
}
