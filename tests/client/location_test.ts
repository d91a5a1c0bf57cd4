/**
 * Places on the command line.
 *
 * @module
 */

import { assert, assertEquals, assertNotMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  childPath,
  formatRemote,
  parseLocation,
  remoteBaseName,
  siblingPath,
} from "../../client/location.ts";
import { encodeName } from "../../client/remote_name.ts";
import { UsageError } from "../../shared/errors.ts";

/** A remote place in one line: scheme, user, password, host, port, path and kind of transfer. */
function summary(text: string): string {
  const place = parseLocation(text);
  if (place.kind !== "remote") return place.kind === "local" ? `local ${place.path}` : "stream";
  const { scheme, user, password, host, port, path, ascii } = place;
  const who = user === undefined ? "" : `${user}${password ? `:${password.reveal()}` : ""}@`;
  return `${scheme} ${who}${host}${port === undefined ? "" : ` ${port}`} ${JSON.stringify(path)}${
    ascii ? " ascii" : ""
  }`;
}

const PLACES: readonly (readonly [text: string, meaning: string])[] = [
  ["host:", 'ftp host ""'],
  ["host:path", 'ftp host "path"'],
  ["host:/abs/path", 'ftp host "/abs/path"'],
  ["host:a:b", 'ftp host "a:b"'],
  ["host: a ", 'ftp host " a "'],
  ["host:%41", 'ftp host "%41"'],
  ["bob@host:x", 'ftp bob@host "x"'],
  ["b@h:x", 'ftp b@h "x"'],
  ["bob@corp@host:x", 'ftp bob@corp@host "x"'],
  ["[::1]:x", 'ftp ::1 "x"'],
  ["bob@[fe80::1%eth0]:x", 'ftp bob@fe80::1%eth0 "x"'],
  ["127.0.0.1:x@y", 'ftp 127.0.0.1 "x@y"'],
  ["c:\\dir", "local c:\\dir"],
  ["C:", "local C:"],
  ["./a:b", "local ./a:b"],
  ["dir/a:b", "local dir/a:b"],
  ["/abs", "local /abs"],
  ["name", "local name"],
  [":x", "local :x"],
  ["-", "stream"],
  ["ftp://host", 'ftp host ""'],
  ["ftp://host/", 'ftp host ""'],
  ["ftp://host/a/b", 'ftp host "a/b"'],
  ["ftp://host/%2Fetc/x", 'ftp host "/etc/x"'],
  ["ftp://host//etc/x", 'ftp host "/etc/x"'],
  ["ftp://host/a%20b%25", 'ftp host "a b%"'],
  ["ftp://host/a?b#c", 'ftp host "a?b#c"'],
  ["ftp://host/../x\\y", 'ftp host "../x\\\\y"'],
  ["FTP://bob@host:2121/x", 'ftp bob@host 2121 "x"'],
  ["ftp://bob:p%40ss:w@host/x", 'ftp bob:p@ss:w@host "x"'],
  ["ftp://a%40b:@host/x", 'ftp a@b:@host "x"'],
  ["ftp://u:p@ss@host/x", 'ftp u:p@ss@host "x"'],
  ["ftp://[::1]:21/x", 'ftp ::1 21 "x"'],
  ["ftp://[fe80::1%25eth0]/x", 'ftp fe80::1%eth0 "x"'],
  ["ftp://[fe80::1%eth0]:21/x", 'ftp fe80::1%eth0 21 "x"'],
  ["ftp://[fe80::1%25]/x", 'ftp fe80::1%25 "x"'],
  ["ftps://host/x", 'ftps host "x"'],
  ["ftpes://host/x", 'ftpes host "x"'],
  ["ftp://host/x;type=a", 'ftp host "x" ascii'],
  ["ftp://host/x;type=I", 'ftp host "x"'],
  ["ftp://host/x;type=z", 'ftp host "x;type=z"'],
];

for (const [text, meaning] of PLACES) {
  Deno.test(`parseLocation: ${text} is ${meaning}`, () => assertEquals(summary(text), meaning));
}

const PATTERNS: readonly (readonly [text: string, pattern: string | undefined])[] = [
  ["host:a/*.txt", "a/*.txt"],
  ["host:a\\*b", "a\\*b"],
  ["host:{a,b}", "{a,b}"],
  ["host:{a}", undefined],
  ["host:a b", undefined],
  ["host:~*", "./~*"],
  ["ftp://host/a/*.txt", "a/*.txt"],
  ["ftp://host/%61%20*;type=a", "a *"],
  ["ftp://host/%2A", undefined],
  ["ftp://host/%2A%5b%7B,/?", "\\*\\[\\{,/?"],
  ["ftp://host/%2F{a%2Cb,c}", "/{a\\,b,c}"],
];

for (const [text, pattern] of PATTERNS) {
  Deno.test(`parseLocation: ${text} has ${pattern ?? "no"} pattern`, () => {
    const place = parseLocation(text);
    assert(place.kind === "remote");
    assertEquals(place.pattern, pattern);
  });
}

const INVALID = [
  "h*:x",
  "h?st:x",
  "{a,b}:x",
  "ftp://h*/x",

  "",
  "http://host/x",
  "ftp://",
  "ftp:///x",
  "ftp://host:0/x",
  "ftp://host:99999/x",
  "ftp://host:x/",
  "ftp://host/%zz",
  "ftp://host/%4",
  "ftp://host/a%0d%0aDELE%20b",
  "ftp://host/a%00",
  "ftp://u%0a@host/a",
  "ftp://u:p%0d@host/a",
  "host:a\nb",
  "host:a\rb",
  "host:a\0b",
  "@host:x",
];

for (const text of INVALID) {
  Deno.test(`parseLocation: ${JSON.stringify(text)} is refused`, () => {
    assertThrows(() => parseLocation(text), UsageError);
  });
}

Deno.test("parseLocation: no message shows a password or a control character", () => {
  for (const text of ["ftp://u:secret@host:0/", "http://u:secret@h/", "ftp://u:secret@h/\x1b%0a"]) {
    const { message } = assertThrows(() => parseLocation(text), UsageError);
    // deno-lint-ignore no-control-regex -- that is what must not be there
    assertNotMatch(message, /secret|[\x00-\x1f]/);
  }
});

Deno.test("parseLocation: anything is a place or a UsageError", () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.webUrl());
  fc.assert(fc.property(text, (any) => {
    try {
      parseLocation(any);
    } catch (error) {
      assert(error instanceof UsageError);
    }
  }));
});

Deno.test("parseLocation: every byte that may be in a name survives %XX", () => {
  const byte = fc.integer({ min: 1, max: 255 }).filter((value) => value !== 10 && value !== 13);
  fc.assert(fc.property(fc.array(byte), (bytes) => {
    const escaped = bytes.map((value) => `%${value.toString(16).padStart(2, "0")}`).join("");
    const place = parseLocation(`ftp://host/${escaped}`);
    assert(place.kind === "remote");
    // A leading tilde is kept from servers that take it for somebody's home.
    const shield = bytes[0] === 0x7e ? [0x2e, 0x2f] : [];
    assertEquals([...encodeName(place.path)], [...shield, ...bytes]);
  }));
});

Deno.test("remoteBaseName: the last name, if there is one that can be a file's", () => {
  const cases = { "a/b": "b", "b": "b", "/b ": "b ", "a/": undefined, "": undefined } as const;
  for (const [path, name] of Object.entries(cases)) assertEquals(remoteBaseName(path), name);
  for (const path of ["a/..", ".", "/"]) assertEquals(remoteBaseName(path), undefined);
});

Deno.test("siblingPath, childPath, formatRemote: paths stay relative or absolute", () => {
  assertEquals(["f", "d/f", "/f"].map((path) => siblingPath(path, "x")), ["x", "d/x", "/x"]);
  assertEquals(["", "d", "d/", "/"].map((path) => childPath(path, "x")), [
    "x",
    "d/x",
    "d/x",
    "/x",
  ]);
  assertEquals(formatRemote("host", "/x"), "host:/x");
});
