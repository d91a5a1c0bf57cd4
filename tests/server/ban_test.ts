/**
 * Addresses that are turned away after failed logins, as clients see it.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Accounts } from "../../server/accounts/accounts.ts";
import { LoginMemory } from "../../server/accounts/login_memory.ts";
import { hashPassword } from "../../server/accounts/password.ts";
import { PLAIN_USER } from "../../server/accounts/user_record.ts";
import type { LoginAnswer } from "../../server/accounts/accounts.ts";
import { Decisions } from "../../server/admission/decisions.ts";
import { limitNumbers, Limits } from "../../server/admission/limits.ts";
import { Secret } from "../../shared/safe_text.ts";
import { RawClient } from "../support/raw_client.ts";
import { Supervised, testConfig } from "../support/supervised.ts";

const BAN = { after: 2, time: 60_000 };

async function failLogin(server: Supervised): Promise<void> {
  using client = await RawClient.connect(server.address);
  await client.expect(220);
  await client.command("USER alice", 331);
  await client.command("PASS wrong", 530);
}

Deno.test("ban: off, a right password comes in after any number of failures", async () => {
  await using server = await Supervised.start();
  for (let time = 0; time < 10; time++) await failLogin(server);
  using _client = await RawClient.login(server.address);
});

Deno.test("ban: the door is shut with 421 and a reason, also for the right password", async () => {
  await using server = await Supervised.start({ config: { ban: BAN } });
  using early = await RawClient.connect(server.address);
  await early.expect(220);
  using inside = await RawClient.login(server.address);
  for (let time = 0; time < BAN.after; time++) await failLogin(server);
  using late = await RawClient.connect(server.address);
  const { lines } = await late.expect(421);
  assertMatch(lines[0] ?? "", /Too many failed logins from your address: try again in \d+ s/);
  assertEquals(await late.next(), null);
  await early.command("USER alice", 331);
  assertMatch((await early.command("PASS secret", 530)).lines[0] ?? "", /Too many failed logins/);
  await inside.command("NOOP", 200);
  await server.log.find(/ 127\.0\.0\.1 is turned away for 60 s after 2 failed logins$/);
  await server.log.find(/ connection from 127\.0\.0\.1 turned away: Too many failed logins/);
  await server.log.find(/ login of "alice" from 127\.0\.0\.1 turned away: Too many failed logins/);
});

Deno.test("limits: who cannot be let in after all, since the home is missing, takes no place", async () => {
  const credential = { kind: "clear", password: new Secret("secret") } as const;
  const alice = { ...PLAIN_USER, name: "alice", credential, home: "/missing", maxSessions: 1 };
  const accounts = new Accounts([alice], { anonymous: undefined });
  await using server = await Supervised.start({ config: { accounts } });
  using first = await RawClient.connect(server.address);
  using second = await RawClient.connect(server.address);
  for (const client of [first, second]) {
    await client.expect(220);
    await client.command("USER alice", 331);
    const { lines } = await client.command("PASS secret", 530);
    assertEquals(lines, ["The home directory is not available"]);
  }
  await server.log.find(
    / login of "alice" from \S+ turned away: The home directory is not available$/,
  );
});

Deno.test("ban: a login that succeeds wipes the failures before it out", async () => {
  await using server = await Supervised.start({ config: { ban: BAN } });
  for (let time = 0; time < 3; time++) {
    await failLogin(server);
    using _client = await RawClient.login(server.address);
  }
});

Deno.test("ban: logins as anonymous between the guesses do not help", async () => {
  await using server = await Supervised.start({ config: { ban: BAN } });
  for (let time = 0; time < BAN.after; time++) {
    await failLogin(server);
    const client = await RawClient.connect(server.address);
    await client.next();
    await client.send("USER anonymous\r\nPASS guest\r\n");
    await client.next();
    await client.next();
    client[Symbol.dispose]();
  }
  using late = await RawClient.connect(server.address);
  await late.expect(421);
});

Deno.test("ban: guesses at the same time get no more answers than one after another", async () => {
  const gates: (() => void)[] = [];
  const memory = new LoginMemory(async (_, password) => {
    await new Promise<void>((resolve) => gates.push(resolve));
    return password === "secret";
  });
  const hash = await hashPassword("secret", { ln: 10, r: 8, p: 1 });
  const users = [{ ...PLAIN_USER, name: "alice", credential: { kind: "hash", hash } as const }];
  const accounts = new Accounts(users, { anonymous: undefined, memory });
  const config = testConfig("/srv", { config: { ban: BAN, accounts } });
  using decisions = new Decisions(config, new Limits(limitNumbers(config)));
  const guess = async (password: string): Promise<string> => {
    const request = { session: 1, user: "alice", password, address: "10.0.0.1", secure: false };
    const answer = await decisions.decide({ kind: "login", request }, undefined);
    return (answer as LoginAnswer).kind;
  };
  const guesses = Promise.all(["a", "b", "c", "secret", "d"].map(guess));
  let ended: readonly string[] | undefined;
  guesses.then((kinds) => ended = kinds);
  while (ended === undefined) {
    gates.shift()?.();
    await Promise.resolve();
  }
  assertEquals(ended, ["refused", "refused", "limited", "limited", "limited"]);
  assertEquals(decisions.bans, 1);
  assert(await guess("secret") === "limited");
});
