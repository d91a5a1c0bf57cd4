/**
 * A server's file that changes while it is fetched: fetched again, or a failure.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { tempFolder } from "../../support/files.ts";
import { type ScriptedConnection, ScriptedServer } from "../../support/scripted_peer.ts";
import { clockThat } from "../../support/steady_clock.ts";
import {
  BYTES,
  type CommandResult,
  exchange,
  playData,
  playDownload,
  playQuit,
  playStart,
  runAgainst,
} from "../dialogue.ts";

const SIZE = BYTES.length;
const BEFORE = "20240102030405";
const LATER = "20240102030406";

/** What a server tells of a file; without a size it is not there. */
interface Told {
  readonly size?: number;
  readonly time?: string;
}

const OLD: Told = { size: SIZE, time: BEFORE };

async function playTold(control: ScriptedConnection, { size, time }: Told): Promise<void> {
  await exchange(control, "SIZE f", size === undefined ? "550 gone" : `213 ${size}`);
  await exchange(control, "MDTM f", time === undefined ? "550 gone" : `213 ${time}`);
}

/** How a download goes. */
interface Play {
  /** Seconds that it takes by the client's clock. */
  readonly seconds?: number;
  /** How much comes of the file as it was told. */
  readonly bytes?: number;
  /** What is told of the file behind it; undefined: nobody asks. */
  readonly now?: Told;
  /** What happens behind that. */
  readonly again?: (control: ScriptedConnection) => Promise<void>;
  readonly args?: readonly string[];
  /** Where to, in place of a file. */
  readonly target?: "-";
}

interface Got extends CommandResult {
  /** What has the final name. */
  readonly file: Uint8Array | undefined;
}

async function get(play: Play): Promise<Got> {
  const { seconds = 1, bytes = SIZE, now, again, args = [] } = play;
  let time = 1000;
  using _clock = clockThat(() => time);
  await using folder = await tempFolder();
  const file = join(folder.path, "f");
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await exchange(control, "TYPE I", "200 binary");
    await playTold(control, OLD);
    using data = await playData(control, "RETR f");
    time += seconds * 1000;
    await data.send(BYTES.subarray(0, bytes));
    data.close();
    await control.sendLines("226 done");
    if (now !== undefined) await playTold(control, now);
    await again?.(control);
    await playQuit(control);
  });
  const line = ["get", ...args, "127.0.0.1:f", play.target ?? file];
  const result = await runAgainst(server, line);
  return { ...result, file: await Deno.readFile(file).catch(() => undefined) };
}

/** What is told behind a transfer that was all right. */
const WHOLE: Readonly<Record<string, Play>> = {
  "the same": { now: OLD },
  "that it is gone": { now: {} },
  "that it has grown behind what came": { now: { size: SIZE + 5, time: LATER } },
  "nothing, as it was over within a second": { seconds: 0.9 },
};

for (const [told, play] of Object.entries(WHOLE)) {
  Deno.test(`get: a file of which the server then tells ${told}, is whole`, async () => {
    const { code, stderr, file } = await get(play);
    assertEquals([code, stderr], [0, ""]);
    assertEquals(file, BYTES);
  });
}

/** What is told of a file that is another one by then. */
const CHANGED: Readonly<Record<string, Play>> = {
  "another time": { now: { size: SIZE, time: LATER } },
  "an older time": { now: { size: SIZE, time: "20230102030405" } },
  "a smaller size": { now: { size: SIZE - 5, time: BEFORE } },
  "the smaller size that came": { bytes: SIZE - 5, now: { size: SIZE - 5, time: BEFORE } },
  "another smaller size than came": {
    seconds: 0,
    bytes: SIZE - 5,
    now: { size: SIZE - 9, time: LATER },
  },
};

for (const [told, play] of Object.entries(CHANGED)) {
  Deno.test(`get: a file of which the server then tells ${told}, is fetched again`, async () => {
    const content = BYTES.toReversed().subarray(0, play.now?.size);
    const again = async (control: ScriptedConnection): Promise<void> => {
      await playTold(control, play.now ?? {});
      await playDownload(control, { commands: ["RETR f"], content });
    };
    const { code, stderr, file } = await get({ ...play, again, args: ["--retries", "1"] });
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, 'download "f": the file has changed meanwhile; trying again in ');
    assertStringIncludes(stderr, "f: starting again, the file has changed since");
    assertEquals(file, content);
  });

  Deno.test(`get: a file of which the server always tells ${told}, is a failure`, async () => {
    const { code, stderr, file } = await get(play);
    assertEquals([code, file], [1, undefined]);
    assertStringIncludes(stderr, 'ftpkit: Cannot download "f": the file has changed meanwhile\n');
  });
}

Deno.test("get: to standard output a file that has changed is a failure, and not sent twice", async () => {
  const now = { size: SIZE, time: LATER };
  const { code, stderr } = await get({ now, target: "-", args: ["--retries", "1"] });
  assertEquals(code, 1);
  assertStringIncludes(stderr, 'ftpkit: Cannot download "f": the file has changed meanwhile\n');
});
