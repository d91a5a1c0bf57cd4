/**
 * Accounts for tests.
 *
 * @module
 */
import type { Account } from "../../server/accounts/accounts.ts";
import { RIGHTS } from "../../server/accounts/permissions.ts";

/** An account that may do everything and has no limits, but for what is said. */
export function testAccount(part: Partial<Account> = {}): Account {
  return {
    user: "alice",
    anonymous: false,
    permissions: RIGHTS.write,
    overrides: [],
    home: "/",
    makeHome: false,
    quota: undefined,
    limitRate: undefined,
    limitRateTotal: undefined,
    maxSessions: undefined,
    requireTls: false,
    ...part,
  };
}
