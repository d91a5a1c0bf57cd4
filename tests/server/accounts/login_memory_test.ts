/**
 * How often a password is compared with its hash, and in which order.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { type Claim, LoginMemory } from "../../../server/accounts/login_memory.ts";
import {
  hashPassword,
  type ScryptCost,
  verifyPassword,
} from "../../../server/accounts/password.ts";
import type { Credential } from "../../../server/accounts/user_record.ts";
import { Secret } from "../../../shared/safe_text.ts";

async function credential(password: string, cost: Partial<ScryptCost> = {}): Promise<Credential> {
  return { kind: "hash", hash: await hashPassword(password, { ln: 10, r: 8, p: 1, ...cost }) };
}

function claim(known: Credential | undefined, address = "10.0.0.1"): Claim {
  return { name: "alice", credential: known, address };
}

/** A memory that counts the comparisons. */
function counting(): { memory: LoginMemory; costs: number[] } {
  const costs: number[] = [];
  const memory = new LoginMemory((expected, password) => {
    costs.push(expected.cost.ln);
    return verifyPassword(expected, password);
  });
  return { memory, costs };
}

Deno.test("LoginMemory: a right password is compared once, a wrong one each time", async () => {
  const { memory, costs } = counting();
  const alice = claim(await credential("secret"));
  assert(await memory.verify(alice, "secret"));
  for (let time = 0; time < 200; time++) assert(await memory.verify(alice, "secret"));
  assertEquals(costs.length, 1);
  assertEquals(await memory.verify(alice, "wrong"), false);
  assertEquals(await memory.verify(alice, "wrong"), false);
  assertEquals(costs.length, 3);
  assert(await memory.verify(alice, "secret"));
  assertEquals(costs.length, 3);
});

Deno.test("LoginMemory: a changed password forgets the old one", async () => {
  const { memory } = counting();
  assert(await memory.verify(claim(await credential("secret")), "secret"));
  const other = claim(await credential("new"));
  assertEquals(await memory.verify(other, "secret"), false);
  assert(await memory.verify(other, "new"));
});

Deno.test("LoginMemory: an unknown user costs what most users cost", async () => {
  const { memory, costs } = counting();
  const [dear, cheap] = [await credential("a", { ln: 12 }), await credential("b")];
  memory.expect([dear, cheap, await credential("c")]);
  const clear: Credential = { kind: "clear", password: new Secret("d") };
  assertEquals(await memory.verify(claim(undefined), ""), false);
  assertEquals(await memory.verify(claim(clear), "wrong"), false);
  assertEquals(costs, [10, 10]);
  assert(await memory.verify(claim(clear), "d"));
  assertEquals(costs.length, 2);
});

Deno.test("LoginMemory: without any hash nobody has work done", async () => {
  const { memory, costs } = counting();
  const clear: Credential = { kind: "clear", password: new Secret("d") };
  memory.expect([clear]);
  assertEquals(await memory.verify(claim(undefined), ""), false);
  assertEquals(await memory.verify(claim(clear), "wrong"), false);
  assertEquals(costs, []);
});

Deno.test("LoginMemory: few at once, and a flood from one address delays no other", async () => {
  const alice = await credential("secret");
  let running = 0;
  let most = 0;
  const ended: string[] = [];
  const gates: (() => void)[] = [];
  const memory = new LoginMemory(async (_, password) => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => gates.push(resolve));
    running--;
    ended.push(password);
    return false;
  });
  const flood = Array.from({ length: 500 }, () => memory.verify(claim(alice, "10.6.6.6"), "guess"));
  const other = memory.verify(claim(alice, "10.0.0.1"), "mine");
  const all = Promise.all([...flood, other]);
  let done = false;
  all.then(() => done = true);
  while (!done) {
    gates.shift()?.();
    await Promise.resolve();
  }
  assertEquals([most, ended.length], [4, 501]);
  assert(ended.indexOf("mine") <= 8, `it came as number ${ended.indexOf("mine")}`);
});
