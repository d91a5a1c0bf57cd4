import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { escapeControls, Secret } from "../../shared/safe_text.ts";

Deno.test("Secret: prints as *** however it is printed", () => {
  const secret = new Secret("hunter2");
  const printed = [
    `${secret}`,
    String(secret),
    JSON.stringify({ secret }),
    Deno.inspect(secret),
    Deno.inspect({ a: [secret] }),
  ];
  for (const text of printed) {
    assertEquals(text.includes("hunter2"), false, text);
    assertMatch(text, /\*\*\*/);
  }
  assertEquals(secret.reveal(), "hunter2");
});

Deno.test("escapeControls: no control character is left, everything else is as it was", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    const escaped = escapeControls(text);
    assertEquals(/\p{Cc}/u.test(escaped), false);
    if (!/\p{Cc}/u.test(text)) assertEquals(escaped, text);
  }));
  assertEquals(escapeControls("a\r\n\x1b[2J\x9b"), "a\\x0d\\x0a\\x1b[2J\\x9b");
});
