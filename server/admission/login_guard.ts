/**
 * Failed logins by address: `--ban-after` and `--ban-time`.
 *
 * Off unless it is asked for: behind one address may be an office, and a stranger in it must not be
 * able to lock the others out.
 *
 * @module
 */
import { addressBlock } from "../../shared/network.ts";
import type { BanRule } from "../configuration/config.ts";

/** Addresses that are remembered; the one that was quiet longest is forgotten first. */
const MOST_ADDRESSES = 50_000;

/** Characters of a name that tell it from others: what a stranger sends must not fill the memory. */
const NAME_LENGTH = 64;

interface Failures {
  count: number;
  /** How many of them each name has. */
  readonly names: Map<string, number>;
  /** Until when they count; once there are enough, until when the address is turned away. */
  until: number;
}

/** Counts failed logins and turns addresses away. IPv6 addresses count by /64. */
export class LoginGuard {
  readonly #failures = new Map<string, Failures>();
  readonly #now: () => number;
  #rule: BanRule | undefined;
  /** Addresses that were turned away so far. */
  bans = 0;

  /**
   * Makes a guard.
   *
   * @param rule When to turn away; undefined: never.
   * @param now A clock that only goes forward, in milliseconds.
   */
  constructor(rule: BanRule | undefined, now: () => number = () => performance.now()) {
    this.#rule = rule;
    this.#now = now;
  }

  /** Goes by another rule from now on. */
  use(rule: BanRule | undefined): void {
    this.#rule = rule;
  }

  /**
   * Why an address is turned away.
   *
   * @param address The client's address.
   * @returns The reason; undefined where it may come in.
   */
  refusal(address: string): string | undefined {
    const failures = this.#live(addressBlock(address));
    if (this.#rule === undefined || failures === undefined) return undefined;
    if (failures.count < this.#rule.after) return undefined;
    const seconds = Math.ceil((failures.until - this.#now()) / 1000);
    return `Too many failed logins from your address: try again in ${seconds} s`;
  }

  /**
   * A login from an address has failed.
   *
   * @param address The client's address.
   * @param name What came with USER.
   * @returns Whether the address is turned away from now on.
   */
  failed(address: string, name: string): boolean {
    if (this.#rule === undefined) return false;
    const block = addressBlock(address);
    const until = this.#now() + this.#rule.time;
    const failures = this.#live(block) ?? { count: 0, names: new Map(), until };
    const key = name.slice(0, NAME_LENGTH);
    failures.count++;
    failures.names.set(key, (failures.names.get(key) ?? 0) + 1);
    const enough = failures.count === this.#rule.after;
    if (enough) {
      failures.until = until;
      this.bans++;
    }
    // Behind all others: the map's order is that of the last failure.
    this.#failures.delete(block);
    this.#failures.set(block, failures);
    const oldest = this.#failures.keys().next();
    if (this.#failures.size > MOST_ADDRESSES && !oldest.done) this.#failures.delete(oldest.value);
    return enough;
  }

  /**
   * A login from an address has succeeded: what that user failed before was a mistake. What others
   * failed is not: a stranger who may come in as one could guess at all of them.
   *
   * @param address The client's address.
   * @param name Who.
   */
  succeeded(address: string, name: string): void {
    const block = addressBlock(address);
    const failures = this.#live(block);
    if (failures === undefined) return;
    const key = name.slice(0, NAME_LENGTH);
    failures.count -= failures.names.get(key) ?? 0;
    failures.names.delete(key);
    if (failures.count === 0) this.#failures.delete(block);
  }

  #live(block: string): Failures | undefined {
    const failures = this.#failures.get(block);
    if (failures === undefined || failures.until > this.#now()) return failures;
    this.#failures.delete(block);
    return undefined;
  }
}
