import { assert, assertEquals } from "@std/assert";
import { AccountCopies } from "../../../server/accounts/account_copies.ts";
import type { Account } from "../../../server/accounts/accounts.ts";
import { testAccount } from "../../support/account.ts";

function account(user: string, part: Partial<Account> = {}): Account {
  return testAccount({ user, permissions: ["read"], ...part });
}

Deno.test("AccountCopies: equal accounts of a user are one", () => {
  const copies = new AccountCopies();
  const first = copies.only(account("alice"));
  assert(copies.only(account("alice")) === first);
  assertEquals(copies.only(account("bob")).user, "bob");
  assert(copies.only(account("alice")) === first);
});

Deno.test("AccountCopies: an account that was changed is a new one", () => {
  const copies = new AccountCopies();
  const before = copies.only(account("alice"));
  const after = copies.only(account("alice", { limitRate: 1000 }));
  assertEquals([before.limitRate, after.limitRate], [undefined, 1000]);
  assert(copies.only(account("alice", { limitRate: 1000 })) === after);
});

Deno.test("AccountCopies: any number of users leaves only some of them", () => {
  const copies = new AccountCopies();
  const first = copies.only(account("user-0"));
  for (let number = 1; number <= 1000; number++) copies.only(account(`user-${number}`));
  assert(copies.only(account("user-0")) !== first);
});
