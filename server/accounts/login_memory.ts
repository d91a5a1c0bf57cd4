/**
 * Checks passwords, and remembers those that were right: a script that logs in a thousand times a
 * minute pays for scrypt once.
 *
 * What is remembered is a keyed digest that is worth nothing outside this process. It holds the hash
 * too, so that a changed password is a new one.
 *
 * @module
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { type PasswordHash, verifyPassword } from "./password.ts";
import type { Credential } from "./user_record.ts";

/** Hashes at once: each takes its memory and a thread. */
const AT_ONCE = 4;

/** Whose password is checked. */
export interface Claim {
  /** What came with USER. */
  readonly name: string;
  /** What is known of that user; undefined: nothing. */
  readonly credential: Credential | undefined;
}

/** Right passwords, one for each user. */
export class LoginMemory {
  readonly #key = randomBytes(32);
  readonly #right = new Map<string, Uint8Array>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #decoy: PasswordHash | undefined;

  /** Tells whose passwords may come, so that a wrong one costs the same for all of them. */
  expect(credentials: readonly Credential[]): void {
    const hashes = credentials.flatMap((each) => each.kind === "hash" ? [each.hash] : []);
    const [first] = hashes;
    // With the cost of the first user's: they all have the same as a rule.
    this.#decoy = first && { ...first, salt: randomBytes(16), hash: randomBytes(32) };
    if (this.#right.size > credentials.length) this.#right.clear();
  }

  /**
   * Checks a password. A wrong one takes the same work whether or not there is such a user, and
   * however that user's password is kept.
   *
   * @param claim Whose.
   * @param password What was given.
   * @returns Whether it is right.
   */
  async verify({ name, credential }: Claim, password: string): Promise<boolean> {
    const known = credential === undefined ? "" : textOf(credential);
    const digest = this.#digest(name, known, password);
    const remembered = this.#right.get(name);
    if (remembered !== undefined && timingSafeEqual(remembered, digest)) return true;
    if (credential?.kind === "clear") {
      // Digests of both, so that neither length nor content shows in the time it takes.
      const expected = this.#digest(name, known, credential.password.reveal());
      if (timingSafeEqual(expected, digest)) return true;
    }
    const hash = credential?.kind === "hash" ? credential.hash : this.#decoy;
    const right = hash !== undefined && await this.#inTurn(() => verifyPassword(hash, password));
    if (!right || credential?.kind !== "hash") return false;
    this.#right.set(name, digest);
    return true;
  }

  #digest(...parts: readonly string[]): Uint8Array {
    return createHmac("sha256", this.#key).update(JSON.stringify(parts)).digest();
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

function textOf(credential: Credential): string {
  return credential.kind === "hash" ? credential.hash.text : "";
}
