/**
 * What a tree transfer does to its sides beside moving files, each step with its result.
 *
 * @module
 */
import { FtpkitError } from "../../shared/errors.ts";
import type { FileResult } from "../output/report.ts";
import { type Job, orFailure } from "./queue.ts";
import type { TreeEntry, TreeListing, TreeSide } from "./tree_entry.ts";
import type { TreeFilter } from "./tree_filter.ts";

/** What is changed, and whether it is. */
export interface TreeChanges {
  readonly target: TreeSide;
  readonly filter: TreeFilter;
  readonly dryRun: boolean;
}

/** Something that stands on the target's side. */
export interface Removal {
  readonly path: string;
  /** Names from the root, joined by `/`: for the filter. */
  readonly name: string;
  readonly entry: TreeEntry;
}

/**
 * Lists a directory.
 *
 * @param side Where.
 * @param path The directory.
 * @returns Its content, or the failure as a result.
 */
export async function listSide(side: TreeSide, path: string): Promise<TreeListing | FileResult> {
  const started = performance.now();
  const outcome = await orFailure(() => side.list(path));
  if (!(outcome instanceof FtpkitError)) return outcome;
  const seconds = (performance.now() - started) / 1000;
  return { action: "list", source: side.show(path), outcome, seconds };
}

/**
 * Makes a directory, or removes an entry, unless it is a dry run.
 *
 * @param changes Where.
 * @param step What to do.
 * @returns What became of it.
 */
export async function changeSide(
  changes: TreeChanges,
  step:
    | { readonly action: "mkdir"; readonly path: string }
    | ({ readonly action: "delete" } & Omit<Removal, "name">),
): Promise<FileResult> {
  const { target, dryRun } = changes;
  const { action, path } = step;
  const started = performance.now();
  const failure = await orFailure(async () => {
    if (dryRun) return;
    if (step.action === "mkdir") await target.makeDirectory(path);
    else await target.remove(path, step.entry);
  });
  return {
    action,
    target: target.show(path),
    outcome: failure ?? { status: dryRun ? "planned" : "done", bytes: 0 },
    seconds: (performance.now() - started) / 1000,
    minor: action === "mkdir" && !dryRun,
  };
}

/**
 * Removes a file, or a directory with all that is in it. What the filter does not admit stays, and so
 * does what it is in.
 *
 * @param changes Where.
 * @param what The entry.
 * @returns The results, innermost first; at the end, whether all of it is gone.
 */
export async function* removeAll(
  changes: TreeChanges,
  what: Removal,
): AsyncGenerator<Job, boolean> {
  const { path, entry } = what;
  // A link to a directory is removed, never what it leads to.
  if (entry.type === "dir" && !entry.isLink) {
    const gone = changes.dryRun ? undefined : await unlink(changes.target, path);
    if (gone !== undefined) {
      yield { result: gone };
      return !(gone.outcome instanceof Error);
    }
    if (!(yield* removeContent(changes, what))) return false;
  }
  const result = await changeSide(changes, { action: "delete", path, entry });
  yield { result };
  return !(result.outcome instanceof Error);
}

/** What became of a link that the listing showed as a directory; undefined: it is one. */
async function unlink(target: TreeSide, path: string): Promise<FileResult | undefined> {
  const started = performance.now();
  const outcome = await orFailure(async () =>
    await target.unlink(path) ? { status: "done" as const, bytes: 0 } : undefined
  );
  if (outcome === undefined) return undefined;
  const seconds = (performance.now() - started) / 1000;
  return { action: "delete", target: target.show(path), outcome, seconds };
}

async function* removeContent(
  changes: TreeChanges,
  directory: Removal,
): AsyncGenerator<Job, boolean> {
  const { target, filter } = changes;
  const listing = await listSide(target, directory.path);
  if ("outcome" in listing) {
    yield { result: listing };
    return false;
  }
  // Only an empty directory goes, whatever its listing has left out.
  let isEmpty = true;
  for (const entry of listing.entries) {
    const path = target.child(directory.path, entry.name);
    const name = `${directory.name}/${entry.name}`;
    const gone = filter(name, entry.type === "dir" ? "dir" : "file") &&
      (yield* removeAll(changes, { path, name, entry }));
    isEmpty &&= gone;
  }
  return isEmpty;
}
