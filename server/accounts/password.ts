/**
 * Passwords as scrypt hashes (RFC 7914) in PHC format: `$scrypt$ln=15,r=8,p=1$SALT$HASH`.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { UsageError } from "../../shared/errors.ts";

/** What a hash costs (RFC 7914 section 2). */
export interface ScryptCost {
  /** Binary logarithm of N. */
  readonly ln: number;
  /** Block size. */
  readonly r: number;
  /** Parallelization. */
  readonly p: number;
}

/** A password that cannot be read back. */
export interface PasswordHash {
  readonly cost: ScryptCost;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
  /** In PHC format. */
  readonly text: string;
}

/** New hashes: 32 MiB and a few hundredths of a second each. */
export const DEFAULT_COST: ScryptCost = { ln: 15, r: 8, p: 1 };

/** Bytes that one hash may take: a file of users must not be able to fill the memory. */
const MOST_MEMORY = 256 * 1024 * 1024;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/**
 * Hashes a password.
 *
 * @param password The password, any text.
 * @param cost How much work it is.
 * @returns The hash, with a new salt.
 */
export async function hashPassword(
  password: string,
  cost: ScryptCost = DEFAULT_COST,
): Promise<PasswordHash> {
  const salt = new Uint8Array(randomBytes(SALT_BYTES));
  const hash = await derive(password, { cost, salt, length: HASH_BYTES });
  const { ln, r, p } = cost;
  const text = `$scrypt$ln=${ln},r=${r},p=${p}$${base64(salt)}$${base64(hash)}`;
  return { cost, salt, hash, text };
}

/**
 * Checks a password.
 *
 * @param expected The hash.
 * @param password What was given.
 * @returns Whether it is the one that was hashed.
 */
export async function verifyPassword(expected: PasswordHash, password: string): Promise<boolean> {
  const { cost, salt, hash } = expected;
  return timingSafeEqual(await derive(password, { cost, salt, length: hash.length }), hash);
}

/**
 * Reads a hash.
 *
 * @example Usage
 * ```ts
 * import { hashPassword, parseHash } from "./password.ts";
 * const { text } = await hashPassword("secret", { ln: 10, r: 8, p: 1 });
 * if (parseHash(text).cost.ln !== 10) throw new Error("unexpected");
 * ```
 *
 * @param text In PHC format.
 * @returns The hash.
 * @throws {UsageError} If it is no scrypt hash, or its cost is not between 1 MiB and 256 MiB. The
 * text is never quoted.
 */
export function parseHash(text: string): PasswordHash {
  const [, ln, r, p, salt, hash] = text.match(PHC) ?? [];
  if (salt === undefined || hash === undefined) {
    throw new UsageError("not a scrypt hash in PHC format: ftpkit user passwd makes one");
  }
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  const parts = { cost, salt: unbase64(salt), hash: unbase64(hash), text };
  const memory = memoryOf(cost);
  if (cost.ln < 10 || cost.r < 1 || cost.p < 1 || cost.p > 16 || memory > MOST_MEMORY) {
    throw new UsageError("the cost of its hash is too low or too high: up to 256 MiB");
  }
  if (parts.salt.length < 8 || parts.hash.length < 16) {
    throw new UsageError("its hash or salt is too short");
  }
  return parts;
}

const PHC =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{8,128})\$([A-Za-z0-9+/]{16,128})$/;

function memoryOf({ ln, r, p }: ScryptCost): number {
  return 128 * r * (2 ** ln + p);
}

function derive(
  password: string,
  how: { readonly cost: ScryptCost; readonly salt: Uint8Array; readonly length: number },
): Promise<Uint8Array> {
  const { cost, salt, length } = how;
  const options = { N: 2 ** cost.ln, r: cost.r, p: cost.p, maxmem: memoryOf(cost) * 2 };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, options, (error, key) => {
      if (error === null) resolve(new Uint8Array(key));
      else reject(error);
    });
  });
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}

function unbase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}
