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
import { addressBlock } from "../../shared/network.ts";
import { FairTurns } from "./fair_turns.ts";
import { type PasswordHash, verifyPassword } from "./password.ts";
import type { Credential } from "./user_record.ts";

/** Hashes at once: each takes its memory and a thread. */
const AT_ONCE = 4;

/** Whose password is checked. */
export interface Claim {
  /** What came with USER. */
  readonly name: string;
  /** What is known of that user; undefined: nothing, or whatever it is, it must not come in. */
  readonly credential: Credential | undefined;
  /** The client's address. */
  readonly address: string;
}

/** Right passwords, one for each user. */
export class LoginMemory {
  readonly #key = randomBytes(32);
  readonly #right = new Map<string, Uint8Array>();
  /** By address: wrong passwords, however many, do not delay right ones from elsewhere. */
  readonly #turns = new FairTurns(AT_ONCE);
  readonly #compare: typeof verifyPassword;
  #decoy: PasswordHash | undefined;

  /**
   * Remembers nothing yet.
   *
   * @param compare Compares a password with a hash.
   */
  constructor(compare: typeof verifyPassword = verifyPassword) {
    this.#compare = compare;
  }

  /** Tells whose passwords may come, so that a wrong one costs the same for all of them. */
  expect(credentials: readonly Credential[]): void {
    const hashes = credentials.flatMap((each) => each.kind === "hash" ? [each.hash] : []);
    const usual = mostUsual(hashes);
    this.#decoy = usual && { ...usual, salt: randomBytes(16), hash: randomBytes(32) };
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
  async verify({ name, credential, address }: Claim, password: string): Promise<boolean> {
    const known = credential === undefined ? "" : textOf(credential);
    const digest = this.#digest(name, known, password);
    const remembered = this.#right.get(name);
    if (remembered !== undefined && timingSafeEqual(remembered, digest)) return true;
    // Digests of both, so that neither length nor content shows in the time it takes.
    const clear = credential?.kind === "clear" ? credential.password.reveal() : "";
    const same = timingSafeEqual(this.#digest(name, known, clear), digest);
    if (same && credential?.kind === "clear") return true;
    const hash = credential?.kind === "hash" ? credential.hash : this.#decoy;
    if (hash === undefined) return false;
    const compare = (): Promise<boolean> => this.#compare(hash, password);
    const right = await this.#turns.run(addressBlock(address), compare);
    if (!right || credential?.kind !== "hash") return false;
    this.#right.set(name, digest);
    return true;
  }

  #digest(...parts: readonly string[]): Uint8Array {
    return createHmac("sha256", this.#key).update(JSON.stringify(parts)).digest();
  }
}

/** One with the cost that most have. */
function mostUsual(hashes: readonly PasswordHash[]): PasswordHash | undefined {
  const alike = Map.groupBy(hashes, ({ cost: { ln, r, p } }) => `${ln} ${r} ${p}`);
  const [most] = [...alike.values()].toSorted((a, b) => b.length - a.length);
  return most?.[0];
}

function textOf(credential: Credential): string {
  return credential.kind === "hash" ? credential.hash.text : "";
}
