/**
 * The storage's own files on the local disk, by their real paths.
 *
 * @module
 */
import fs from "node:fs";
import { osCode } from "../../shared/errors.ts";
import { baseName, joinPath, parentPath } from "../../shared/ftp_path.ts";
import { hiddenKind, isHiddenName, isStale, partialName } from "./hidden_name.ts";
import { lstatIfThere } from "./jail.ts";
import { O_CREAT, O_EXCL, O_WRONLY, OpenFile } from "../system/open_file.ts";
import { Refusal } from "./os_error.ts";

/** What a file system without hard links answers to one. */
const NO_LINKS: ReadonlySet<string | undefined> = new Set(["EPERM", "ENOTSUP", "ENOSYS", "EMLINK"]);

/** Where a name is moved. */
export interface Move {
  /** Real path it has. */
  readonly from: string;
  /** Real path it gets. */
  readonly to: string;
}

/**
 * Where a user's cut upload of a file is kept.
 *
 * @param real Real path of the file that was to be.
 * @param user Whose upload.
 * @returns Real path beside it.
 */
export function partialPath(real: string, user: string): string {
  return joinPath(parentPath(real), partialName(user, baseName(real)));
}

/**
 * Size of a partial upload that can still be resumed. One that is too old is removed.
 *
 * @param partial Its real path.
 * @returns Bytes; undefined where there is none.
 * @throws {Error} Whatever the system says but that it is not there.
 */
export function livePartialSize(partial: string): number | undefined {
  if (!fs.existsSync(partial)) return undefined; // nearly always: an error would be dear
  const info = lstatIfThere(partial);
  if (!info?.isFile) return undefined;
  if (!isStale(info.mtime)) return info.size;
  removeQuietly(partial);
  return undefined;
}

/** Bytes of what is at a real path, links not followed; 0 where there is nothing. */
export function sizeThere(path: string): number {
  return lstatIfThere(path)?.size ?? 0;
}

/** Removes a file; false where something stands against that: gone already, or for a later sweep. */
export function removeQuietly(path: string): boolean {
  try {
    fs.unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * Renames a file.
 *
 * @param move From where to where.
 * @returns False where it was not there.
 * @throws {Error} Whatever else the system says.
 */
export function moveIfThere(move: Move): boolean {
  try {
    fs.renameSync(move.from, move.to);
    return true;
  } catch (error) {
    if (osCode(error) === "ENOENT") return false;
    throw error;
  }
}

/**
 * Renames a file where nothing has its new name, however close the race.
 *
 * @param move From where to where.
 * @param link Makes a hard link; file systems such as FAT have none.
 * @throws {Error} `EEXIST` where there is something; whatever else the system says.
 */
export function moveWithoutReplacing(move: Move, link: typeof Deno.linkSync = Deno.linkSync): void {
  try {
    link(move.from, move.to);
  } catch (error) {
    if (!NO_LINKS.has(osCode(error))) throw error;
    return moveOntoEmpty(move);
  }
  // The file has its name: an old one that stays is a temporary file like any other.
  removeQuietly(move.from);
}

/** An empty file takes the name for a moment, and fails if the name is taken. */
function moveOntoEmpty({ from, to }: Move): void {
  OpenFile.open(to, { flags: O_WRONLY | O_CREAT | O_EXCL }).closeNow();
  try {
    fs.renameSync(from, to);
  } catch (error) {
    removeQuietly(to);
    throw error;
  }
}

/**
 * Removes what cut uploads left in a directory that has nothing else.
 *
 * @param directory Real path.
 * @returns How many bytes they had.
 * @throws {Refusal} `not-empty` where there is anything else, or an upload is running.
 * @throws {Error} Whatever the system says.
 */
export function clearLeftovers(directory: string): number {
  const leftovers: string[] = [];
  for (const { name } of Deno.readDirSync(directory)) {
    const path = joinPath(directory, name);
    if (!isLeftover(path)) throw new Refusal("not-empty");
    leftovers.push(path);
  }
  const bytes = leftovers.reduce((sum, path) => sum + sizeThere(path), 0);
  leftovers.forEach(removeQuietly);
  return bytes;
}

function isLeftover(path: string): boolean {
  const kind = hiddenKind(baseName(path));
  if (kind === "temporary") return isStale(lstatIfThere(path)?.mtime ?? null);
  return kind === "partial";
}

/**
 * Removes temporary and partial files older than a day from a directory and everything below it.
 * Links are not followed; what cannot be read or removed is passed over.
 *
 * @param root Real path.
 * @param signal Ends the walk early.
 * @returns How many were removed.
 */
export async function removeStaleFiles(root: string, signal?: AbortSignal): Promise<number> {
  const directories = [root];
  let removed = 0;
  for (let path = directories.pop(); path !== undefined; path = directories.pop()) {
    for (const entry of await entriesOf(path)) {
      if (signal?.aborted) return removed;
      const child = joinPath(path, entry.name);
      if (entry.isDirectory) directories.push(child);
      else if (isHiddenName(entry.name) && await removeIfStale(child)) removed++;
    }
  }
  return removed;
}

async function entriesOf(directory: string): Promise<Deno.DirEntry[]> {
  try {
    return await Array.fromAsync(Deno.readDir(directory));
  } catch {
    return [];
  }
}

async function removeIfStale(path: string): Promise<boolean> {
  try {
    const info = await Deno.lstat(path);
    if (!info.isFile || !isStale(info.mtime)) return false;
    await Deno.remove(path);
    return true;
  } catch {
    return false;
  }
}
