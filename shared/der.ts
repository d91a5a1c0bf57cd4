/**
 * Writing ASN.1 in DER (ITU-T X.690), as far as a certificate needs it.
 *
 * @module
 */

/** A DER value, header and content. */
export type Der = Uint8Array<ArrayBuffer>;

const BOOLEAN = 0x01;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const SEQUENCE = 0x30;
const SET = 0x31;

/** From this year on, X.509 writes years with four digits (RFC 5280 section 4.1.2.5). */
const FIRST_LONG_YEAR = 2050;

/** Joins pieces of bytes. */
export function concat(...pieces: readonly Uint8Array[]): Der {
  const joined = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

/**
 * One value with the tag that is given.
 *
 * @param tag First byte of the header: class, form and number, below 31.
 * @param contents What is inside, joined.
 * @returns Header and content.
 */
export function tagged(tag: number, ...contents: readonly Uint8Array[]): Der {
  const content = concat(...contents);
  return concat(Uint8Array.of(tag, ...lengthBytes(content.length)), content);
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes = base256(length);
  return [0x80 | bytes.length, ...bytes];
}

/** Big-endian digits of a number that is not negative. */
function base256(value: number): number[] {
  const digits: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return digits;
}

/** A SEQUENCE of values. */
export function sequence(...values: readonly Uint8Array[]): Der {
  return tagged(SEQUENCE, ...values);
}

/** A SET of values. */
export function set(...values: readonly Uint8Array[]): Der {
  return tagged(SET, ...values);
}

/** An INTEGER that is not negative, from its big-endian bytes. */
export function integer(bytes: Uint8Array): Der {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const digits = bytes.subarray(start);
  const sign = (digits[0] ?? 0x80) >= 0x80 ? Uint8Array.of(0) : new Uint8Array();
  return tagged(INTEGER, sign, digits);
}

/** A BOOLEAN that is true. */
export function yes(): Der {
  return tagged(BOOLEAN, Uint8Array.of(0xff));
}

/** A BIT STRING; `unused` bits at its end do not count. */
export function bitString(bytes: Uint8Array, unused = 0): Der {
  return tagged(BIT_STRING, Uint8Array.of(unused), bytes);
}

/** An OCTET STRING. */
export function octetString(bytes: Uint8Array): Der {
  return tagged(OCTET_STRING, bytes);
}

/** A UTF8String. */
export function utf8String(text: string): Der {
  return tagged(UTF8_STRING, new TextEncoder().encode(text));
}

/** An OBJECT IDENTIFIER written as `1.2.840.10045.2.1`. */
export function objectIdentifier(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [40 * first + second, ...rest].flatMap(base128);
  return tagged(OBJECT_IDENTIFIER, Uint8Array.from(bytes));
}

/** Big-endian digits of seven bits, all but the last with the high bit set. */
function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift(0x80 | rest & 0x7f);
  return digits;
}

/** A time to the second, in the form that X.509 asks for. */
export function time(date: Date): Der {
  const digits = date.toISOString().replace(/\D/g, "").slice(0, 14);
  const long = date.getUTCFullYear() >= FIRST_LONG_YEAR;
  const text = `${long ? digits : digits.slice(2)}Z`;
  return tagged(long ? GENERALIZED_TIME : UTC_TIME, new TextEncoder().encode(text));
}
