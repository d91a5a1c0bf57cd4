import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Limits } from "../../../server/admission/limits.ts";

const NUMBERS = { maxSessions: 3, maxSessionsPerAddress: 2, maxTransfers: 1 };
const worker = {};

function admitted(limits: Limits, address = "192.0.2.1"): number {
  const admission = limits.admit(address, worker);
  assert(admission.kind === "admitted");
  return admission.session;
}

const alice = { user: "alice", anonymous: false, maxSessions: 1 };

Deno.test("Limits.admit: says which limit stands in the way, and its number", () => {
  const limits = new Limits(NUMBERS);
  admitted(limits);
  admitted(limits);
  assertEquals(limits.admit("192.0.2.1", worker), {
    kind: "turned-away",
    reason: "Too many sessions from your address: max-sessions-per-ip is 2",
  });
  admitted(limits, "2001:db8::1");
  assertEquals(limits.admit("2001:db8::2", worker), {
    kind: "turned-away",
    reason: "Too many sessions: max-sessions is 3",
  });
  assertEquals([...limits.refusals], [["sessions-per-ip", 1], ["sessions", 1]]);
});

Deno.test("Limits: one client's network of IPv6 counts as one address, and gives its places back", () => {
  const limits = new Limits(NUMBERS);
  limits.admit("2001:db8::1", "a");
  const second = limits.admit("2001:db8::2", "a");
  assertEquals(limits.admit("2001:db8::3", "a").kind, "turned-away");
  assertEquals(limits.admit("2001:db8:0:1::1", "a").kind, "admitted");
  if (second.kind === "admitted") limits.ended(second.session);
  assertEquals(limits.admit("2001:db8::3", "a").kind, "admitted");
});

Deno.test("Limits.admit: a place is free again when its session has ended", () => {
  const limits = new Limits(NUMBERS);
  const first = admitted(limits);
  admitted(limits);
  limits.ended(first);
  limits.ended(first);
  const third = admitted(limits);
  assert(third > first, "numbers are not used again");
  assertEquals(limits.admit("192.0.2.1", worker).kind, "turned-away");
});

Deno.test("Limits.login: sessions of a user are counted until they log out or end", () => {
  const limits = new Limits(NUMBERS);
  const first = admitted(limits);
  const second = admitted(limits);
  assertEquals(limits.login(first, alice), undefined);
  assertEquals(limits.login(second, alice), "Too many sessions of this user: the limit is 1");
  limits.loggedOut(first);
  assertEquals(limits.login(second, alice), undefined);
  limits.ended(second);
  assertEquals(limits.login(first, alice), undefined);
});

Deno.test("Limits.login: the same session again does not count twice", () => {
  const limits = new Limits(NUMBERS);
  const session = admitted(limits);
  assertEquals(limits.login(session, alice), undefined);
  assertEquals(limits.login(session, alice), undefined);
});

Deno.test("Limits.login: a session that ended while its password was checked is not counted", () => {
  const limits = new Limits(NUMBERS);
  const gone = admitted(limits);
  limits.ended(gone);
  assertEquals(limits.login(gone, alice), "The session has ended");
  assertEquals(limits.login(admitted(limits), alice), undefined);
});

Deno.test("Limits.startTransfer: counted until it ends, or its session does", () => {
  const limits = new Limits(NUMBERS);
  const [first, second] = [admitted(limits), admitted(limits)];
  assertEquals(limits.startTransfer(first).kind, "granted");
  assertEquals(limits.startTransfer(second), {
    kind: "limited",
    reason: "Too many transfers: max-transfers is 1",
  });
  limits.transferEnded(first);
  limits.transferEnded(first);
  assertEquals(limits.startTransfer(second).kind, "granted");
  limits.ended(second);
  assertEquals(limits.transfers, 0);
});

Deno.test("Limits.use: lower numbers hold for those who come, not for those who are in", () => {
  const limits = new Limits(NUMBERS);
  admitted(limits);
  admitted(limits, "192.0.2.2");
  limits.use({ ...NUMBERS, maxSessions: 1 });
  assertEquals(limits.sessions, 2);
  assertEquals(limits.admit("192.0.2.3", worker).kind, "turned-away");
});

Deno.test("Limits.sessionsOf: only the sessions of that worker, with their users", () => {
  const limits = new Limits(NUMBERS);
  const session = admitted(limits);
  limits.admit("192.0.2.2", {});
  limits.login(session, alice);
  const [record, ...others] = limits.sessionsOf(worker);
  assertEquals(others, []);
  assertEquals(record?.session, session);
  assertEquals([record?.address, record?.user], ["192.0.2.1", "alice"]);
});

Deno.test("Limits: after any history, when all sessions have ended nothing is counted", () => {
  const step = fc.record({
    what: fc.constantFrom("admit", "login", "logout", "start", "stop", "end"),
    session: fc.integer({ min: 1, max: 6 }),
    name: fc.constantFrom("a", "b"),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const limits = new Limits({ maxSessions: 4, maxSessionsPerAddress: 2, maxTransfers: 2 });
    for (const { what, session, name } of steps) {
      if (what === "admit") limits.admit(name, worker);
      if (what === "login") limits.login(session, { ...alice, user: name });
      if (what === "logout") limits.loggedOut(session);
      if (what === "start") limits.startTransfer(session);
      if (what === "stop") limits.transferEnded(session);
      if (what === "end") limits.ended(session);
    }
    for (const { session } of limits.sessionsOf(worker)) limits.ended(session);
    assertEquals([limits.sessions, limits.transfers], [0, 0]);
    for (const name of ["a", "b"]) {
      const session = admitted(limits, name);
      admitted(limits, name);
      assertEquals(limits.login(session, { ...alice, user: name }), undefined);
    }
  }));
});
