/**
 * The options of get, put and mirror that concern trees and several files.
 *
 * @module
 */
import { UsageError } from "../../shared/errors.ts";
import type { OptionSpec, ParsedOptions } from "../../shared/options.ts";
import type { FileOptions } from "../client_options.ts";
import { displayName } from "../remote_name.ts";
import type { Comparison } from "./plan.ts";
import { compileFilter, type TreeFilter } from "./tree_filter.ts";

/** How trees are transferred. */
export interface TreeOptions {
  readonly recursive: boolean;
  /** Files at a time; undefined: it depends on what is transferred. */
  readonly parallel: number | undefined;
  readonly follow: boolean;
  readonly filter: TreeFilter;
  /** Only some files are wanted, so directories without one are not. */
  readonly prune: boolean;
}

/** Files at a time, where nobody says how many. */
const TREE_PARALLEL = 4;
/** The most files at a time. */
export const MOST_PARALLEL = 64;

/** What all three take. */
export const TREE_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  parallel: { value: "N", help: `files at once (default: ${TREE_PARALLEL} for trees, else 1)` },
  include: {
    value: "GLOB",
    repeatable: true,
    help: "of trees, only the files that match; with a slash: the path from the top",
  },
  exclude: { value: "GLOB", repeatable: true, help: "of trees, nothing that matches, nor below" },
  follow: { help: "of trees, enter links to directories too (default: they are passed over)" },
};

/** What get and put take besides. */
export const RECURSIVE_OPTION: Readonly<Record<string, OptionSpec>> = {
  recursive: { short: "r", help: "directories too, with all that is in them" },
};

/**
 * Reads the options.
 *
 * @param parsed A command line parsed with {@linkcode TREE_OPTIONS}.
 * @returns The options.
 * @throws {UsageError} If a value is not valid.
 */
export function treeOptions(parsed: ParsedOptions): TreeOptions {
  const [include, exclude] = [parsed.all("include"), parsed.all("exclude")];
  if ([...include, ...exclude].includes("")) {
    throw new UsageError("Cannot use an empty pattern: --include and --exclude want a glob");
  }
  return {
    recursive: parsed.has("recursive"),
    parallel: parsed.has("parallel")
      ? parsed.integer("parallel", { min: 1, max: MOST_PARALLEL, default: TREE_PARALLEL })
      : undefined,
    follow: parsed.has("follow"),
    filter: compileFilter({ include, exclude }),
    prune: include.length > 0,
  };
}

/**
 * How many files at a time.
 *
 * @param options What was asked for.
 * @param isTree Whether a tree is transferred, or may be.
 * @returns Sessions with one server.
 */
export function parallelOf(options: TreeOptions, isTree: boolean): number {
  return options.parallel ?? (isTree ? TREE_PARALLEL : 1);
}

/**
 * Which files of a tree are transferred where there is one of the name already.
 *
 * @param files What was asked for.
 * @param otherwise Where nothing was.
 * @returns The comparison. With `--continue` a file under its final name is whole.
 */
export function comparisonOf(files: FileOptions, otherwise: Comparison): Comparison {
  if (files.noClobber) return "never";
  return files.update || (files.resume && otherwise === "always") ? "newer" : otherwise;
}

/**
 * What is said where `--continue` finds nothing to go on with: an earlier call with the same words may
 * have made DEST as the copy, and this one begins another in it.
 *
 * @param into DEST, a directory that is there.
 * @param target Where the tree goes.
 * @returns The notice.
 */
export function newCopyNotice(into: string, target: string): string {
  const [dest, copy] = [into, target].map((path) => `"${displayName(path)}"`);
  return `${dest} is there already, so this is a new copy in ${copy} ` +
    `(mirror -c goes on with ${dest} itself)`;
}
