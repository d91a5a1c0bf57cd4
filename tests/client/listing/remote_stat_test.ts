/** What the client reads from answers to MLST and MDTM, whatever they hold. */

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import {
  isNewer,
  mayBeOfLink,
  type RemoteStat,
  statOfFacts,
  timeOf,
} from "../../../client/listing/remote_stat.ts";
import { formatFacts, formatTimeVal } from "../../../shared/facts.ts";
import { ScriptedServer } from "../../support/scripted_peer.ts";
import { exchange, playQuit, playStart } from "../dialogue.ts";
import { openTestSession } from "../test_session.ts";

const anyFactLine = fc.array(
  fc.constantFrom(
    "type=",
    "size=",
    "modify=",
    "UNIX.mode=",
    "unique=",
    "file",
    "cdir",
    "-1",
    "99999999999999999999",
    "20240102030405",
    "20249999999999",
    "0777",
    "9",
    ";",
    " ",
    "=",
    "name",
  ),
  { maxLength: 12 },
).map((words) => words.join(""));

Deno.test("statOfFacts: any answer gives what makes sense of it, or nothing", () => {
  fc.assert(fc.property(fc.array(fc.oneof(anyFactLine, fc.string()), { maxLength: 3 }), (lines) => {
    const { size = 0, mode = 0, modified, type = "file" } = statOfFacts({ code: 250, lines });
    assert(Number.isSafeInteger(size) && size >= 0);
    assert(Number.isInteger(mode) && mode >= 0 && mode <= 0o777);
    assert(modified === undefined || !Number.isNaN(modified.getTime()));
    assert(type === "file" || type === "dir");
  }));
});

const anySecond = fc.date({
  min: new Date("1970-01-01T00:00:00Z"),
  max: new Date("9999-12-31T23:59:59Z"),
  noInvalidDate: true,
}).map((date) => new Date(Math.floor(date.getTime() / 1000) * 1000));

Deno.test("statOfFacts: what a server says of a file is what is read", () => {
  const anyFile = fc.record({
    size: fc.maxSafeNat(),
    modified: anySecond,
    mode: fc.integer({ min: 0, max: 0o777 }),
    name: fc.string({ minLength: 1 }).filter((name) => !/[\r\n\0]/.test(name)),
  });
  fc.assert(fc.property(anyFile, ({ size, modified, mode, name }) => {
    const facts: [string, string][] = [
      ["type", "file"],
      ["size", `${size}`],
      ["modify", formatTimeVal(modified)],
      ["UNIX.mode", mode.toString(8).padStart(4, "0")],
    ];
    const lines = ["Listing", ` ${formatFacts(facts, name)}`, "End"];
    assertEquals(statOfFacts({ code: 250, lines }), { type: "file", size, modified, mode });
  }));
});

Deno.test("timeOf: any text is a time or none", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{14}(\.\d+)?$/)), (text) => {
    const time = timeOf(text);
    assert(time === undefined || !Number.isNaN(time.getTime()));
  }));
});

Deno.test("isNewer: one of two is newer, unless both are in the same second or one is unknown", () => {
  const anyTime = fc.date({ noInvalidDate: true });
  fc.assert(fc.property(anyTime, anyTime, (one, other) => {
    const sameSecond = Math.floor(one.getTime() / 1000) === Math.floor(other.getTime() / 1000);
    assertEquals(isNewer(one, other) !== isNewer(other, one), !sameSecond);
    assertEquals(isNewer(one, undefined) || isNewer(undefined, one), false);
  }));
});

Deno.test("statOfFacts, mayBeOfLink: what is told of a link is not taken for the file's", () => {
  const stat = (facts: string): RemoteStat =>
    statOfFacts({ code: 250, lines: ["250-x", ` ${facts}; l`, "250 end"] });
  const about = "size=4;modify=20200101000000;UNIX.mode=0777";
  assertEquals(stat(`type=OS.unix=slink:f;${about}`), {});
  assertEquals(mayBeOfLink(stat(`type=file;${about}`)), true);
  assertEquals(mayBeOfLink(stat("type=file;size=4;UNIX.mode=0644")), false);
  assertEquals(mayBeOfLink(stat("type=dir;UNIX.mode=0777")), false);
});

Deno.test("Session.stat: behind .. a refusal of MLST is not believed", async () => {
  const absent = "550 not there";
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, ["MLST type*;"]);
    await exchange(control, "MLST a", absent);
    await exchange(control, "MLST ../a", absent);
    await exchange(control, "TYPE I", "200 ok");
    await exchange(control, "SIZE ../a", "213 7");
    await exchange(control, "MDTM ../a", "213 20240506070809");
    await exchange(control, "MLST ../d", absent);
    await exchange(control, "SIZE ../d", absent);
    await exchange(control, "MDTM ../d", absent);
    await exchange(control, "PWD", '257 "/sub"');
    await exchange(control, "CWD ../d", "250 ok");
    await exchange(control, "CWD /sub", "250 ok");
    await playQuit(control);
  });
  await using session = await openTestSession({ hostname: "127.0.0.1", port: server.port });
  assertEquals((await session.stat("a")).isAbsent, true);
  const modified = new Date("2024-05-06T07:08:09Z");
  assertEquals(await session.stat("../a"), { size: 7, type: "file", modified });
  assertEquals(await session.isDirectory("../d"), true);
  await session[Symbol.asyncDispose]();
  await server.done;
});
