/**
 * `ftpkit put`: going on with what the server has, and every reason to begin it again.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { OVERLAP } from "../../client/transfer/part_file.ts";
import { newDigest } from "../../shared/digest.ts";
import { tempFolder } from "../support/files.ts";
import { playEpsv, type ScriptedConnection, ScriptedServer } from "../support/scripted_peer.ts";
import {
  exchange,
  playData,
  playDownload,
  playKnownPart,
  playPart,
  playQuit,
  playStart,
  playUpload,
  playUploaded,
  runAgainst,
} from "./dialogue.ts";

const TEXT = Array.from({ length: 1000 }, (_, at) => `line ${at}\n`).join("");
const THERE = 6000;
const BEGINNING = TEXT.slice(0, THERE);
const NOT_ITS_BEGINNING = "f: starting again, what the server has is not the beginning of the file";
const CHANGED = "f: starting again, the file has changed since";

/** What the local file's time is; servers tell seconds. */
const TIME = new Date("2024-05-06T07:08:09.5Z");
const MDTM = "20240506070809";

function sha1(text: string): string {
  const digest = newDigest("SHA-1");
  digest.update(new TextEncoder().encode(text));
  return digest.hex();
}

type Script = (control: ScriptedConnection, file: string) => Promise<void>;

/** Runs `put` of `TEXT` against one script for each session, which is played behind the login. */
async function putAgainst(
  scripts: readonly Script[],
  way: { readonly args?: readonly string[]; readonly features?: readonly string[] } = {},
): Promise<string> {
  await using folder = await tempFolder();
  const file = join(folder.path, "f");
  await Deno.writeTextFile(file, TEXT);
  await Deno.utime(file, TIME, TIME);
  const plays = scripts.map((script) => async (control: ScriptedConnection): Promise<void> => {
    await playStart(control, way.features);
    await script(control, file);
  });
  await using server = new ScriptedServer(...plays);
  const retries = ["--retries", String(scripts.length - 1)];
  const args = ["put", ...way.args ?? ["-c"], ...retries, file, "127.0.0.1:"];
  const { code, stderr } = await runAgainst(server, args);
  assertEquals(code, 0, stderr);
  return stderr;
}

async function playAll(control: ScriptedConnection, text = TEXT): Promise<void> {
  assertEquals(await playUpload(control, "STOR f"), text);
  await playUploaded(control, { path: "f", size: text.length, first: false });
  await playQuit(control);
}

async function playRest(control: ScriptedConnection): Promise<void> {
  assertEquals(await playUpload(control, `REST ${THERE}`, "STOR f"), TEXT.slice(THERE));
  await playUploaded(control, { path: "f", size: TEXT.length, first: false });
  await playQuit(control);
}

/** Plays a server that lets nobody read. */
async function playNoReading(control: ScriptedConnection): Promise<void> {
  using listener = await playEpsv(control);
  using _unused = await listener.accept();
  await exchange(control, `REST ${THERE - OVERLAP}`, "350 go on");
  await exchange(control, "RETR f", "550 you may only upload");
}

Deno.test("put: -c goes on where the last bytes there are the file's, and on another file's not", async () => {
  const same = await putAgainst([async (control) => {
    await playKnownPart(control, { path: "f", content: BEGINNING });
    await playRest(control);
  }]);
  assertEquals(same, "");
  const other = await putAgainst([async (control) => {
    await playKnownPart(control, { path: "f", content: BEGINNING.replace("line 600", "line six") });
    await playAll(control);
  }]);
  assertStringIncludes(other, NOT_ITS_BEGINNING);
});

Deno.test("put: -c takes neither too few bytes nor the file from its first byte for its end", async (t) => {
  for (const content of [BEGINNING, BEGINNING.slice(-100), ""]) {
    await t.step(`${content.length} bytes`, async () => {
      const said = await putAgainst([async (control) => {
        await playPart(control, { path: "f", size: THERE });
        using data = await playData(control, `REST ${THERE - OVERLAP}`, "RETR f");
        await data.send(content).catch(() => {}); // it need not be taken
        data.close();
        await control.sendLines("226 done");
        // It has ended the transfer itself, and asks what else may come of it.
        if (content.length > OVERLAP) await exchange(control, "PWD", '257 "/"');
        await playAll(control);
      }]);
      assertStringIncludes(said, NOT_ITS_BEGINNING);
    });
  }
});

Deno.test("put: -c compares all that is there where the server tells a hash", async () => {
  const features = ["XSHA1"];
  const same = await putAgainst([async (control) => {
    await playPart(control, { path: "f", size: THERE });
    await exchange(control, "XSHA1 f", `250 ${sha1(BEGINNING)}`);
    await playRest(control);
  }], { features });
  assertEquals(same, "");
  const other = await putAgainst([async (control) => {
    await playPart(control, { path: "f", size: THERE });
    await exchange(control, "XSHA1 f", `250 ${sha1(BEGINNING.replace("line 0", "line o"))}`);
    await playAll(control);
  }], { features });
  assertStringIncludes(other, NOT_ITS_BEGINNING);
});

Deno.test("put: -c looks at the end where the hash is refused, or is none", async (t) => {
  for (const answer of ["550 not of this one", "250 later"]) {
    await t.step(answer, async () => {
      const said = await putAgainst([async (control) => {
        await playPart(control, { path: "f", size: THERE });
        await exchange(control, "XSHA1 f", answer);
        await playDownload(control, {
          commands: [`REST ${THERE - OVERLAP}`, "RETR f"],
          content: BEGINNING.slice(-OVERLAP),
        });
        await playRest(control);
      }], { features: ["XSHA1"] });
      assertEquals(said, "");
    });
  }
});

Deno.test("put: -c on a server that lets nobody read goes by the times, and one second is too close", async (t) => {
  const later = MDTM.replace("09", "10");
  const cases = [[later, "goes on"], [MDTM, "begins again"], [undefined, "goes on"]] as const;
  for (const [time, then] of cases) {
    await t.step(`${time}: ${then}`, async () => {
      const said = await putAgainst([async (control) => {
        await playUploaded(control, { path: "f", size: THERE });
        await exchange(control, "SIZE f", `213 ${THERE}`);
        await exchange(control, "MDTM f", time === undefined ? "550 no" : `213 ${time}`);
        await playNoReading(control);
        await (then === "goes on" ? playRest : playAll)(control);
      }]);
      if (then === "goes on") assertEquals(said, "");
      else assertStringIncludes(said, CHANGED);
    });
  }
});

Deno.test("put: -c on a server that lets nobody read leaves a whole file of the same time alone", async () => {
  const said = await putAgainst([async (control) => {
    await playUploaded(control, { path: "f", size: TEXT.length });
    await exchange(control, "SIZE f", `213 ${TEXT.length}`);
    await exchange(control, "MDTM f", `213 ${MDTM}`);
    using listener = await playEpsv(control);
    using _unused = await listener.accept();
    await exchange(control, `REST ${TEXT.length - OVERLAP}`, "350 go on");
    await exchange(control, "RETR f", "550 you may only upload");
    assertEquals(await playUpload(control, `REST ${TEXT.length}`, "STOR f"), "");
    await playUploaded(control, { path: "f", size: TEXT.length, first: false });
    await playQuit(control);
  }]);
  assertEquals(said, "");
});

Deno.test("put: -c compares in the next try where the connection is lost before it could", async () => {
  const said = await putAgainst([async (control) => {
    await playPart(control, { path: "f", size: THERE });
    control.close();
  }, async (control) => {
    await playKnownPart(control, { path: "f", content: "x".repeat(THERE) });
    await playAll(control);
  }]);
  assertStringIncludes(said, NOT_ITS_BEGINNING);
});

Deno.test("put: -c that begins again trusts what is there no more in the next try", async () => {
  const said = await putAgainst([async (control) => {
    await playKnownPart(control, { path: "f", content: "x".repeat(THERE) });
    using listener = await playEpsv(control);
    using _unused = await listener.accept();
    await control.expect("STOR f");
    control.close();
  }, async (control) => {
    await playKnownPart(control, { path: "f", content: "x".repeat(THERE) });
    await playAll(control);
  }]);
  assertEquals(said.split(NOT_ITS_BEGINNING).length, 3, said);
});

Deno.test("put: a try goes on with what the one before it has sent, unless the file has changed", async (t) => {
  const other = TEXT.replaceAll("line", "LINE");
  const replace = async (file: string, time: Date): Promise<void> => {
    await Deno.writeTextFile(`${file}.new`, other);
    await Deno.utime(`${file}.new`, time, time);
    await Deno.rename(`${file}.new`, file);
  };
  for (const args of [[], ["-c"]]) {
    await t.step(`put ${args.join(" ")}`, async () => {
      const said = await putAgainst([async (control, file) => {
        await exchange(control, "TYPE I", "200 binary");
        await exchange(control, "SIZE f", "550 no such file");
        using data = await playData(control, "STOR f");
        await data.rest();
        await replace(file, new Date(TIME.getTime() - 400));
        control.close();
      }, async (control) => {
        await playUploaded(control, { path: "f", size: THERE });
        await playAll(control, other);
      }], { args });
      assertStringIncludes(said, CHANGED);
    });
  }
});
