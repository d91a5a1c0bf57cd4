/**
 * What is known of the names of a directory as numbers in one piece of memory, so that threads can
 * share it and no object is made for each.
 *
 * @module
 */
import { osCode } from "../../shared/errors.ts";
import type { Entry } from "./storage.ts";

/**
 * What is at a name: one of the types of an entry; nothing, or nothing that can be looked at; a link,
 * which is to be followed; something in a directory that may be read but not entered.
 */
export type PackedKind = Entry["type"] | "absent" | "link" | "denied";

/** By number; memory that nobody has written says `absent`. */
const KINDS: readonly PackedKind[] = ["absent", "file", "dir", "other", "link", "denied"];

/** Permission bits, those of setuid, setgid and sticky too. */
export const PERMISSION_BITS = 0o7777;

/** Bits of a word below the kind. */
const KIND_SHIFT = 16;

/** What a name takes: five numbers of 64 bits and four words of 32. */
const NUMBERS = 7;
const WORDS = 2 * NUMBERS;

/** Bytes for each name. */
export const PACKED_BYTES = NUMBERS * Float64Array.BYTES_PER_ELEMENT;

// Where each one is: the numbers in units of 64 bits, the words behind them in units of 32.
const SIZE = 0;
const MODIFIED = 1;
const CREATED = 2;
const DEVICE = 3;
const INODE = 4;
const KIND_AND_MODE = 10;
const LINKS = 11;
const OWNER = 12;
const GROUP = 13;

/** The facts of some names, by their place among them. */
export class PackedFacts {
  readonly #numbers: Float64Array;
  readonly #words: Uint32Array;

  /**
   * Makes it over memory that may be shared.
   *
   * @param memory Where.
   * @param offset Where it begins there, a multiple of 8.
   * @param count How many names.
   * @throws {RangeError} If the memory is too small.
   */
  constructor(memory: ArrayBufferLike, offset: number, count: number) {
    this.#numbers = new Float64Array(memory, offset, count * NUMBERS);
    this.#words = new Uint32Array(memory, offset, count * WORDS);
  }

  /** Makes it over memory of its own. */
  static of(count: number): PackedFacts {
    return new PackedFacts(new ArrayBuffer(count * PACKED_BYTES), 0, count);
  }

  /** Looks at what is at a real path, links not followed, and keeps the facts. Never throws. */
  lookUp(at: number, real: string): void {
    try {
      this.put(at, Deno.lstatSync(real));
    } catch (error) {
      this.#putKind(at, osCode(error) === "EACCES" ? "denied" : "absent", 0);
    }
  }

  /** Keeps the facts of what was found. */
  put(at: number, info: Deno.FileInfo): void {
    const number = at * NUMBERS;
    this.#numbers[number + SIZE] = info.isFile ? info.size : 0;
    this.#numbers[number + MODIFIED] = timeIn(info.mtime) ?? 0;
    this.#numbers[number + CREATED] = timeIn(info.birthtime) ?? NaN;
    this.#numbers[number + DEVICE] = info.dev;
    this.#numbers[number + INODE] = info.ino ?? 0;
    const word = at * WORDS;
    this.#words[word + LINKS] = info.nlink ?? 1;
    this.#words[word + OWNER] = info.uid ?? 0;
    this.#words[word + GROUP] = info.gid ?? 0;
    this.#putKind(at, kindOf(info), (info.mode ?? 0) & PERMISSION_BITS);
  }

  /** What is there. */
  kind(at: number): PackedKind {
    return KINDS[this.#word(at, KIND_AND_MODE) >> KIND_SHIFT] ?? "absent";
  }

  /** Bytes of a file, 0 for anything else. */
  size(at: number): number {
    return this.#number(at, SIZE);
  }

  /** When its content last changed, in milliseconds since 1970. */
  modified(at: number): number {
    return this.#number(at, MODIFIED);
  }

  /** When it was made, in milliseconds since 1970; undefined where that is not known. */
  created(at: number): number | undefined {
    const time = this.#number(at, CREATED);
    return Number.isNaN(time) ? undefined : time;
  }

  /** Permission bits. */
  mode(at: number): number {
    return this.#word(at, KIND_AND_MODE) & PERMISSION_BITS;
  }

  /** Number of hard links. */
  links(at: number): number {
    return this.#word(at, LINKS);
  }

  /** Numeric owner. */
  owner(at: number): number {
    return this.#word(at, OWNER);
  }

  /** Numeric group. */
  group(at: number): number {
    return this.#word(at, GROUP);
  }

  /** Where its file system is. */
  device(at: number): number {
    return this.#number(at, DEVICE);
  }

  /** Which of the files there it is; 0 where that is not known. */
  inode(at: number): number {
    return this.#number(at, INODE);
  }

  #number(at: number, which: number): number {
    return this.#numbers[at * NUMBERS + which] ?? 0;
  }

  #word(at: number, which: number): number {
    return this.#words[at * WORDS + which] ?? 0;
  }

  #putKind(at: number, kind: PackedKind, mode: number): void {
    this.#words[at * WORDS + KIND_AND_MODE] = KINDS.indexOf(kind) << KIND_SHIFT | mode;
  }
}

/**
 * Milliseconds since 1970.
 *
 * @param date As the system tells it.
 * @returns The time; undefined where it is not known, or further away than a date can be.
 */
export function timeIn(date: Date | null): number | undefined {
  const time = date?.getTime();
  return Number.isNaN(time) ? undefined : time;
}

function kindOf(info: Deno.FileInfo): PackedKind {
  if (info.isSymlink) return "link";
  return info.isFile ? "file" : info.isDirectory ? "dir" : "other";
}

/** An entry whose facts are read where they are packed. */
export class PackedEntry implements Entry {
  readonly #facts: PackedFacts;
  readonly #at: number;

  /**
   * Makes it.
   *
   * @param name The name.
   * @param type What is there.
   * @param place Where its facts are.
   */
  constructor(
    readonly name: string,
    readonly type: Entry["type"],
    place: { readonly facts: PackedFacts; readonly at: number },
  ) {
    this.#facts = place.facts;
    this.#at = place.at;
  }

  /** Bytes. */
  get size(): number {
    return this.#facts.size(this.#at);
  }

  /** When its content last changed. */
  get modified(): number {
    return this.#facts.modified(this.#at);
  }

  /** When it was made. */
  get created(): number | undefined {
    return this.#facts.created(this.#at);
  }

  /** Permission bits. */
  get mode(): number {
    return this.#facts.mode(this.#at);
  }

  /** Number of hard links. */
  get links(): number {
    return this.#facts.links(this.#at);
  }

  /** Numeric owner. */
  get owner(): number {
    return this.#facts.owner(this.#at);
  }

  /** Numeric group. */
  get group(): number {
    return this.#facts.group(this.#at);
  }

  /** Where its file system is. */
  get device(): number {
    return this.#facts.device(this.#at);
  }

  /** Which of the files there it is. */
  get inode(): number {
    return this.#facts.inode(this.#at);
  }
}
