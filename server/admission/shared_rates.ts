/**
 * The rates that transfers of all workers share: one for each user, and one for the whole server.
 *
 * @module
 */
import { RateBucket } from "../../shared/rate_bucket.ts";
import type { Account } from "../accounts/accounts.ts";
import type { ServerConfig } from "../configuration/config.ts";

/** What is said about such rates, and about the users. */
export type RateConfig = Pick<ServerConfig, "limitRatePerUser" | "limitRateTotal" | "users">;

/**
 * Keeps the memory of shared rates with the supervisor, and gives it to sessions with their accounts.
 *
 * A rate keeps its memory as long as the server runs: who is logged in and who comes later draw on the
 * same one, and another rate holds for both at once.
 */
export class SharedRates {
  readonly #users = new Map<string, SharedArrayBuffer>();
  #total: SharedArrayBuffer | undefined;
  #config: RateConfig;

  /** Keeps the rates of a configuration. */
  constructor(config: RateConfig) {
    this.#config = config;
  }

  /** Takes other rates, also for transfers that run. What was not limited before is from the next login on. */
  use(config: RateConfig): void {
    this.#config = config;
    if (this.#total !== undefined) setRate(this.#total, config.limitRateTotal);
    const own = new Map(config.users.map(({ name, limitRateTotal }) => [name, limitRateTotal]));
    for (const [user, memory] of this.#users) {
      setRate(memory, own.get(user) ?? config.limitRatePerUser);
    }
  }

  /**
   * Gives an account what its transfers share with others.
   *
   * @param account Who has logged in; all who are anonymous are one user.
   * @returns It, with the memory of the rates that hold for it: the user's, then that of the server.
   */
  given(account: Account): Account {
    const { limitRatePerUser, limitRateTotal } = this.#config;
    const rates: SharedArrayBuffer[] = [];
    const own = account.limitRateTotal ?? limitRatePerUser;
    if (own !== undefined) {
      const memory = this.#users.get(account.user) ?? newMemory();
      this.#users.set(account.user, memory);
      setRate(memory, own);
      rates.push(memory);
    }
    if (limitRateTotal !== undefined) {
      this.#total ??= newMemory();
      setRate(this.#total, limitRateTotal);
      rates.push(this.#total);
    }
    return rates.length === 0 ? account : { ...account, rates };
  }
}

function newMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(RateBucket.SIZE);
}

/** Undefined: no limit any more. */
function setRate(memory: SharedArrayBuffer, rate: number | undefined): void {
  new RateBucket(memory).rate = rate ?? 0;
}
