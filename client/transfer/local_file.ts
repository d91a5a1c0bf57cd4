/**
 * A file here that is to be uploaded.
 *
 * @module
 */
import { FtpkitError, LocalFileError, systemReason } from "../../shared/errors.ts";
import type { ByteSource } from "../../shared/pump.ts";
import { displayName } from "../remote_name.ts";

/** An open file. Disposing it closes it. */
export interface LocalFile extends ByteSource, Disposable {
  /** Bytes, when it was opened. */
  readonly size: number;
  readonly modified: Date | undefined;
  /** Permission bits, 0 to 0o777, where the system has them. */
  readonly mode: number | undefined;
  /** The next read begins there, in bytes from the start. */
  seek(offset: number): Promise<void>;
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
    const { size, mtime, mode } = file.statSync();
    const read = size <= SMALL_FILE ? readNow(file) : (buffer: Uint8Array) => file.read(buffer);
    let isAtStart = true;
    return {
      size,
      modified: mtime ?? undefined,
      mode: mode === null ? undefined : mode & 0o777,
      read: (buffer) => {
        isAtStart = false;
        return read(buffer);
      },
      seek: async (offset) => {
        if (offset === 0 && isAtStart) return;
        isAtStart = false;
        await local(`read "${path}"`, () => file.seekSync(offset, Deno.SeekMode.Start));
      },
      [Symbol.dispose]: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

function readNow(file: Deno.FsFile): ByteSource["read"] {
  return (buffer) => {
    try {
      return Promise.resolve(file.readSync(buffer));
    } catch (error) {
      return Promise.reject(error);
    }
  };
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
