/**
 * What is shown: progress, results, listings and the waits between tries.
 *
 * @module
 */

import { assert, assertEquals, assertLessOrEqual, assertRejects } from "@std/assert";
import fc from "fast-check";
import { clientOptions } from "../../../client/client_options.ts";
import { columnText, longText, sortEntries } from "../../../client/output/ls_output.ts";
import { openProgress, summaryText } from "../../../client/output/progress.ts";
import { barLine } from "../../../client/output/progress_bar.ts";
import { type FileResult, Report } from "../../../client/output/report.ts";
import { backOff, givenUp, mayPass } from "../../../client/session/retry.ts";
import { OnceSink, OnceSource } from "../../../client/transfer/breakable.ts";
import {
  AuthError,
  ConnectError,
  FileChangedError,
  FtpkitError,
  InterruptedError,
  LocalFileError,
  ReplyError,
  TimeoutError,
  TransferError,
} from "../../../shared/errors.ts";
import { textWidth } from "../../../shared/text_width.ts";
import { parsedOptions } from "../client_arguments.ts";
import { type TestIo, testIo } from "../dialogue.ts";

function replyError(code: number): ReplyError {
  return new ReplyError(`Cannot: ${code}`, { code, lines: [""], command: "RETR" });
}

Deno.test("mayPass: lost and stalled connections, 4yz and changed files, nothing else", () => {
  const passing = [
    replyError(421),
    replyError(450),
    new ConnectError("lost"),
    new TimeoutError("late"),
    new TransferError("cut", { bytes: 1, fault: "source" }),
    new TransferError("stalled", { bytes: 1, fault: "stall" }),
    new FileChangedError("changed"),
  ];
  const lasting = [
    replyError(550),
    new AuthError("wrong password"),
    new LocalFileError("disk full"),
    new InterruptedError("Interrupted"),
    new TransferError("another size", { bytes: 1 }),
    new TransferError("interrupted", { bytes: 1, fault: "cancel" }),
    new TypeError("a mistake"),
  ];
  assertEquals(passing.map(mayPass), passing.map(() => true));
  assertEquals(lasting.map(mayPass), lasting.map(() => false));
});

Deno.test("backOff: doubles, varies, and ends at a minute", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 40 }), (
    first,
    attempt,
  ) => {
    const full = Math.min(60_000, first * 2 ** (attempt - 1));
    const wait = backOff(first, attempt);
    assert(wait >= full / 2 && wait <= full);
  }));
  assert(new Set(Array.from({ length: 20 }, () => backOff(1000, 1))).size > 1);
});

Deno.test("givenUp: a lost connection is a failed transfer, with its cause", () => {
  const lost = new ConnectError("lost");
  const failed = givenUp(lost);
  assert(failed instanceof TransferError && failed.cause === lost && failed.message === "lost");
  const other = replyError(550);
  assertEquals(givenUp(other), other);
});

Deno.test("OnceSource: a read that was broken off goes on, and the next try gets what it brings", async () => {
  const arriving = Promise.withResolvers<string>();
  const once = new OnceSource({
    read: async (buffer) => new TextEncoder().encodeInto(await arriving.promise, buffer).written,
  });
  const first = once.open();
  const broken = assertRejects(() => first.stream.read(new Uint8Array(8)), Error, "given up");
  first.break();
  await broken;
  assertEquals(once.used, false);
  arriving.resolve("hello");
  const second = once.open();
  const buffer = new Uint8Array(3);
  assertEquals([await second.stream.read(buffer), new TextDecoder().decode(buffer)], [3, "hel"]);
  assertEquals([await second.stream.read(buffer), once.used], [2, true]);
});

Deno.test("OnceSink: what was handed over counts, written or not", async () => {
  const once = new OnceSink({ write: () => new Promise<number>(() => {}) });
  const only = once.open();
  assertEquals(once.used, false);
  const broken = assertRejects(() => only.stream.write(new Uint8Array(1)), Error, "given up");
  only.break();
  await broken;
  assertEquals(once.used, true);
});

Deno.test("barLine: fits into any width", () => {
  const anyName = fc.string({ unit: "grapheme" });
  const share = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined });
  fc.assert(
    fc.property(anyName, share, fc.integer({ min: 1, max: 300 }), (name, part, width) => {
      const line = barLine({ name, share: part, text: "45%  1.2 MiB  3.4 MiB/s  ETA 0:12" }, width);
      assertLessOrEqual(textWidth(line), Math.max(0, width - 1));
    }),
  );
});

Deno.test("barLine: shortens the name first, then leaves the bar out", () => {
  const parts = { name: "a-rather-long-name.iso", share: 0.5, text: "50%  1.0 KiB" };
  assertEquals(barLine(parts, 60), "a-rather-long-name.iso  [#####     ]  50%  1.0 KiB");
  assertEquals(barLine(parts, 40), "a-rather-l…  [#####     ]  50%  1.0 KiB");
  assertEquals(barLine(parts, 30), "a-rather-long-…  50%  1.0 KiB");
  assertEquals(barLine(parts, 16), "50%  1.0 KiB");
  const wide = { name: "日本語の長い名前.iso", share: 0.5, text: "50%  1.0 KiB" };
  assertEquals(barLine(wide, 40), "日本語の長…  [#####     ]  50%  1.0 KiB");
});

const FILE = { name: "f\x1b", total: 100, offset: 0 };

Deno.test("openProgress: auto is a bar on a terminal, which a line pushes down", () => {
  const io = testIo({ terminals: { stderr: true } });
  const progress = openProgress("auto", io);
  const running = progress.begin(FILE);
  progress.print("a line");
  running[Symbol.dispose]();
  progress.print("after");
  const bar = "f\\x1b  [          ]  0%  0 B  0 B/s";
  assertEquals(io.stderrText, `${bar}\r\x1b[Ja line\n${bar}\r\x1b[Jafter\n`);
});

Deno.test("openProgress: what is soon looked up shows no bar", () => {
  const io = testIo({ terminals: { stderr: true } });
  const progress = openProgress("auto", io);
  {
    using listing = progress.begin({ name: "d", total: undefined, offset: 0, aside: true });
    listing.add(1000);
  }
  progress.print("a line");
  assertEquals(io.stderrText, "a line\n");
});

Deno.test("openProgress: a listing that lasts has a bar, whatever the server sends", async () => {
  const drawn = Promise.withResolvers<string>();
  const io = { ...testIo({ terminals: { stderr: true } }), err: drawn.resolve };
  using listing = openProgress("auto", io).begin({ ...FILE, total: undefined, aside: true });
  listing.add(1000);
  assertEquals((await drawn.promise).split("  ").slice(0, 2), ["f\\x1b", "1000 B"]);
});

Deno.test("openProgress: nothing is drawn where nobody watches", () => {
  for (const mode of ["auto", "none"] as const) {
    const io = testIo();
    const progress = openProgress(mode, io);
    using running = progress.begin(FILE);
    running.add(50);
    progress.print("a line");
    assertEquals(io.stderrText, "a line\n");
  }
});

Deno.test("openProgress: a fast transfer is not drawn for every piece", () => {
  for (const mode of ["bar", "line"] as const) {
    const io = testIo();
    const progress = openProgress(mode, io);
    using running = progress.begin(FILE);
    const before = io.stderrText;
    for (let piece = 0; piece < 100; piece++) running.add(1);
    assertEquals(io.stderrText, before);
  }
});

Deno.test("openProgress: a bar for each running file and one for all, drawn over each other", () => {
  const io = testIo({ terminals: { stderr: true } });
  const progress = openProgress("bar", io);
  progress.expect(2, 200);
  const first = progress.begin({ name: "a", total: 100, offset: 0 });
  using _second = progress.begin({ name: "b", total: 100, offset: 0 });
  progress.print("a line");
  const [, redrawn = ""] = io.stderrText.split("a line\n");
  assertEquals(redrawn.split("\n").map((line) => line.split(" ")[0]), ["a", "b", "all"]);
  assert(redrawn.endsWith("0 of 2 files  0%  0 B  0 B/s"));
  first[Symbol.dispose]();
  progress.finish();
  progress.hide();
  // Three lines stand there, and the cursor is in the last one.
  assert(io.stderrText.endsWith("\r\x1b[2A\x1b[J"));
});

Deno.test("summaryText: what is nought is left out", () => {
  const counts = { files: 3, planned: 0, bytes: 3 << 20, seconds: 2, skipped: 0, failed: 0 };
  assertEquals(summaryText(counts), "3 files, 3.0 MiB in 2.0 s, 1.5 MiB/s");
  const less = { files: 0, planned: 1, bytes: 0, seconds: 0, skipped: 2, failed: 1 };
  assertEquals(summaryText(less), "1 file would be transferred, 2 skipped, 1 failed");
});

function newReport(io: TestIo, ...args: readonly string[]): Report {
  return new Report(clientOptions(parsedOptions(args)), io);
}

const DONE = { status: "done", bytes: 2048 } as const;

function result(outcome: FileResult["outcome"]): FileResult {
  return { action: "get", source: "h:\x1b", target: "x", outcome, seconds: 2 };
}

Deno.test("Report: results in words, names escaped; errors on standard error", async () => {
  const io = testIo();
  const report = newReport(io);
  await report.add(result(DONE));
  await report.add(result({ status: "skipped", bytes: 0, reason: "it exists" }));
  await report.add(result({ status: "planned", bytes: 0 }));
  await report.add(result(new FtpkitError("Cannot do \x1b")));
  assertEquals(
    io.stdoutText,
    [
      "h:\\x1b -> x  2.0 KiB in 2.0 s, 1.0 KiB/s\n",
      "h:\\x1b -> x  skipped: it exists\n",
      "h:\\x1b -> x  would be transferred\n",
    ].join(""),
  );
  assertEquals(io.stderrText, "ftpkit: Cannot do \\x1b\n");
});

Deno.test("Report: results as JSON, names raw", async () => {
  const io = testIo();
  const report = newReport(io, "--json");
  await report.add(result(DONE));
  await report.add(result(replyError(550)));
  assertEquals(io.stdoutText.trimEnd().split("\n").map((line) => JSON.parse(line)), [
    { action: "get", source: "h:\x1b", target: "x", status: "done", bytes: 2048, seconds: 2 },
    {
      action: "get",
      source: "h:\x1b",
      target: "x",
      status: "failed",
      error: "Cannot: 550",
      code: 6,
    },
  ]);
});

Deno.test("Report: -q leaves errors alone", async () => {
  const io = testIo();
  const report = newReport(io, "-q");
  report.notice("something");
  await report.add(result(DONE));
  await report.add(result(replyError(550)));
  assertEquals([io.stdoutText, io.stderrText], ["", "ftpkit: Cannot: 550\n"]);
});

const CODES: readonly (readonly [what: string, outcomes: FileResult["outcome"][], code: number])[] =
  [
    ["nothing", [], 0],
    ["done and passed over", [DONE, { status: "skipped", bytes: 0 }], 0],
    ["one that fails", [replyError(550)], 6],
    ["one of two", [DONE, replyError(550)], 8],
    ["two of two", [replyError(550), replyError(550)], 8],
    ["a login that is refused to all", [new AuthError("no"), new AuthError("no")], 4],
    ["a host that fails half way", [DONE, new ConnectError("no")], 8],
    ["an interruption", [DONE, new InterruptedError("Interrupted")], 130],
  ];

for (const [what, outcomes, code] of CODES) {
  Deno.test(`exitCode: ${what} is ${code}`, async () => {
    const report = newReport(testIo());
    for (const outcome of outcomes) await report.add(result(outcome));
    assertEquals(report.exitCode, code);
  });
}

Deno.test("sortEntries: names upwards, sizes and times downwards, unknown ones last", () => {
  const at = (time: string) =>
    ({ date: new Date(time), precision: "second", zoneKnown: true }) as const;
  const entries = [
    { name: "b", type: "file", size: 1, modified: at("2024") },
    { name: "c", type: "dir" },
    { name: "a", type: "file", size: 2, modified: at("2023") },
  ] as const;
  const order = (key: "name" | "size" | "time", reverse: boolean): string =>
    sortEntries(entries, { key, reverse }).map(({ name }) => name).join("");
  assertEquals([order("name", false), order("size", false), order("time", false)], [
    "abc",
    "abc",
    "bac",
  ]);
  assertEquals([order("name", true), order("time", true)], ["cba", "cab"]);
});

Deno.test("longText: columns are aligned as a terminal shows them", () => {
  const modified = { date: new Date("2024-01-02"), precision: "day", zoneKnown: false } as const;
  const text = longText([
    { name: "a", type: "file", size: 5, owner: "日本", modified, permissions: "rw-r--r--" },
    { name: "b", type: "dir", owner: "joe", modified, permissions: "rwxr-xr-x" },
  ], { human: false, colours: false });
  assertEquals(
    text,
    "-rw-r--r--  日本  -  5  2024-01-02  a\ndrwxr-xr-x  joe   -  -  2024-01-02  b\n",
  );
});

Deno.test("columnText: fills downwards as many columns as fit", () => {
  const text = (names: readonly string[], columns: number): string =>
    columnText(names.map((name) => ({ name, type: "file" })), { columns, colours: false });
  const names = ["a", "bb", "c", "d", "e"];
  assertEquals(text(names, 9), "a   d\nbb  e\nc\n");
  assertEquals(text(names, 1), "a\nbb\nc\nd\ne\n");
  assertEquals(text([], 80), "");
  assertEquals(text(["a ", "b"], 0), "a \nb\n");
  assertEquals(text(["日本", "cafe\u0301", "x", "y"], 13), "日本  x\ncafe\u0301  y\n");
});

Deno.test("columnText, longText: directories and links have colours, which take no columns", () => {
  const entries = [
    { name: "日本", type: "dir" },
    { name: "a", type: "link", target: "b" },
    { name: "c", type: "file" },
  ] as const;
  assertEquals(
    columnText(entries, { columns: 20, colours: true }),
    "\x1b[1;34m日本\x1b[0m  \x1b[36ma\x1b[0m     c\n",
  );
  const [, , link] = longText(entries, { human: false, colours: true }).split("\n").toReversed();
  assertEquals(link, "l?????????  -  -  -  -  \x1b[36ma\x1b[0m -> b");
});

Deno.test("ls: two hundred thousand names fit on the stack", () => {
  const entries = Array.from(
    { length: 200_000 },
    (_, index) => ({ name: `f${index}`, type: "file" as const }),
  );
  const colours = false;
  assertEquals(columnText(entries, { columns: 0, colours }).split("\n").length, 200_001);
  assertEquals(longText(entries, { human: false, colours }).split("\n").length, 200_001);
});
