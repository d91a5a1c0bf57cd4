/**
 * `ftpkit put` against a server that plays each oddity.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { folderWithFile } from "../support/files.ts";
import { type ScriptedConnection, ScriptedServer } from "../support/scripted_peer.ts";
import {
  exchange,
  playData,
  playKnownPart,
  playQuit,
  playSize,
  playStart,
  playUpload,
  playUploaded,
  playUploadTo,
  runAgainst,
} from "./dialogue.ts";

const TEXT = "0123456789".repeat(10);

async function playMissing(
  control: ScriptedConnection,
  path: string,
  first = true,
): Promise<void> {
  if (first) await exchange(control, "TYPE I", "200 binary");
  await exchange(control, `SIZE ${path}`, "550 no such file");
}

Deno.test("put: a file goes into the login directory, is measured there and keeps its time", async () => {
  await using folder = await folderWithFile(TEXT);
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, ["MFMT"]);
    await playMissing(control, "f");
    assertEquals(await playUpload(control, "STOR f"), TEXT);
    await playUploaded(control, { path: "f", size: 100, first: false });
    await exchange(control, "MFMT 20240506070809 f", "213 Modify=20240506070809; f");
    await playQuit(control);
  });
  const { code, stdout } = await runAgainst(server, ["put", folder.file, "127.0.0.1:"]);
  assertEquals(code, 0);
  assertStringIncludes(stdout, "/f -> 127.0.0.1:f  100 B in ");
});

Deno.test("put: a server that says 226 and then tells another size has failed it", async () => {
  await using folder = await folderWithFile(TEXT);
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playMissing(control, "f");
    await playUpload(control, "STOR f");
    await playUploaded(control, { path: "f", size: 99, first: false });
    await playQuit(control);
  });
  const { code, stderr } = await runAgainst(server, ["put", folder.file, "127.0.0.1:"]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, 'Cannot upload to "f": of 100 bytes the server has 99');
});

Deno.test("put: 250 ends an upload as well, and MLST may tell its size", async (t) => {
  for (const size of [100, 101]) {
    await t.step(`${size} of 100 bytes`, async () => {
      await using folder = await folderWithFile(TEXT);
      await using server = new ScriptedServer(async (control) => {
        await playStart(control, ["MLST type*;size*;"]);
        await playMissing(control, "f");
        await playUploadTo(control, { commands: ["STOR f"], final: "250 stored" });
        await exchange(control, "MLST f", "250-", ` type=file;size=${size}; f`, "250 end");
        await playQuit(control);
      });
      const { code } = await runAgainst(server, ["put", folder.file, "127.0.0.1:"]);
      assertEquals(code, size === 100 ? 0 : 1);
    });
  }
});

Deno.test("put: what the server does not show afterwards is said, and is no failure", async () => {
  await using folder = await folderWithFile(TEXT);
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playMissing(control, "f");
    await playUpload(control, "STOR f");
    await playMissing(control, "f", false);
    await playQuit(control);
  });
  const { code, stderr } = await runAgainst(server, ["put", folder.file, "127.0.0.1:"]);
  assertEquals(code, 0);
  assertStringIncludes(stderr, "does not show it by that name");
});

Deno.test("put: 552 in mid-transfer is reported in the server's words", async () => {
  await using folder = await folderWithFile(TEXT);
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playMissing(control, "f");
    using data = await playData(control, "STOR f");
    data.close();
    await control.sendLines("552 over quota");
    await playQuit(control);
  });
  const { code, stderr } = await runAgainst(server, ["put", folder.file, "127.0.0.1:"]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, 'Cannot upload to "f": 552 over quota');
});

Deno.test("put: a cut upload goes on where the server stopped, if nothing was there before", async () => {
  await using folder = await folderWithFile(TEXT);
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playMissing(control, "f");
    using data = await playData(control, "STOR f");
    await data.rest();
    control.close();
  }, async (control) => {
    await playStart(control);
    await playUploaded(control, { path: "f", size: 30 });
    assertEquals(await playUpload(control, "REST 30", "STOR f"), TEXT.slice(30));
    await playUploaded(control, { path: "f", size: 100, first: false });
    await playQuit(control);
  });
  const args = ["put", "--retries", "1", folder.file, "127.0.0.1:"];
  assertEquals((await runAgainst(server, args)).code, 0);
});

Deno.test("put: a cut upload over an older file begins again: whose bytes are there is not known", async () => {
  await using folder = await folderWithFile(TEXT);
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playUploaded(control, { path: "f", size: 50 });
    using data = await playData(control, "STOR f");
    await data.rest();
    control.close();
  }, async (control) => {
    await playStart(control);
    await playUploaded(control, { path: "f", size: 50 });
    assertEquals(await playUpload(control, "STOR f"), TEXT);
    await playUploaded(control, { path: "f", size: 100, first: false });
    await playQuit(control);
  });
  const args = ["put", "--retries", "1", folder.file, "127.0.0.1:"];
  assertEquals((await runAgainst(server, args)).code, 0);
});

Deno.test("put: -c sends the rest", async () => {
  await using folder = await folderWithFile(TEXT);
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playKnownPart(control, { path: "f", content: TEXT.slice(0, 60) });
    assertEquals(await playUpload(control, "REST 60", "STOR f"), TEXT.slice(60));
    await playUploaded(control, { path: "f", size: 100, first: false });
    await playQuit(control);
  });
  assertEquals((await runAgainst(server, ["put", "-c", folder.file, "127.0.0.1:"])).code, 0);
});

Deno.test("put: -c begins again where what the server has is older than the file", async () => {
  await using folder = await folderWithFile(TEXT);
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playUploaded(control, { path: "f", size: 60 });
    await playSize(control, { path: "f", size: 60, first: false });
    assertEquals(await playUpload(control, "STOR f"), TEXT);
    await playUploaded(control, { path: "f", size: 100, first: false });
    await playQuit(control);
  });
  const { code, stderr } = await runAgainst(server, ["put", "-c", folder.file, "127.0.0.1:"]);
  assertEquals(code, 0);
  assertStringIncludes(stderr, "f: starting again, the file has changed since");
});

Deno.test("put: -c sends all of it where the server does not resume, or has more", async (t) => {
  await t.step("451 to STOR", async () => {
    await using folder = await folderWithFile(TEXT);
    await using server = new ScriptedServer(async (control) => {
      await playStart(control);
      await playKnownPart(control, { path: "f", content: TEXT.slice(0, 60) });
      await control.expect("EPSV");
      using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      await control.sendLines(`229 yes (|||${listener.addr.port}|)`);
      using _unused = await listener.accept();
      await exchange(control, "REST 60", "350 go on");
      await exchange(control, "STOR f", "451 restart not permitted");
      assertEquals(await playUpload(control, "STOR f"), TEXT);
      await playUploaded(control, { path: "f", size: 100, first: false });
      await playQuit(control);
    });
    const { code, stderr } = await runAgainst(server, ["put", "-c", folder.file, "127.0.0.1:"]);
    assertEquals(code, 0);
    assertStringIncludes(stderr, "f: starting again, the server does not resume uploads");
  });
  await t.step("longer", async () => {
    await using folder = await folderWithFile(TEXT);
    await using server = new ScriptedServer(async (control) => {
      await playStart(control);
      await playUploaded(control, { path: "f", size: 101 });
      assertEquals(await playUpload(control, "STOR f"), TEXT);
      await playUploaded(control, { path: "f", size: 100, first: false });
      await playQuit(control);
    });
    const { code, stderr } = await runAgainst(server, ["put", "-c", folder.file, "127.0.0.1:"]);
    assertEquals(code, 0);
    assertStringIncludes(stderr, "what the server has is longer than the file");
  });
});

Deno.test("put: --atomic uploads under another name and renames; --mkdir makes directories", async () => {
  await using folder = await folderWithFile(TEXT);
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, ["MLST type*;size*;"]);
    await exchange(control, "MLST a/b", "550 no such");
    await exchange(control, "MLST a", "550 no such");
    await exchange(control, "MKD a", '257 "/a" made');
    await exchange(control, "MKD a/b", '257 "/a/b" made');
    await exchange(control, "TYPE I", "200 binary");
    await exchange(control, "SIZE a/b/f.part", "550 no such");
    assertEquals(await playUpload(control, "STOR a/b/f.part"), TEXT);
    await exchange(control, "MLST a/b/f.part", "250-", " type=file;size=100; f.part", "250 end");
    await exchange(control, "RNFR a/b/f.part", "350 to what");
    await exchange(control, "RNTO a/b/f", "250 renamed");
    await playQuit(control);
  });
  const args = ["put", "--atomic", "--mkdir", folder.file, "127.0.0.1:a/b/"];
  assertEquals((await runAgainst(server, args)).code, 0);
});

Deno.test("put: DEST that is a directory takes the file under its own name", async () => {
  await using folder = await folderWithFile(TEXT);
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playMissing(control, "d");
    await exchange(control, "MDTM d", "550 no such file");
    await exchange(control, "PWD", '257 "/home" is here');
    await exchange(control, "CWD d", "250 there");
    await exchange(control, "CWD /home", "250 back");
    await playMissing(control, "d/f", false);
    assertEquals(await playUpload(control, "STOR d/f"), TEXT);
    await playUploaded(control, { path: "d/f", size: 100, first: false });
    await playQuit(control);
  });
  assertEquals((await runAgainst(server, ["put", folder.file, "127.0.0.1:d"])).code, 0);
});

Deno.test("put: - sends standard input; --ascii converts line ends and measures nothing", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await exchange(control, "TYPE A", "200 text");
    assertEquals(await playUpload(control, "STOR f"), "one\r\ntwo\r\n");
    await playQuit(control);
  });
  const args = ["put", "--ascii", "-", "127.0.0.1:f"];
  assertEquals((await runAgainst(server, args, { stdin: "one\ntwo\n" })).code, 0);
});

const PASSED_OVER = [
  { option: "-n", size: 1, why: "it exists" },
  { option: "--update", size: 100, why: "it is up to date" },
] as const;

for (const { option, size, why } of PASSED_OVER) {
  Deno.test(`put: ${option} passes over a file, which is no failure`, async () => {
    await using folder = await folderWithFile(TEXT);
    await Deno.utime(folder.file, new Date("2020"), new Date("2020"));
    await using server = new ScriptedServer(async (control) => {
      await playStart(control);
      await playSize(control, { path: "f", size });
      await playQuit(control);
    });
    const { code, stdout } = await runAgainst(server, ["put", option, folder.file, "127.0.0.1:"]);
    assertEquals(code, 0);
    assertStringIncludes(stdout, `skipped: ${why}`);
  });
}

Deno.test("put: --dry-run says what it would do and does nothing", async () => {
  await using folder = await folderWithFile(TEXT);
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playQuit(control);
  });
  const { code, stdout } = await runAgainst(server, [
    "put",
    "--dry-run",
    folder.file,
    "127.0.0.1:",
  ]);
  assertEquals(code, 0);
  assertStringIncludes(stdout, "f -> 127.0.0.1:f  would be transferred");
});
