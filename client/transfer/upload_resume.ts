/**
 * Whether an upload may go on with what the server has.
 *
 * @module
 */
import { ReplyError } from "../../shared/errors.ts";
import { isNewer } from "../listing/remote_stat.ts";
import type { Session } from "../session/session.ts";
import type { LocalFile } from "./local_file.ts";

/** What the server has, which may be the beginning of a file here. */
export interface Remainder {
  readonly file: LocalFile;
  /** The remote path that is written to. */
  readonly wirePath: string;
  /** Bytes there, at most as many as the file has. */
  readonly size: number;
  /** A listing has shown a file there, and that it is not the same as the one here. */
  readonly isListed: boolean;
}

/**
 * Whether it is known to be of another file, or of an older state of this one: what was sent of a file
 * is never older than the file, and all of it is not found to differ.
 *
 * @param session Where.
 * @param remainder What is there.
 * @returns False also where the server does not tell times.
 */
export async function isOtherFile(session: Session, remainder: Remainder): Promise<boolean> {
  const { file, wirePath, size, isListed } = remainder;
  if (isListed && size === file.size) return true;
  const there = await session.stat(wirePath);
  // Where the sizes differ, the old file is still there, and what was sent of the new one is aside.
  return there.size === size && isNewer(file.modified, there.modified);
}

/**
 * Whether a server takes no upload but from the beginning.
 *
 * @param error What an upload that was to go on has thrown.
 * @returns True for a refused REST, and for a STOR that is refused behind it. 451 is what ProFTPD says
 * to that where it is not configured to allow it.
 */
export function refusesToResume(error: unknown): boolean {
  if (!(error instanceof ReplyError)) return false;
  const { command, transient, code } = error;
  return (command === "REST" || command === "STOR") && (!transient || code === 451);
}
