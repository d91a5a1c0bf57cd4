/**
 * Which version of a remote file a part is of: its times tell, however the program ended that wrote
 * it. A write changes the time of the last change, and only a read that of the last use.
 *
 * @module
 */
import type { PositionedFile } from "./positioned_file.ts";

/** The milliseconds of a time of last use that we have set; most servers tell whole seconds. */
const MARK = 619;

/** What the times of a part tell. */
export interface PartVersion {
  /** The time of the remote file; where that is not known, one that it was not later than. */
  readonly modified: Date | undefined;
  /** It is that of the remote file, for all we know. */
  readonly isRemoteTime: boolean;
  /** It was set by {@linkcode markVersion}. */
  readonly isMarked: boolean;
}

/**
 * Reads it. A mark is gone once somebody else has read the part.
 *
 * @param times Of the part, before it is read.
 * @returns Without a mark, the time of the last change, where that was set, or the second before it was
 * begun.
 */
export function versionOf(
  { atime, birthtime, mtime, ctime }: Pick<
    Deno.FileInfo,
    "atime" | "birthtime" | "mtime" | "ctime"
  >,
): PartVersion {
  const marked = atime && new Date(atime.getTime() - MARK);
  if (marked && marked.getTime() % 1000 === 0) {
    return { modified: marked, isRemoteTime: true, isMarked: true };
  }
  const isRemoteTime = isSetTime(mtime, ctime);
  // Servers tell whole seconds: of the one that it was begun in, either may be the older.
  const begun = birthtime ? new Date(birthtime.getTime() - 1000) : mtime;
  return { modified: (isRemoteTime ? mtime : begun) ?? undefined, isRemoteTime, isMarked: false };
}

/**
 * Whether a file's time was set, as we do when we keep one. Where it was only written to the system
 * has changed both of its times together.
 */
function isSetTime(modified: Date | null, changed: Date | null): boolean {
  if (modified === null || changed === null) return false;
  return Math.floor(modified.getTime() / 1000) !== Math.floor(changed.getTime() / 1000);
}

/**
 * Sets the times of a part.
 *
 * @param file The part.
 * @param version The time of the remote file; undefined, where the server does not tell it: nothing is
 * set.
 * @throws {Error} As the system says.
 */
export async function markVersion(file: PositionedFile, version: Date | undefined): Promise<void> {
  if (version === undefined) return;
  const second = Math.floor(version.getTime() / 1000) * 1000;
  await setTimes(file, { modified: version, used: new Date(second + MARK) });
}

/**
 * Sets the times of a file that is whole.
 *
 * @param file Which.
 * @param modified What both are to be; undefined: they stay.
 * @throws {Error} As the system says.
 */
export async function keepTime(file: PositionedFile, modified: Date | undefined): Promise<void> {
  if (modified !== undefined) await setTimes(file, { modified, used: modified });
}

/** A file that belongs to somebody else keeps its own: the content is what counts. */
async function setTimes(
  file: PositionedFile,
  times: { readonly modified: Date; readonly used: Date },
): Promise<void> {
  try {
    await file.setTimes(times);
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
  }
}
