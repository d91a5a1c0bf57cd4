/**
 * Which bytes of a file have arrived, where they come in any order.
 *
 * The map is kept behind the last byte of the unfinished file, in whole blocks that end with a fixed
 * mark. So a program that knows nothing of it finds the file longer than the server's, and begins it
 * again: no hole can pass for data.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { concatBytes } from "../../shared/byte_buffer.ts";

/** Bytes from `start` up to but without `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * A place where two segments meet: the bytes before it as the server sent them to the second one.
 * When the first one has arrived they must be the same.
 */
export interface Seam extends Range {
  /** SHA-256 of them. */
  readonly hash: string;
}

/** Of which file. */
export interface MappedFile {
  /** Bytes of the whole file. */
  readonly total: number;
  /** Its time on the server, where that is known. */
  readonly modified: Date | undefined;
}

const BLOCK = 4096;
/** Bytes of a SHA-256. */
const HASH_SIZE = 32;
const MARK = new TextEncoder().encode("ftpkit01");

/** Mark, length of the map in bytes, CRC-32 of all before. */
export const FOOTER_SIZE = 16;

/** Longer maps are none of ours. */
const LONGEST_MAP = 2 ** 20;

/** The bytes of one file that are there. */
export class SegmentMap {
  readonly total: number;
  readonly modified: Date | undefined;
  #done: readonly Range[] = [];
  #seams: readonly Seam[] = [];

  /** Nothing of the file is there yet. */
  constructor(file: MappedFile) {
    this.total = file.total;
    this.modified = file.modified;
  }

  /** What is there: in order, and never touching each other. */
  get done(): readonly Range[] {
    return this.#done;
  }

  /** What is to be compared at the end. */
  get seams(): readonly Seam[] {
    return this.#seams;
  }

  /** How many bytes are there. */
  get bytes(): number {
    return this.#done.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  /** How many are there from the beginning on, without a gap. */
  get prefix(): number {
    const [first] = this.#done;
    return first?.start === 0 ? first.end : 0;
  }

  /** These have arrived; they may be there already. */
  add(range: Range): void {
    if (range.end <= range.start) return;
    const apart = this.#done.filter(({ start, end }) => end < range.start || start > range.end);
    const touching = this.#done.filter((other) => !apart.includes(other));
    const start = Math.min(range.start, ...touching.map((other) => other.start));
    const end = Math.max(range.end, ...touching.map((other) => other.end));
    this.#done = [...apart, { start, end }].sort((a, b) => a.start - b.start);
  }

  /** Whether all of these are there. */
  has(range: Range): boolean {
    return this.#done.some(({ start, end }) => start <= range.start && range.end <= end);
  }

  /** Two segments meet here. */
  addSeam(seam: Seam): void {
    this.#seams = [...this.#seams, seam];
  }

  /** What is not there, in order. */
  missing(): Range[] {
    const starts = [0, ...this.#done.map(({ end }) => end)];
    const ends = [...this.#done.map(({ start }) => start), this.total];
    const gaps = starts.map((start, index) => ({ start, end: ends[index] ?? this.total }));
    return gaps.filter(({ start, end }) => start < end);
  }

  /**
   * Divides what is not there.
   *
   * @param count Into how many pieces about.
   * @param smallest Bytes below which it is not worth the while.
   * @returns The pieces, in order.
   */
  pieces(count: number, smallest: number): Range[] {
    const missing = this.missing();
    const bytes = missing.reduce((sum, { start, end }) => sum + end - start, 0);
    const size = Math.max(smallest, Math.ceil(bytes / count));
    return missing.flatMap(({ start, end }) => {
      const parts = Math.max(1, Math.round((end - start) / size));
      const border = (index: number): number => start + Math.round((end - start) * index / parts);
      const indices = Array.from({ length: parts }, (_, index) => index);
      return indices.map((index) => ({ start: border(index), end: border(index + 1) }));
    });
  }

  /**
   * Writes the map down, in this machine's byte order: the unfinished file stays here.
   *
   * @param atLeast Bytes that it must fill: those of an older one in its place.
   * @returns Whole blocks, footer included.
   */
  encode(atLeast = 0): Uint8Array<ArrayBuffer> {
    const { total, modified, done, seams } = this;
    const ranges = [...done, ...seams].flatMap(({ start, end }) => [start, end]);
    const time = modified?.getTime() ?? NaN;
    const numbers = Float64Array.of(total, time, done.length, seams.length, ...ranges);
    const hashes = seams.map(({ hash }) => Uint8Array.fromHex(hash));
    const body = concatBytes([new Uint8Array(numbers.buffer), ...hashes]);
    const blocks = Math.ceil((body.length + FOOTER_SIZE) / BLOCK);
    const bytes = new Uint8Array(Math.max(atLeast, blocks * BLOCK));
    bytes.set(body);
    const footer = bytes.subarray(-FOOTER_SIZE);
    footer.set(MARK);
    const view = new DataView(footer.buffer, footer.byteOffset);
    view.setUint32(MARK.length, bytes.length);
    view.setUint32(MARK.length + 4, crc32(bytes.subarray(0, -4)));
    return bytes;
  }
}

/**
 * Looks whether a file ends with a map.
 *
 * @param footer Its last {@linkcode FOOTER_SIZE} bytes.
 * @returns The length of the map in bytes, footer included; undefined where there is none.
 */
export function mapLength(footer: Uint8Array): number | undefined {
  if (footer.length !== FOOTER_SIZE || MARK.some((byte, at) => byte !== footer[at])) {
    return undefined;
  }
  const length = new DataView(footer.buffer, footer.byteOffset).getUint32(MARK.length);
  return length >= BLOCK && length <= LONGEST_MAP ? length : undefined;
}

/**
 * Reads a map.
 *
 * @param bytes As many as {@linkcode mapLength} said, from the end of the file.
 * @returns The map; undefined where it is torn.
 */
export function decodeMap(bytes: Uint8Array): SegmentMap | undefined {
  if (mapLength(bytes.subarray(-FOOTER_SIZE)) !== bytes.length) return undefined;
  const sum = new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4);
  if (crc32(bytes.subarray(0, -4)) !== sum) return undefined;
  const body = bytes.slice(0, -FOOTER_SIZE);
  const [total = NaN, time = NaN, done = NaN, seams = NaN] = new Float64Array(body.buffer, 0, 4);
  const hashesAt = (4 + 2 * (done + seams)) * 8;
  if (!Number.isInteger(hashesAt)) return undefined;
  if (!(done >= 0 && seams >= 0 && hashesAt + seams * HASH_SIZE <= body.length)) return undefined;
  const modified = Number.isNaN(time) ? undefined : new Date(time);
  const map = new SegmentMap({ total, modified });
  const numbers = new Float64Array(body.buffer, 4 * 8, 2 * (done + seams));
  for (let at = 0; at < done + seams; at++) {
    const [start = NaN, end = NaN] = numbers.subarray(2 * at);
    if (!(start >= 0 && start < end && end <= total)) return undefined;
    if (at < done) map.add({ start, end });
    else map.addSeam({ start, end, hash: hashAt(body, hashesAt + (at - done) * HASH_SIZE) });
  }
  return map;
}

function hashAt(bytes: Uint8Array, offset: number): string {
  return bytes.subarray(offset, offset + HASH_SIZE).toHex();
}
