/**
 * What a client may ask for, whatever the backend: names, kinds of files, offsets.
 *
 * @module
 */
import { isHiddenName } from "./hidden_name.ts";
import { Refusal } from "./os_error.ts";

/** Longest name in bytes of UTF-8: the limit of the usual file systems. */
export const MAX_NAME_BYTES = 255;

/** No character takes more bytes for each UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3;

const encoder = new TextEncoder();

/** What a path is used for: to find what is there, or to make its last name. */
export type PathUse = "find" | "make";

/**
 * Checks every name of a path.
 *
 * @param path Absolute virtual path.
 * @param use Whether its last name must be there or will be made.
 * @throws {Refusal} `bad-name`; `not-found` for a name that can be looked for but never be there.
 */
export function checkPath(path: string, use: PathUse): void {
  if (path === "/") return;
  if (!path.startsWith("/")) throw new Refusal("bad-name");
  const names = path.slice(1).split("/");
  names.forEach((name, index) => checkName(name, index === names.length - 1 ? use : "find"));
}

function checkName(name: string, use: PathUse): void {
  if (name === "" || name === "." || name === "..") throw new Refusal("bad-name");
  if (isTooLong(name) || !isAddressable(name)) {
    throw new Refusal(use === "find" ? "not-found" : "bad-name");
  }
}

function isTooLong(name: string): boolean {
  if (name.length * MAX_BYTES_PER_UNIT <= MAX_NAME_BYTES) return false;
  return encoder.encode(name).length > MAX_NAME_BYTES;
}

/**
 * Whether a client can see and name it.
 *
 * @param name One name, as a directory holds it.
 * @returns False for the storage's own files, and where the name is not UTF-8: its bytes read as
 * U+FFFD, and no call can open it.
 */
export function isAddressable(name: string): boolean {
  return isUtf8Name(name) && !name.includes("\0") && !isHiddenName(name);
}

/**
 * Whether a name was UTF-8 before it was decoded.
 *
 * @param name One name, as a directory holds it.
 * @returns False where any of its bytes was not.
 */
export function isUtf8Name(name: string): boolean {
  return !name.includes("\ufffd") && name.isWellFormed();
}

/**
 * Lets only regular files pass.
 *
 * @param info What was found.
 * @throws {Refusal} `is-a-directory`, `not-regular`.
 */
export function requireFile(info: Pick<Deno.FileInfo, "isDirectory" | "isFile">): void {
  if (info.isDirectory) throw new Refusal("is-a-directory");
  if (!info.isFile) throw new Refusal("not-regular");
}

/**
 * Checks where to start.
 *
 * @param offset Bytes from the start.
 * @param size Bytes there are.
 * @throws {Refusal} `bad-offset` where it is behind the end or no number of bytes.
 */
export function requireOffset(offset: number, size: number): void {
  const valid = Number.isSafeInteger(offset) && offset >= 0 && offset <= size;
  if (!valid) throw new Refusal("bad-offset");
}
