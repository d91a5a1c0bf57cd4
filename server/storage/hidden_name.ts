/**
 * Names of the storage's own files: uploads that run, and uploads that were cut off.
 *
 * Both lie beside their target. The names are short, so that a target of the greatest length has
 * them too, and no client can see or use one.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** What a hidden file holds: an upload that runs, or one kept for its user to resume. */
export type HiddenKind = "temporary" | "partial";

/** How long a partial upload is kept, and a temporary file is taken for one in use: milliseconds. */
export const KEEP_TIME = 24 * 60 * 60 * 1000;

const ID_LENGTH = 32;
// Either case: some file systems make no difference.
const FORM = /^\.ftpkit-[0-9a-f]{32}\.(tmp|part)$/i;

/** A new name for an upload that starts. */
export function temporaryName(): string {
  return `.ftpkit-${crypto.randomUUID().replaceAll("-", "")}.tmp`;
}

/**
 * The name under which a user's cut upload is kept: the same after a restart and in every worker.
 *
 * @param user Whose upload.
 * @param name Of which file.
 * @returns The name.
 */
export function partialName(user: string, name: string): string {
  const id = createHash("sha256").update(`${user}\0${name}`).digest("hex").slice(0, ID_LENGTH);
  return `.ftpkit-${id}.part`;
}

/** Whether a name is one of the storage's own. */
export function isHiddenName(name: string): boolean {
  return FORM.test(name);
}

/**
 * What the storage keeps under a name.
 *
 * @param name One name.
 * @returns The kind; undefined for any other name.
 */
export function hiddenKind(name: string): HiddenKind | undefined {
  const ending = name.match(FORM)?.[1]?.toLowerCase();
  if (ending === undefined) return undefined;
  return ending === "tmp" ? "temporary" : "partial";
}

/**
 * Whether a hidden file has outlived its use.
 *
 * @param modified When it last grew; null where the system does not know.
 * @returns True where that is more than {@linkcode KEEP_TIME} ago.
 */
export function isStale(modified: Date | null): boolean {
  return Date.now() - (modified?.getTime() ?? 0) > KEEP_TIME;
}
