import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { fromFileUrl } from "@std/path";
import fc from "fast-check";
import type { SessionEvent } from "../../server/events/event.ts";
import { EventBatch } from "../../server/events/event_batch.ts";
import { appendLines, LineFile } from "../../server/system/line_file.ts";
import { LostLines } from "../../server/system/lost_lines.ts";
import { SessionLogs } from "../../server/events/session_log.ts";
import { FtpkitError } from "../../shared/errors.ts";
import { tempFolder } from "../support/files.ts";

const unix = Deno.build.os !== "windows";
const QUIET = { onTrouble: () => {} };

Deno.test("appendLines: wherever the disk is full, no line runs into another and the lost are counted", async () => {
  const rooms = fc.array(fc.nat(30), { minLength: 1, maxLength: 6 });
  await fc.assert(fc.asyncProperty(rooms, async (capacities) => {
    let content = "";
    let room = 0;
    const file = {
      write(bytes: Uint8Array): Promise<number> {
        if (room === 0) return Promise.reject(new Error("No space left on device"));
        const count = Math.min(room, bytes.length);
        content += new TextDecoder().decode(bytes.subarray(0, count));
        room -= count;
        return Promise.resolve(count);
      },
    };
    let count = 0;
    const lost = new LostLines({ what: "log", ...QUIET, onLost: (lines) => count += lines });
    const state = { end: { torn: false }, lost };
    for (const capacity of [...capacities, Infinity]) {
      room = capacity;
      await appendLines(file, ["<one>", "<two>", "<three>"], state);
    }
    const whole = content.split("\n").filter((text) => /^<\w+>$/.test(text)).length;
    assertEquals(whole + count >= 3 * (capacities.length + 1), true);
    assertEquals(/>.*</.test(content), false, content);
    assert(content.endsWith("<one>\n<two>\n<three>\n"));
  }));
});

Deno.test("LostLines: told once when it begins and once when it is over", () => {
  const troubles: string[] = [];
  let count = 0;
  const lost = new LostLines({
    what: 'log "x"',
    onTrouble: (message) => troubles.push(message),
    onLost: (lines) => count += lines,
  });
  lost.end();
  lost.lose(2, "no space left");
  lost.lose(3, "no space left");
  lost.end();
  lost.end();
  assertEquals(troubles, [
    'cannot write the log "x": no space left',
    '5 lines of the log "x" were lost',
  ]);
  assertEquals(count, 5);
});

Deno.test("LineFile: lines in their order, appended, readable for owner and group alone", async () => {
  await using folder = await tempFolder();
  const path = `${folder.path}/log`;
  for (const part of ["a", "b"]) {
    await using file = await LineFile.open(path, { what: "log", ...QUIET });
    for (let number = 0; number < 3; number++) file.write(`${part}${number}`);
  }
  assertEquals(await Deno.readTextFile(path), "a0\na1\na2\nb0\nb1\nb2\n");
  if (unix) assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o640);
});

Deno.test("LineFile: what cannot be opened is named with its reason, once", async () => {
  await using folder = await tempFolder();
  const open = (path: string): Promise<LineFile> => LineFile.open(path, { what: "log", ...QUIET });
  const missing = await assertRejects(() => open(`${folder.path}/a/b`), FtpkitError);
  assertEquals(missing.message, `Cannot open the log "${folder.path}/a/b": no such directory`);
  const directory = await assertRejects(() => open(folder.path), FtpkitError);
  assertMatch(directory.message, /^Cannot open the log "[^"]+": [^:]+$/);
});

async function mayMount(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  const args = ["--mount", "sh", "-c", "mount -t tmpfs -o size=64k tmpfs /mnt && umount /mnt"];
  const tried = new Deno.Command("unshare", { args }).output().then(({ success }) => success);
  return await tried.catch(() => false);
}

Deno.test({
  name: "LineFile, SessionLogs: a disk that is full (ignored unless root may mount a small one)",
  ignore: !await mayMount(),
  async fn() {
    await using folder = await tempFolder();
    const child = fromFileUrl(new URL("../support/full_log.ts", import.meta.url));
    const args = ["--mount", Deno.execPath(), "run", "-A", "--quiet", child, folder.path];
    const { stdout, stderr } = await new Deno.Command("unshare", { args }).output();
    const text = new TextDecoder().decode(stdout);
    assert(text !== "", new TextDecoder().decode(stderr));
    const { log, sessions } = JSON.parse(text);
    assertEquals(log.whole + log.lost, 2000);
    assert(log.whole > 100 && log.torn <= 1, text);
    assertEquals(log.ends, ["last", ""]);
    assertMatch(log.troubles[0], /^cannot write the log "[^"]+\/log": No space left on device$/);
    assertEquals(log.troubles[1], `${log.lost} lines of the log "${folder.path}/log" were lost`);
    assertEquals(log.troubles.length, 2);
    assertEquals(sessions.lost, 2);
    assertMatch(sessions.troubles[0], /^cannot write the session logs in "[^"]+": No space left/);
    assertEquals(sessions.troubles[1], `2 lines of the session logs in "${folder.path}" were lost`);
  },
});

const at = Date.UTC(2026, 8, 5, 9, 52, 0, 7);

/** Everything that two sessions in turns can tell a session log. */
function dialogue(session: number, address: string): readonly SessionEvent[] {
  const origin = { session, address, user: undefined, anonymous: false, at };
  const lines = ["Status", " of \x1b[2J", "End"];
  return [
    { ...origin, kind: "opened" },
    { ...origin, kind: "received", command: `RETR ${session}` },
    { ...origin, kind: "reply", reply: { code: 150, lines: ["Ready"] } },
    { ...origin, kind: "received", command: "STAT" },
    {
      ...origin,
      kind: "command",
      command: "STAT",
      reply: { code: 211, lines },
      milliseconds: 1,
    },
    { ...origin, kind: "closed", milliseconds: 1 },
  ];
}

Deno.test("SessionLogs: one file a session, lines in the order in which they went over the wire", async () => {
  await using folder = await tempFolder();
  const directory = `${folder.path}/made/here`;
  {
    await using logs = await SessionLogs.open(directory, QUIET);
    const [one, two] = [dialogue(1, "192.0.2.1"), dialogue(2, "fe80::1%../x")];
    for (const [index, event] of one.entries()) {
      logs.observe(event);
      const other = two[index];
      if (other !== undefined) logs.observe(other);
    }
  }
  const entries = await Array.fromAsync(Deno.readDir(directory));
  const names = entries.map(({ name }) => name).sort();
  assertEquals(names, [
    "20260905-095200-1-192.0.2.1.log",
    "20260905-095200-2-fe80__1_.._x.log",
  ]);
  assertEquals(
    await Deno.readTextFile(`${directory}/${names[0]}`),
    [
      "* connected from 192.0.2.1",
      "> RETR 1",
      "< 150 Ready",
      "> STAT",
      "< 211-Status",
      "< 211- of \\x1b[2J",
      "< 211 End",
      "* ended",
    ].map((text) => `09:52:00.007 ${text}\n`).join(""),
  );
});

Deno.test("SessionLogs: a directory that cannot be used is named with its reason", async () => {
  await using folder = await tempFolder();
  const file = `${folder.path}/file`;
  await Deno.writeTextFile(file, "");
  for (const directory of [file, `${file}/below`]) {
    const { message } = await assertRejects(() => SessionLogs.open(directory, QUIET), FtpkitError);
    assertMatch(message, /^Cannot write session logs to "[^"]+": [^"]+$/);
  }
});

Deno.test("EventBatch: at most 256 in a message, the rest a moment later or when it is flushed", async () => {
  const event: SessionEvent = {
    session: 1,
    address: "::1",
    user: undefined,
    anonymous: false,
    at: 0,
    kind: "opened",
  };
  const sizes: number[] = [];
  let sent = Promise.withResolvers<void>();
  const batch = new EventBatch(true, (events) => {
    sizes.push(events.length);
    sent.resolve();
  });
  for (let count = 0; count < 257; count++) batch.emit(event);
  assertEquals(sizes, [256]);
  sent = Promise.withResolvers();
  await sent.promise;
  batch.emit(event);
  batch.flush();
  batch.flush();
  assertEquals(sizes, [256, 1, 1]);
});

Deno.test("EventBatch: the end of a session is told at once", () => {
  const origin = { session: 1, address: "::1", user: undefined, anonymous: false, at: 0 };
  const kinds: string[][] = [];
  const batch = new EventBatch(true, (events) => kinds.push(events.map(({ kind }) => kind)));
  batch.emit({ ...origin, kind: "opened" });
  batch.emit({ ...origin, kind: "closed", milliseconds: 1 });
  assertEquals(kinds, [["opened", "closed"]]);
});
