/**
 * `--include` and `--exclude`: which parts of a tree take part.
 *
 * @module
 */
import { expandBraces } from "../../shared/brace.ts";
import { compileGlob, matchInOrder } from "../../shared/glob.ts";

/** What was asked for. */
export interface FilterOptions {
  /** Only files that match one of these; none: every file. */
  readonly include: readonly string[];
  /** Nothing that matches one of these, nor anything below. */
  readonly exclude: readonly string[];
}

/** Whether a path takes part; its names are joined by `/`, relative to the root of the tree. */
export type TreeFilter = (path: string, type: "file" | "dir") => boolean;

/**
 * Compiles the patterns. One without a slash is for the last name, at any depth; one with a slash is
 * for the whole path, from the root of the tree. A slash at its end: directories only. Braces stand
 * for alternatives that are patterns each.
 *
 * @example Usage
 * ```ts
 * import { compileFilter } from "./tree_filter.ts";
 * const admits = compileFilter({ include: [], exclude: ["*.tmp", "/build/"] });
 * if (admits("a/b.tmp", "file") || admits("build", "dir")) throw new Error("unexpected");
 * if (!admits("a/build", "dir")) throw new Error("unexpected");
 * ```
 *
 * @param options The patterns; `--exclude` has the last word.
 * @returns The filter. Directories are entered whatever `--include` says.
 * @throws {UsageError} If braces stand for too many alternatives.
 */
export function compileFilter(options: FilterOptions): TreeFilter {
  const include = options.include.flatMap(expandBraces).map(compilePattern);
  const exclude = options.exclude.flatMap(expandBraces).map(compilePattern);
  return (path, type) => {
    if (exclude.some((matches) => matches(path, type))) return false;
    if (type === "dir" || include.length === 0) return true;
    return include.some((matches) => matches(path, type));
  };
}

function compilePattern(pattern: string): TreeFilter {
  const onlyDirectories = pattern.endsWith("/");
  const text = onlyDirectories ? pattern.slice(0, -1) : pattern;
  const matches = text.includes("/") ? compilePath(text.replace(/^\//, "")) : compileName(text);
  return (path, type) => (!onlyDirectories || type === "dir") && matches(path);
}

function compileName(pattern: string): (path: string) => boolean {
  const matches = compileGlob(pattern);
  return (path) => matches(path.slice(path.lastIndexOf("/") + 1));
}

/** `**` stands for any number of directories. */
function compilePath(pattern: string): (path: string) => boolean {
  const steps = pattern.split("/").map((name) => name === "**" ? "any" : compileGlob(name));
  return (path) => matchInOrder(steps, path.split("/"));
}
