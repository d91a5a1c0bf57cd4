import { assert, assertEquals, assertThrows } from "@std/assert";
import { Accounts, parseUser } from "../../../server/accounts/accounts.ts";
import { LoginMemory } from "../../../server/accounts/login_memory.ts";
import { hashPassword } from "../../../server/accounts/password.ts";
import { PLAIN_USER, type UserRecord } from "../../../server/accounts/user_record.ts";
import { UsageError } from "../../../shared/errors.ts";
import { parseNetwork } from "../../../shared/network.ts";

const COST = { ln: 12, r: 8, p: 1 };
const hash = await hashPassword("secret", COST);

function user(name: string, part: Partial<UserRecord> = {}): UserRecord {
  return { ...PLAIN_USER, name, credential: { kind: "hash", hash }, ...part };
}

async function login(accounts: Accounts, name: string, password = "secret"): Promise<string> {
  const request = { session: 1, user: name, password, address: "10.1.2.3" };
  return (await accounts.check(request)).kind;
}

Deno.test("Accounts: who may come in", async () => {
  const accounts = new Accounts([
    user("alice"),
    parseUser("bob:pass:word:write"),
    user("off", { disabled: true }),
    user("old", { expires: new Date(Date.now() - 1000) }),
    user("young", { expires: new Date(Date.now() + 60_000) }),
    user("near", { allowFrom: [parseNetwork("10.0.0.0/8")] }),
    user("far", { allowFrom: [parseNetwork("192.168.0.0/16"), parseNetwork("::1")] }),
    user("tls", { requireTls: true }),
  ], { anonymous: undefined });
  assertEquals(await login(accounts, "alice"), "accepted");
  assertEquals(await login(accounts, "alice", "Secret"), "refused");
  assertEquals(await login(accounts, "bob", "pass:word"), "accepted");
  assertEquals(await login(accounts, "bob", "pass"), "refused");
  assertEquals(await login(accounts, "nobody"), "refused");
  assertEquals(await login(accounts, "anonymous", "x"), "refused");
  assertEquals(await login(accounts, "off"), "refused");
  assertEquals(await login(accounts, "old"), "refused");
  assertEquals(await login(accounts, "young"), "accepted");
  assertEquals(await login(accounts, "near"), "accepted");
  assertEquals(await login(accounts, "far"), "refused");
  assertEquals(await login(accounts, "tls"), "limited");
  assertEquals(await login(accounts, "tls", "wrong"), "refused");
});

Deno.test("Accounts: anonymous under both names where it is allowed, unless it is a user", async () => {
  const open = new Accounts([], { anonymous: "upload" });
  const answer = await open.check({ session: 1, user: "FTP", password: "", address: "::1" });
  assert(answer.kind === "accepted");
  assertEquals([answer.account.user, answer.account.anonymous], ["anonymous", true]);
  assertEquals(answer.account.permissions, ["list", "upload"]);
  const own = new Accounts([parseUser("ftp:x")], { anonymous: "read" });
  assertEquals(await login(own, "ftp", "y"), "refused");
});

Deno.test("Accounts: a name that is given twice is refused", () => {
  assertThrows(() => new Accounts([user("a"), user("a")], { anonymous: undefined }), UsageError);
});

/** How often a memory had to hash, told from how the time of many logins compares to one hash. */
Deno.test("LoginMemory: a right password is hashed once, a wrong one each time", async () => {
  const memory = new LoginMemory();
  const claim = { name: "alice", credential: { kind: "hash", hash } } as const;
  memory.expect([claim.credential]);
  assert(await memory.verify(claim, "secret"));
  const remembered = await Promise.all(
    Array.from({ length: 200 }, () => memory.verify(claim, "secret")),
  );
  assertEquals(remembered.every(Boolean), true);
  assertEquals(await memory.verify(claim, "wrong"), false);
  assert(await memory.verify(claim, "secret"));
});

Deno.test("LoginMemory: a changed password forgets the old one", async () => {
  const memory = new LoginMemory();
  const claim = { name: "alice", credential: { kind: "hash", hash } } as const;
  assert(await memory.verify(claim, "secret"));
  const other = { kind: "hash", hash: await hashPassword("new", COST) } as const;
  memory.expect([other]);
  assertEquals(await memory.verify({ name: "alice", credential: other }, "secret"), false);
  assert(await memory.verify({ name: "alice", credential: other }, "new"));
});

Deno.test("LoginMemory: many at once all get their answer", async () => {
  const memory = new LoginMemory();
  const claim = { name: "alice", credential: { kind: "hash", hash } } as const;
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => memory.verify(claim, index % 2 ? "wrong" : "secret")),
  );
  assertEquals(answers, Array.from({ length: 20 }, (_, index) => index % 2 === 0));
});
