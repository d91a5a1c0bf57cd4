/** Passwords that servers say back. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { SecretEcho } from "../../client/secret_echo.ts";

Deno.test("SecretEcho: any password is hidden, whatever characters it has", () => {
  const secret = fc.oneof(
    fc.string({ minLength: 1 }),
    fc.string({ minLength: 1, unit: fc.constantFrom(..."a-/\\^$.*+?()[]{}|") }),
  );
  fc.assert(
    fc.property(secret, (password) => {
      const echo = new SecretEcho();
      echo.sent("PASS", password);
      assertEquals(echo.mask(`'${password}'?`), "'***'?");
    }),
    { examples: [["ftpkit-secret"], ["a/b"]] },
  );
});
