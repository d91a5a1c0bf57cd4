import { assertEquals } from "@std/assert";
import type { SessionEvent } from "../../../server/events/event.ts";
import { eventFields } from "../../../server/events/event_log.ts";
import { Metrics } from "../../../server/events/metrics.ts";
import { jsonRecord } from "../../../server/events/server_log.ts";
import { transferLine } from "../../../server/events/transfer_log.ts";

const ORIGIN = {
  session: 7,
  address: "192.0.2.1",
  user: "alice",
  anonymous: false,
  at: new Date(2026, 8, 5, 9, 52, 0).getTime(),
};

const TRANSFER: SessionEvent = {
  ...ORIGIN,
  kind: "transfer",
  verb: "STOR",
  direction: "in",
  path: "/a b\n.txt",
  bytes: 12345,
  milliseconds: 2600,
  ascii: false,
  complete: true,
};

const LINES: readonly (readonly [string, Partial<SessionEvent>, string | undefined])[] = [
  ["an upload", {}, "Sat Sep  5 09:52:00 2026 3 192.0.2.1 12345 /a_b_.txt b _ i r alice ftp 0 * c"],
  [
    "an anonymous download in ASCII that broke off",
    {
      direction: "out",
      anonymous: true,
      user: "anonymous",
      ascii: true,
      complete: false,
      milliseconds: 1,
    },
    "Sat Sep  5 09:52:00 2026 1 192.0.2.1 12345 /a_b_.txt a _ o a anonymous ftp 0 * i",
  ],
  [
    "a deletion",
    { kind: "delete", path: "/x" },
    "Sat Sep  5 09:52:00 2026 1 192.0.2.1 0 /x b _ d r alice ftp 0 * c",
  ],
  ["a listing", { direction: "list" }, undefined],
  ["a new directory", { kind: "make-directory" }, undefined],
];

for (const [what, part, line] of LINES) {
  Deno.test(`transferLine: ${what}`, () => {
    assertEquals(transferLine({ ...TRANSFER, ...part } as SessionEvent), line);
  });
}

Deno.test("jsonRecord: time, level, message and the event's fields", () => {
  const fields = eventFields(TRANSFER);
  assertEquals(JSON.parse(jsonRecord({ level: "info", message: "m", timestamp: 0, fields })), {
    time: "1970-01-01T00:00:00.000Z",
    level: "info",
    message: "m",
    event: "transfer",
    session: 7,
    address: "192.0.2.1",
    user: "alice",
    verb: "STOR",
    direction: "in",
    path: "/a b\n.txt",
    bytes: 12345,
    milliseconds: 2600,
    ascii: false,
    complete: true,
  });
});

Deno.test("Metrics: counters, labels, histograms and gauges in the text format", () => {
  const metrics = new Metrics();
  metrics.observe({ ...ORIGIN, kind: "opened" });
  metrics.observe({ ...ORIGIN, kind: "login", name: "alice", result: "refused" });
  metrics.observe({
    ...ORIGIN,
    kind: "command",
    command: "RETR x",
    reply: { code: 550, lines: [""] },
    milliseconds: 3,
  });
  metrics.observe({ ...ORIGIN, kind: "reply", reply: { code: 150, lines: [""] } });
  metrics.observe({ ...ORIGIN, kind: "reply", reply: { code: 421, lines: [""] } });
  metrics.countHook("exec", "dropped");
  metrics.countLost("session", 9);
  metrics.observe(TRANSFER);
  metrics.observe({ ...TRANSFER, complete: false } as SessionEvent);
  const text = metrics.render({
    sessions: 4,
    refusals: new Map([["sessions-per-ip", 2]]),
    bans: 1,
    workers: { alive: 2, wanted: 2, retiring: 1, deaths: 3, replacements: 2 },
  });
  for (
    const line of [
      "# TYPE ftpkit_sessions gauge",
      "ftpkit_sessions 4",
      "ftpkit_sessions_total 1",
      'ftpkit_logins_total{result="refused"} 1',
      'ftpkit_replies_total{code="550"} 1',
      'ftpkit_transfers_total{direction="in",result="complete"} 1',
      'ftpkit_transfers_total{direction="in",result="failed"} 1',
      'ftpkit_bytes_total{direction="in"} 24690',
      'ftpkit_refusals_total{limit="sessions-per-ip"} 2',
      "ftpkit_bans_total 1",
      'ftpkit_command_seconds_bucket{le="0.001"} 0',
      'ftpkit_command_seconds_bucket{le="0.005"} 1',
      'ftpkit_command_seconds_bucket{le="+Inf"} 1',
      'ftpkit_transfer_seconds_bucket{le="5"} 2',
      "ftpkit_transfer_seconds_sum 5.2",
      "ftpkit_workers 2",
      "ftpkit_worker_deaths_total 3",
      "ftpkit_worker_replacements_total 2",
      'ftpkit_replies_total{code="421"} 1',
      'ftpkit_logins_total{result="accepted"} 0',
      'ftpkit_refusals_total{limit="transfers"} 0',
      'ftpkit_hooks_total{kind="exec",result="dropped"} 1',
      'ftpkit_log_lines_lost_total{log="session"} 9',
    ]
  ) assertEquals(text.split("\n").includes(line), true, `${line}\n${text}`);
  for (const line of text.trim().split("\n")) {
    assertEquals(/^(# (HELP|TYPE) \S+ .+|[a-z_]+(\{[^}]*\})? [0-9.e+-]+)$/.test(line), true, line);
  }
});
