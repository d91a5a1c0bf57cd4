/**
 * Files and directories in memory, as an FTP server shows them.
 *
 * @module
 */

/** Path from the root, without a slash in front → content; a directory has a slash at its end. */
export type TreeContent = Readonly<Record<string, string>>;

/** When everything in it was changed. */
const MODIFIED = "20240102030405";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A tree that is looked at and changed by absolute paths. */
export class MemoryTree {
  readonly #files = new Map<string, Uint8Array>();
  readonly #directories = new Set<string>(["/"]);

  /** Holds this at first. */
  constructor(content: TreeContent) {
    for (const [path, text] of Object.entries(content)) {
      const place = `/${path.replace(/\/$/, "")}`;
      this.#makeParents(place);
      if (path.endsWith("/")) this.#directories.add(place);
      else this.#files.set(place, encoder.encode(text));
    }
  }

  /** All of it, files and empty directories, as it was given. */
  get content(): TreeContent {
    const files = [...this.#files].map(([path, bytes]) => [path.slice(1), decoder.decode(bytes)]);
    const paths = [...this.#files.keys(), ...this.#directories];
    const empty = [...this.#directories].filter((path) =>
      path !== "/" && !paths.some((other) => other.startsWith(`${path}/`))
    );
    return Object.fromEntries([...files, ...empty.map((path) => [`${path.slice(1)}/`, ""])]);
  }

  /** A file's bytes; undefined: there is no such file. */
  read(path: string): Uint8Array | undefined {
    return this.#files.get(path);
  }

  /** Makes or replaces a file. */
  write(path: string, bytes: Uint8Array): void {
    this.#files.set(path, bytes);
  }

  /** Whether there is such a directory. */
  isDirectory(path: string): boolean {
    return this.#directories.has(path);
  }

  /** Makes a directory; false: something has the name, or the directory above is missing. */
  makeDirectory(path: string): boolean {
    const isFree = !this.#files.has(path) && !this.#directories.has(path);
    if (!isFree || !this.#directories.has(parentOf(path))) return false;
    this.#directories.add(path);
    return true;
  }

  /** Removes a file; false: there is none. */
  removeFile(path: string): boolean {
    return this.#files.delete(path);
  }

  /** Removes a directory; false: there is none, or something is in it. */
  removeDirectory(path: string): boolean {
    const isFull = [...this.#files.keys(), ...this.#directories]
      .some((entry) => entry !== "/" && parentOf(entry) === path);
    return !isFull && this.#directories.delete(path);
  }

  /** Renames a file; false: there is none. */
  rename(from: string, to: string): boolean {
    const bytes = this.#files.get(from);
    if (bytes === undefined) return false;
    this.#files.delete(from);
    this.#files.set(to, bytes);
    return true;
  }

  /** Facts and name of what is at a path (RFC 3659 section 7.2), for MLST and MLSD. */
  facts(path: string): string | undefined {
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (this.isDirectory(path)) return `type=dir;modify=${MODIFIED}; ${name || "/"}`;
    const size = this.#files.get(path)?.length;
    return size === undefined ? undefined : `type=file;size=${size};modify=${MODIFIED}; ${name}`;
  }

  /** One line for each entry of a directory, each with CRLF: of MLSD, or of LIST as Unix does. */
  listing(path: string, verb: "MLSD" | "LIST"): string {
    const entries = [...this.#files.keys(), ...this.#directories]
      .filter((entry) => entry !== "/" && parentOf(entry) === path);
    return entries.sort()
      .map((entry) => `${verb === "MLSD" ? this.facts(entry) : this.#unixLine(entry)}\r\n`)
      .join("");
  }

  #unixLine(path: string): string {
    const size = this.#files.get(path)?.length ?? 0;
    const kind = this.isDirectory(path) ? "drwxr-xr-x" : "-rw-r--r--";
    return `${kind} 1 ftp ftp ${size} Jan 02  2024 ${path.slice(path.lastIndexOf("/") + 1)}`;
  }

  #makeParents(path: string): void {
    for (let at = path.indexOf("/", 1); at > 0; at = path.indexOf("/", at + 1)) {
      this.#directories.add(path.slice(0, at));
    }
  }
}

/** The directory that a path is in. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/**
 * The absolute path that a client means.
 *
 * @param directory Its working directory.
 * @param path What it said.
 */
export function resolvePath(directory: string, path: string): string {
  const names: string[] = [];
  for (const name of (path.startsWith("/") ? path : `${directory}/${path}`).split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return `/${names.join("/")}`;
}
