/**
 * What a user may do.
 *
 * @module
 */

/** One right. `upload`: new files only; `write`: overwrite and append. */
export type Permission =
  | "list"
  | "read"
  | "upload"
  | "write"
  | "rename"
  | "delete"
  | "mkdir"
  | "times";

/** Words of the command line, each a bundle of rights. */
export const RIGHTS = {
  read: ["list", "read"],
  upload: ["list", "upload"],
  write: ["list", "read", "upload", "write", "rename", "delete", "mkdir", "times"],
} as const satisfies Record<string, readonly Permission[]>;

/** A word of the command line: `read`, `upload` or `write`. */
export type Right = keyof typeof RIGHTS;

/** Whether a text is one of the words. */
export function isRight(text: string): text is Right {
  return Object.hasOwn(RIGHTS, text);
}

/** Whether a word allows anything that changes the disk. */
export function changesFiles(right: Right): boolean {
  return right !== "read";
}
