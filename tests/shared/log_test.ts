import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import {
  escapeControls,
  formatRecord,
  log,
  openLog,
  type PostedRecord,
  Secret,
} from "../../shared/log.ts";

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

Deno.test("formatRecord: time, level, message", () => {
  const record: PostedRecord = { level: "info", message: "hello", timestamp: 0 };
  assertEquals(formatRecord(record), "1970-01-01T00:00:00.000Z info hello");
});

Deno.test("openLog: records at or above the level, with texts that are no templates", async () => {
  const records: PostedRecord[] = [];
  await openLog((record) => records.push(record), "info");
  log.debug("quiet");
  log.info("from a\x1b[2Jb {who} {{x}} {", { who: "me", bytes: 7 });
  log.warning("plain");
  assertEquals(records.map(({ level, message, fields }) => ({ level, message, fields })), [
    { level: "info", message: "from a\\x1b[2Jb {who} {{x}} {", fields: { who: "me", bytes: 7 } },
    { level: "warning", message: "plain", fields: undefined },
  ]);
});
