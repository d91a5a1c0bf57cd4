/**
 * A part that is written at several places at once, and what keeps its map.
 *
 * @module
 */
import { type ByteSink, writeAll } from "../../shared/connection.ts";
import { newDigest } from "../../shared/digest.ts";
import { local } from "./local_file.ts";
import { OVERLAP, type PartFile, ResumeMismatch } from "./part_file.ts";
import type { Range, Seam, SegmentMap } from "./segment_map.ts";

/**
 * What one connection is to fetch. Its start moves on as bytes arrive, its end comes nearer when
 * somebody else takes over the rest.
 */
export interface Piece {
  start: number;
  end: number;
}

/** A server that counts in 32 bits, with a sign, begins elsewhere behind so many bytes. */
const MOST_PLACES = 2 ** 31;

/** Milliseconds between two looks whether the map must be written again: half of what may be lost. */
const SAVE_INTERVAL = 500;

/**
 * The segments of one part. Nothing is written before the first byte comes; from then on the file is
 * longer than it will be, until it is complete. Disposing it writes the map.
 */
export class SegmentFile implements AsyncDisposable {
  readonly map: SegmentMap;
  readonly #part: PartFile;
  #begun: Promise<void> | undefined;
  /** Flushes on its own, so that nobody who writes has to wait. */
  #flusher: Deno.FsFile | undefined;
  /** Bytes of the map in the file. */
  #mapSize = 0;
  #isSaved = true;
  #saving = Promise.resolve();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** The part is written through this from here on, and counts what `map` counts. */
  constructor(part: PartFile, map: SegmentMap) {
    this.#part = part;
    this.map = map;
    part.map = map;
  }

  /**
   * What a server that ignores REST sends first.
   *
   * @returns The first bytes of the file; undefined where they are not here yet, or tell nothing,
   * as there are more wrong places to begin at.
   * @throws {LocalFileError} If they cannot be read.
   */
  async beginning(): Promise<Uint8Array | undefined> {
    const first = { start: 0, end: OVERLAP };
    if (this.map.total > MOST_PLACES || !this.map.has(first)) return undefined;
    return await this.#read(first);
  }

  /**
   * Prepares to take a piece.
   *
   * @param piece What is to come.
   * @param beginning What the server sends first where it cannot resume: from a session that has
   * not shown yet that it can.
   * @returns What takes it.
   * @throws {LocalFileError} If what is before it cannot be read.
   */
  async writer(piece: Piece, beginning?: Uint8Array): Promise<SegmentWriter> {
    const start = Math.max(0, piece.start - OVERLAP);
    const before = { start, end: piece.start };
    const expected = this.map.has(before) ? await this.#read(before) : undefined;
    return new SegmentWriter(this, { piece, start, expected, beginning });
  }

  /**
   * Writes bytes of the file.
   *
   * @param offset Where they belong.
   * @param bytes What arrived.
   * @returns How many of them were written.
   * @throws {Error} As the system says.
   */
  async write(offset: number, bytes: Uint8Array): Promise<number> {
    await (this.#begun ??= this.#begin());
    const written = await this.#part.file.write(offset, bytes);
    this.map.add({ start: offset, end: offset + written });
    this.#isSaved = false;
    return written;
  }

  /** Remembers what the server sent first for a segment whose beginning nobody had yet. */
  addSeam(seam: Seam): void {
    this.map.addSeam(seam);
    this.#isSaved = false;
  }

  /**
   * Compares what the segments have of one another, now that all of them are there.
   *
   * @throws {ResumeMismatch} If they are not of one file.
   */
  async checkSeams(): Promise<void> {
    for (const seam of this.map.seams) {
      const digest = newDigest("SHA-256");
      digest.update(await this.#read(seam));
      if (digest.hex() === seam.hash) continue;
      throw new ResumeMismatch("its segments do not fit together");
    }
  }

  /** All of the file is there: cuts the map off. */
  async complete(): Promise<void> {
    await this.#stop();
    await local(`write "${this.#part.path}"`, () => this.#part.cutTo(this.map.total));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    if (!this.#isSaved && this.#part.map === this.map) await this.#save();
    this.#flusher?.close();
  }

  /** The map comes first: until it is there a hole could pass for data. */
  async #begin(): Promise<void> {
    const { file, path } = this.#part;
    await this.#part.clear();
    const { size } = await file.stat();
    this.#mapSize = Math.max(0, size - this.map.total);
    this.#flusher = await Deno.open(path, { write: true });
    await this.#writeMap();
    this.#timer = setInterval(() => this.#saveSoon(), SAVE_INTERVAL);
  }

  #saveSoon(): void {
    if (!this.#isSaved) this.#saving = this.#saving.then(() => this.#save());
  }

  async #stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#saving;
  }

  /** Where it cannot be written the older map still holds, only for fewer bytes. */
  async #save(): Promise<void> {
    try {
      await this.#writeMap();
    } catch {
      this.#isSaved = false;
    }
  }

  /** What it says is there must be on the disk before it, whatever happens to this machine. */
  async #writeMap(): Promise<void> {
    this.#isSaved = true;
    const bytes = this.map.encode(this.#mapSize);
    await this.#flusher?.syncData();
    this.#mapSize = bytes.length;
    let offset = this.map.total;
    const write = async (piece: Uint8Array): Promise<number> => {
      const written = await this.#part.file.write(offset, piece);
      offset += written;
      return written;
    };
    await writeAll({ write }, bytes);
  }

  async #read({ start, end }: Range): Promise<Uint8Array> {
    const { file, path } = this.#part;
    const bytes = new Uint8Array(end - start);
    await local(`read "${path}"`, async () => {
      if (await file.read(start, bytes) < bytes.length) throw new Error("it was cut");
    });
    return bytes;
  }
}

/** Takes one piece, and before it a few bytes that show whether the server begins at the right one. */
export class SegmentWriter implements ByteSink {
  /** Where the server is to begin. */
  readonly start: number;
  readonly #file: SegmentFile;
  readonly #piece: Piece;
  /** The bytes before the piece, as they come. */
  readonly #overlap: Uint8Array;
  #filled = 0;
  /** What they must be, where that is known. */
  readonly #expected: Uint8Array | undefined;
  /** What they may not be. */
  readonly #beginning: Uint8Array | undefined;
  #isDoubtful = false;

  /** Made by {@linkcode SegmentFile.writer}. */
  constructor(
    file: SegmentFile,
    way: {
      readonly piece: Piece;
      readonly start: number;
      readonly expected: Uint8Array | undefined;
      readonly beginning: Uint8Array | undefined;
    },
  ) {
    this.#file = file;
    this.#piece = way.piece;
    this.start = way.start;
    this.#overlap = new Uint8Array(way.piece.start - way.start);
    this.#expected = way.expected;
    this.#beginning = way.beginning;
  }

  /** What comes could be the file from its first byte on: nothing is taken of it. */
  get isDoubtful(): boolean {
    return this.#isDoubtful;
  }

  /**
   * Takes the next bytes from the server; those behind the piece are dropped.
   *
   * @throws {ResumeMismatch} If they do not fit to what is here, or there are more than in the file.
   */
  async write(bytes: Uint8Array): Promise<number> {
    if (this.#isDoubtful) return bytes.length;
    if (this.#filled < this.#overlap.length) return this.#begin(bytes);
    const { start, end } = this.#piece;
    if (start + bytes.length > this.#file.map.total) {
      throw new ResumeMismatch("the server sends more than the rest of the file");
    }
    const wanted = bytes.subarray(0, Math.max(0, end - start));
    if (wanted.length === 0) return bytes.length;
    const written = await this.#file.write(start, wanted);
    this.#piece.start += written;
    return written;
  }

  #begin(bytes: Uint8Array): number {
    const taken = bytes.subarray(0, this.#overlap.length - this.#filled);
    this.#overlap.set(taken, this.#filled);
    this.#filled += taken.length;
    if (this.#filled === this.#overlap.length) this.#compare();
    return taken.length;
  }

  #compare(): void {
    const overlap = this.#overlap;
    this.#isDoubtful = this.#beginning !== undefined && beginsWith(this.#beginning, overlap);
    if (this.#isDoubtful) return;
    if (this.#expected === undefined) {
      const digest = newDigest("SHA-256");
      digest.update(overlap);
      this.#file.addSeam({ start: this.start, end: this.#piece.start, hash: digest.hex() });
    } else if (!beginsWith(this.#expected, overlap)) {
      throw new ResumeMismatch("the server's file is another one, or it cannot resume");
    }
  }
}

function beginsWith(bytes: Uint8Array, first: Uint8Array): boolean {
  return first.every((byte, at) => byte === bytes[at]);
}
