/**
 * `get --segments`: whatever the server does, the right file or a failure.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { run as getCommand } from "../../../client/get_command.ts";
import { openPart, OVERLAP } from "../../../client/transfer/part_file.ts";
import { SegmentFile } from "../../../client/transfer/segment_file.ts";
import { SegmentMap } from "../../../client/transfer/segment_map.ts";
import { InterruptedError } from "../../../shared/errors.ts";
import { exitCodeOf } from "../../../shared/exit_code.ts";
import { tempFolder } from "../../support/files.ts";
import { HOLD, type RangedFaults, RangedServer } from "../../support/ranged_server.ts";
import { testIo } from "../dialogue.ts";

const SIZE = 1_500_000;

/** Bytes that are alike nowhere. */
function randomBytes(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

const FILE = randomBytes(SIZE);
const OTHER = randomBytes(SIZE);

interface Result {
  readonly code: number;
  readonly stderr: string;
  readonly moved: number;
}

async function get(
  server: RangedServer,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<Result> {
  const io = testIo(signal === undefined ? {} : { signal });
  const common = ["-P", String(server.port), "--no-netrc", "--retry-wait", "0.01", "--json"];
  const retries = args.includes("--retries") ? [] : ["--retries", "0"];
  const code = await getCommand([...common, ...retries, ...args], io);
  const { bytes = 0 } = code === 0 ? JSON.parse(io.stdoutText) : {};
  return { code, stderr: io.stderrText, moved: bytes };
}

function assertSame(actual: Uint8Array, expected: Uint8Array): void {
  assertEquals(actual.length, expected.length);
  assert(actual.every((byte, index) => byte === expected[index]), "other bytes");
}

/** With three connections the first one waits for the others, so that each has a part in it. */
const THREE: RangedFaults = { hold: 3 };

Deno.test("get --segments: pieces over several connections, each a little earlier than it must be", async () => {
  await using folder = await tempFolder();
  await using server = new RangedServer(FILE, THREE);
  const target = join(folder.path, "f");
  const { code, stderr } = await get(server, ["--segments", "3", "127.0.0.1:f", target]);
  assertEquals([code, stderr], [0, ""]);
  assertSame(await Deno.readFile(target), FILE);
  assertEquals(server.sessions, 3);
  const places = server.transfers.map(({ offset }) => offset).sort((a, b) => a - b);
  const [first = -1, second = -1, third = -1] = places.filter((place) => place < SIZE - OVERLAP);
  const sizes = [second - first + OVERLAP, third - second, SIZE - third - OVERLAP];
  for (const size of sizes) assert(Math.abs(size - SIZE / 3) <= 2 * HOLD, sizes.join());
  assertEquals(await Array.fromAsync(Deno.readDir(folder.path), ({ name }) => name), ["f"]);
});

Deno.test("get --segments: a further session asks nothing that the first one has asked", async () => {
  await using folder = await tempFolder();
  // The first bytes of the file are here before another session begins.
  await using server = new RangedServer(FILE, THREE);
  const args = ["--segments", "3", "127.0.0.1:f", join(folder.path, "f")];
  assertEquals((await get(server, args)).code, 0);
  const verbs = server.commands.map((lines) => lines.map((line) => line.split(" ")[0]));
  const [first = [], ...others] = verbs;
  const start = ["AUTH", "USER", "FEAT", "TYPE", "SIZE", "MDTM", "EPSV", "RETR"];
  assertEquals(first.slice(0, start.length), start);
  for (const other of others) {
    assertEquals(other.slice(0, 5), ["USER", "TYPE", "EPSV", "REST", "RETR"]);
  }
  // Behind the last byte one of them asks again.
  assertEquals(verbs.flat().filter((verb) => verb === "SIZE" || verb === "MDTM").length, 4);
});

Deno.test("get --segments: nor does one for a second file, when those of the first have ended", async () => {
  await using folder = await tempFolder();
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  await using server = new RangedServer(FILE, {
    hold: 2,
    // The second file, too, is not over before another session has a part in it.
    async pause({ session, offset, number }) {
      if (session === 2) resolve();
      if (offset === 0 && number > 0) await begun;
    },
  });
  const args = ["--segments", "2", "127.0.0.1:f", "127.0.0.1:g", folder.path];
  const io = testIo();
  const common = ["-P", String(server.port), "--no-netrc", "--retries", "0"];
  assertEquals(await getCommand([...common, ...args], io), 0, io.stderrText);
  const asked = server.commands.flat().filter((line) => /^(AUTH|FEAT)/.test(line));
  assertEquals([server.sessions, ...asked], [3, "AUTH TLS", "FEAT"]);
});

/** Faults in spite of which the file is fetched, and what is said of them. */
const HARMLESS: readonly (readonly [
  name: string,
  faults: RangedFaults & { readonly file?: Uint8Array },
  said: RegExp,
])[] = [
  [
    "a session that says 350 and begins at the first byte",
    { begin: ({ session, offset }) => session === 1 ? 0 : offset },
    /^ftpkit: f: going on in one stream, the server begins at another byte than asked$/m,
  ],
  [
    "a single answer that begins at the first byte",
    { begin: ({ offset, number }) => number === 1 ? 0 : offset },
    /^$/,
  ],
  [
    "a piece that begins at another byte",
    { begin: misplacedOnce() },
    /^ftpkit: f: starting again, (its segments do not fit together|the server's file is another)/m,
  ],
  [
    "a server that ignores REST",
    { begin: () => 0 },
    /^ftpkit: f: going on in one stream, the server begins at another byte than asked$/m,
  ],
  [
    "a server that refuses REST",
    { noRest: true },
    /^ftpkit: f: going on in one stream, the server cannot resume$/m,
  ],
  [
    "a server that does not tell the size",
    { noSize: true, hold: 0 },
    /^ftpkit: f: in one stream, the server does not tell the file's size$/m,
  ],
  [
    "a server that allows two sessions",
    { sessions: 2 },
    /^ftpkit: f: going on with fewer connections: .*421 too many$/m,
  ],
  ["a server that allows one session", { sessions: 1 }, /going on with fewer connections/],
  ["a file that is alike everywhere", { file: new Uint8Array(SIZE) }, /^$/],
  [
    "a second connection that is lost in the middle",
    {
      end: ({ session, offset }) =>
        session === 1 && offset < SIZE - OVERLAP ? { bytes: 50_000, reply: undefined } : undefined,
    },
    /^$/,
  ],
  [
    "a piece that is short, with 226",
    {
      end: ({ offset }) => isMiddle(offset) ? { bytes: 9000, reply: "226 done" } : undefined,
    },
    /^$/,
  ],
  [
    "a second session that is refused its piece",
    {
      end: ({ session, offset }) =>
        session > 0 && offset < SIZE - OVERLAP ? { bytes: 0, reply: "450 busy" } : undefined,
    },
    /^ftpkit: f: going on with fewer connections: .*450 busy$/m,
  ],
  [
    "a first session that is lost, whose piece the others take over",
    {
      end: ({ session, offset }) =>
        session === 0 && offset === 0 ? { bytes: 50_000, reply: "426 cut" } : undefined,
    },
    /^$/,
  ],
];

/** Whether the second of three pieces begins there. */
function isMiddle(offset: number): boolean {
  return offset > HOLD && offset < SIZE / 2;
}

/** The first that is asked for in the middle begins too early, whatever was asked for before it. */
function misplacedOnce(): NonNullable<RangedFaults["begin"]> {
  let isOver = false;
  return ({ offset }) => {
    if (isOver || !isMiddle(offset)) return offset;
    isOver = true;
    return offset - 1000;
  };
}

for (const [name, faults, said] of HARMLESS) {
  Deno.test(`get --segments: ${name}: the right file`, async () => {
    await using folder = await tempFolder();
    const file = faults.file ?? FILE;
    await using server = new RangedServer(file, { ...THREE, ...faults });
    const target = join(folder.path, "f");
    const { code, stderr } = await get(server, ["--segments", "3", "127.0.0.1:f", target]);
    assertEquals(code, 0, stderr);
    assertMatch(stderr, said);
    assertSame(await Deno.readFile(target), file);
  });
}

/** Faults that are failures, with what is said of them. */
const FATAL: readonly (readonly [name: string, faults: RangedFaults, said: RegExp])[] = [
  [
    "an end that does not come, with 226",
    {
      end: ({ offset }) =>
        offset > SIZE / 2 && offset < SIZE - OVERLAP
          ? { bytes: SIZE - 1000 - offset, reply: "226 done" }
          : undefined,
    },
    /^ftpkit: Cannot download "f": 1499000 of 1500000 bytes arrived$/m,
  ],
  [
    "a file of another time behind the transfer",
    { modified: (transfer) => transfer < 2 ? "20240102030405" : "20240203040506" },
    /^ftpkit: Cannot download "f": the file has changed meanwhile$/m,
  ],
];

for (const [name, faults, said] of FATAL) {
  Deno.test(`get --segments: ${name} is a failure, and nothing has the final name`, async () => {
    await using folder = await tempFolder();
    await using server = new RangedServer(FILE, { ...THREE, ...faults });
    const args = ["--segments", "3", "127.0.0.1:f", join(folder.path, "f")];
    const { code, stderr } = await get(server, args);
    assertEquals(code, 1, stderr);
    assertMatch(stderr, said);
    assertEquals(await Array.fromAsync(Deno.readDir(folder.path), ({ name }) => name), ["f.part"]);
    assert((await Deno.stat(join(folder.path, "f.part"))).size > SIZE);
  });
}

Deno.test("get --segments: a file that is shorter behind the transfer is a failure", async () => {
  await using folder = await tempFolder();
  let isChanged = false;
  const content = (): Uint8Array => isChanged ? FILE.subarray(0, 1000) : FILE;
  await using server = new RangedServer(FILE, { ...THREE, content });
  server.onSent = (bytes) => isChanged = bytes >= SIZE;
  const args = ["--segments", "3", "127.0.0.1:f", join(folder.path, "f")];
  const { code, stderr } = await get(server, args);
  assertEquals(code, 1, stderr);
  assertStringIncludes(stderr, 'Cannot download "f": ');
  assertEquals(await Array.fromAsync(Deno.readDir(folder.path), ({ name }) => name), ["f.part"]);
});

Deno.test("get --segments: a file that is exchanged between two pieces is fetched anew", async (t) => {
  const newer = "20250102030405";
  const exchange = (modified: RangedFaults["modified"]): RangedFaults => ({
    ...THREE,
    content: (transfer) => transfer < 2 ? FILE : OTHER,
    ...(modified === undefined ? {} : { modified }),
  });
  for (
    const [name, faults, said] of [
      ["its time tells", exchange((transfer) => transfer < 3 ? "20240102030405" : newer), /./],
      ["without a time its pieces do not fit", exchange(() => null), /starting again/],
    ] as const
  ) {
    await t.step(name, async () => {
      await using folder = await tempFolder();
      await using server = new RangedServer(FILE, faults);
      const target = join(folder.path, "f");
      const args = ["--segments", "3", "--retries", "2", "127.0.0.1:f", target];
      const { code, stderr } = await get(server, args);
      assertEquals(code, 0, stderr);
      assertMatch(stderr, said);
      assertSame(await Deno.readFile(target), OTHER);
    });
  }
});

for (
  const [name, beyond] of [
    ["nothing", "226 done"],
    ["a refusal", "554 the offset is behind the end of the file"],
  ] as const
) {
  Deno.test(`get --segments: a file that becomes shorter, ${name} behind its end, is fetched anew`, async () => {
    await using folder = await tempFolder();
    const shorter = OTHER.subarray(0, SIZE / 2);
    let isCut = false;
    await using server = new RangedServer(FILE, {
      ...THREE,
      content: () => isCut ? shorter : FILE,
      modified: () => isCut ? "20250102030405" : "20240102030405",
      end({ offset, number }) {
        if (isCut) return offset < shorter.length ? undefined : { bytes: 0, reply: beyond };
        isCut = offset > SIZE / 2 && offset < SIZE - OVERLAP;
        // Of the other pieces all comes, of this one some.
        return isCut || number > 2 ? { bytes: 9000, reply: "226 done" } : undefined;
      },
    });
    const target = join(folder.path, "f");
    const args = ["--segments", "3", "--retries", "1", "127.0.0.1:f", target];
    const { code, stderr } = await get(server, args);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, 'download "f": the file has changed meanwhile; trying again in ');
    assertSame(await Deno.readFile(target), shorter);
  });
}

/** Begins a download, and interrupts it once so many bytes of it were sent, one after another. */
async function interrupted(
  target: string,
  way: { readonly segments: number; readonly bytes: number },
): Promise<void> {
  const controller = new AbortController();
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
  await using server = new RangedServer(FILE, { pause });
  server.onSent = (bytes) => {
    if (bytes >= way.bytes) controller.abort(new InterruptedError("Interrupted"));
  };
  const args = ["-c", "--segments", String(way.segments), "127.0.0.1:f", target];
  const { code, stderr } = await get(server, args, controller.signal);
  assertEquals(code, 130, stderr);
}

Deno.test("get --segments: interrupted again and again at any byte, then gone on with", async () => {
  for (let round = 0; round < 8; round++) {
    await using folder = await tempFolder();
    const target = join(folder.path, "f");
    const random = (below: number): number => Math.floor(Math.random() * below);
    const cuts = Array.from({ length: 1 + random(3) }, () => random(SIZE / 4));
    for (const bytes of cuts) await interrupted(target, { segments: 1 + random(5), bytes });
    await using server = new RangedServer(FILE);
    const segments = random(2) === 0 ? [] : ["--segments", "3"];
    const { code, stderr } = await get(server, ["-c", ...segments, "127.0.0.1:f", target]);
    assertEquals([code, stderr], [0, ""], cuts.join());
    assertSame(await Deno.readFile(target), FILE);
  }
});

Deno.test("get -c: a part of segments is gone on with over one connection, and not fetched twice", async () => {
  await using folder = await tempFolder();
  const target = join(folder.path, "f");
  await interrupted(target, { segments: 3, bytes: SIZE / 2 });
  await using server = new RangedServer(FILE);
  const { code, moved } = await get(server, ["-c", "127.0.0.1:f", target]);
  assertEquals([code, server.sessions], [0, 1]);
  assert(moved < SIZE, String(moved));
  assertSame(await Deno.readFile(target), FILE);
});

Deno.test("get -c --segments: a plain part is the first piece", async () => {
  await using folder = await tempFolder();
  const target = join(folder.path, "f");
  await Deno.writeFile(`${target}.part`, FILE.subarray(0, 600_000));
  await using server = new RangedServer(FILE);
  const { code, moved } = await get(server, ["-c", "--segments", "2", "127.0.0.1:f", target]);
  assertEquals([code, server.sessions], [0, 2]);
  assert(moved < SIZE - 550_000, String(moved));
  assertSame(await Deno.readFile(target), FILE);
});

const UNFIT: readonly (readonly [name: string, faults: RangedFaults, said: string])[] = [
  [
    "a file that has grown",
    { content: () => new Uint8Array([...OTHER, ...OTHER]) },
    "the file has changed since",
  ],
  [
    "a file that has shrunk",
    { content: () => OTHER.subarray(0, SIZE - 1000) },
    "the file has changed since",
  ],
  ["a newer file", { modified: () => "20250102030405" }, "the file has changed since"],
  ["an older file", { modified: () => "20230102030405" }, "an older file has taken its place"],
  ["another file of the same time", {}, "the server's file is another one"],
];

for (const [name, faults, said] of UNFIT) {
  Deno.test(`get -c: a part of segments is begun again for ${name}`, async () => {
    await using folder = await tempFolder();
    const target = join(folder.path, "f");
    await interrupted(target, { segments: 3, bytes: SIZE / 2 });
    await using server = new RangedServer(OTHER, faults);
    const { code, stderr } = await get(server, ["-c", "127.0.0.1:f", target]);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, `f: starting again, `);
    assertStringIncludes(stderr, said);
    assertSame(await Deno.readFile(target), faults.content?.(0) ?? OTHER);
  });
}

Deno.test("get -c: a part of segments where the server cannot resume any more", async () => {
  await using folder = await tempFolder();
  const target = join(folder.path, "f");
  await interrupted(target, { segments: 3, bytes: SIZE / 2 });
  await using server = new RangedServer(FILE, { noRest: true });
  const { code, stderr } = await get(server, ["-c", "127.0.0.1:f", target]);
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "going on in one stream, the server cannot resume");
  assertSame(await Deno.readFile(target), FILE);
});

Deno.test("get --segments: who is done takes over half of what another has still to do", async () => {
  await using folder = await tempFolder();
  const file = randomBytes(4 * SIZE);
  const [fast, slow] = [0, 1];
  const { promise: helped, resolve } = Promise.withResolvers<void>();
  await using server = new RangedServer(file, {
    hold: 2,
    // The second session brings no more until the first one has asked for a piece of its half.
    async pause({ session, offset }, bytes) {
      if (session === fast && offset > file.length / 2 && offset < file.length - OVERLAP) resolve();
      if (session === slow && bytes > 100_000) await helped;
    },
  });
  const target = join(folder.path, "f");
  const args = ["--segments", "2", "127.0.0.1:f", target];
  const { code, stderr } = await get(server, args);
  assertEquals([code, stderr], [0, ""]);
  assertSame(await Deno.readFile(target), file);
  assertEquals(server.sessions, 2);
});

Deno.test("get --segments: a piece from the wrong place, sent before its neighbour has come, is found", async () => {
  await using folder = await tempFolder();
  const { promise: sent, resolve } = Promise.withResolvers<void>();
  await using server = new RangedServer(FILE, {
    ...THREE,
    // The last piece shows by itself that it is too long.
    begin: misplacedOnce(),
    async pause({ offset }, bytes) {
      if (isMiddle(offset) && bytes > 2 * OVERLAP) resolve();
      if (offset === 0 && bytes > HOLD) await sent;
    },
  });
  const target = join(folder.path, "f");
  const { code, stderr } = await get(server, ["--segments", "3", "127.0.0.1:f", target]);
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "f: starting again, its segments do not fit together");
  assertSame(await Deno.readFile(target), FILE);
});

Deno.test("get -c: segments that are all there are compared with the server's file before they are it", async (t) => {
  for (const content of [FILE, OTHER]) {
    await t.step(content === FILE ? "the same" : "another one", async () => {
      await using folder = await tempFolder();
      const target = join(folder.path, "f");
      {
        await using part = await openPart(target, { resume: true });
        const modified = new Date("2024-01-02T03:04:05Z");
        await using file = new SegmentFile(part, new SegmentMap({ total: SIZE, modified }));
        await file.write(0, FILE);
      }
      await using server = new RangedServer(content);
      const { code, stderr, moved } = await get(server, ["-c", "127.0.0.1:f", target]);
      assertEquals(code, 0, stderr);
      assertEquals(stderr.includes("starting again"), content === OTHER);
      assertEquals(moved < SIZE, content === FILE);
      assertSame(await Deno.readFile(target), content);
    });
  }
});

Deno.test("get --segments: a small file is not divided", async () => {
  await using folder = await tempFolder();
  await using server = new RangedServer(FILE.subarray(0, 1000));
  const target = join(folder.path, "f");
  assertEquals((await get(server, ["--segments", "9", "127.0.0.1:f", target])).code, 0);
  assertEquals([server.sessions, server.transfers.length], [1, 1]);
});

for (
  const [args, said] of [
    [["--segments", "2", "--ascii", "127.0.0.1:f", "x"], "--segments with --ascii"],
    [["--segments", "2", "ftp://127.0.0.1/f;type=a", "x"], "--segments with --ascii"],
    [["--segments", "2", "127.0.0.1:f", "-"], "--segments with standard output"],
    [["--segments", "0", "127.0.0.1:f"], "--segments"],
    [["--segments", "65", "127.0.0.1:f"], "--segments"],
  ] as const
) {
  Deno.test(`get ${args.join(" ")} is a usage error`, async () => {
    const failed = await getCommand(args, testIo()).catch((error) => error);
    assertEquals(exitCodeOf(failed), 2);
    assertStringIncludes(failed.message, said);
  });
}
