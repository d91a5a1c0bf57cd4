/**
 * The help that a session worker gives to others whose listing is large.
 *
 * @module
 */
import { reasonOf } from "../../shared/errors.ts";
import { log } from "../../shared/log.ts";
import { nextTurn, Slice } from "../../shared/turn.ts";
import { SharedLookup, type SharedNames } from "./shared_names.ts";

/** Shares that wait at most: what is beyond is left to those who asked. */
const MOST_WAITING = 64;

/** Milliseconds for a chunk: what takes longer waits for a disk, and not only for a core. */
const QUICK = 10;

/** Milliseconds without help after one that was not quick: meanwhile more of the same may be shared. */
const REST = 1000;

/** Looks up names that others share, in turns with the sessions of its thread. */
export class LookupHelp {
  readonly #waiting: SharedNames[] = [];
  #working = false;
  #restUntil = 0;

  /** Takes a share, and works on it until nothing of it is left. Never throws. */
  async take(shared: SharedNames): Promise<void> {
    if (performance.now() < this.#restUntil) return;
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push(shared);
    if (this.#working) return;
    this.#working = true;
    try {
      await this.#work();
    } catch (error) {
      log.debug(`no help with a listing: ${reasonOf(error)}`);
    } finally {
      this.#working = false;
    }
  }

  async #work(): Promise<void> {
    const slice = new Slice();
    for (let shared = this.#waiting.shift(); shared; shared = this.#waiting.shift()) {
      const lookup = new SharedLookup(shared);
      for (let chunk = lookup.take(); chunk !== undefined; chunk = lookup.take()) {
        const began = performance.now();
        lookup.lookUp(chunk);
        if (performance.now() - began > QUICK) return this.#leave();
        if (slice.over) await nextTurn();
      }
    }
  }

  /** One thread that waits for a disk is enough. */
  #leave(): void {
    this.#waiting.length = 0;
    this.#restUntil = performance.now() + REST;
  }
}
