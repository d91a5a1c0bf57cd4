/**
 * The bytes of listing lines, in memory that is used again and again.
 *
 * @module
 */
import { type Charset, UTF8 } from "../../shared/charset.ts";

/** Bytes to begin with: what small directories take. */
const FIRST = 1024;

/** Numbers below have 31 bits. */
const SMALL = 2 ** 30;

const ASCII_END = 0x80;
const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const ZERO = 0x30;
const QUESTION_MARK = 0x3f;

/** Lines that are being written. */
export class LineBuffer {
  readonly #charset: Charset;
  #memory = new Uint8Array(FIRST);
  #length = 0;

  /** Makes it empty; names are written in this encoding. */
  constructor(charset: Charset = UTF8) {
    this.#charset = charset;
  }

  /** Bytes written. */
  get length(): number {
    return this.#length;
  }

  /** What has been written; good until something else is. */
  get bytes(): Uint8Array {
    return this.#memory.subarray(0, this.#length);
  }

  /** Begins anew in the same memory. */
  clear(): void {
    this.#length = 0;
  }

  /** Takes back what was written since it had this length, and gives it; good until something is written. */
  cut(length: number): Uint8Array {
    const bytes = this.#memory.subarray(length, this.#length);
    this.#length = length;
    return bytes;
  }

  /** Writes one byte. */
  byte(byte: number): void {
    this.#provide(1);
    this.#memory[this.#length++] = byte;
  }

  /** Writes a text of ASCII characters. */
  ascii(text: string): void {
    this.#provide(text.length);
    const memory = this.#memory;
    const start = this.#length;
    for (let at = 0; at < text.length; at++) memory[start + at] = text.charCodeAt(at);
    this.#length = start + text.length;
  }

  /**
   * Writes a name as a line can hold it: a line break would forge another line, and becomes `?`. Other
   * control characters stay, or clients could not ask for what they see.
   *
   * @param name One name, or a path.
   */
  name(name: string): void {
    this.#provide(name.length);
    const memory = this.#memory;
    const start = this.#length;
    for (let at = 0; at < name.length; at++) {
      const code = name.charCodeAt(at);
      if (code >= ASCII_END) return this.#encoded(name);
      memory[start + at] = code === CR || code === LF ? QUESTION_MARK : code;
    }
    this.#length = start + name.length;
  }

  /** Writes a number, at the right of at least so many columns, behind spaces or zeros. */
  number(value: number, width = 1, fill: " " | "0" = " "): void {
    if (value >= 0 && value < SMALL && Number.isInteger(value)) this.#small(value, width, fill);
    else this.ascii(String(value).padStart(width, fill));
  }

  /** Without any object: most numbers are of this kind. */
  #small(value: number, width: number, fill: " " | "0"): void {
    const columns = Math.max(width, digitsOf(value));
    this.#provide(columns);
    const memory = this.#memory;
    const start = this.#length;
    this.#length = start + columns;
    let at = start + columns;
    let rest = value | 0;
    do {
      const tenth = rest / 10 | 0;
      memory[--at] = ZERO + rest - tenth * 10;
      rest = tenth;
    } while (rest > 0);
    const filling = fill === "0" ? ZERO : SPACE;
    while (at > start) memory[--at] = filling;
  }

  /** Writes spaces until so many bytes are written in all. */
  spacesTo(length: number): void {
    this.#provide(length - this.#length);
    while (this.#length < length) this.#memory[this.#length++] = SPACE;
  }

  /** Ends a line. */
  end(): void {
    this.byte(CR);
    this.byte(LF);
  }

  /** Writes some bytes. */
  raw(bytes: Uint8Array): void {
    this.#provide(bytes.length);
    this.#memory.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #encoded(name: string): void {
    const text = name.replace(/[\r\n]/g, "?");
    const free = this.#memory.subarray(this.#length);
    const written = this.#charset.encodeInto?.(text, free) ?? 0;
    if (written > 0) this.#length += written;
    else this.raw(this.#charset.encode(text));
  }

  #provide(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#memory.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#memory.length));
    larger.set(this.bytes);
    this.#memory = larger;
  }
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits++;
  return digits;
}
