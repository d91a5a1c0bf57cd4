import { assertEquals } from "@std/assert";
import { formatRecord, log, openLog, type PostedRecord } from "../../shared/log.ts";

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
