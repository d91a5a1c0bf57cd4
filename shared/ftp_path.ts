/**
 * Virtual paths: absolute, with `/` between names, without `.`, `..` and empty names.
 *
 * @module
 */
import { ProtocolError } from "./errors.ts";

/**
 * Resolves a path as a client writes it.
 *
 * @example Usage
 * ```ts
 * import { normalizePath } from "./ftp_path.ts";
 * if (normalizePath("/a/b", "../../../c/./d/") !== "/c/d") throw new Error("unexpected");
 * ```
 *
 * @param base Absolute path that a relative one starts from.
 * @param path What the client wrote; `..` stops at the root.
 * @returns The absolute path, `/` for the root.
 */
export function normalizePath(base: string, path: string): string {
  const names: string[] = [];
  for (const name of (path.startsWith("/") ? path : `${base}/${path}`).split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return `/${names.join("/")}`;
}

/** The path of a name in a directory; the name is taken as it is. */
export function joinPath(directory: string, name: string): string {
  return directory.endsWith("/") ? `${directory}${name}` : `${directory}/${name}`;
}

/** The last name of a path; empty for the root. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The directory that holds a path; the root for the root. */
export function parentPath(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0)) || "/";
}

/**
 * Quotes a path for a 257 reply: quotes inside are doubled (RFC 959 appendix II).
 *
 * @example Usage
 * ```ts
 * import { quotePath } from "./ftp_path.ts";
 * if (quotePath('/a"b') !== '"/a""b"') throw new Error("unexpected");
 * ```
 *
 * @param path Any path.
 * @returns The path in quotes.
 */
export function quotePath(path: string): string {
  return `"${path.replaceAll('"', '""')}"`;
}

/**
 * Reads the path from the text of a 257 reply (RFC 959 appendix II). Some servers leave the quotes
 * out; then the first word is the path.
 *
 * @param text The text behind the code.
 * @returns The path.
 * @throws {ProtocolError} If there is none.
 */
export function unquotePath(text: string): string {
  const quoted = text.match(/"((?:[^"]|"")*)"/)?.[1];
  if (quoted !== undefined) return quoted.replaceAll('""', '"');
  const word = text.match(/^\s*(\/\S*)/)?.[1];
  if (word === undefined) throw new ProtocolError(`Cannot find a path in the reply "${text}"`);
  return word;
}
