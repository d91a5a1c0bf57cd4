/**
 * Names on the far side: bytes that usually, but not always, are UTF-8 (RFC 2640 section 2.2).
 *
 * A name that is not UTF-8 is kept as a string in which each byte above 127 is a lone surrogate,
 * U+DC80 to U+DCFF. No valid UTF-8 decodes to those, so every name goes back byte for byte.
 *
 * @module
 */

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

// With the `u` flag a surrogate in a pattern matches only a lone one.
const KEPT_BYTE = /[\udc80-\udcff]/gu;
const KEPT_BYTES = /([\udc80-\udcff]+)/u;
// deno-lint-ignore no-control-regex -- the control characters are what must not reach a terminal
const CONTROL = /[\x00-\x1f\x7f-\x9f]/g;

/**
 * Reads a name, or a line with names in it.
 *
 * @example Usage
 * ```ts
 * import { decodeName, encodeName } from "./remote_name.ts";
 * const latin1 = Uint8Array.of(0x63, 0x61, 0x66, 0xe9);
 * if (encodeName(decodeName(latin1))[3] !== 0xe9) throw new Error("unexpected");
 * ```
 *
 * @param bytes As they came.
 * @returns The text; see above for bytes that are not UTF-8.
 */
export function decodeName(bytes: Uint8Array): string {
  return decodeUtf8(bytes) ?? keepBytes(bytes);
}

/**
 * Reads what is UTF-8 from its first to its last byte; so then is each line of it, and no other way
 * to read many is as quick.
 *
 * @param bytes As they came.
 * @returns The text; undefined where it is not UTF-8.
 */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Keeps each byte above 127, whatever it means.
 *
 * @param bytes As they came.
 * @returns The text; {@linkcode encodeName} gives the bytes back.
 */
export function keepBytes(bytes: Uint8Array): string {
  const keep = (byte: number): string => String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte);
  return Array.from(bytes, keep).join("");
}

/**
 * Writes a name, or a command line with a name in it, for the wire.
 *
 * @param name A text from {@linkcode decodeName}, or any other.
 * @returns The bytes.
 */
export function encodeName(name: string): Uint8Array {
  return encodePieces(name, (text) => encoder.encode(text));
}

/**
 * Writes a name whose text is in any encoding.
 *
 * @param name A text in which some bytes may be kept.
 * @param encode Writes what is between them.
 * @returns The bytes.
 */
export function encodePieces(name: string, encode: (text: string) => Uint8Array): Uint8Array {
  if (!KEPT_BYTES.test(name)) return encode(name);
  const bytes: number[] = [];
  // Splitting by a group puts what it matched at every second place.
  for (const [index, piece] of name.split(KEPT_BYTES).entries()) {
    if (index % 2 === 0) bytes.push(...encode(piece));
    else bytes.push(...Array.from(piece, lowByte));
  }
  return Uint8Array.from(bytes);
}

function lowByte(character: string): number {
  return character.charCodeAt(0) & 0xff;
}

/**
 * A name as a person reads it, and as it is stored here: by its Latin-1 reading where it is not
 * UTF-8.
 *
 * @param name From {@linkcode decodeName}.
 * @returns A text without lone surrogates of ours.
 */
export function readableName(name: string): string {
  return name.replace(KEPT_BYTE, (character) => String.fromCharCode(lowByte(character)));
}

/**
 * A text that is safe on a terminal: control characters, which could move its cursor or worse, are
 * shown as `\x1b`.
 *
 * @example Usage
 * ```ts
 * import { displayName } from "./remote_name.ts";
 * if (displayName("a\x1b[2J") !== "a\\x1b[2J") throw new Error("unexpected");
 * ```
 *
 * @param text A name, or any text from the far side.
 * @returns One line of printable text.
 */
export function displayName(text: string): string {
  const escape = (character: string): string =>
    `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  return readableName(text).replace(CONTROL, escape);
}
