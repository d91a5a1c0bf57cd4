/**
 * `NAME.part`: what a download is written to until it is whole.
 *
 * @module
 */
import { basename, dirname, join } from "@std/path";
import type { ByteSink } from "../shared/connection.ts";
import { FtpkitError, LocalFileError } from "../shared/errors.ts";
import { local } from "./local_file.ts";
import type { RunningHash } from "./verify.ts";

/** The part and what the server sends are not the same file: nothing of it was written. */
export class ResumeMismatch extends FtpkitError {
  override readonly name = "ResumeMismatch";
}

/** How to open one. */
export interface PartOptions {
  /** Keep what is in it. */
  readonly resume: boolean;
}

/** The longest name in bytes that file systems take. */
const LONGEST_NAME = 255;
const SUFFIX = ".part";

/**
 * How much of the part a resumed transfer fetches again, in bytes, and compares: a server that
 * ignores REST, or a file that was replaced, shows before anything is written.
 */
export const OVERLAP = 4096;

/**
 * The name beside a file for its unfinished copy.
 *
 * @param name The file's name, without a directory.
 * @returns `name.part`, or, where that is too long for a file system, a shorter name that is the
 * same each time.
 */
export async function partName(name: string): Promise<string> {
  const bytes = new TextEncoder().encode(name);
  if (bytes.length + SUFFIX.length <= LONGEST_NAME) return name + SUFFIX;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const unique = `~${digest.slice(0, 8).toHex()}${SUFFIX}`;
  let short = name;
  while (new TextEncoder().encode(short + unique).length > LONGEST_NAME) {
    short = Array.from(short).slice(0, -1).join("");
  }
  return short + unique;
}

/**
 * Opens the part of a file.
 *
 * @param target Where the whole file will be.
 * @param options Whether to keep what is there.
 * @returns The part; disposing it keeps it.
 * @throws {LocalFileError} If it cannot be opened, or is no regular file.
 */
export async function openPart(target: string, options: PartOptions): Promise<PartFile> {
  const whole = await local(`write "${target}"`, () => finalPath(target));
  const path = join(dirname(whole), await partName(basename(whole)));
  return await local(`open "${path}"`, async () => {
    // Opening a FIFO or a device would wait, or worse, write there.
    const there = await Deno.lstat(path).catch(() => undefined);
    if (there !== undefined && !there.isFile) throw new Error("it is not a regular file");
    const file = await openAlone(path);
    const { size, mtime, ctime } = await file.stat();
    const part = new PartFile(file, {
      path,
      target: whole,
      size,
      modified: mtime ?? undefined,
      isRemoteTime: isSetTime(mtime, ctime),
    });
    if (!options.resume) part.restart();
    return part;
  });
}

/**
 * Whether a file's time was set, as we do when we keep one. Where it was only written to, as by one
 * that was killed, the system has changed both of its times together.
 */
function isSetTime(modified: Date | null, changed: Date | null): boolean {
  if (modified === null || changed === null) return false;
  return Math.floor(modified.getTime() / 1000) !== Math.floor(changed.getTime() / 1000);
}

/** Two that write one part would tear it. The system gives the lock back, however we end. */
async function openAlone(path: string): Promise<Deno.FsFile> {
  const file = await Deno.open(path, { read: true, write: true, create: true });
  try {
    // Some network file systems have no locks, nor have runtimes before 2.9: there nobody is kept out.
    const alone = "tryLock" in file ? await file.tryLock(true).catch(() => true) : true;
    if (alone) return file;
    throw new Error("another program is writing it");
  } catch (error) {
    file.close();
    throw error;
  }
}

/** A link stays a link, to the new file; what is no regular file is never replaced. */
async function finalPath(target: string): Promise<string> {
  const there = await Deno.stat(target).catch(() => undefined);
  if (there === undefined) return target;
  if (there.isDirectory) throw new Error("it is a directory");
  if (!there.isFile) throw new Error("it is not a regular file");
  return await Deno.realPath(target);
}

/** An unfinished file. Bytes are appended to it. */
export class PartFile implements ByteSink, AsyncDisposable {
  readonly #file: Deno.FsFile;
  /** Where it is. */
  readonly path: string;
  readonly #target: string;
  /** When it was last written to; set to the remote file's time when it is kept. */
  modified: Date | undefined;
  /** Whether that is the time of the remote file that it was fetched from, for all we know. */
  readonly isRemoteTime: boolean;
  /** Takes every byte of it, in order; set before the first one. */
  hash: RunningHash | undefined;
  #size: number;
  /** What the server must send first when a transfer is resumed. */
  #expected: Uint8Array = new Uint8Array();
  #limit = Infinity;
  /** What is in the file is not wanted, but stays there until there is something better. */
  #stale = false;
  #open = true;

  /** Made by {@linkcode openPart}. */
  constructor(
    file: Deno.FsFile,
    about: {
      readonly path: string;
      readonly target: string;
      readonly size: number;
      readonly modified: Date | undefined;
      readonly isRemoteTime: boolean;
    },
  ) {
    this.#file = file;
    this.path = about.path;
    this.#target = about.target;
    this.#size = about.size;
    this.modified = about.modified;
    this.isRemoteTime = about.isRemoteTime;
  }

  /** Bytes in it. */
  get size(): number {
    return this.#size;
  }

  /** Begins again; what is there is dropped when the first new byte comes. */
  restart(): void {
    this.hash?.restart();
    this.#expected = new Uint8Array();
    this.#limit = Infinity;
    this.#stale ||= this.#size > 0;
    this.#size = 0;
  }

  async #dropStale(): Promise<void> {
    if (!this.#stale) return;
    this.#stale = false;
    await this.#file.truncate(0);
    await this.#file.seek(0, Deno.SeekMode.Start);
  }

  /**
   * Prepares to go on at its end.
   *
   * @param total Bytes of the whole file, at least as many as are here.
   * @returns Where the server is to start: a little before the end.
   */
  async continueTo(total: number): Promise<number> {
    const overlap = Math.min(this.#size, OVERLAP);
    const expected = new Uint8Array(overlap);
    if (this.hash !== undefined) {
      await this.#file.seek(0, Deno.SeekMode.Start);
      await this.hash.take(this.#file, this.#size);
    }
    await this.#file.seek(this.#size - overlap, Deno.SeekMode.Start);
    let filled = 0;
    while (filled < overlap) {
      const read = await this.#file.read(expected.subarray(filled));
      if (read === null) throw new LocalFileError(`Cannot read "${this.path}": it was cut`);
      filled += read;
    }
    this.#expected = expected;
    this.#limit = total;
    return this.#size - overlap;
  }

  /**
   * Takes the next bytes from the server.
   *
   * @throws {ResumeMismatch} If a resumed transfer does not fit to what is here.
   */
  async write(bytes: Uint8Array): Promise<number> {
    if (this.#expected.length > 0) return this.#compare(bytes);
    if (this.#size + bytes.length > this.#limit) {
      throw new ResumeMismatch("the server sends more than the rest of the file");
    }
    await this.#dropStale();
    const written = await this.#file.write(bytes);
    this.#size += written;
    this.hash?.update(bytes.subarray(0, written));
    return written;
  }

  #compare(bytes: Uint8Array): number {
    const expected = this.#expected.subarray(0, bytes.length);
    if (expected.some((byte, index) => byte !== bytes[index])) {
      throw new ResumeMismatch("the server's file is another one, or it cannot resume");
    }
    this.#expected = this.#expected.subarray(expected.length);
    return expected.length;
  }

  /**
   * Gives it its final name.
   *
   * @param about The time it is to have (none: now), and its permission bits (none: the usual ones).
   * @throws {LocalFileError} If that fails; the part is still there then.
   */
  async complete(
    about: { readonly modified?: Date; readonly mode?: number },
  ): Promise<void> {
    const { modified, mode } = about;
    await local(`write "${this.#target}"`, async () => {
      await this.#dropStale();
      // What its owner may not read could not even be compared the next time.
      if (mode !== undefined) await Deno.chmod(this.path, mode | 0o400);
      await this.#keepTime(modified);
      await this.#confirm();
      this.#close();
      await Deno.rename(this.path, this.#target);
    });
  }

  /** Removes it: it must not be gone on with. */
  async discard(): Promise<void> {
    await local(`remove "${this.path}"`, async () => {
      this.#close();
      await Deno.remove(this.path);
    });
  }

  /** Closes it: it stays for the next try, unless nothing is in it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#open) return;
    const { modified } = this;
    await local(`keep "${this.path}"`, async () => {
      if (!this.#stale) await this.#keepTime(modified);
      this.#close();
      if (this.#size === 0 && !this.#stale) await Deno.remove(this.path);
    });
  }

  /** A file that belongs to somebody else keeps its own time: the content is what counts. */
  async #keepTime(modified: Date | undefined): Promise<void> {
    if (modified === undefined) return;
    try {
      await this.#file.utime(modified, modified);
    } catch (error) {
      if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    }
  }

  /** What is under the part's name must be this file: another program may have moved it. */
  async #confirm(): Promise<void> {
    const [mine, there] = [await this.#file.stat(), await Deno.lstat(this.path)];
    if (mine.ino !== there.ino || mine.dev !== there.dev) {
      throw new Error(`"${this.path}" was replaced meanwhile`);
    }
  }

  #close(): void {
    this.#open = false;
    this.#file.close();
  }
}
