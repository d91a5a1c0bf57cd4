/**
 * Stored logins.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { findLogin, parseNetrc } from "../../client/netrc.ts";

/** The entries in a form that can be compared. */
function entriesOf(text: string): unknown[] {
  return parseNetrc(text).map(({ host, login, password, account }) => {
    const words = [host, login, password?.reveal()];
    return account === undefined ? words : [...words, account.reveal()];
  });
}

const FILES: readonly (readonly [what: string, text: string, entries: unknown[]])[] = [
  ["one line", "machine h login l password p", [["h", "l", "p"]]],
  ["words over lines", "machine h\n\tlogin l\r\n  password p\n", [["h", "l", "p"]]],
  ["accounts", "machine h login l account a password p", [["h", "l", "p", "a"]]],
  ["no password", "machine h login l", [["h", "l", undefined]]],
  ["default", "machine h login l\ndefault login anonymous password a@b", [
    ["h", "l", undefined],
    [undefined, "anonymous", "a@b"],
  ]],
  ["a macro up to an empty line", "machine h login l macdef init\ncd x\nmachine no\n\npassword p", [
    ["h", "l", "p"],
  ]],
  ["a macro up to the end", "machine h login l\nmacdef init\nmachine no login x", [
    ["h", "l", undefined],
  ]],
  ["an empty line of spaces ends a macro", "macdef m\nmachine no\n \t\r\nmachine h", [
    ["h", undefined, undefined],
  ]],
  ["comments", "# machine no\nmachine h # login x\nlogin l password #p", [["h", "l", "#p"]]],
  ["quotes", String.raw`machine h login "a b" password "p \"q\" \\"`, [["h", "a b", `p "q" \\`]]],
  ["words it does not know", "machine h login l port 2121 password p", [["h", "l", "p"]]],
  ["a login without a machine", "login l password p", []],
  ["nothing", "", []],
  ["a word missing", "machine", [["", undefined, undefined]]],
];

for (const [what, text, entries] of FILES) {
  Deno.test(`parseNetrc: ${what}`, () => assertEquals(entriesOf(text), entries));
}

Deno.test("parseNetrc: reads any text to its end", () => {
  const word = fc.constantFrom("machine", "default", "macdef", "login", '"', "\\", "\n", " ", "#");
  fc.assert(fc.property(fc.array(fc.oneof(word, fc.string())), (words) => {
    parseNetrc(words.join(""));
  }));
});

const FILE = parseNetrc(`
machine ftp.example.org login alice password a
machine ftp.example.org login bob password b
machine open.example.org password o
default login anonymous password me@
`);

const LOOKUPS = [
  ["ftp.example.org", undefined, "a"],
  ["FTP.Example.ORG", undefined, "a"],
  ["ftp.example.org", "bob", "b"],
  ["ftp.example.org", "carol", undefined],
  ["open.example.org", "carol", "o"],
  ["elsewhere", undefined, "me@"],
  ["elsewhere", "alice", undefined],
] as const;

for (const [host, user, password] of LOOKUPS) {
  Deno.test(`findLogin: ${user ?? "anybody"} at ${host} has ${password ?? "nothing"}`, () => {
    assertEquals(findLogin(FILE, { host, user })?.password?.reveal(), password);
  });
}
