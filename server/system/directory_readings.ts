/**
 * Directories that the supervisor reads for session workers. The runtime reads 32 names at a time, with
 * a hop to another thread for each; the system gives thousands at once, but only the supervisor may
 * ask it.
 *
 * @module
 */
import { type Libc, openLibc } from "./libc.ts";
import { blockIn, type OpenReading, readingMemory } from "./reading_memory.ts";

/** Numbers of the system's calls. */
const OPENAT2 = 437n;
const GETDENTS64 = { x86_64: 217n, aarch64: 61n }[Deno.build.arch];

// Flags of openat2.
const AT_FDCWD = -100;
const O_CLOEXEC = 0o2000000n;
const O_DIRECTORY = Deno.build.arch === "aarch64" ? 0o40000n : 0o200000n;
const RESOLVE_NO_SYMLINKS = 4n;

/** How a directory is opened: flags, mode, resolution. */
const HOW = new Uint8Array(
  BigUint64Array.of(O_DIRECTORY | O_CLOEXEC, 0n, RESOLVE_NO_SYMLINKS).buffer,
);

/**
 * Directories that may be open at once, whoever asks. Each one may keep a thread waiting for a disk that
 * hangs, and of the 32 that the runtime has, logins need some.
 */
const MOST_OPEN = 16;

/** Milliseconds after which one that nobody asks for any more is closed: its reader may be dead. */
const LONGEST_PAUSE = 60_000;

/** A directory that is being read. */
interface Reading {
  readonly descriptor: number;
  readonly memory: SharedArrayBuffer;
  /** Which block is next. */
  block: number;
  /** Its bytes, asked for ahead; undefined where that failed. */
  next: Promise<number | undefined>;
  /** Somebody waits for them. */
  asked: boolean;
  /** Closes it. */
  timer: ReturnType<typeof setTimeout>;
}

const encoder = new TextEncoder();

/** Reads directories; only below a root, and without following any link. Linux only. */
export class DirectoryReadings implements Disposable {
  readonly #libc: Libc | undefined = openLibc();
  readonly #readings = new Map<number, Reading>();
  /** Paths that the system is looking at: the collector must not take them meanwhile. */
  readonly #opening = new Set<Uint8Array>();
  /** Directories that are open, are being opened or wait to be closed. */
  #open = 0;
  #ended = false;
  #last = 0;

  /**
   * Opens a directory.
   *
   * @param root Real path of the shared directory.
   * @param path Real path of a directory there.
   * @returns The number of the reading, and the memory for its records; undefined where it is not
   * inside, a link is on the way, or it cannot be opened for whatever reason.
   */
  async open(root: string, path: string): Promise<OpenReading | undefined> {
    if (!isInside(root, path)) return undefined;
    if (this.#open >= MOST_OPEN || this.#ended) return undefined;
    this.#open++;
    const descriptor = await this.#openDirectory(path);
    if (descriptor === undefined || this.#ended) {
      this.#leave(descriptor);
      return undefined;
    }
    const id = ++this.#last;
    const memory = readingMemory();
    const timer = this.#closeLater(id);
    const next = this.#read(descriptor, blockIn(memory, 0));
    this.#readings.set(id, { descriptor, memory, block: 0, next, asked: false, timer });
    return { reading: id, memory };
  }

  /**
   * Reads on: the next block of the memory, the first one to begin with, is the caller's until it asks
   * again.
   *
   * @param id The number of the reading.
   * @returns Bytes of records (see `storage/directory_records.ts`) there, 0 at the end; undefined where
   * they cannot be read, or are asked for already.
   */
  async next(id: number): Promise<number | undefined> {
    const reading = this.#readings.get(id);
    if (reading === undefined || reading.asked) return undefined;
    reading.asked = true;
    clearTimeout(reading.timer);
    const bytes = await reading.next;
    if (bytes === undefined || bytes === 0 || !this.#readings.has(id)) {
      this.close(id);
      return bytes;
    }
    reading.asked = false;
    reading.next = this.#read(reading.descriptor, blockIn(reading.memory, ++reading.block));
    reading.timer = this.#closeLater(id);
    return bytes;
  }

  /**
   * Closes one, unless it is closed: when its end has been read, that is so.
   *
   * @param id The number of the reading.
   */
  close(id: number): void {
    const reading = this.#readings.get(id);
    if (reading === undefined) return;
    this.#readings.delete(id);
    clearTimeout(reading.timer);
    // Not while another thread reads: the number of the descriptor may be given anew at once.
    void reading.next.then(() => this.#leave(reading.descriptor));
  }

  /** Closes all of them. */
  [Symbol.dispose](): void {
    this.#ended = true;
    for (const id of [...this.#readings.keys()]) this.close(id);
    if (this.#open === 0) this.#libc?.[Symbol.dispose]();
  }

  #leave(descriptor: number | undefined): void {
    if (descriptor !== undefined) this.#libc?.close(descriptor);
    this.#open--;
    if (this.#ended && this.#open === 0) this.#libc?.[Symbol.dispose]();
  }

  async #openDirectory(path: string): Promise<number | undefined> {
    const name = encoder.encode(`${path}\0`);
    this.#opening.add(name);
    const opened = await this.#libc?.openat2(OPENAT2, AT_FDCWD, name, HOW, BigInt(HOW.length));
    this.#opening.delete(name);
    return opened === undefined || opened < 0n ? undefined : Number(opened);
  }

  async #read(descriptor: number, block: Uint8Array): Promise<number | undefined> {
    const size = BigInt(block.length);
    const count = Number(await this.#libc?.getdents64(GETDENTS64, descriptor, block, size) ?? -1);
    // The collector must not take the block before.
    return count < 0 || count > block.length ? undefined : count;
  }

  #closeLater(id: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.close(id), LONGEST_PAUSE);
  }
}

/** By its words alone: no link is followed later, and nothing leads upwards. */
function isInside(root: string, path: string): boolean {
  if (path !== root && !path.startsWith(root === "/" ? root : `${root}/`)) return false;
  return !path.includes("\0") && !path.split("/").includes("..");
}
