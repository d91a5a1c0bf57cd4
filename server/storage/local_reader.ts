/**
 * A file of the local disk being read.
 *
 * @module
 */
import { requireFile, requireOffset } from "./file_rule.ts";
import type { Jail } from "./jail.ts";
import { O_RDONLY, type OpenFile } from "./open_file.ts";
import { attempt } from "./os_error.ts";
import type { StorageReader } from "./storage.ts";

/** Bytes that are read at once where the system has them in memory: cheaper than a hop to a thread. */
const PIECE = 512 * 1024;

/** Bytes that are read at once to find out whether it has. */
const PROBE = 64 * 1024;

/** Milliseconds for either: what takes longer has come from the disk. */
const QUICK = 1;

/** Reads by another thread before the next probe: what is on the disk is so for a while. */
const SLOW_READS = 16;

/** What a reader is made of. */
interface ReaderParts {
  readonly file: OpenFile;
  readonly path: string;
  readonly size: number;
  readonly offset: number;
}

class LocalReader implements StorageReader {
  readonly size: number;
  readonly #file: OpenFile;
  readonly #path: string;
  #position: number;
  /** How much is read at once the next time. */
  #piece = PROBE;
  /** Reads that are left to another thread. */
  #slowReads = 0;

  constructor(parts: ReaderParts) {
    this.size = parts.size;
    this.#file = parts.file;
    this.#path = parts.path;
    this.#position = parts.offset;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    const count = await attempt({ action: "read", path: this.#path }, () => this.#fill(buffer));
    this.#position += count;
    return count === 0 ? null : count;
  }

  /** The thread must not wait for a disk: all its sessions would. */
  #fill(buffer: Uint8Array): number | Promise<number> {
    if (this.#slowReads > 0) {
      this.#slowReads--;
      return this.#file.read(buffer, this.#position);
    }
    const started = performance.now();
    const count = this.#file.readNow(buffer.subarray(0, this.#piece), this.#position);
    const quick = performance.now() - started < QUICK;
    this.#piece = quick ? PIECE : PROBE;
    if (!quick) this.#slowReads = SLOW_READS;
    return count;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#file.close();
  }
}

/**
 * Opens a regular file for reading.
 *
 * @param jail Where.
 * @param path Virtual path, its names checked.
 * @param offset Where to start, in bytes.
 * @returns The reader.
 * @throws {Refusal} `not-found`, `is-a-directory`, `not-regular`, `bad-offset`.
 * @throws {Error} Whatever the system says.
 */
export function openReader(jail: Jail, path: string, offset: number): StorageReader {
  const { real, info } = jail.find(path);
  requireFile(info);
  const file = jail.open(real, { flags: O_RDONLY });
  try {
    const { size } = file.found;
    requireOffset(offset, size);
    return new LocalReader({ file, path, size, offset });
  } catch (error) {
    file.closeNow();
    throw error;
  }
}
