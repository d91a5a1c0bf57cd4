/**
 * What a local pattern stands for, where no shell has expanded it: in our own shell, on Windows, and
 * behind quotes.
 *
 * @module
 */
import { isPattern } from "../../shared/brace.ts";
import { LocalFileError, systemReason } from "../../shared/errors.ts";
import { displayName } from "../remote_name.ts";
import { expandGlob, type GlobEntry } from "./glob_walk.ts";

/** Not there, or no directory: no name of the pattern. */
const ABSENT = [Deno.errors.NotFound, Deno.errors.NotADirectory];

/**
 * Finds the local paths that a name stands for.
 *
 * @param name A path, perhaps with the globs of remote names.
 * @returns The name itself where it is there or is no pattern; else what matches, in order.
 * @throws {LocalFileError} If nothing matches, or a directory cannot be read.
 * @throws {UsageError} If its braces stand for too many alternatives.
 */
export async function expandLocal(name: string): Promise<readonly string[]> {
  if (!isPattern(name) || await isThere(name)) return [name];
  // There a backslash divides names, so it cannot escape.
  const pattern = Deno.build.os === "windows" ? name.replaceAll("\\", "/") : name;
  const matches = await expandGlob(pattern, { list: entriesOf });
  if (matches.length > 0) return matches.map(({ path }) => path);
  throw new LocalFileError(`Cannot find "${displayName(name)}": nothing matches`);
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

async function entriesOf(path: string): Promise<readonly GlobEntry[]> {
  const entries: GlobEntry[] = [];
  try {
    for await (const entry of Deno.readDir(path === "" ? "." : path)) {
      const { name, isDirectory, isSymlink } = entry;
      entries.push({ name, type: isSymlink ? "link" : isDirectory ? "dir" : "file" });
    }
  } catch (error) {
    if (ABSENT.some((kind) => error instanceof kind)) return [];
    const reason = systemReason(error);
    throw new LocalFileError(`Cannot read "${displayName(path)}": ${reason}`, { cause: error });
  }
  return entries;
}
