/**
 * Hashes of files, under the names that FTP has for them (draft-bryan-ftpext-hash).
 *
 * @module
 */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/** The algorithms; the first is a server's default. */
export const HASH_NAMES = ["SHA-256", "SHA-512", "SHA-1", "MD5", "CRC32"] as const;

/** An algorithm. */
export type HashName = typeof HASH_NAMES[number];

/** A hash of bytes that come piece by piece. */
export interface Digest {
  /** Takes the next bytes; they are not kept. */
  update(bytes: Uint8Array): void;
  /** The hash of all of them, in lower-case hexadecimal digits. Ends it. */
  hex(): string;
}

/**
 * Begins a hash.
 *
 * @example Usage
 * ```ts
 * import { newDigest } from "./digest.ts";
 * const digest = newDigest("CRC32");
 * digest.update(new TextEncoder().encode("123456789"));
 * if (digest.hex() !== "cbf43926") throw new Error("unexpected");
 * ```
 *
 * @param algorithm Which one.
 * @returns The hash of nothing yet.
 */
export function newDigest(algorithm: HashName): Digest {
  if (algorithm === "CRC32") return crcDigest();
  const hash = createHash(algorithm.replace("-", "").toLowerCase());
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest("hex") };
}

function crcDigest(): Digest {
  let value = 0;
  return {
    update: (bytes) => value = crc32(bytes, value),
    hex: () => value.toString(16).padStart(8, "0"),
  };
}
