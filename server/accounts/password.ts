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
/** N·r·p, sixteen times that of new hashes: nor may one login keep a core busy for long. */
const MOST_WORK = 2 ** 22;
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
 * @throws {UsageError} If it is no scrypt hash, or its cost is too low, above 256 MiB, above sixteen
 * times the work of {@linkcode DEFAULT_COST}, or none that scrypt has. The text is never quoted.
 */
export function parseHash(text: string): PasswordHash {
  const [, ln, r, p, salt, hash] = text.match(PHC) ?? [];
  if (salt === undefined || hash === undefined) {
    throw new UsageError("not a scrypt hash in PHC format: ftpkit user passwd makes one");
  }
  const parts = { salt: unbase64(salt), hash: unbase64(hash) };
  // Base64 that stops in the middle of a byte: the text was cut or mistyped.
  if (base64(parts.salt) !== salt || base64(parts.hash) !== hash) {
    throw new UsageError("its hash or salt is not whole");
  }
  if (parts.salt.length < 8 || parts.hash.length < 16) {
    throw new UsageError("its hash or salt is too short");
  }
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  const fault = costFault(cost);
  if (fault !== undefined) throw new UsageError(`the cost of its hash is ${fault}`);
  return { cost, ...parts, text };
}

/** What is wrong with a cost. N is below 2^(16·r) by definition (RFC 7914 section 2). */
function costFault(cost: ScryptCost): string | undefined {
  const { ln, r, p } = cost;
  if (ln < 10 || r < 1 || p < 1) return "too low";
  if (ln >= 16 * r) return "none that scrypt has: ln must be below 16 times r";
  if (memoryOf(cost) > MOST_MEMORY) return "too high: it takes more than 256 MiB";
  return 2 ** ln * r * p > MOST_WORK ? "too high: it takes too long" : undefined;
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
