/**
 * `ftpkit get`: going on with a part, and every reason to begin it again.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { openPart, OVERLAP } from "../../client/transfer/part_file.ts";
import { tempFolder } from "../support/files.ts";
import { playEpsv, type ScriptedConnection, ScriptedServer } from "../support/scripted_peer.ts";
import {
  BYTES,
  exchange,
  playData,
  playDownload,
  playQuit,
  playSize,
  playStart,
  runAgainst,
} from "./dialogue.ts";

Deno.test("get: a connection lost in mid-transfer is resumed with REST on a new one", async () => {
  await using folder = await tempFolder();
  const half = 12_000;
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playSize(control, { path: "f", size: BYTES.length });
    using data = await playData(control, "RETR f");
    await data.send(BYTES.subarray(0, half));
    data.close();
    control.close();
  }, async (control) => {
    await playStart(control);
    await playSize(control, { path: "f", size: BYTES.length });
    const from = half - OVERLAP;
    await playDownload(control, {
      commands: [`REST ${from}`, "RETR f"],
      content: BYTES.subarray(from),
    });
    await playQuit(control);
  });
  const target = join(folder.path, "f");
  const args = ["get", "--retries", "1", "127.0.0.1:f", target];
  const { code, stderr } = await runAgainst(server, args);
  assertEquals(code, 0);
  assertMatch(stderr, /Lost the connection .* trying again in 0\.0 s \(1 of 1\)/);
  assertEquals(await Deno.readFile(target), BYTES);
});

/** Plays a second session that is asked to resume, and what the server then sends. */
async function resumeFrom(
  part: Uint8Array,
  rest: { readonly sent: Uint8Array; readonly whole: Uint8Array },
): Promise<{ code: number; stderr: string; file: Uint8Array }> {
  await using folder = await tempFolder();
  const target = join(folder.path, "f");
  await Deno.writeFile(`${target}.part`, part);
  const offset = part.length - Math.min(part.length, OVERLAP);
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playSize(control, { path: "f", size: rest.whole.length });
    using data = await playData(control, ...offset > 0 ? [`REST ${offset}`] : [], "RETR f");
    await data.send(rest.sent).catch(() => {}); // it need not be taken
    data.close();
    await control.sendLines("226 done");
    using again = await playData(control, "RETR f");
    await again.send(rest.whole);
    again.close();
    await control.sendLines("226 done");
    await playQuit(control);
  });
  const { code, stderr } = await runAgainst(server, ["get", "-c", "127.0.0.1:f", target]);
  return { code, stderr, file: await Deno.readFile(target) };
}

Deno.test("get: a server that says 350 and sends the whole file glues nothing", async () => {
  const { code, stderr, file } = await resumeFrom(BYTES.subarray(0, 9000), {
    sent: BYTES,
    whole: BYTES,
  });
  assertEquals(code, 0);
  assertStringIncludes(stderr, "f: starting again, the server's file is another one");
  assertEquals(file, BYTES);
});

Deno.test("get: where even that looks alike, the size tells", async () => {
  const zeros = new Uint8Array(20_000);
  const { code, stderr, file } = await resumeFrom(zeros.subarray(0, 9000), {
    sent: zeros,
    whole: zeros,
  });
  assertEquals(code, 0);
  assertStringIncludes(stderr, "starting again, the server sends more than the rest");
  assertEquals(file, zeros);
});

Deno.test("get: a small part that does not fit is begun again", async () => {
  const { file } = await resumeFrom(Uint8Array.of(9, 9), { sent: BYTES, whole: BYTES });
  assertEquals(file, BYTES);
});

const RESTARTS: readonly { name: string; part: number; size: number; age: string; why: string }[] =
  [
    { name: "longer", part: 200, size: 100, age: "2025", why: "longer than the file" },
    { name: "older", part: 50, size: 100, age: "2023", why: "the file has changed since" },
    // The server tells 2024-01-02T03:04:05.
    { name: "newer", part: 50, size: 100, age: "2025", why: "an older file has taken its place" },
  ];

for (const { name, part, size, age, why } of RESTARTS) {
  Deno.test(`get: a part that is ${name} than the file is begun again`, async () => {
    await using folder = await tempFolder();
    const target = join(folder.path, "f");
    await Deno.writeFile(`${target}.part`, BYTES.subarray(0, part));
    await Deno.utime(`${target}.part`, new Date(age), new Date(age));
    await using server = new ScriptedServer(async (control) => {
      await playStart(control);
      await playSize(control, { path: "f", size });
      await playDownload(control, { commands: ["RETR f"], content: BYTES.subarray(0, size) });
      await playQuit(control);
    });
    const { code, stderr } = await runAgainst(server, ["get", "-c", "127.0.0.1:f", target]);
    assertEquals(code, 0);
    assertStringIncludes(stderr, why);
    assertEquals(await Deno.readFile(target), BYTES.subarray(0, size));
  });
}

Deno.test("get: a server that refuses REST sends the whole file", async () => {
  await using folder = await tempFolder();
  const target = join(folder.path, "f");
  await Deno.writeFile(`${target}.part`, BYTES.subarray(0, 9000));
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playSize(control, { path: "f", size: BYTES.length });
    using listener = await playEpsv(control);
    using _unused = await listener.accept();
    await exchange(control, /^REST /, "502 no REST");
    await playDownload(control, { commands: ["RETR f"], content: BYTES });
    await playQuit(control);
  });
  const { code, stderr } = await runAgainst(server, ["get", "-c", "127.0.0.1:f", target]);
  assertEquals(code, 0);
  assertStringIncludes(stderr, "starting again, the server cannot resume");
  assertEquals(await Deno.readFile(target), BYTES);
});

Deno.test("get: a large file that does not fit is begun again while more of it arrives", async () => {
  const large = Uint8Array.from({ length: 8_000_000 }, (_, index) => (index >> 3) & 255);
  const { code, file } = await resumeFrom(large.subarray(1, 100_000), {
    sent: large,
    whole: large,
  });
  assertEquals(code, 0);
  assertEquals(file.length, large.length);
  assert(file.every((byte, index) => byte === large[index]));
});

Deno.test("get: a part of the same time, or of one that nobody set, is gone on with", async (t) => {
  for (
    const time of [new Date("2024-01-02T03:04:05Z"), new Date("2024-01-02T03:04:06Z"), undefined]
  ) {
    await t.step(time?.toISOString() ?? "the time of its last write", async () => {
      await using folder = await tempFolder();
      const target = join(folder.path, "f");
      await Deno.writeFile(`${target}.part`, BYTES.subarray(0, 9000));
      if (time !== undefined) await Deno.utime(`${target}.part`, time, time);
      await using server = new ScriptedServer(async (control) => {
        await playStart(control);
        await playSize(control, { path: "f", size: BYTES.length });
        await playDownload(control, {
          commands: [`REST ${9000 - OVERLAP}`, "RETR f"],
          content: BYTES.subarray(9000 - OVERLAP),
        });
        await playQuit(control);
      });
      const { code, stderr } = await runAgainst(server, ["get", "-c", "127.0.0.1:f", target]);
      assertEquals([code, stderr], [0, ""]);
      assertEquals(await Deno.readFile(target), BYTES);
    });
  }
});

Deno.test("get: -c after a kill goes on with the version that it began with, and no other", async (t) => {
  const cases = [
    ["2024-01-02T03:04:05Z", ""],
    ["2024-01-02T03:04:04Z", "f: starting again, the file has changed since\n"],
    ["2024-01-02T03:04:08Z", "f: starting again, an older file has taken its place\n"],
  ] as const;
  for (const [version, said] of cases) {
    await t.step(version, async () => {
      await using folder = await tempFolder();
      const target = join(folder.path, "f");
      const part = await openPart(target, { resume: false });
      part.modified = new Date(version);
      // The last bytes are those of both versions.
      const old = said === "" ? BYTES : Uint8Array.from(BYTES, (byte, at) => at < 4000 ? 0 : byte);
      for (let at = 0; at < 9000;) {
        at += await part.write(old.subarray(at, Math.min(at + 999, 9000)));
      }
      part.file.close();
      await using server = new ScriptedServer(async (control) => {
        await playStart(control);
        await playSize(control, { path: "f", size: BYTES.length });
        const from = said === "" ? 9000 - OVERLAP : 0;
        await playDownload(control, {
          commands: [...from > 0 ? [`REST ${from}`] : [], "RETR f"],
          content: BYTES.subarray(from),
        });
        await playQuit(control);
      });
      const { code, stderr } = await runAgainst(server, ["get", "-c", "127.0.0.1:f", target]);
      assertEquals([code, stderr], [0, said && `ftpkit: ${said}`]);
      assertEquals(await Deno.readFile(target), BYTES);
    });
  }
});

Deno.test("get: a server that does not answer REST in time loses nothing of the part", async () => {
  await using folder = await tempFolder();
  const target = join(folder.path, "f");
  await Deno.writeFile(`${target}.part`, BYTES.subarray(0, 9000));
  const from = 9000 - OVERLAP;
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playSize(control, { path: "f", size: BYTES.length });
    using listener = await playEpsv(control);
    using _data = await listener.accept();
    await control.expect(`REST ${from}`);
    assertEquals(await control.line(), undefined);
  }, async (control) => {
    await playStart(control);
    await playSize(control, { path: "f", size: BYTES.length });
    await playDownload(control, {
      commands: [`REST ${from}`, "RETR f"],
      content: BYTES.subarray(from),
    });
    await playQuit(control);
  });
  const args = ["get", "-c", "--timeout", "0.5", "--retries", "1", "127.0.0.1:f", target];
  const { code, stderr } = await runAgainst(server, args);
  assertEquals(code, 0);
  assertStringIncludes(stderr, "did not answer within 0.5 s; trying again");
  assertEquals(await Deno.readFile(target), BYTES);
});

Deno.test("get: what does not fit is begun again, though the server is slow to notice", async () => {
  await using folder = await tempFolder();
  const target = join(folder.path, "f");
  await Deno.writeFile(`${target}.part`, BYTES.subarray(0, 9000));
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playSize(control, { path: "f", size: BYTES.length });
    using data = await playData(control, `REST ${9000 - OVERLAP}`, "RETR f");
    await data.send(BYTES).catch(() => {}); // it need not be taken
    // The answer does not come before the client has given up.
    assertEquals(await control.line(), undefined);
  }, async (control) => {
    await playStart(control);
    await playSize(control, { path: "f", size: BYTES.length });
    await playDownload(control, { commands: ["RETR f"], content: BYTES });
    await playQuit(control);
  });
  const args = ["get", "-c", "--retries", "1", "127.0.0.1:f", target];
  const { code, stderr } = await runAgainst(server, args);
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "f: starting again, the server's file is another one");
  assertEquals(await Deno.readFile(target), BYTES);
});

Deno.test("get: a file that is exchanged for an older one between two tries is begun again", async () => {
  await using folder = await tempFolder();
  const target = join(folder.path, "f");
  const play = async (control: ScriptedConnection, time: string): Promise<void> => {
    await playStart(control);
    await exchange(control, "TYPE I", "200 binary");
    await exchange(control, "SIZE f", `213 ${BYTES.length}`);
    await exchange(control, "MDTM f", `213 ${time}`);
  };
  await using server = new ScriptedServer(async (control) => {
    await play(control, "20240102030405");
    using data = await playData(control, "RETR f");
    await data.send(BYTES.subarray(0, 9000).toReversed());
    data.close();
    control.close();
  }, async (control) => {
    await play(control, "20230102030405");
    await playDownload(control, { commands: ["RETR f"], content: BYTES });
    await playQuit(control);
  });
  const { code, stderr } = await runAgainst(server, [
    "get",
    "--retries",
    "1",
    "127.0.0.1:f",
    target,
  ]);
  assertEquals(code, 0);
  assertStringIncludes(stderr, "f: starting again, an older file has taken its place");
  assertEquals(await Deno.readFile(target), BYTES);
});
