/**
 * `--verify`: what servers answer when they are asked for a hash, and what follows from it.
 *
 * @module
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import fc from "fast-check";
import { hashOf, olderHashOf } from "../../../client/session/remote_hash.ts";
import { OVERLAP } from "../../../client/transfer/part_file.ts";
import { HASH_NAMES, type HashName, newDigest } from "../../../shared/digest.ts";
import { exitCodeOf } from "../../../shared/exit_code.ts";
import { tempFolder } from "../../support/files.ts";
import { type ScriptedConnection, ScriptedServer } from "../../support/scripted_peer.ts";
import {
  exchange,
  playDownload,
  playPart,
  playQuit,
  playSize,
  playStart,
  playUpload,
  playUploaded,
  runAgainst,
} from "../dialogue.ts";

const TEXT = "0123456789".repeat(10);

function hash(algorithm: HashName, content: string | Uint8Array = TEXT): string {
  const digest = newDigest(algorithm);
  digest.update(typeof content === "string" ? new TextEncoder().encode(content) : content);
  return digest.hex();
}

const ANSWERS: readonly {
  readonly algorithm: HashName;
  readonly lines: readonly string[];
  readonly hex: string | undefined;
}[] = [
  { algorithm: "CRC32", lines: ["CBF43926"], hex: "cbf43926" },
  { algorithm: "CRC32", lines: [" 1A2B"], hex: "00001a2b" },
  { algorithm: "CRC32", lines: ["0xCBF43926"], hex: "cbf43926" },
  { algorithm: "CRC32", lines: ["XCRC cbf43926"], hex: "cbf43926" },
  { algorithm: "CRC32", lines: ["Computing CRC32 digest", "723E1D53"], hex: "723e1d53" },
  { algorithm: "CRC32", lines: ["no such thing"], hex: undefined },
  { algorithm: "MD5", lines: [hash("MD5").toUpperCase()], hex: hash("MD5") },
  { algorithm: "MD5", lines: [`"a ""b"" ${hash("MD5", "x")}" ${hash("MD5")}`], hex: hash("MD5") },
  { algorithm: "MD5", lines: [`MD5 = ${hash("MD5")}`], hex: hash("MD5") },
  { algorithm: "MD5", lines: [`f ${hash("MD5")}`], hex: hash("MD5") },
  { algorithm: "MD5", lines: [`${hash("MD5", "x")} ${hash("MD5")}`], hex: undefined },
  { algorithm: "MD5", lines: [hash("MD5").slice(1)], hex: undefined },
  { algorithm: "SHA-1", lines: [hash("SHA-1")], hex: hash("SHA-1") },
  { algorithm: "SHA-256", lines: [hash("SHA-1")], hex: undefined },
  { algorithm: "SHA-512", lines: [""], hex: undefined },
];

for (const { algorithm, lines, hex } of ANSWERS) {
  Deno.test(`olderHashOf: ${hex === undefined ? "none" : "one"} in "${lines.join("|")}"`, () => {
    assertEquals(olderHashOf({ code: 250, lines }, algorithm), hex);
  });
}

Deno.test("hashOf: the algorithm that was selected, a range and the hash, whatever the name", () => {
  const name = fc.string();
  fc.assert(fc.property(fc.constantFrom(...HASH_NAMES), name, (algorithm, path) => {
    const hex = hash(algorithm);
    const reply = (text: string) => ({ code: 213, lines: ["Computing", text] });
    assertEquals(hashOf(reply(`${algorithm} 0-99 ${hex.toUpperCase()} ${path}`), algorithm), hex);
    const other = algorithm === "MD5" ? "CRC32" : "MD5";
    assertEquals(hashOf(reply(`${algorithm} 0-99 ${hex} ${path}`), other), undefined);
    assertEquals(hashOf(reply(`${algorithm} 0-99 ${hex.slice(1)} ${path}`), algorithm), undefined);
  }));
});

Deno.test("hashOf, olderHashOf: nothing but a hash of the right length comes out of any answer", () => {
  const digits = { "SHA-512": 128, "SHA-256": 64, "SHA-1": 40, "MD5": 32, "CRC32": 8 };
  const text = fc.oneof(fc.string(), fc.stringMatching(/^(MD5|SHA-1|CRC32)? ?[\da-fx" -]*$/));
  fc.assert(fc.property(fc.constantFrom(...HASH_NAMES), fc.array(text), (algorithm, lines) => {
    for (const read of [hashOf, olderHashOf]) {
      const hex = read({ code: 250, lines }, algorithm);
      if (hex !== undefined) assertMatch(hex, new RegExp(`^[\\da-f]{${digits[algorithm]}}$`));
    }
  }));
});

/** What FEAT says, what is asked before the transfer, and what behind it. */
const OFFERS: readonly {
  readonly features: readonly string[];
  readonly select?: readonly (readonly [command: string, answer: string])[];
  readonly command: string;
  readonly algorithm: HashName;
  readonly answer: (hex: string) => readonly string[];
}[] = [
  {
    features: ["HASH SHA-256*;SHA-512;SHA-1;MD5;CRC32", "XCRC"],
    select: [["OPTS HASH SHA-512", "200 SHA-512"]],
    command: "HASH f",
    algorithm: "SHA-512",
    answer: (hex) => [`213 SHA-512 0-99 ${hex} f`],
  },
  {
    features: ["HASH CRC32;SHA-1*;MD5"],
    command: "HASH f",
    algorithm: "SHA-1",
    answer: (hex) => ["213-Computing", `213 SHA-1 0-99 ${hex} f`],
  },
  {
    features: ["HASH SHA-256;MD5*", "XSHA256"],
    select: [["OPTS HASH SHA-256", "501 not here"]],
    command: "XSHA256 f",
    algorithm: "SHA-256",
    answer: (hex) => [`250 ${hex.toUpperCase()}`],
  },
  {
    features: ["HASH"],
    select: [["OPTS HASH SHA-512", "504 no"], ["OPTS HASH SHA-256", "200 SHA-256"]],
    command: "HASH f",
    algorithm: "SHA-256",
    answer: (hex) => [`213 SHA-256 0-99 ${hex} f`],
  },
  { features: ["XSHA512", "XMD5"], command: "XSHA512 f", algorithm: "SHA-512", answer: plain },
  { features: ["XMD5", "XSHA1"], command: "XSHA1 f", algorithm: "SHA-1", answer: plain },
  { features: ["XCRC", "XSHA"], command: "XSHA f", algorithm: "SHA-1", answer: plain },
  { features: ["XCRC", "XMD5 path"], command: "XMD5 f", algorithm: "MD5", answer: plain },
  { features: ['XCRC "name" start end'], command: "XCRC f", algorithm: "CRC32", answer: plain },
];

function plain(hex: string): readonly string[] {
  return [`250 ${hex}`];
}

for (const { features, select, command, algorithm, answer } of OFFERS) {
  for (const good of [true, false]) {
    Deno.test(`get --verify: "${features.join(", ")}", a hash that ${good ? "agrees" : "differs"}`, async () => {
      await using folder = await tempFolder();
      await using server = new ScriptedServer(async (control) => {
        await playStart(control, features);
        await playSize(control, { path: "f", size: TEXT.length });
        for (const [line, reply] of select ?? []) await exchange(control, line, reply);
        await playDownload(control, { commands: ["RETR f"], content: TEXT });
        await exchange(control, command, ...answer(hash(algorithm, good ? TEXT : "other")));
        await playQuit(control);
      });
      const args = ["get", "-v", "--verify", "127.0.0.1:f", folder.path];
      const { code, stderr } = await runAgainst(server, args);
      assertEquals(code, good ? 0 : 1, stderr);
      const left = (await Array.fromAsync(Deno.readDir(folder.path))).map(({ name }) => name);
      assertEquals(left, good ? ["f"] : []);
      if (good) return assertStringIncludes(stderr, `f: its ${algorithm} is the server's`);
      assertMatch(stderr, new RegExp(`Cannot verify "f": its ${algorithm} is \\w+… here and `));
      assertEquals(stderr.includes("--continue"), false);
    });
  }
}

Deno.test("get --verify: a server that never tells its hash is given up, in whole seconds", async () => {
  await using folder = await tempFolder();
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, ["XMD5"]);
    await playSize(control, { path: "f", size: TEXT.length });
    await playDownload(control, { commands: ["RETR f"], content: TEXT });
    await control.expect("XMD5 f");
    await control.rest();
  });
  const options = ["--verify", "--timeout", "1", "--retries", "0"];
  const { code, stderr } = await runAgainst(server, [
    "get",
    ...options,
    "127.0.0.1:f",
    folder.path,
  ]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "did not answer within 2 s");
});

for (const command of ["get", "put"]) {
  Deno.test(`${command} --verify: without a hash command nothing is moved, and one line says so`, async () => {
    await using folder = await tempFolder();
    const file = join(folder.path, "here");
    await Deno.writeTextFile(file, TEXT);
    await using server = new ScriptedServer(async (control) => {
      await playStart(control, ["MDTM", "SIZE"]);
      if (command === "get") await playSize(control, { path: "f", size: TEXT.length });
      await playQuit(control);
    });
    const places = command === "get" ? ["127.0.0.1:f", folder.path] : [file, "127.0.0.1:f/"];
    const { code, stderr } = await runAgainst(server, [command, "--verify", ...places]);
    assertEquals(code, 1);
    assertEquals(stderr, "ftpkit: Cannot verify: the server has no command for a hash of a file\n");
    const left = (await Array.fromAsync(Deno.readDir(folder.path))).map(({ name }) => name);
    assertEquals(left, ["here"]);
  });
}

Deno.test("get -c --verify: what was there before is hashed too", async (t) => {
  const bytes = Uint8Array.from({ length: 20_000 }, (_, index) => (index * 7 + (index >> 8)) & 255);
  for (const damaged of [false, true]) {
    await t.step(damaged ? "and was damaged" : "and fits", async () => {
      await using folder = await tempFolder();
      const part = bytes.slice(0, 9000);
      if (damaged) part[5] = 0;
      await Deno.writeFile(join(folder.path, "f.part"), part);
      await using server = new ScriptedServer(async (control) => {
        await playStart(control, ["XSHA256"]);
        await playSize(control, { path: "f", size: bytes.length });
        const from = 9000 - OVERLAP;
        await playDownload(control, {
          commands: [`REST ${from}`, "RETR f"],
          content: bytes.subarray(from),
        });
        await exchange(control, "XSHA256 f", `250 ${hash("SHA-256", bytes)}`);
        await playQuit(control);
      });
      const args = ["get", "-c", "--verify", "127.0.0.1:f", folder.path];
      assertEquals((await runAgainst(server, args)).code, damaged ? 1 : 0);
      const left = (await Array.fromAsync(Deno.readDir(folder.path))).map(({ name }) => name);
      assertEquals(left, damaged ? [] : ["f"]);
    });
  }
});

Deno.test("get --verify: a part that is begun again is hashed from its new beginning", async () => {
  await using folder = await tempFolder();
  await Deno.writeTextFile(join(folder.path, "f.part"), "other");
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, ["XMD5"]);
    await playSize(control, { path: "f", size: TEXT.length });
    await playDownload(control, { commands: ["RETR f"], content: TEXT });
    await playDownload(control, { commands: ["RETR f"], content: TEXT });
    await exchange(control, "XMD5 f", `250 ${hash("MD5")}`);
    await playQuit(control);
  });
  const args = ["get", "-c", "--verify", "127.0.0.1:f", folder.path];
  assertEquals((await runAgainst(server, args)).code, 0);
});

Deno.test("get --verify: a server that does not tell is a failure, and the part stays", async () => {
  await using folder = await tempFolder();
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, ["XMD5"]);
    await playSize(control, { path: "f", size: TEXT.length });
    await playDownload(control, { commands: ["RETR f"], content: TEXT });
    await exchange(control, "XMD5 f", "552 too large for that");
    await playQuit(control);
  });
  const { code, stderr } = await runAgainst(server, [
    "get",
    "--verify",
    "127.0.0.1:f",
    folder.path,
  ]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, 'Cannot verify "f": 552 too large for that');
  assertEquals(await Deno.readTextFile(join(folder.path, "f.part")), TEXT);
});

Deno.test("get --verify to standard output: a hash that differs is exit code 1", async () => {
  for (const [content, expected] of [[TEXT, 0], ["other", 1]] as const) {
    await using server = new ScriptedServer(async (control) => {
      await playStart(control, ["XMD5"]);
      await playSize(control, { path: "f", size: TEXT.length });
      await playDownload(control, { commands: ["RETR f"], content: TEXT });
      await exchange(control, "XMD5 f", `250 ${hash("MD5", content)}`);
      await playQuit(control);
    });
    const { code, stdout } = await runAgainst(server, ["get", "--verify", "127.0.0.1:f", "-"]);
    assertEquals([code, stdout], [expected, TEXT]);
  }
});

/** Uploads `TEXT`, and gives the exit code. */
async function putVerified(way: {
  readonly args: readonly string[];
  readonly script: (control: ScriptedConnection) => Promise<void>;
}): Promise<number> {
  await using folder = await tempFolder();
  const file = join(folder.path, "f");
  await Deno.writeTextFile(file, TEXT);
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, ["XSHA1"]);
    await way.script(control);
    await playQuit(control);
  });
  const args = ["put", "--verify", "--no-preserve", ...way.args, file, "127.0.0.1:"];
  return (await runAgainst(server, args)).code;
}

Deno.test("put --verify: what is sent is compared, and what was there before", async (t) => {
  for (const [content, expected] of [[TEXT, 0], ["other", 1]] as const) {
    for (const there of [0, 60]) {
      await t.step(`${there} bytes there, exit code ${expected}`, async () => {
        const code = await putVerified({
          args: there > 0 ? ["-c"] : [],
          async script(control) {
            await (there > 0 ? playPart : playUploaded)(control, { path: "f", size: there });
            if (there > 0) {
              await exchange(control, "XSHA1 f", `250 ${hash("SHA-1", TEXT.slice(0, there))}`);
            }
            await playUpload(control, ...there > 0 ? [`REST ${there}`] : [], "STOR f");
            await playUploaded(control, { path: "f", size: TEXT.length, first: false });
            await exchange(control, "XSHA1 f", `250 ${hash("SHA-1", content)}`);
          },
        });
        assertEquals(code, expected);
      });
    }
  }
});

Deno.test("put --verify --atomic: a hash that differs keeps the file from its name, and nothing to go on with", async () => {
  const code = await putVerified({
    args: ["--atomic"],
    async script(control) {
      await playUploaded(control, { path: "f.part", size: 0 });
      await playUpload(control, "STOR f.part");
      await playUploaded(control, { path: "f.part", size: TEXT.length, first: false });
      await exchange(control, "XSHA1 f.part", `250 ${hash("SHA-1", "other")}`);
      await exchange(control, "DELE f.part", "250 gone");
    },
  });
  assertEquals(code, 1);
});

Deno.test("RemoteHash: a name with spaces or quotes stands in quotes, but for HASH", async () => {
  for (const [feature, command] of [["XMD5", 'XMD5 "a ""b"""'], ["HASH MD5*", 'HASH a "b"']]) {
    await using folder = await tempFolder();
    await using server = new ScriptedServer(async (control) => {
      await playStart(control, [feature ?? ""]);
      await playSize(control, { path: 'a "b"', size: TEXT.length });
      await playDownload(control, { commands: ['RETR a "b"'], content: TEXT });
      const hex = hash("MD5");
      const answer = feature === "XMD5" ? `250 ${hex}` : `213 MD5 0-99 ${hex} a "b"`;
      await exchange(control, command ?? "", answer);
      await playQuit(control);
    });
    const args = ["get", "--verify", '127.0.0.1:a "b"', join(folder.path, "f")];
    assertEquals((await runAgainst(server, args)).code, 0);
  }
});

for (
  const args of [
    ["get", "--verify", "--ascii", "127.0.0.1:f", "x"],
    ["get", "--verify", "ftp://127.0.0.1/f;type=a", "x"],
    ["put", "--verify", "--ascii", "x", "127.0.0.1:f"],
    ["put", "--verify", "x", "ftp://127.0.0.1/f;type=a"],
  ]
) {
  Deno.test(`${args.join(" ")} is a usage error`, async () => {
    await using server = new ScriptedServer();
    const failed = await runAgainst(server, args).catch((error) => error);
    assertEquals(exitCodeOf(failed), 2);
    assertStringIncludes(failed.message, "--verify with --ascii");
  });
}
