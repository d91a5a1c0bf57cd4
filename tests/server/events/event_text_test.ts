import { assertEquals } from "@std/assert";
import type { EventDetail } from "../../../server/events/event.ts";
import { eventText } from "../../../server/events/event_text.ts";
import { reply } from "../../../shared/reply_code.ts";

const GUEST = { session: 7, address: "192.0.2.1", user: undefined, anonymous: false, at: 0 };
const ANN = { ...GUEST, user: "ann" };
const UPLOAD = {
  kind: "transfer",
  verb: "STOR",
  direction: "in",
  path: "/a b",
  bytes: 12,
  milliseconds: 3.25,
  ascii: false,
  complete: true,
} as const;

const TEXTS: readonly (readonly [EventDetail, string | undefined])[] = [
  [{ kind: "opened" }, "from 192.0.2.1"],
  [UPLOAD, 'STOR "/a b" complete, 12 bytes in 3.3 ms, by "ann" from 192.0.2.1'],
  [
    { ...UPLOAD, complete: false },
    'STOR "/a b" broken off, 12 bytes in 3.3 ms, by "ann" from 192.0.2.1',
  ],
  [{ kind: "rename", path: "/a", to: "/b" }, 'RNTO "/a" "/b", by "ann" from 192.0.2.1'],
  [{ kind: "delete", path: "/a" }, 'DELE "/a", by "ann" from 192.0.2.1'],
  [{ kind: "make-directory", path: "/a" }, 'MKD "/a", by "ann" from 192.0.2.1'],
  [{ kind: "remove-directory", path: "/a" }, 'RMD "/a", by "ann" from 192.0.2.1'],
  [
    { kind: "command", command: "NOOP", reply: reply("done"), milliseconds: 0.04 },
    'NOOP 200 in 0.0 ms, by "ann" from 192.0.2.1',
  ],
  [
    { kind: "command", command: undefined, reply: reply("lineTooLong"), milliseconds: 0 },
    '(no command) 500 in 0.0 ms, by "ann" from 192.0.2.1',
  ],
  [{ kind: "closed", milliseconds: 61_250 }, 'ended after 61.3 s, by "ann" from 192.0.2.1'],
  [{ kind: "login", name: "ann", result: "accepted" }, 'login of "ann" from 192.0.2.1'],
  [{ kind: "login", name: "eve", result: "refused" }, 'failed login of "eve" from 192.0.2.1'],
  [
    { kind: "login", name: "ann", result: "limited", reason: "Too many" },
    'login of "ann" from 192.0.2.1 turned away: Too many',
  ],
  [{ kind: "received", command: "NOOP" }, undefined],
  [{ kind: "reply", reply: reply("done") }, undefined],
];

for (const [event, text] of TEXTS) {
  const name = text ?? `nothing of ${event.kind}`;
  Deno.test(`eventText: ${name}`, () => {
    assertEquals(eventText({ ...ANN, ...event }), text && `session 7 ${text}`);
  });
}

Deno.test("eventText: of who is not logged in, the address", () => {
  assertEquals(
    eventText({ ...GUEST, kind: "closed", milliseconds: 0 }),
    "session 7 ended after 0.0 s, from 192.0.2.1",
  );
});
