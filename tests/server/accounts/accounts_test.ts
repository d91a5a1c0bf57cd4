import { assert, assertEquals, assertThrows } from "@std/assert";
import { Accounts, parseUser } from "../../../server/accounts/accounts.ts";
import { LoginMemory } from "../../../server/accounts/login_memory.ts";
import {
  hashPassword,
  type PasswordHash,
  verifyPassword,
} from "../../../server/accounts/password.ts";
import { PLAIN_USER, type UserRecord } from "../../../server/accounts/user_record.ts";
import { UsageError } from "../../../shared/errors.ts";
import { parseNetwork } from "../../../shared/network.ts";

const COST = { ln: 12, r: 8, p: 1 };
const hash = await hashPassword("secret", COST);

function user(name: string, part: Partial<UserRecord> = {}): UserRecord {
  return { ...PLAIN_USER, name, credential: { kind: "hash", hash }, ...part };
}

async function login(accounts: Accounts, name: string, password = "secret"): Promise<string> {
  const request = { session: 1, user: name, password, address: "10.1.2.3", secure: false };
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
  const answer = await open.check({
    session: 1,
    user: "FTP",
    password: "",
    address: "::1",
    secure: false,
  });
  assert(answer.kind === "accepted");
  assertEquals([answer.account.user, answer.account.anonymous], ["anonymous", true]);
  assertEquals(answer.account.permissions, ["list", "upload"]);
  const own = new Accounts([parseUser("ftp:x")], { anonymous: "read" });
  assertEquals(await login(own, "ftp", "y"), "refused");
});

Deno.test("Accounts: a name that is given twice is refused", () => {
  assertThrows(() => new Accounts([user("a"), user("a")], { anonymous: undefined }), UsageError);
});

Deno.test("Accounts: who may not come in looks like nobody, even with a remembered password", async () => {
  const compared: PasswordHash[] = [];
  const memory = new LoginMemory((expected, password) => {
    compared.push(expected);
    return verifyPassword(expected, password);
  });
  const enter = async (part: Partial<UserRecord>, name = "alice"): Promise<string> => {
    const users = [user("alice", part), user("bob")];
    return await login(new Accounts(users, { anonymous: undefined, memory }), name);
  };
  assertEquals([await enter({}), await enter({}), compared.length], ["accepted", "accepted", 1]);
  const shut: Partial<UserRecord>[] = [
    { disabled: true },
    { expires: new Date(0) },
    { allowFrom: [parseNetwork("192.168.0.0/16")] },
  ];
  for (const part of shut) assertEquals(await enter(part), "refused");
  assertEquals(await enter({}, "nobody"), "refused");
  // Each had its work done, against a hash that belongs to nobody.
  assertEquals(compared.length, 5);
  assert(
    compared.slice(1).every(({ text, hash: bytes }) => text === hash.text && bytes !== hash.hash),
  );
});
