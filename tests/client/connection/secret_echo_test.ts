/**
 * Passwords that servers say back.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { SecretEcho } from "../../../client/connection/secret_echo.ts";

Deno.test("SecretEcho: any password is hidden where it stands alone, whatever characters it has", () => {
  const secret = fc.string({ unit: "binary", minLength: 1 }).filter((text) => !/[<>]/.test(text));
  fc.assert(
    fc.property(secret, (text) => {
      const echo = new SecretEcho();
      echo.sent("PASS", text);
      assertEquals(echo.mask(`<${text}>`), "<***>");
      echo.sent("NOOP", undefined);
      assertEquals(echo.mask(text), text);
    }),
    { examples: [["ftpkit-secret"], ["a/b\\c"], ["^$.*+?()[]{}|-"]] },
  );
});

Deno.test("SecretEcho: in another case too, but not inside of a longer word", () => {
  const echo = new SecretEcho();
  echo.sent("ACCT", "pass");
  assertEquals(echo.mask("PASS: password"), "***: password");
});
