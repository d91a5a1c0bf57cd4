import { assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { formatCommand, maskCommand, splitCommand } from "../../shared/command_line.ts";
import { ProtocolError } from "../../shared/errors.ts";
import { normalizePath, quotePath, unquotePath } from "../../shared/ftp_path.ts";

const argument = fc.string({ unit: "grapheme" }).filter((text) =>
  !/[\r\n\0]/.test(text) && text !== ""
);

Deno.test("splitCommand: undoes formatCommand for every argument, spaces included", () => {
  fc.assert(fc.property(argument, (text) => {
    const line = formatCommand("RETR", text);
    assertEquals(splitCommand(line.slice(0, -2)), { verb: "RETR", argument: text });
  }));
});

Deno.test("formatCommand, splitCommand: CR, LF and NUL are refused, and a password is not quoted", () => {
  for (const breaker of ["\r", "\n", "\0"]) {
    assertThrows(() => formatCommand("DELE", `a${breaker}b`), ProtocolError, "DELE");
    const error = assertThrows(() => formatCommand("PASS", `secret${breaker}`), ProtocolError);
    assertEquals(error.message.includes("secret"), false);
  }
  assertThrows(() => splitCommand("DELE a\rb"), ProtocolError);
});

Deno.test("maskCommand: passwords never, other arguments always", () => {
  assertEquals(maskCommand("PASS secret\r\n"), "PASS ***");
  assertEquals(maskCommand("pass"), "PASS ***");
  assertEquals(maskCommand("USER alice\r\n"), "USER alice");
});

const ODD_SECRETS: readonly (readonly [line: string, shown: string])[] = [
  [" PASS secret", "PASS ***"],
  ["PASS\tsecret", "PASS ***"],
  ["PASSsecret", "PASS ***"],
  ["\xff\x00pass secret", "PASS ***"],
  ["ACCT secret", "ACCT ***"],
  ["SITE PSWD secret secret", "SITE PSWD ***"],
  ["site  chpass secret", "SITE CHPASS ***"],
  ["SITE CPWD secret", "SITE CPWD ***"],
  [" SITE PASSWD alice secret", "SITE PASSWD ***"],
  ["SITE CHMOD 644 password", "SITE CHMOD 644 password"],
  ["PASV", "PASV"],
  ["RETR PASS", "RETR PASS"],
];

Deno.test("maskCommand: passwords in odd lines and behind SITE, and nothing else", () => {
  for (const [line, shown] of ODD_SECRETS) assertEquals(maskCommand(line), shown);
});

Deno.test("normalizePath: is absolute, stays inside, and is its own normal form", () => {
  const part = fc.constantFrom("..", ".", "", "a", " b ", "c\\d", "...");
  fc.assert(fc.property(fc.array(part), fc.array(part), (base, path) => {
    const normal = normalizePath(`/${base.join("/")}`, path.join("/"));
    assertEquals(normal.startsWith("/"), true);
    assertEquals(normal.split("/").some((name) => name === ".." || name === "."), false);
    assertEquals(normalizePath("/", normal), normal);
  }));
});

Deno.test("unquotePath: undoes quotePath", () => {
  fc.assert(
    fc.property(
      fc.string(),
      (path) => assertEquals(unquotePath(`${quotePath(path)} created`), path),
    ),
  );
  assertEquals(unquotePath("/no/quotes is current"), "/no/quotes");
  assertThrows(() => unquotePath("nothing"), ProtocolError);
});
