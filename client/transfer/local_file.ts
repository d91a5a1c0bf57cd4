/**
 * A file here that is to be uploaded.
 *
 * @module
 */
import {
  FileChangedError,
  FtpkitError,
  LocalFileError,
  systemReason,
} from "../../shared/errors.ts";
import type { ByteSource } from "../../shared/pump.ts";
import { displayName } from "../remote_name.ts";

/** An open file. Disposing it closes it. */
export interface LocalFile extends ByteSource, Disposable {
  /** Bytes, when it was opened. */
  readonly size: number;
  readonly modified: Date | undefined;
  /** Permission bits, 0 to 0o777, where the system has them. */
  readonly mode: number | undefined;
  /**
   * Reads on; at the end it looks at the file again.
   *
   * @throws {FileChangedError} If what was read is a mix of what the file was and what it is.
   */
  read(buffer: Uint8Array): Promise<number | null>;
  /** The next read begins there, in bytes from the start. */
  seek(offset: number): Promise<void>;
  /** Whether what was read of it may be gone on with: `later` is the same file, opened again. */
  isBeginningOf(later: LocalFile): boolean;
}

/**
 * Opens a file for reading. Only regular files: reading a FIFO could wait for ever.
 *
 * @param path Its path; a link is followed.
 * @returns The file.
 * @throws {LocalFileError} If it is missing, may not be read or is no regular file.
 * @throws {FtpkitError} If it is a directory.
 */
export async function openLocal(path: string): Promise<LocalFile> {
  return await local(`read "${path}"`, () => openNow(path));
}

/** Files up to this size in bytes are read at once: the way to another thread takes longer. */
const SMALL_FILE = 64 * 1024;

function openNow(path: string): LocalFile {
  const { isFile, isDirectory } = Deno.statSync(path);
  if (isDirectory) {
    throw new FtpkitError(
      `Cannot upload "${displayName(path)}": it is a directory (-r transfers directories)`,
    );
  }
  if (!isFile) throw new Error("it is not a regular file");
  const file = Deno.openSync(path);
  try {
    return new OpenFile(file, path);
  } catch (error) {
    file.close();
    throw error;
  }
}

/** What tells whether a file has changed. */
type FileState = Pick<LocalFile, "size" | "modified">;

/**
 * One that has only grown has not changed: a log does so all the time, and its beginning stays. Nor
 * has one that was replaced or removed: who has it open reads it as it was.
 */
function hasChanged(before: FileState, now: FileState): boolean {
  if (now.size !== before.size) return now.size < before.size;
  return now.modified?.getTime() !== before.modified?.getTime();
}

class OpenFile implements LocalFile {
  readonly size: number;
  readonly modified: Date | undefined;
  readonly mode: number | undefined;
  readonly #file: Deno.FsFile;
  readonly #path: string;
  #position = 0;
  #isMixed = false;

  constructor(file: Deno.FsFile, path: string) {
    this.#file = file;
    this.#path = path;
    const { size, mtime, mode } = file.statSync();
    this.size = size;
    this.modified = mtime ?? undefined;
    this.mode = mode === null ? undefined : mode & 0o777;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    const file = this.#file;
    const count = this.size <= SMALL_FILE ? file.readSync(buffer) : await file.read(buffer);
    if (count === null) this.#checkEnd();
    this.#position += count ?? 0;
    return count;
  }

  #checkEnd(): void {
    const { size, mtime } = this.#file.statSync();
    this.#isMixed = this.#position < this.size ||
      hasChanged(this, { size, modified: mtime ?? undefined });
    if (!this.#isMixed) return;
    const name = displayName(this.#path);
    throw new FileChangedError(`Cannot upload "${name}": it changed while it was sent`);
  }

  async seek(offset: number): Promise<void> {
    if (offset === this.#position) return;
    await local(`read "${this.#path}"`, () => this.#file.seekSync(offset, Deno.SeekMode.Start));
    this.#position = offset;
  }

  isBeginningOf(later: LocalFile): boolean {
    return !this.#isMixed && !hasChanged(this, later);
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/**
 * Does something with a file here.
 *
 * @param action What, as in `Cannot <action>: permission denied`.
 * @param work Does it.
 * @returns What it returns.
 * @throws {FtpkitError} What it throws, as a {@linkcode LocalFileError} where it is the system's.
 */
export async function local<T>(action: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FtpkitError) throw error;
    const message = `Cannot ${displayName(action)}: ${systemReason(error)}`;
    throw new LocalFileError(message, { cause: error });
  }
}
