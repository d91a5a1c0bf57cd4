/**
 * What a user may do.
 *
 * @module
 */
import { UsageError } from "../../shared/errors.ts";

/** Every right. `upload`: new files only; `write`: overwrite and append. */
export const PERMISSIONS = [
  "list",
  "read",
  "upload",
  "write",
  "rename",
  "delete",
  "mkdir",
  "times",
] as const;

/** One right. */
export type Permission = typeof PERMISSIONS[number];

/** A right, or several of which any one is enough. */
export type Need = Permission | readonly Permission[];

/** Any of them works on files that are there, so their names are no secret. */
export const LOOKING = [
  "list",
  "read",
  "write",
  "delete",
  "rename",
  "times",
] as const satisfies Need;

/** Any of them makes new files. */
export const STORING = ["upload", "write"] as const satisfies Need;

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

/** Whether any of the rights changes the disk. */
export function changesFiles(permissions: readonly Permission[]): boolean {
  return permissions.some((permission) => permission !== "list" && permission !== "read");
}

/**
 * Reads permissions: one of the words of the command line, or a list of single rights.
 *
 * @example Usage
 * ```ts
 * import { parsePermissions } from "./permissions.ts";
 * if (parsePermissions("upload").join() !== "list,upload") throw new Error("unexpected");
 * if (parsePermissions(["upload"]).join() !== "upload") throw new Error("unexpected");
 * ```
 *
 * @param value `read`, `upload` or `write` for a bundle; an array for exactly these rights.
 * @returns The rights.
 * @throws {UsageError} If it is neither.
 */
export function parsePermissions(value: unknown): readonly Permission[] {
  if (typeof value === "string") {
    if (isRight(value)) return RIGHTS[value];
    throw new UsageError(`must be read, upload, write or a list of ${PERMISSIONS.join(", ")}`);
  }
  if (!Array.isArray(value)) throw new UsageError("must be a word or a list of words");
  return value.map((word: unknown) => {
    const found = PERMISSIONS.find((permission) => permission === word);
    if (found !== undefined) return found;
    throw new UsageError(`${JSON.stringify(word)} is none of ${PERMISSIONS.join(", ")}`);
  });
}

const BUNDLE_TEXT: Readonly<Record<Right, string>> = {
  read: "may read",
  upload: "may list and add new files",
  write: "may read and write",
};

/**
 * What permissions allow, for people.
 *
 * @param permissions The rights.
 * @returns The rest of a sentence, such as `may read`.
 */
export function describePermissions(permissions: readonly Permission[]): string {
  const same = (right: Right): boolean =>
    RIGHTS[right].length === permissions.length &&
    RIGHTS[right].every((permission) => permissions.includes(permission));
  const bundle = Object.keys(RIGHTS).find((word) => isRight(word) && same(word));
  if (bundle !== undefined && isRight(bundle)) return BUNDLE_TEXT[bundle];
  return permissions.length === 0 ? "may nothing" : `may ${permissions.join(", ")}`;
}
