/**
 * A tree from one side to the other: directory by directory, each planned from both listings.
 *
 * @module
 */
import { FtpkitError } from "../../shared/errors.ts";
import { circleOf, type Place } from "../directory/tree_link.ts";
import type { FileResult, Report } from "../output/report.ts";
import { planDirectory, type PlanRules, type PlanStep } from "./plan.ts";
import { type FileJob, type Job, orFailure } from "./queue.ts";
import { changeSide, listSide, removeAll, type TreeChanges } from "./tree_change.ts";
import type { TreeEntry, TreeListing, TreeSide } from "./tree_entry.ts";

/** A file that is to be transferred. */
export interface TreeFile {
  /** Its paths, each of its own side. */
  readonly source: string;
  readonly target: string;
  /** What the listing told. */
  readonly entry: TreeEntry;
  /** What the target has under the name; undefined: nothing. */
  readonly there: TreeEntry | undefined;
  /** Another file of the tree has the name of its part. */
  readonly isPartTaken: boolean;
}

/** A tree transfer. */
export interface TreeTransfer extends TreeChanges {
  readonly source: TreeSide;
  readonly action: "get" | "put";
  /** The filter and the names are added to them here. */
  readonly rules: Pick<PlanRules, "compare" | "delete" | "ascii">;
  /** Make no directory that would hold no file: only some files are wanted. */
  readonly prune: boolean;
  /** Enter links to directories. */
  readonly follow: boolean;
  /** Directories that are listed before their turn, 0 or more. */
  readonly ahead: number;
  readonly report: Report;
  /** Makes the job for a file. */
  readonly job: (file: TreeFile) => FileJob;
}

/** The two ends of a tree. */
export interface TreeRoots {
  readonly source: string;
  readonly target: string;
  /** Whether the target is there; else it is made. */
  readonly exists: boolean;
}

/** One directory of a tree, on its way. */
interface Frame extends Place {
  readonly target: string;
  readonly parent: Frame | undefined;
  /** Whether the target is there by now; `failed`: it could not be made. */
  state: "there" | "missing" | "failed";
  /** Both listings, or why one is missing, once they were asked for. */
  pair?: Promise<Pair | FileResult>;
}

interface Pair {
  readonly source: TreeListing;
  readonly target: TreeListing;
}

const NOTHING: TreeListing = { entries: [] };

/**
 * Walks a tree and says what is to be done, in order: what is in the way is removed, directories are
 * made, and files become jobs.
 *
 * @param transfer What is transferred, and how.
 * @param roots From where to where.
 * @returns The jobs; among them, as results, what is done or has failed already.
 */
export async function* treeJobs(transfer: TreeTransfer, roots: TreeRoots): AsyncGenerator<Job> {
  const walk = new TreeWalk(transfer);
  const id = await orFailure(() => transfer.source.identify(roots.source));
  const frames: Frame[] = [{
    source: roots.source,
    target: roots.target,
    path: "",
    parent: undefined,
    id: typeof id === "string" ? id : undefined,
    links: 0,
    state: roots.exists ? "there" : "missing",
  }];
  try {
    for (let frame = frames.pop(); frame !== undefined; frame = frames.pop()) {
      frames.push(...(yield* walk.directory(frame)).reverse());
      const from = Math.max(0, frames.length - transfer.ahead);
      for (const next of frames.slice(from)) walk.read(next);
    }
  } finally {
    // Where it is given up, nothing that was begun goes on behind its back.
    await Promise.allSettled(frames.map(({ pair }) => pair));
  }
}

class TreeWalk {
  readonly #transfer: TreeTransfer;

  constructor(transfer: TreeTransfer) {
    this.#transfer = transfer;
  }

  /** Does one directory, and returns those in it. */
  async *directory(frame: Frame): AsyncGenerator<Job, Frame[]> {
    const { report, prune } = this.#transfer;
    const pair = await this.read(frame);
    if ("outcome" in pair) {
      yield { result: pair };
      return [];
    }
    if (!(prune && frame.parent) && !(yield* this.#ensure(frame))) return [];
    report.expectTree();
    const { incomplete } = pair.source;
    if (incomplete !== undefined) yield { result: this.#incomplete(frame, incomplete) };
    const source = await this.#behindLinks(frame, pair.source.entries);
    const both = {
      source,
      target: pair.target.entries,
      sourceIncomplete: incomplete !== undefined,
    };
    const steps = planDirectory(both, this.#rules(frame));
    this.#announce(steps);
    return yield* this.#steps(frame, steps);
  }

  /** Both listings, or why one is missing; a second call asks for nothing. */
  read(frame: Frame): Promise<Pair | FileResult> {
    return frame.pair ??= this.#readNow(frame);
  }

  async #readNow(frame: Frame): Promise<Pair | FileResult> {
    const { source, target } = this.#transfer;
    const there = await listSide(source, frame.source);
    if ("outcome" in there) return there;
    const here = frame.state === "there" ? await listSide(target, frame.target) : NOTHING;
    return "outcome" in here ? here : { source: there, target: here };
  }

  #incomplete(frame: Frame, reason: string): FileResult {
    const source = this.#transfer.source.show(frame.source);
    const outcome = new FtpkitError(`Cannot list all of "${source}": ${reason}`);
    return { action: "list", source, outcome, seconds: 0 };
  }

  #rules(frame: Frame): PlanRules {
    const { rules, filter, target } = this.#transfer;
    return {
      ...rules,
      admits: (name, type) => filter(pathOf(frame, name), type),
      nameThere: (name) => target.nameFrom(name),
      refusesName: (name) => target.refusesName(name),
    };
  }

  /** Links become what they lead to, but for directories that are not to be entered. */
  async #behindLinks(frame: Frame, entries: readonly TreeEntry[]): Promise<TreeEntry[]> {
    const { source, follow, filter } = this.#transfer;
    return await Promise.all(entries.map(async (entry): Promise<TreeEntry> => {
      if (entry.type !== "link" || !filter(pathOf(frame, entry.name), "file")) return entry;
      const path = source.child(frame.source, entry.name);
      const behind = await orFailure(() => source.behind(path, entry));
      if (behind instanceof FtpkitError) return { ...entry, fault: behind };
      return behind.type === "dir" && !follow ? entry : behind;
    }));
  }

  #announce(steps: readonly PlanStep[]): void {
    const files = steps.filter(({ kind }) => kind !== "enter" && kind !== "delete");
    const bytes = files.reduce(
      (sum, step) => sum + (step.kind === "transfer" ? step.source.size ?? 0 : 0),
      0,
    );
    this.#transfer.report.expect(files.length, bytes);
  }

  async *#steps(frame: Frame, steps: readonly PlanStep[]): AsyncGenerator<Job, Frame[]> {
    const { source, target } = this.#transfer;
    const inTheWay = new Set<string>();
    const entered: Frame[] = [];
    for (const step of steps) {
      if (step.kind === "delete") {
        const path = target.child(frame.target, step.name);
        const what = { path, name: pathOf(frame, step.name), entry: step.there };
        if (!(yield* removeAll(this.#transfer, what))) inTheWay.add(step.name);
        continue;
      }
      const from = source.child(frame.source, step.source.name);
      const way = { from, to: target.child(frame.target, step.name) };
      const fault = inTheWay.has(step.name)
        ? "what stands in its place could not be removed"
        : undefined;
      if (fault !== undefined) yield { result: this.#refused(way, fault) };
      else if (step.kind === "enter") yield* this.#enter(step, { frame, way, entered });
      else yield* this.#file(step, { frame, way });
    }
    return entered;
  }

  async *#enter(
    step: PlanStep & { readonly kind: "enter" },
    where: { readonly frame: Frame; readonly way: Way; readonly entered: Frame[] },
  ): AsyncGenerator<Job> {
    const { frame, way, entered } = where;
    const { id, isLink, target: leadsTo } = step.source;
    const child: Frame = {
      source: way.from,
      target: way.to,
      path: pathOf(frame, step.source.name),
      parent: frame,
      id,
      leadsTo,
      links: frame.links + (isLink ? 1 : 0),
      state: step.exists ? "there" : "missing",
    };
    const circle = circleOf(child);
    if (circle === undefined) entered.push(child);
    else yield { result: this.#passed(way, { reason: circle, minor: false }) };
  }

  async *#file(
    step: PlanStep & { readonly kind: "transfer" | "pass" | "refuse" },
    where: { readonly frame: Frame; readonly way: Way },
  ): AsyncGenerator<Job> {
    const { job, dryRun, action } = this.#transfer;
    const { frame, way } = where;
    if (step.kind === "refuse") return yield { result: this.#refused(way, step.reason) };
    if (step.kind === "pass") return yield { result: this.#passed(way, step) };
    if (!(yield* this.#ensure(frame))) return;
    if (!dryRun) {
      const { source: entry, there, isPartTaken = false } = step;
      return yield job({ source: way.from, target: way.to, entry, there, isPartTaken });
    }
    const outcome = { status: "planned", bytes: 0 } as const;
    yield { result: { action, ...this.#shown(way), outcome, seconds: 0 } };
  }

  /** Makes the target directory where it is missing, and those above it. */
  async *#ensure(frame: Frame): AsyncGenerator<Job, boolean> {
    if (frame.state !== "missing") return frame.state === "there";
    const made = frame.parent === undefined || (yield* this.#ensure(frame.parent));
    if (made) {
      const result = await changeSide(this.#transfer, { action: "mkdir", path: frame.target });
      frame.state = result.outcome instanceof Error ? "failed" : "there";
      yield { result };
    } else {
      frame.state = "failed";
    }
    return frame.state === "there";
  }

  #passed(way: Way, why: { readonly reason: string; readonly minor: boolean }): FileResult {
    const { action } = this.#transfer;
    const outcome = { status: "skipped", bytes: 0, reason: why.reason } as const;
    return { action, ...this.#shown(way), outcome, seconds: 0, minor: why.minor };
  }

  #refused(way: Way, reason: string): FileResult {
    const { action } = this.#transfer;
    const shown = this.#shown(way);
    const verb = action === "get" ? "download" : "upload";
    const outcome = new FtpkitError(`Cannot ${verb} "${shown.source}": ${reason}`);
    return { action, ...shown, outcome, seconds: 0 };
  }

  #shown(way: Way): { readonly source: string; readonly target: string } {
    const { source, target } = this.#transfer;
    return { source: source.show(way.from), target: target.show(way.to) };
  }
}

/** Paths of one entry on both sides. */
interface Way {
  readonly from: string;
  readonly to: string;
}

function pathOf(frame: Frame, name: string): string {
  return frame.path === "" ? name : `${frame.path}/${name}`;
}
