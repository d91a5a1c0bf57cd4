import { assertEquals, assertMatch } from "@std/assert";
import { LoginGuard } from "../../../server/admission/login_guard.ts";

function guard(
  rule = { after: 3, time: 10_000 },
): { guard: LoginGuard; wait: (ms: number) => void } {
  let now = 0;
  return { guard: new LoginGuard(rule, () => now), wait: (ms) => now += ms };
}

function fail(guard: LoginGuard, address: string, times: number): void {
  for (let time = 0; time < times; time++) guard.failed(address, "alice");
}

Deno.test("LoginGuard: turned away after so many failures, for so long", () => {
  const { guard: it, wait } = guard();
  fail(it, "10.0.0.1", 2);
  assertEquals(it.refusal("10.0.0.1"), undefined);
  fail(it, "10.0.0.1", 1);
  assertMatch(it.refusal("10.0.0.1") ?? "", /Too many failed logins .* try again in 10 s/);
  assertEquals(it.refusal("10.0.0.2"), undefined);
  wait(9_999);
  assertMatch(it.refusal("10.0.0.1") ?? "", /in 1 s/);
  wait(1);
  assertEquals(it.refusal("10.0.0.1"), undefined);
  assertEquals(it.bans, 1);
});

Deno.test("LoginGuard: failures count within the time only, and a success wipes them out", () => {
  const { guard: it, wait } = guard();
  fail(it, "10.0.0.1", 2);
  wait(10_000);
  fail(it, "10.0.0.1", 2);
  assertEquals(it.refusal("10.0.0.1"), undefined);
  it.succeeded("10.0.0.1", "alice");
  fail(it, "10.0.0.1", 2);
  assertEquals(it.refusal("10.0.0.1"), undefined);
});

Deno.test("LoginGuard: failures that are far apart never add up", () => {
  const { guard: it, wait } = guard();
  for (let time = 0; time < 20; time++) {
    it.failed("10.0.0.1", "alice");
    assertEquals(it.refusal("10.0.0.1"), undefined);
    wait(6_000);
  }
});

Deno.test("LoginGuard: an IPv6 subscriber is one address", () => {
  const { guard: it } = guard();
  fail(it, "2001:db8::1", 2);
  fail(it, "2001:db8::2", 1);
  assertEquals(it.refusal("2001:db8::3") === undefined, false);
  assertEquals(it.refusal("2001:db8:0:1::1"), undefined);
});

Deno.test("LoginGuard: off, nobody is ever turned away", () => {
  const it = new LoginGuard(undefined);
  fail(it, "10.0.0.1", 1000);
  assertEquals(it.refusal("10.0.0.1"), undefined);
});

Deno.test("LoginGuard: a million addresses do not make it grow without end", () => {
  const { guard: it } = guard({ after: 1, time: 1e9 });
  for (let n = 0; n < 60_000; n++) it.failed(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, "alice");
  assertEquals(it.refusal("10.0.0.1"), undefined);
  assertEquals(it.refusal("10.0.234.95") === undefined, false);
});

Deno.test("LoginGuard: a success wipes out the failures of its own user alone", () => {
  const { guard: it } = guard();
  it.failed("10.0.0.1", "alice");
  it.failed("10.0.0.1", "bob");
  it.succeeded("10.0.0.1", "bob");
  it.succeeded("10.0.0.1", "anonymous");
  it.failed("10.0.0.1", "alice");
  assertEquals(it.refusal("10.0.0.1"), undefined);
  it.failed("10.0.0.1", "carol");
  assertMatch(it.refusal("10.0.0.1") ?? "", /Too many failed logins/);
});
