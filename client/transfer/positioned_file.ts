/**
 * A file here that is read and written at any place, by several at once.
 *
 * @module
 */
import type { ByteSource } from "../../shared/pump.ts";

/** Bytes that are written at once; more are left to another thread, which costs a way there and back. */
const SMALL_WRITE = 64 * 1024;

/** An open file. Operations are done one at a time, in the order of the calls. */
export class PositionedFile implements Disposable {
  readonly #file: Deno.FsFile;
  #position = 0;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /**
   * Makes an empty file for reading and writing, of which {@linkcode PositionedFile.open} tells more.
   * At once: the way to another thread would take longer.
   *
   * @returns The file; undefined where something has its name already, of whatever kind.
   * @throws {Error} As the system says, or if another program has it.
   */
  static make(path: string): PositionedFile | undefined {
    try {
      return this.#ours(Deno.openSync(path, { read: true, write: true, createNew: true }));
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) return undefined;
      throw error;
    }
  }

  /**
   * Opens a file for reading and writing, or makes an empty one. Two that write one file would tear
   * it, so nobody else may; the system gives the lock back, however we end.
   *
   * @throws {Error} As the system says, or if another program has it.
   */
  static async open(path: string): Promise<PositionedFile> {
    return this.#ours(await Deno.open(path, { read: true, write: true, create: true }));
  }

  static #ours(file: Deno.FsFile): PositionedFile {
    try {
      if (isAlone(file)) return new PositionedFile(file);
      throw new Error("another program is writing it");
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /**
   * Fills a buffer.
   *
   * @param offset Where to begin, in bytes.
   * @param buffer What to fill.
   * @returns How many bytes there were; fewer than the buffer takes only at the end of the file.
   */
  read(offset: number, buffer: Uint8Array): Promise<number> {
    return this.#at(offset, async () => {
      let filled = 0;
      while (filled < buffer.length) {
        const count = await this.#file.read(buffer.subarray(filled));
        if (count === null) break;
        filled += count;
        this.#position += count;
      }
      return filled;
    });
  }

  /**
   * Writes.
   *
   * @param offset Where, in bytes; a gap behind the end is filled with zeros.
   * @param bytes What; must not be empty.
   * @returns How many of them were written, at least one.
   */
  write(offset: number, bytes: Uint8Array): Promise<number> {
    return this.#at(offset, async () => {
      const isSmall = bytes.length <= SMALL_WRITE;
      const count = isSmall ? writeNow(this.#file, bytes) : await this.#file.write(bytes);
      this.#position += count;
      return count;
    });
  }

  /** The bytes from the beginning, as a source. */
  source(): ByteSource {
    let offset = 0;
    return {
      read: async (buffer) => {
        const count = await this.read(offset, buffer);
        offset += count;
        return count === 0 ? null : count;
      },
    };
  }

  /** Cuts it, or makes it longer, to so many bytes. */
  truncate(size: number): Promise<void> {
    return this.#inTurn(() => this.#file.truncate(size));
  }

  /** What the system tells of it. */
  stat(): Promise<Deno.FileInfo> {
    return this.#inTurn(() => this.#file.statSync());
  }

  /** Sets the time of its last change, and that of its last use. */
  setTimes({ modified, used }: { readonly modified: Date; readonly used: Date }): Promise<void> {
    return this.#inTurn(() => this.#file.utimeSync(used, modified));
  }

  /** Closes it. */
  close(): void {
    this.#file.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #at<T>(offset: number, work: () => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      if (this.#position !== offset) {
        this.#position = await this.#file.seek(offset, Deno.SeekMode.Start);
      }
      return await work();
    });
  }

  #inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {}); // the caller hears of it
    return done;
  }
}

/** Some network file systems have no locks, nor have runtimes before 2.9: there nobody is kept out. */
function isAlone(file: Deno.FsFile): boolean {
  if (!("tryLockSync" in file)) return true;
  try {
    return file.tryLockSync(true);
  } catch {
    return true;
  }
}

function writeNow(file: Deno.FsFile, bytes: Uint8Array): number {
  return file.writeSync(bytes);
}
