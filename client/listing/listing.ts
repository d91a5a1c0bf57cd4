/**
 * A listing as it arrives: lines cut from bytes, each read by the first grammar that knows it.
 *
 * @module
 */
import type { ByteSink } from "../../shared/connection.ts";
import { ProtocolError } from "../../shared/errors.ts";
import { decodeName, decodeUtf8 } from "../remote_name.ts";
import { dateOrder, parseDosLine, withDayFirst } from "./dos.ts";
import type { Grammar, RemoteEntry } from "./entry.ts";
import { parseEplfLine } from "./eplf.ts";
import { isClosedDirectory, parseMlsdLine } from "./mlsd.ts";
import { parseMvsLine } from "./mvs.ts";
import { parseNetwareLine } from "./netware.ts";
import { parseOs400Line } from "./os400.ts";
import { parseUnixLine } from "./unix.ts";
import { isVmsBeginning, parseVmsLine } from "./vms.ts";
import { parseVxworksLine } from "./vxworks.ts";

/** The formats that a command may answer with, the likelier first. */
const GRAMMARS = {
  MLSD: [parseMlsdLine],
  LIST: [
    parseUnixLine,
    parseDosLine,
    parseEplfLine,
    parseVmsLine,
    parseNetwareLine,
    parseOs400Line,
    parseVxworksLine,
    parseMvsLine,
    parseMlsdLine,
  ],
} as const satisfies Record<string, readonly Grammar[]>;

/** How much of a listing is taken, in bytes: one line, and all of it. */
const LONGEST_LINE = 8 * 1024;
const LONGEST_LISTING = 256 * 1024 * 1024;

/** How many entries are kept: each takes a few hundred bytes. */
const MOST_ENTRIES = 1_000_000;

const LF = 10;
const NOTHING = new Uint8Array();

/** How lines are read. */
export interface ListingOptions {
  /** The time, for dates without a year; now unless given. */
  readonly now?: Date;
  /** Reads the bytes of a line; as {@linkcode decodeName} unless given. */
  readonly decode?: (line: Uint8Array) => string;
}

/**
 * Takes the bytes of one listing.
 *
 * @example Usage
 * ```ts
 * import { Listing } from "./listing.ts";
 * const listing = new Listing("MLSD");
 * await listing.write(new TextEncoder().encode("type=file;size=3; a\r\n"));
 * listing.finish();
 * if (listing.entries[0]?.size !== 3) throw new Error("unexpected");
 * ```
 */
export class Listing implements ByteSink {
  readonly #grammars: Grammar[];
  readonly #now: Date;
  readonly #decode: (line: Uint8Array) => string;
  readonly #entries: RemoteEntry[] = [];
  readonly #dos = new DosDates();
  /** The first part of an entry that takes two lines. */
  #beginning: string | undefined;
  #firstStrange: string | undefined;
  #strangeLines = 0;
  #held: Uint8Array = NOTHING;
  #endsOpen = false;
  #bytes = 0;
  #isClosed = false;

  /**
   * Starts empty.
   *
   * @param command The command that the listing answers.
   * @param options How lines are read.
   */
  constructor(command: keyof typeof GRAMMARS, options: ListingOptions = {}) {
    this.#grammars = [...GRAMMARS[command]];
    this.#now = options.now ?? new Date();
    this.#decode = options.decode ?? decodeName;
  }

  /** The entries so far, without the directory itself and the one above. */
  get entries(): readonly RemoteEntry[] {
    return this.#entries;
  }

  /** Whether nothing at all has come. */
  get isBlank(): boolean {
    return this.#bytes === 0;
  }

  /** Whether the server says that we may not enter the directory, and so see nothing of it. */
  get isClosed(): boolean {
    return this.#isClosed && this.#entries.length === 0;
  }

  /** Whether its last line had no end. */
  get endsOpen(): boolean {
    return this.#endsOpen;
  }

  /** How many lines no grammar knows. */
  get strangeLines(): number {
    return this.#strangeLines;
  }

  /** The first of them. */
  get firstStrange(): string | undefined {
    return this.#firstStrange;
  }

  /**
   * Takes the next bytes.
   *
   * @throws {ProtocolError} If a line or the whole listing is too long, or it has too many entries.
   */
  // deno-lint-ignore require-await -- a sink may wait, this one need not; its errors must reject
  async write(bytes: Uint8Array): Promise<number> {
    this.#bytes += bytes.length;
    if (this.#bytes > LONGEST_LISTING) throw tooLong("a listing", LONGEST_LISTING);
    const first = bytes.indexOf(LF);
    const last = bytes.lastIndexOf(LF);
    if (first >= 0) {
      this.#readLine(this.#decode(joined(this.#held, bytes.subarray(0, first))));
      this.#readLines(bytes.subarray(first + 1, last + 1));
      this.#held = NOTHING;
    }
    this.#held = joined(this.#held, bytes.subarray(last + 1)).slice();
    if (this.#held.length > LONGEST_LINE) throw tooLong("a line of a listing", LONGEST_LINE);
    return bytes.length;
  }

  /** Reads a last line without an end. */
  finish(): void {
    this.#endsOpen = this.#held.length > 0;
    if (this.#endsOpen) this.#readLine(this.#decode(this.#held));
    this.#held = NOTHING;
    this.#readBeginning();
    this.#dos.settle(this.#entries);
  }

  /** Whole lines, the end of the last one included. */
  #readLines(bytes: Uint8Array): void {
    const text = this.#decode === decodeName ? decodeUtf8(bytes) : undefined;
    let start = 0;
    if (text === undefined) {
      for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, start)) {
        this.#readLine(this.#decode(bytes.subarray(start, end)));
        start = end + 1;
      }
      return;
    }
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      this.#readLine(text.slice(start, end));
      start = end + 1;
    }
  }

  #readLine(text: string): void {
    const line = text.endsWith("\r") ? text.slice(0, -1) : text;
    if (line.trim() === "") return;
    if (this.#beginning !== undefined && /^\s/.test(line)) {
      const whole = this.#beginning + line;
      this.#beginning = undefined;
      return this.#read(whole);
    }
    this.#readBeginning();
    if (isVmsBeginning(line)) this.#beginning = line;
    else this.#read(line);
  }

  /** What seemed to be a beginning has no second part. */
  #readBeginning(): void {
    if (this.#beginning !== undefined) this.#read(this.#beginning);
    this.#beginning = undefined;
  }

  #read(line: string): void {
    for (const grammar of this.#grammars) {
      const entry = grammar(line, this.#now);
      if (entry === undefined) continue;
      if (entry === null && grammar === parseMlsdLine) this.#isClosed ||= isClosedDirectory(line);
      if (entry !== null && grammar === parseDosLine) this.#dos.note(line, this.#entries.length);
      if (entry !== null) this.#entries.push(entry);
      if (this.#entries.length <= MOST_ENTRIES) return;
      throw new ProtocolError(`a listing has more than ${MOST_ENTRIES} entries`);
    }
    this.#firstStrange ??= line;
    this.#strangeLines++;
  }
}

/** Which of the dates in the manner of DOS could be read in two ways, and how they are to be read. */
class DosDates {
  readonly #doubtful: number[] = [];
  #dayFirst = false;
  #monthFirst = false;

  note(line: string, index: number): void {
    const order = dateOrder(line);
    if (order === "day") this.#dayFirst = true;
    else if (order === "month") this.#monthFirst = true;
    else this.#doubtful.push(index);
  }

  settle(entries: RemoteEntry[]): void {
    if (!this.#dayFirst || this.#monthFirst) return;
    for (const index of this.#doubtful.splice(0)) {
      const entry = entries[index];
      if (entry !== undefined) entries[index] = withDayFirst(entry);
    }
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function tooLong(what: string, limit: number): ProtocolError {
  return new ProtocolError(`${what} is longer than ${limit} bytes`);
}
