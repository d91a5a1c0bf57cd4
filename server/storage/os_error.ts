/**
 * Why a file operation failed: the one place that turns what the operating system says, or a rule of
 * ours, into a {@linkcode StorageError}.
 *
 * @module
 */
import { osCode, StorageError, type StorageErrorKind } from "../../shared/errors.ts";

/** What is being tried, for the text of the error. */
export interface Attempt {
  /** A verb, such as `read`. */
  readonly action: string;
  /** The virtual path. */
  readonly path: string;
}

/** A rule of the storage says no. Never leaves a backend: {@linkcode attempt} makes it an error. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** Why. */
  readonly kind: StorageErrorKind;

  /** Makes the refusal. */
  constructor(kind: StorageErrorKind) {
    super(REASONS[kind]);
    this.kind = kind;
  }
}

/**
 * Refuses, where a value is wanted.
 *
 * @throws {Refusal} Always.
 */
export function refuse(kind: StorageErrorKind): never {
  throw new Refusal(kind);
}

/** Said to the client, so without a real path and without the system's own words. */
const REASONS: Readonly<Record<StorageErrorKind, string>> = {
  "not-found": "no such file or directory",
  "exists": "it exists already",
  "not-a-directory": "not a directory",
  "is-a-directory": "it is a directory",
  "not-empty": "the directory is not empty",
  "not-regular": "not a regular file",
  "denied": "permission denied",
  "busy": "it is in use",
  "bad-name": "the name is not allowed",
  "bad-offset": "the offset is behind the end of the file",
  "no-space": "no space left",
  "over-quota": "the quota or the largest file size is exceeded",
  "read-only": "the file system is read-only",
  "unsupported": "the file system cannot do that",
  "overloaded": "other listings hold too much memory",
  "io": "input/output error",
};

const KINDS: ReadonlyMap<string, StorageErrorKind> = new Map([
  ["ENOENT", "not-found"],
  ["ELOOP", "not-found"],
  ["EEXIST", "exists"],
  ["ENOTDIR", "not-a-directory"],
  ["EISDIR", "is-a-directory"],
  ["ENOTEMPTY", "not-empty"],
  ["ENXIO", "not-regular"],
  ["EACCES", "denied"],
  ["EPERM", "denied"],
  ["EROFS", "read-only"],
  ["ENOSPC", "no-space"],
  ["EDQUOT", "over-quota"],
  ["EFBIG", "over-quota"],
  ["EBUSY", "busy"],
  ["ETXTBSY", "busy"],
  ["ENAMETOOLONG", "bad-name"],
  // A name that this file system does not take (FAT, NTFS), or a directory moved into itself.
  ["EINVAL", "bad-name"],
  ["EILSEQ", "bad-name"],
  // Two file systems below one shared directory.
  ["EXDEV", "unsupported"],
]);

function kindOf(error: unknown): StorageErrorKind {
  if (error instanceof Refusal) return error.kind;
  if (error instanceof Deno.errors.NotCapable) return "denied";
  return KINDS.get(osCode(error) ?? "") ?? "io";
}

/**
 * Makes an error that a client may see.
 *
 * @param error What was caught; becomes the cause.
 * @param what What was tried.
 * @returns The error, or `error` itself where it is one already.
 */
export function storageError(error: unknown, what: Attempt): StorageError {
  if (error instanceof StorageError) return error;
  const kind = kindOf(error);
  const message = `Cannot ${what.action} "${what.path}": ${REASONS[kind]}`;
  return new StorageError(kind, message, { cause: error });
}

/**
 * Runs a part of a backend.
 *
 * @param what What is tried.
 * @param run Does it.
 * @returns What `run` returned.
 * @throws {StorageError} Instead of anything that `run` throws.
 */
export async function attempt<T>(what: Attempt, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw storageError(error, what);
  }
}
