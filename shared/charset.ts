/**
 * Encodings of names on the wire, for programs from before UTF-8 (RFC 2640).
 *
 * The runtime decodes every encoding of the WHATWG standard but encodes only UTF-8. The other way is
 * read off the decoder: what every one and every two bytes decode to is what encodes to them.
 *
 * @module
 */
import { UsageError } from "./errors.ts";

/** One encoding, both ways. Every ASCII character is the byte of its number in all of them. */
export interface Charset {
  /** The name of the WHATWG standard, such as `utf-8` or `gbk`. */
  readonly label: string;
  /**
   * Decodes.
   *
   * @throws {TypeError} If the bytes are not valid in this encoding.
   */
  decode(bytes: Uint8Array): string;
  /** Encodes; a character that the encoding lacks becomes `?`. */
  encode(text: string): Uint8Array<ArrayBuffer>;
  /**
   * Encodes without memory of its own, where the encoding can.
   *
   * @returns Bytes written, or 0 where the text might not fit.
   */
  encodeInto?(text: string, target: Uint8Array): number;
}

const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What one UTF-16 unit takes in UTF-8. */
const MOST_BYTES = 3;

/** UTF-8, as RFC 2640 asks for. */
export const UTF8: Charset = {
  label: "utf-8",
  decode: (bytes) => utf8Decoder.decode(bytes),
  encode: (text) => utf8Encoder.encode(text),
  encodeInto: (text, target) =>
    text.length * MOST_BYTES > target.length ? 0 : utf8Encoder.encodeInto(text, target).written,
};

/** Each encoding is made once: its table is large. */
const opened = new Map<string, Charset>([[UTF8.label, UTF8]]);

const ASCII_END = 0x80;
const BYTE_END = 0x100;
/** No encoding of two bytes has a second byte below: `/`, CR, LF and NUL are always themselves. */
const LOWEST_SECOND_BYTE = 0x30;
const REPLACEMENT = "?".charCodeAt(0);

/**
 * Finds an encoding.
 *
 * @example Usage
 * ```ts
 * import { openCharset } from "./charset.ts";
 * const bytes = openCharset("cp1251").encode("Ж");
 * if (bytes.length !== 1 || bytes[0] !== 0xc6) throw new Error("unexpected");
 * ```
 *
 * @param label A label of the WHATWG encoding standard: `latin1`, `cp1251`, `gbk`, `shift_jis`.
 * @returns The encoding.
 * @throws {UsageError} If there is none of that name, or it is not a superset of ASCII (UTF-16).
 */
export function openCharset(label: string): Charset {
  const decoder = decoderOf(label);
  const known = opened.get(decoder.encoding) ?? new TableCharset(decoder);
  opened.set(known.label, known);
  return known;
}

function decoderOf(label: string): TextDecoder {
  const decoder = newDecoder(label);
  const ascii = Uint8Array.from({ length: ASCII_END }, (_, byte) => byte);
  if (tryDecode(decoder, ascii) === String.fromCharCode(...ascii)) return decoder;
  throw new UsageError(`the encoding "${label}" does not contain ASCII`);
}

function newDecoder(label: string): TextDecoder {
  try {
    return new TextDecoder(label, { fatal: true, ignoreBOM: true });
  } catch (cause) {
    throw new UsageError(`there is no encoding "${label}"`, { cause });
  }
}

function tryDecode(decoder: TextDecoder, bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

class TableCharset implements Charset {
  readonly label: string;
  readonly #decoder: TextDecoder;
  /** Character to its bytes; made when the first text is encoded. */
  #table: ReadonlyMap<string, readonly number[]> | undefined;

  constructor(decoder: TextDecoder) {
    this.label = decoder.encoding;
    this.#decoder = decoder;
  }

  decode(bytes: Uint8Array): string {
    return this.#decoder.decode(bytes);
  }

  encode(text: string): Uint8Array<ArrayBuffer> {
    const table = this.#table ??= encodingTable(this.#decoder);
    const bytes: number[] = [];
    for (const character of text) {
      const code = character.codePointAt(0) ?? REPLACEMENT;
      if (code < ASCII_END) bytes.push(code);
      else bytes.push(...table.get(character) ?? [REPLACEMENT]);
    }
    return Uint8Array.from(bytes);
  }
}

function encodingTable(decoder: TextDecoder): ReadonlyMap<string, readonly number[]> {
  const table = new Map<string, readonly number[]>();
  const learn = (...bytes: readonly number[]): boolean => {
    const text = tryDecode(decoder, Uint8Array.from(bytes));
    if (text === undefined) return false;
    // Where several byte sequences mean one character, the first is the usual one.
    if ([...text].length === 1 && !table.has(text)) table.set(text, bytes);
    return true;
  };
  for (let first = ASCII_END; first < BYTE_END; first++) {
    if (learn(first)) continue;
    for (let second = LOWEST_SECOND_BYTE; second < BYTE_END; second++) learn(first, second);
  }
  return table;
}
