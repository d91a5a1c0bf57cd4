import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parse } from "smol-toml";
import { hashPassword } from "../../../server/accounts/password.ts";
import { parseExpiry, parseUsers, PLAIN_USER } from "../../../server/accounts/user_record.ts";
import { RIGHTS } from "../../../server/accounts/permissions.ts";

const { text: password } = await hashPassword("secret", { ln: 10, r: 8, p: 1 });

Deno.test("parseUsers: everything that a user may have", () => {
  const { users, problems } = parseUsers({
    alice: {
      password,
      permissions: ["list", "mkdir"],
      directories: { "/incoming/": "upload", "/x": [] },
      home: "/home//alice/",
      "make-home": true,
      quota: "5G",
      "quota-files": 10,
      "limit-rate": 1000,
      "limit-rate-total": "2K",
      "max-sessions": 3,
      "allow-from": ["10.0.0.0/8", "::1"],
      tls: "require",
      disabled: true,
      expires: "2027-12-31",
    },
    bob: { password },
  });
  assertEquals(problems, []);
  const [alice, bob] = users;
  assertEquals(alice?.permissions, ["list", "mkdir"]);
  assertEquals(alice?.overrides, [
    { path: "/incoming", permissions: RIGHTS.upload },
    { path: "/x", permissions: [] },
  ]);
  assertEquals([alice?.home, alice?.makeHome], ["/home/alice", true]);
  assertEquals(alice?.quota, { bytes: 5 * 1024 ** 3, files: 10 });
  assertEquals([alice?.limitRate, alice?.limitRateTotal, alice?.maxSessions], [1000, 2048, 3]);
  assertEquals(alice?.allowFrom.map(({ text }) => text), ["10.0.0.0/8", "::1"]);
  assertEquals([alice?.requireTls, alice?.disabled], [true, true]);
  assertEquals(alice?.expires, new Date("2028-01-01T00:00:00Z"));
  assertEquals({ ...bob, name: 0, credential: 0 }, { ...PLAIN_USER, name: 0, credential: 0 });
});

/** A value of a key, and what is wrong with it. */
const FAULTS: readonly (readonly [string, unknown, RegExp])[] = [
  ["password", "secret", /not a scrypt hash/],
  ["permissions", "all", /must be read, upload, write or a list/],
  ["permissions", ["list", "all"], /"all" is none of list, read,/],
  ["permissions", 7, /must be a word or a list/],
  ["directories", ["/a"], /must be a table/],
  ["directories", { "a": "read" }, /"a" must begin with \//],
  ["home", "home", /must begin with \//],
  ["make-home", "yes", /must be true or false/],
  ["quota", 0, /above 0/],
  ["quota", "much", /Cannot read the size/],
  ["limit-rate-total", 0, /above 0/],
  ["limit-rate-total", "fast", /Cannot read the size/],
  ["quota-files", 1.5, /whole number above 0/],
  ["max-sessions", -1, /whole number above 0/],
  ["allow-from", ["10.0.0.1/8"], /has bits behind \/8/],
  ["tls", "allow", /must be "require"/],
  ["expires", "soon", /must be a day/],
  ["expires", "12", /must be a day/],
  ["expires", "12/31/2027", /must be a day/],
  ["expires", "2027-02-29", /must be a day/],
  ["expires", "2027-02-29T10:00:00Z", /must be a day/],
  ["expires", "2027-12-31T10:00:00", /or a time with its zone/],
  ["expires", 2027, /must be a text/],
  ["hme", "/", /unknown key \(did you mean home\?\)/],
];

for (const [key, value, expected] of FAULTS) {
  Deno.test(`parseUsers: ${key} = ${JSON.stringify(value)}`, () => {
    const { problems } = parseUsers({ alice: { password, [key]: value } });
    assertEquals(problems.map((problem) => problem.key), [["users", "alice", key]]);
    assertEquals(expected.test(problems[0]?.message ?? ""), true, problems[0]?.message);
  });
}

Deno.test("parseExpiry: a day in UTC to its end, a time as it is", () => {
  const table = [
    ["2028-02-29", "2028-03-01T00:00:00.000Z"],
    ["2027-12-31", "2028-01-01T00:00:00.000Z"],
    ["2027-12-31T10:00Z", "2027-12-31T10:00:00.000Z"],
    ["2027-12-31T10:00:00.5+02:00", "2027-12-31T08:00:00.500Z"],
  ] as const;
  for (const [written, end] of table) assertEquals(parseExpiry(written).toISOString(), end);
  const { day, time } = parse("day = 2027-12-31\ntime = 2027-12-31 10:00:00Z");
  assertEquals(parseExpiry(day), new Date("2028-01-01T00:00:00Z"));
  assertEquals(parseExpiry(time), new Date("2027-12-31T10:00:00Z"));
});

Deno.test("parseUsers: anything at all is read or told, never thrown", () => {
  const key = fc.constantFrom("password", "permissions", "directories", "home", "quota", "expires");
  fc.assert(fc.property(fc.dictionary(key, fc.anything()), (table) => {
    const { users, problems } = parseUsers({ alice: table });
    assertEquals(users.length, 0);
    assert(problems.length > 0);
  }));
});

Deno.test("parseUsers: all faults of all users at once", () => {
  const { users, problems } = parseUsers({
    "a:b": { password },
    alice: { home: "x", quota: "y" },
    bob: 7,
    carol: { password },
  });
  assertEquals(problems.map(({ key }) => key.join(".")).sort(), [
    "users.a:b",
    "users.alice",
    "users.alice.home",
    "users.alice.quota",
    "users.bob",
    "users.bob",
  ]);
  assertEquals(users.map(({ name }) => name), ["a:b", "carol"]);
});
