/**
 * Sizes and rates, as people write and read them.
 *
 * @module
 */

import { UsageError } from "./errors.ts";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

const SIZE = /^(\d+(?:\.\d+)?) ?(?:([kmgtp])i?)?b?$/i;

/**
 * Reads a size in powers of 1024: `123`, `500K`, `5M`, `1.5G`; `5MB` and `5MiB` mean the same as
 * `5M`, and case does not matter. A fraction of a byte is cut off.
 *
 * @example Usage
 * ```ts
 * import { parseSize } from "./size.ts";
 * if (parseSize("1.5K") !== 1536) throw new Error("unexpected");
 * ```
 *
 * @param text What the user wrote.
 * @returns Bytes, at most `Number.MAX_SAFE_INTEGER`.
 * @throws {UsageError} If it is anything else, or too large.
 */
export function parseSize(text: string): number {
  const [, digits, letter = "b"] = SIZE.exec(text) ?? [];
  const exponent = "bkmgtp".indexOf(letter.toLowerCase());
  const bytes = Math.floor(Number(digits) * 1024 ** exponent);
  if (Number.isSafeInteger(bytes)) return bytes;
  const reason = digits === undefined ? 'not a number with K, M or G, such as "500K"' : "too large";
  throw new UsageError(`Cannot read the size ${JSON.stringify(text)}: ${reason}`);
}

/**
 * Writes a size for people, with one decimal from 1 KiB on.
 *
 * @example Usage
 * ```ts
 * import { formatSize } from "./size.ts";
 * if (formatSize(1536 * 1024) !== "1.5 MiB") throw new Error("unexpected");
 * ```
 *
 * @param bytes A size, 0 or more; fractions of a byte are rounded.
 * @returns The number and its unit, such as `1.5 MiB` or `512 B`.
 */
export function formatSize(bytes: number): string {
  let value = Math.round(bytes);
  let unit = 0;
  // What would be rounded to 1024.0 belongs to the next unit.
  while (value >= (unit === 0 ? 1024 : 1023.95) && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/**
 * Writes a rate for people.
 *
 * @param bytesPerSecond A rate, 0 or more.
 * @returns Such as `1.5 MiB/s`.
 */
export function formatRate(bytesPerSecond: number): string {
  return `${formatSize(bytesPerSecond)}/s`;
}
