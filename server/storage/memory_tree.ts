/**
 * Files and directories in memory.
 *
 * @module
 */
import { KEEP_TIME } from "./hidden_name.ts";
import { Refusal } from "./os_error.ts";

let lastInode = 0;

/** Bytes that grow at the end, and when they last changed. */
export class MemoryFile {
  /** Tells it from any other file. */
  readonly inode: number = ++lastInode;
  /** Milliseconds since 1970. */
  modified: number;
  #bytes = new Uint8Array(0);
  #size = 0;
  readonly #space: MemorySpace;

  /** Makes an empty file that takes its bytes from `space`. */
  constructor(space: MemorySpace) {
    this.#space = space;
    this.modified = space.now();
  }

  /** Length in bytes. */
  get size(): number {
    return this.#size;
  }

  /** Copies bytes from an offset on into the buffer; returns how many, 0 at the end. */
  read(buffer: Uint8Array, position: number): number {
    const part = this.#bytes.subarray(position, Math.min(position + buffer.length, this.#size));
    buffer.set(part);
    return part.length;
  }

  /** Puts bytes at an offset, at most the size; returns how many. */
  write(bytes: Uint8Array, position: number): number {
    const end = position + bytes.length;
    this.#space.take(Math.max(end - this.#size, 0));
    if (end > this.#bytes.length) this.#grow(end);
    this.#bytes.set(bytes, position);
    this.#size = Math.max(this.#size, end);
    this.modified = this.#space.now();
    return bytes.length;
  }

  /** Drops everything from an offset on. */
  truncate(size: number): void {
    this.#space.take(size - this.#size);
    this.#size = size;
  }

  /** Gives its bytes back when nothing has it as its file any more; who reads it still can. */
  release(): void {
    this.#space.take(-this.#size);
  }

  #grow(size: number): void {
    const larger = new Uint8Array(Math.max(size, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** A directory. */
export class MemoryDirectory {
  /** Tells it from any other. */
  readonly inode: number = ++lastInode;
  /** What is in it, by name. */
  readonly children: Map<string, MemoryFile | MemoryDirectory> = new Map();
  /** Cut uploads, by user and name. */
  readonly partials: Map<string, MemoryFile> = new Map();
  /** Uploads that run. */
  uploads = 0;
  /** Milliseconds since 1970. */
  readonly modified: number;

  /** Makes an empty directory. */
  constructor(modified: number) {
    this.modified = modified;
  }

  /**
   * A cut upload that can still be resumed. One that is too old is removed.
   *
   * @param key Whose and of what: see {@linkcode partialKey}.
   * @param now Milliseconds since 1970.
   * @returns What arrived; undefined where there is none.
   */
  livePartial(key: string, now: number): MemoryFile | undefined {
    const partial = this.partials.get(key);
    if (partial === undefined || now - partial.modified <= KEEP_TIME) return partial;
    this.partials.delete(key);
    partial.release();
    return undefined;
  }
}

/** Under which key a directory keeps a user's cut upload of a name. */
export function partialKey(user: string, name: string): string {
  return `${user}\0${name}`;
}

/** What is left to store bytes in, and the time. */
export class MemorySpace {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  #left: number;

  /** Makes room for so many bytes. */
  constructor(capacity: number, now: () => number) {
    this.#left = capacity;
    this.now = now;
  }

  /**
   * Takes bytes, or gives them back where the number is negative.
   *
   * @throws {Refusal} `no-space`.
   */
  take(bytes: number): void {
    if (bytes > this.#left) throw new Refusal("no-space");
    this.#left -= bytes;
  }
}
