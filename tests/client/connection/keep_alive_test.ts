/**
 * NOOP during a transfer: whenever servers answer it, and whatever with, no reply is taken for
 * another one's.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { receive } from "../../../client/connection/transfer.ts";
import { ReplyError } from "../../../shared/errors.ts";
import { type ScriptedConnection, ScriptedServer } from "../../support/scripted_peer.ts";
import { playData, playDownload, playStart } from "../dialogue.ts";
import { openTestSession } from "../test_session.ts";

/** How a server treats NOOP during a transfer. */
interface Kind {
  readonly name: string;
  /** Its answer at once. */
  readonly answer?: string;
  /** Its answer to each, behind the final reply. */
  readonly late?: string;
  /** What ends the transfer. */
  readonly final: readonly string[];
  /** What the transfer comes to: bytes, or the code that refuses it. */
  readonly outcome: { readonly bytes: number } | { readonly code: number };
  /** NOOPs that are waited for before the transfer ends; 2 by default. */
  readonly noops?: number;
}

const TEXT = "0123456789";
const DONE = { final: ["226 done"], outcome: { bytes: TEXT.length } };

const KINDS: readonly Kind[] = [
  { name: "at once", answer: "200 ok", ...DONE },
  { name: "behind the final reply", late: "200 ok", ...DONE },
  { name: "never", ...DONE },
  { name: "500 at once, once for all", answer: "500 unknown", noops: 1, ...DONE },
  { name: "503 behind the final reply", late: "503 not now", ...DONE },
  {
    name: "at once, then 426",
    answer: "200 ok",
    final: ["426 cut"],
    outcome: { code: 426 },
  },
  {
    name: "behind a 426 that is followed by 226",
    late: "200 ok",
    final: ["426 cut", "226 closed"],
    outcome: { code: 426 },
  },
  { name: "never, with 426 and 226", final: ["426 cut", "226 closed"], outcome: { code: 426 } },
  {
    name: "behind 451",
    late: "200 ok",
    final: ["451 disk"],
    outcome: { code: 451 },
  },
];

/** Ends the transfer once some NOOPs have come, and then answers everything in order. */
async function playTransfer(control: ScriptedConnection, kind: Kind): Promise<void> {
  using data = await playData(control, "RETR f");
  await data.send(TEXT);
  for (let owed = 0; owed < (kind.noops ?? 2); owed++) {
    await control.expect("NOOP");
    if (kind.answer !== undefined) await control.sendLines(kind.answer);
  }
  data.close();
  const late = kind.late === undefined ? [] : [kind.late, kind.late];
  await control.sendLines(...kind.final, ...late);
  const answers: Readonly<Record<string, string>> = {
    PWD: '257 "/" is here',
    "CWD x": "550 no x",
    "CWD y": "250 in y",
    QUIT: "221 bye",
  };
  for (let line = await control.line(); line !== undefined; line = await control.line()) {
    const answer = line === "NOOP" ? kind.answer ?? kind.late : answers[line];
    if (answer !== undefined) await control.sendLines(answer);
  }
}

for (const kind of KINDS) {
  Deno.test(`KeepAlive: answers ${kind.name} are never another command's`, async () => {
    const trace: string[] = [];
    await using server = new ScriptedServer(async (control) => {
      await playStart(control);
      await playTransfer(control, kind);
    });
    const target = { hostname: "127.0.0.1", port: server.port };
    {
      const options = { keepAlive: 5, trace: (line: string) => void trace.push(line) };
      await using session = await openTestSession(target, options);
      let bytes = 0;
      const sink = {
        write: (piece: Uint8Array) => Promise.resolve((bytes += piece.length, piece.length)),
      };
      const request = { action: 'download "f"', verb: "RETR", argument: "f", sink };
      const outcome = await receive(session.link, request).then(
        () => ({ bytes }),
        (error) => ({ code: error instanceof ReplyError ? error.code : error }),
      );
      assertEquals(outcome, kind.outcome);
      const refused = await assertRejects(() => session.directory.change("x"), ReplyError);
      assertEquals(refused.code, 550);
      await session.directory.change("y");
    }
    await server.done;
    const refusal = trace.findIndex((line) => /^< 50[03]/.test(line));
    assertEquals(refusal < 0 ? -1 : trace.indexOf("> NOOP", refusal), -1, "asked after a refusal");
  });
}

/** What a server says to a download that was ended from here, and to PWD. */
const CUTS: readonly (readonly [name: string, said: readonly string[]])[] = [
  ["226, sent before it noticed", ["226 done"]],
  ["426", ["426 closed"]],
  ["426 and 226", ["426 closed", "226 closed"]],
  ["nothing but 150 (Pure-FTPd)", ["150 0.002 seconds"]],
];

for (const [name, said] of CUTS) {
  Deno.test(`receive: enough is enough, though the server says ${name}`, async () => {
    await using server = new ScriptedServer(async (control) => {
      await playStart(control);
      using data = await playData(control, "RETR f");
      await data.send(TEXT);
      await data.rest().catch(() => {}); // closed with bytes that nobody wanted
      await control.sendLines(...said);
      await control.expect("PWD");
      await control.sendLines('257 "/" is here');
      await control.expect("CWD x");
      await control.sendLines("550 no x");
      await control.expect("QUIT");
    });
    const target = { hostname: "127.0.0.1", port: server.port };
    await using session = await openTestSession(target);
    const sink = { write: (bytes: Uint8Array) => Promise.resolve(bytes.length) };
    const request = { action: 'download "f"', verb: "RETR", argument: "f", sink };
    assertEquals(await receive(session.link, { ...request, enough: () => 4 }), 4);
    const refused = await assertRejects(() => session.directory.change("x"), ReplyError);
    assertEquals(refused.code, 550);
  });
}

Deno.test("KeepAlive: a session that is lost behind a transfer does not undo it", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    using data = await playData(control, "RETR f");
    await control.expect("NOOP");
    data.close();
    await control.sendLines("226 done");
    while (await control.line() !== "PWD");
    control.close();
  });
  const target = { hostname: "127.0.0.1", port: server.port };
  await using session = await openTestSession(target, { keepAlive: 5 });
  const sink = { write: (bytes: Uint8Array) => Promise.resolve(bytes.length) };
  const request = { action: 'download "f"', verb: "RETR", argument: "f", sink };
  assertEquals(await receive(session.link, request), 0);
  assertEquals(session.open, false);
});

Deno.test("KeepAlive: where no answer is owed, 200 ends a transfer as well", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playDownload(control, { commands: ["RETR f"], final: "200 done" });
    await control.expect("QUIT");
  });
  const target = { hostname: "127.0.0.1", port: server.port };
  await using session = await openTestSession(target);
  const sink = { write: (bytes: Uint8Array) => Promise.resolve(bytes.length) };
  const request = { action: 'download "f"', verb: "RETR", argument: "f", sink };
  assertEquals(await receive(session.link, request), 0);
});

Deno.test("KeepAlive: a transfer without a NOOP asks for nothing behind it", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playDownload(control, { commands: ["RETR f"] });
    await control.expect("QUIT");
  });
  const target = { hostname: "127.0.0.1", port: server.port };
  await using session = await openTestSession(target);
  const sink = { write: (bytes: Uint8Array) => Promise.resolve(bytes.length) };
  await receive(session.link, { action: 'download "f"', verb: "RETR", argument: "f", sink });
});
