/**
 * How names and everything else travel on the control connection and in listings: in UTF-8, or in
 * the encoding of `--charset`.
 *
 * @module
 */
import { type Charset, UTF8 } from "../shared/charset.ts";
import { FtpkitError, reasonOf } from "../shared/errors.ts";
import { ReplyDecoder } from "../shared/reply.ts";
import { decodeName, displayName, encodeName, encodePieces, keepBytes } from "./remote_name.ts";

/** One way. What is read goes back byte for byte. */
export interface NameCoding {
  /** Whether it is UTF-8, which servers may be told (RFC 2640 section 3). */
  readonly isUtf8: boolean;
  /** Reads a line; bytes that are not valid in it are kept as {@linkcode decodeName} does. */
  decode(bytes: Uint8Array): string;
  /**
   * Writes a text.
   *
   * @throws {FtpkitError} If the encoding lacks a character; the text is the reason alone.
   */
  encode(text: string): Uint8Array;
}

/** Names in UTF-8. */
export const UTF8_NAMES: NameCoding = { isUtf8: true, decode: decodeName, encode: encodeName };

const FIRST_LETTER = 0x80;

/**
 * Names in an encoding.
 *
 * @example Usage
 * ```ts
 * import { openCharset } from "../shared/charset.ts";
 * import { namesIn } from "./name_coding.ts";
 * const names = namesIn(openCharset("cp1251"));
 * if (names.decode(Uint8Array.of(0xc6)) !== "Ж") throw new Error("unexpected");
 * ```
 *
 * @param charset The encoding.
 * @returns The way.
 */
export function namesIn(charset: Charset): NameCoding {
  if (charset === UTF8) return UTF8_NAMES;
  const encodeExactly = (text: string): Uint8Array => {
    const bytes = charset.encode(text);
    if (charset.decode(bytes) === text) return bytes;
    throw new FtpkitError(`the encoding ${charset.label} cannot express it`);
  };
  return {
    isUtf8: false,
    encode: (text) => encodePieces(text, encodeExactly),
    decode: (bytes) => decodeExactly(bytes, charset),
  };
}

function decodeExactly(bytes: Uint8Array, charset: Charset): string {
  if (bytes.every((byte) => byte < FIRST_LETTER)) return String.fromCharCode(...bytes);
  const text = tryDecode(bytes, charset);
  if (text === undefined) return keepBytes(bytes);
  // Some encodings have several byte sequences for one character: only one of them can come back.
  const again = charset.encode(text);
  const same = again.length === bytes.length && again.every((byte, at) => byte === bytes[at]);
  return same ? text : keepBytes(bytes);
}

function tryDecode(bytes: Uint8Array, charset: Charset): string | undefined {
  try {
    return charset.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Refuses a name before anything is done with it.
 *
 * @param name A remote name or path.
 * @param names How it would travel.
 * @throws {FtpkitError} If it cannot.
 */
export function refuseUnsendable(name: string, names: NameCoding): void {
  try {
    names.encode(name);
  } catch (error) {
    throw new FtpkitError(`Cannot send the name "${displayName(name)}": ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * What reads replies with names in them.
 *
 * @param names How they travel.
 * @returns A decoder for one stream of replies.
 */
export function replyDecoder(names: NameCoding): ReplyDecoder {
  return new ReplyDecoder({ decode: names.decode, telnet: names.isUtf8 });
}
