/**
 * One open file of the operating system.
 *
 * `node:fs`, because Deno's own call takes no `O_NONBLOCK`, without which a FIFO that appears at the
 * wrong moment would stop the whole thread, and no `O_NOFOLLOW`.
 *
 * @module
 */
import fs from "node:fs";
import { osCode } from "../../shared/errors.ts";
import { QuickPath } from "./quick_path.ts";

const { O_NOFOLLOW, O_NONBLOCK } = fs.constants;

/** Flags for {@linkcode OpenFile}, as open(2) has them. */
export const { O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_RDONLY, O_WRONLY } = fs.constants;

/** What a directory's fsync may answer: it may not be read, or its file system has no such call. */
const UNSYNCED: ReadonlySet<string | undefined> = new Set(["EACCES", "EPERM", "EINVAL", "ENOTSUP"]);

/** How to open a file. */
export interface OpenFlags {
  /** As in open(2). */
  readonly flags: number;
  /** Permission bits of a file that is made, before the umask; 0o666 without it. */
  readonly mode?: number;
}

const syncing = new QuickPath();

type Done<T> = (error: Error | null, result: T) => void;

/** An open file. Closing waits for what still runs on it, so that its number cannot be reused. */
export class OpenFile implements AsyncDisposable {
  readonly #fd: number;
  #found: fs.Stats | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #closed = false;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * Opens a file without ever waiting for another process.
   *
   * @param path Real path.
   * @param how Flags and mode.
   * @returns The open file.
   * @throws {Error} As the system says.
   */
  static open(path: string, how: OpenFlags): OpenFile {
    const flags = how.flags | O_NONBLOCK | O_NOFOLLOW;
    return new OpenFile(fs.openSync(path, flags, how.mode ?? 0o666));
  }

  /** What the system knew of it when that was asked first: at the opening, where the jail opens it. */
  get found(): fs.Stats {
    return this.#found ??= this.info();
  }

  /** What the system knows of it. */
  info(): fs.Stats {
    return fs.fstatSync(this.#live());
  }

  /** Reads at an offset at once, for what is short; 0 at the end. */
  readNow(buffer: Uint8Array, position: number): number {
    return fs.readSync(this.#live(), buffer, 0, buffer.length, position);
  }

  /** Reads at an offset; resolves to 0 at the end. */
  read(buffer: Uint8Array, position: number): Promise<number> {
    return this.#run((done) => fs.read(this.#live(), buffer, 0, buffer.length, position, done));
  }

  /** Writes at an offset at once, for what is short; returns how many bytes were taken. */
  writeNow(bytes: Uint8Array, position: number): number {
    return fs.writeSync(this.#live(), bytes, 0, bytes.length, position);
  }

  /** Writes at an offset; resolves to how many bytes were taken. */
  write(bytes: Uint8Array, position: number): Promise<number> {
    return this.#run((done) => fs.write(this.#live(), bytes, 0, bytes.length, position, done));
  }

  /** Sets the length in bytes. */
  truncate(size: number): void {
    fs.ftruncateSync(this.#live(), size);
  }

  /** Makes it look modified now. */
  touch(): void {
    const now = new Date();
    fs.futimesSync(this.#live(), now, now);
  }

  /** Sets when its content last changed. */
  setModified(time: Date): void {
    fs.futimesSync(this.#live(), this.info().atime, time);
  }

  /** Sets the permission bits. */
  setMode(mode: number): void {
    fs.fchmodSync(this.#live(), mode);
  }

  /** Sets owner and group. */
  setOwner(owner: number, group: number): void {
    fs.fchownSync(this.#live(), owner, group);
  }

  /** Waits until everything written is on the disk. */
  sync(): Promise<void> {
    return syncing.run({
      now: () => fs.fsyncSync(this.#live()),
      later: () =>
        this.#run<void>((done) => fs.fsync(this.#live(), (error) => done(error, undefined))),
    });
  }

  /** Closes it, after what still runs. May be called twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#running.catch(() => {});
    fs.closeSync(this.#fd);
  }

  /** Closes it at once: only right while nothing asynchronous has been started on it. */
  closeNow(): void {
    this.#closed = true;
    fs.closeSync(this.#fd);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #live(): number {
    if (this.#closed) throw new Error("The file is closed");
    return this.#fd;
  }

  #run<T>(start: (done: Done<T>) => void): Promise<T> {
    const result = new Promise<T>((resolve, reject) =>
      start((error, value) => error ? reject(error) : resolve(value))
    );
    this.#running = result;
    return result;
  }
}

/**
 * Waits until a directory's names are on the disk.
 *
 * @param path Real path.
 * @throws {Error} If the disk fails; not where the directory may not be read or its file system has
 * no such call, since its names are as safe there as they can be.
 */
export async function syncDirectory(path: string): Promise<void> {
  try {
    await using directory = OpenFile.open(path, { flags: O_RDONLY | O_DIRECTORY });
    await directory.sync();
  } catch (error) {
    if (!UNSYNCED.has(osCode(error))) throw error;
  }
}
