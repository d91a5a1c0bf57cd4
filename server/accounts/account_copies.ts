/**
 * Accounts that came from another thread, where each answer brings a copy.
 *
 * @module
 */
import type { Account } from "./accounts.ts";

/** Users that are remembered: a server may have any number of them. */
const MOST = 1000;

/** Keeps one copy of each account, so that thousands of sessions of one user share it. */
export class AccountCopies {
  readonly #known = new Map<string, { readonly text: string; readonly account: Account }>();

  /**
   * The copy to use.
   *
   * @param account A new one.
   * @returns An equal one that others use already, or the new one.
   */
  only(account: Account): Account {
    // Of shared rates it tells the number only; each stays the same memory while the server runs.
    const text = JSON.stringify(account);
    const known = this.#known.get(account.user);
    if (known?.text === text) return known.account;
    if (this.#known.size >= MOST) this.#known.clear();
    this.#known.set(account.user, { text, account });
    return account;
  }
}
