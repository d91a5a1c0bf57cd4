/**
 * Rates that transfers of several sessions and workers share.
 *
 * @module
 */
import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { type Account, Accounts } from "../../../server/accounts/accounts.ts";
import { hashPassword, parseHash } from "../../../server/accounts/password.ts";
import { RIGHTS } from "../../../server/accounts/permissions.ts";
import { PLAIN_USER, type UserRecord } from "../../../server/accounts/user_record.ts";
import { type RateConfig, SharedRates } from "../../../server/admission/shared_rates.ts";
import { transferRate } from "../../../server/transfer/transfer_rate.ts";
import { RateBucket } from "../../../shared/rate_bucket.ts";
import { threadClock } from "../../../shared/rate_limit.ts";
import { RawClient } from "../../support/raw_client.ts";
import { Supervised, testConfig } from "../../support/supervised.ts";
import { SESSION_DEFAULTS } from "../../support/test_server.ts";
import { testAccount } from "../../support/account.ts";

const HASH = parseHash((await hashPassword("secret", { ln: 10, r: 8, p: 1 })).text);

function user(name: string, limitRateTotal?: number): UserRecord {
  const credential = { kind: "hash", hash: HASH } as const;
  return { ...PLAIN_USER, permissions: RIGHTS.write, name, credential, limitRateTotal };
}

function account(user: string, part: Partial<Account> = {}): Account {
  return testAccount({ user, ...part });
}

const NONE: RateConfig = { limitRatePerUser: undefined, limitRateTotal: undefined, users: [] };

function ratesOf({ rates = [] }: Account): number[] {
  return rates.map((memory) => new RateBucket(memory).rate);
}

Deno.test("SharedRates.given: an account without any limit stays as it is", () => {
  const alice = account("alice");
  assert(new SharedRates(NONE).given(alice) === alice);
});

/** What is configured, what the user has, and what holds: the user's rate, then the server's. */
const GIVEN: readonly (readonly [Partial<RateConfig>, number | undefined, number[]])[] = [
  [{ limitRatePerUser: 10 }, undefined, [10]],
  [{ limitRatePerUser: 10 }, 20, [20]],
  [{}, 20, [20]],
  [{ limitRateTotal: 30 }, undefined, [30]],
  [{ limitRatePerUser: 10, limitRateTotal: 30 }, undefined, [10, 30]],
  [{ limitRatePerUser: 10, limitRateTotal: 30 }, 20, [20, 30]],
];

for (const [config, limitRateTotal, rates] of GIVEN) {
  const name = JSON.stringify({ ...config, own: limitRateTotal });
  Deno.test(`SharedRates.given: ${name} gives ${rates}`, () => {
    const given = new SharedRates({ ...NONE, ...config }).given(
      account("alice", { limitRateTotal }),
    );
    assertEquals(ratesOf(given), rates);
  });
}

Deno.test("SharedRates.given: sessions of one user have one rate, and all have that of the server", () => {
  const rates = new SharedRates({ ...NONE, limitRatePerUser: 10, limitRateTotal: 30 });
  const [alice, again, bob] = ["alice", "alice", "bob"].map((name) => rates.given(account(name)));
  assert(alice?.rates?.[0] === again?.rates?.[0]);
  assert(alice?.rates?.[0] !== bob?.rates?.[0]);
  assert(alice?.rates?.[1] === bob?.rates?.[1]);
});

Deno.test("SharedRates.use: other rates hold for accounts that were given before", () => {
  const rates = new SharedRates({ ...NONE, limitRatePerUser: 10, limitRateTotal: 30 });
  const [alice, bob] = ["alice", "bob"].map((name) => rates.given(account(name)));
  assert(alice !== undefined && bob !== undefined);
  rates.use({ limitRatePerUser: 11, limitRateTotal: 33, users: [user("alice", 22), user("bob")] });
  assertEquals([ratesOf(alice), ratesOf(bob)], [[22, 33], [11, 33]]);
  rates.use(NONE);
  assertEquals([ratesOf(alice), ratesOf(bob)], [[0, 0], [0, 0]]);
  assertEquals(ratesOf(rates.given(account("alice"))), []);
});

/** The rate of each transfer, those that are shared, and the burst, by which the strictest shows. */
const TRANSFERS: readonly (readonly [number | undefined, number[], number | undefined])[] = [
  [undefined, [], undefined],
  [undefined, [0, 0], undefined],
  [2000, [], 100],
  [undefined, [4000], 200],
  [2000, [4000, 8000], 100],
  [8000, [4000, 2000], 100],
  [8000, [0, 4000], 200],
];

for (const [limitRate, shared, burst] of TRANSFERS) {
  Deno.test(`transferRate: ${limitRate} each and ${JSON.stringify(shared)} shared`, () => {
    const rates = shared.map((rate) => {
      const memory = new SharedArrayBuffer(RateBucket.SIZE);
      new RateBucket(memory).rate = rate;
      return memory;
    });
    const config = { ...SESSION_DEFAULTS, root: "/", limitRate };
    const pace = transferRate(account("alice", { rates }), { config, clock: threadClock });
    assertEquals(pace?.burst, burst);
  });
}

/** Milliseconds that two clients take to fetch 150,000 bytes each at once. */
async function timeOfTwo(server: Supervised, users: readonly [string, string]): Promise<number> {
  await Deno.writeFile(`${server.root}/f`, new Uint8Array(150_000));
  using first = await RawClient.login(server.address, users[0]);
  using second = await RawClient.login(server.address, users[1]);
  const start = performance.now();
  await Promise.all([first, second].map((client) => client.fetch("RETR f")));
  return performance.now() - start;
}

Deno.test("--limit-rate-total: the transfers of all workers together keep to it", async () => {
  await using server = await Supervised.start({ config: { workers: 2, limitRateTotal: 1e6 } });
  assertGreaterOrEqual(await timeOfTwo(server, ["alice", "bob"]), 200);
});

Deno.test("--limit-rate-per-user: the transfers of a user in all workers keep to it", async () => {
  await using server = await Supervised.start({ config: { workers: 2, limitRatePerUser: 1e6 } });
  assertGreaterOrEqual(await timeOfTwo(server, ["alice", "alice"]), 200);
});

Deno.test("limit-rate-total of a user: uploads keep to it, whatever the server's is", async () => {
  const users = [user("alice", 1e6)];
  const accounts = new Accounts(users, { anonymous: undefined });
  await using server = await Supervised.start({
    config: { users, accounts, limitRatePerUser: 1e9 },
  });
  using client = await RawClient.login(server.address);
  const start = performance.now();
  await client.store("STOR f", "x".repeat(300_000));
  assertGreaterOrEqual(performance.now() - start, 200);
});

Deno.test("reload: a transfer that runs goes on at the new rate, and no one waits where there is none", async () => {
  await using server = await Supervised.start({ config: { limitRateTotal: 1000 } });
  await Deno.writeFile(`${server.root}/f`, new Uint8Array(1_000_000));
  using client = await RawClient.login(server.address);
  using data = await client.openData();
  await client.command("RETR f", 150);
  const first = await data.read(new Uint8Array(50)) ?? 0;
  await server.reload(() => testConfig(server.root)); // else it would take a quarter of an hour
  const rest = await new Response(data.readable).bytes();
  assertEquals(first + rest.length, 1_000_000);
  await client.expect(226);
});
