/**
 * `NAME.part`: what a download is written to until it is whole.
 *
 * @module
 */
import type { ByteSink } from "../../shared/connection.ts";
import { FtpkitError, LocalFileError } from "../../shared/errors.ts";
import { local } from "./local_file.ts";
import { type PartPlaces, partPlaces, type PlaceFacts } from "./part_name.ts";
import { keepTime, markVersion, type PartVersion, versionOf } from "./part_version.ts";
import { PositionedFile } from "./positioned_file.ts";
import { decodeMap, FOOTER_SIZE, mapLength, type SegmentMap } from "./segment_map.ts";
import type { RunningHash } from "./verify.ts";

/** The part and what the server sends are not the same file: nothing of it was written. */
export class ResumeMismatch extends FtpkitError {
  override readonly name = "ResumeMismatch";
}

/** How to open one. */
export interface PartOptions extends PlaceFacts {
  /** Keep what is in it. */
  readonly resume: boolean;
}

/**
 * How much of the part a resumed transfer fetches again, in bytes, and compares: a server that
 * ignores REST, or a file that was replaced, shows before anything is written.
 */
export const OVERLAP = 4096;

/**
 * Opens the part of a file.
 *
 * @param target Where the whole file will be.
 * @param options Whether to keep what is there.
 * @returns The part; disposing it keeps it.
 * @throws {LocalFileError} If it cannot be opened, or is no regular file.
 */
export async function openPart(target: string, options: PartOptions): Promise<PartFile> {
  const places = await local(`write "${target}"`, () => partPlaces(target, options));
  const path = places.part;
  return await local(`open "${path}"`, async () => {
    const made = PositionedFile.make(path);
    if (made !== undefined) return new PartFile(made, { places, size: 0 });
    requireRegular(path);
    const file = await PositionedFile.open(path);
    const found = await file.stat();
    const { size } = found;
    const map = options.resume ? await readMap(file, size) : undefined;
    const version = versionOf(found);
    // Our look at the map has taken the mark away.
    if (options.resume && version.isMarked) await markVersion(file, version.modified);
    const part = new PartFile(file, { places, size, version, map });
    if (!options.resume) part.restart();
    return part;
  });
}

/** Opening a FIFO or a device would wait, or worse, write there. */
function requireRegular(path: string): void {
  let there: Deno.FileInfo;
  try {
    there = Deno.lstatSync(path);
  } catch {
    return; // there is none, or the system says better why it cannot be opened
  }
  if (!there.isFile) throw new Error("it is not a regular file");
}

/** A part that was fetched in segments tells what of it is there. */
async function readMap(file: PositionedFile, size: number): Promise<SegmentMap | undefined> {
  const footer = new Uint8Array(FOOTER_SIZE);
  await file.read(Math.max(0, size - FOOTER_SIZE), footer);
  const length = mapLength(footer);
  if (length === undefined) return undefined;
  const bytes = new Uint8Array(length);
  await file.read(Math.max(0, size - length), bytes);
  const map = decodeMap(bytes);
  return map?.total === size - length ? map : undefined;
}

/** An unfinished file. Bytes are appended to it, unless it has a map. */
export class PartFile implements ByteSink, AsyncDisposable {
  /** Its bytes, for {@linkcode SegmentFile}. */
  readonly file: PositionedFile;
  /** Where it is. */
  readonly path: string;
  readonly #target: string;
  /**
   * The time of the remote file, which it is marked with and gets when it is kept. At first as
   * {@linkcode PartVersion} has it.
   */
  modified: Date | undefined;
  /** Whether that is the time of the remote file that it was fetched from, for all we know. */
  readonly isRemoteTime: boolean;
  /** Takes every byte of it, in order; set before the first one. */
  hash: RunningHash | undefined;
  /** What of it is there, where it was fetched in segments. */
  map: SegmentMap | undefined;
  #size: number;
  /** What the server must send first when a transfer is resumed. */
  #expected: Uint8Array = new Uint8Array();
  #limit = Infinity;
  /** What is in the file is not wanted, but stays there until there is something better. */
  #stale = false;
  /** Which version it is of is told by its times, from the first byte on that the overlap does not show. */
  #isMarked = false;
  #open = true;

  /** Made by {@linkcode openPart}. */
  constructor(
    file: PositionedFile,
    about: {
      readonly places: PartPlaces;
      readonly size: number;
      readonly version?: PartVersion;
      readonly map?: SegmentMap | undefined;
    },
  ) {
    this.file = file;
    this.path = about.places.part;
    this.#target = about.places.whole;
    this.#size = about.size;
    this.modified = about.version?.modified;
    this.isRemoteTime = about.version?.isRemoteTime ?? false;
    this.map = about.map;
  }

  /** Bytes of the file that are in it. */
  get size(): number {
    return this.map?.bytes ?? this.#size;
  }

  /** Begins again; what is there is dropped when the first new byte comes. */
  restart(): void {
    this.hash?.restart();
    this.#stale ||= this.#size > 0 || this.map !== undefined;
    this.map = undefined;
    this.#expected = new Uint8Array();
    this.#limit = Infinity;
    this.#size = 0;
  }

  /** Drops what is not wanted, now that there is something better. */
  async clear(): Promise<void> {
    if (!this.#stale) return;
    this.#stale = false;
    await this.file.truncate(0);
  }

  /** Cuts it to so many bytes, all of which are the file's: from here on they are appended to. */
  async cutTo(size: number): Promise<void> {
    await this.file.truncate(size);
    this.map = undefined;
    this.#size = size;
  }

  /** Hashes it as it is, where that is asked for. */
  async rehash(): Promise<void> {
    this.hash?.restart();
    await this.hash?.take(this.file.source(), this.#size);
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
    await this.rehash();
    const read = await this.file.read(this.#size - overlap, expected);
    if (read < overlap) throw new LocalFileError(`Cannot read "${this.path}": it was cut`);
    await this.#mark();
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
    await this.clear();
    // The overlap alone shows of so few bytes whether they are the server's.
    if (!this.#isMarked && this.#size + bytes.length > OVERLAP) await this.#mark();
    const written = await this.file.write(this.#size, bytes);
    this.#size += written;
    this.hash?.update(bytes.subarray(0, written));
    return written;
  }

  async #mark(): Promise<void> {
    this.#isMarked = true;
    await markVersion(this.file, this.modified);
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
      await this.clear();
      await keepTime(this.file, modified);
      const mine = await this.file.stat();
      this.#confirm(mine);
      this.#close();
      publish({ part: this.path, whole: this.#target, mode, usual: bitsOf(mine) });
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
      if (!this.#stale) await markVersion(this.file, modified);
      this.#close();
      if (this.size === 0 && !this.#stale) await Deno.remove(this.path);
    });
  }

  /** What is under the part's name must be this file: another program may have moved it. */
  #confirm(mine: Deno.FileInfo): void {
    const there = Deno.lstatSync(this.path);
    if (mine.ino !== there.ino || mine.dev !== there.dev) {
      throw new Error(`"${this.path}" was replaced meanwhile`);
    }
  }

  #close(): void {
    this.#open = false;
    this.file.close();
  }
}

/** What its owner may not read could not even be compared the next time. */
function publish(
  file: PartPlaces & { readonly mode: number | undefined; readonly usual: number | undefined },
): void {
  const mode = file.mode === undefined ? file.usual : file.mode | 0o400;
  if (mode !== undefined && mode !== file.usual) Deno.chmodSync(file.part, mode);
  Deno.renameSync(file.part, file.whole);
}

/** Its permissions, 0 to 0o7777; undefined where the system does not tell. */
function bitsOf({ mode }: Deno.FileInfo): number | undefined {
  return mode === null ? undefined : mode & 0o7777;
}
