import { assert, assertEquals, assertMatch } from "@std/assert";
import { encodeReply } from "../../shared/reply.ts";
import { REPLIES, reply, type ReplyName } from "../../shared/reply_code.ts";

const NAMES = Object.keys(REPLIES) as ReplyName[];

for (const name of NAMES) {
  Deno.test(`REPLIES: ${name} is a reply of an RFC, on one line`, () => {
    const { code, text, rfc } = REPLIES[name];
    assert(Number.isInteger(code) && code >= 100 && code <= 599, String(code));
    assertMatch(rfc, /^RFC \d+/);
    assertMatch(text, /^[^\p{Cc}]*[^\p{Cc}. ]$/u);
    assertEquals(encodeReply(reply(name)), `${code} ${text}\r\n`);
  });
}

Deno.test("reply: its own text, and several lines", () => {
  assertEquals(encodeReply(reply("goodbye", "Bye now")), "221 Bye now\r\n");
  assertEquals(encodeReply(reply("help", "a", "b", "c")), "214-a\r\nb\r\n214 c\r\n");
});
