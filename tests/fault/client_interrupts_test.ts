/**
 * The client's commands interrupted, and then run again with --continue: at each reply and in
 * mid-data against a small server, and as programs at random moments against our own.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { Child } from "../support/child.ts";
import { ftpkit, serve } from "../support/cli.ts";
import { makeFile, tempFolder } from "../support/files.ts";
import type { Faults } from "../support/faulty_session.ts";
import { assertAllDone, type Case, runCases, runScenario, SCENARIOS } from "./faulty_run.ts";

const AGAIN = ["--continue"];

Deno.test("interrupted at any reply: 130, and --continue makes it good", async () => {
  const cases: Case[] = [];
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    if (name === "ls" || name === "get -") continue;
    const { server } = await runScenario(scenario);
    for (const [at, moment] of server.moments.entries()) {
      cases.push({ fault: `at ${moment}`, scenario, interruptAt: at, again: AGAIN });
    }
  }
  await runCases(cases, assertAllDone);
});

Deno.test("interrupted in mid-data: 130, and --continue makes it good", async () => {
  const sizes = [0, 1, 4095, 4096, 6000];
  const faultsOf = (bytes: number): Faults => ({
    transfers: 1,
    data: { RETR: { bytes, then: "stall" }, STOR: { bytes, then: "stall" } },
  });
  const cases = ["get", "put", "put --atomic", "get -r", "put -r"].flatMap((name) =>
    sizes.flatMap((bytes): Case[] => {
      const scenario = SCENARIOS[name];
      assert(scenario !== undefined);
      const how = { faults: faultsOf(bytes), interruptAt: "data" as const, again: AGAIN };
      return [{ fault: `behind ${bytes} bytes`, scenario, ...how }];
    })
  );
  await runCases(cases, assertAllDone);
});

const MAIN = fromFileUrl(new URL("../../main.ts", import.meta.url));
const LOGIN = { FTPKIT_PASSWORD: "secret" };
const FILES = 8;
const FILE_SIZE = 250_000;

/** A command that takes about a second, and where its files come from and go to: `t` in both. */
interface Program {
  readonly way: "down" | "up";
  readonly args: readonly string[];
  /** Bytes of each file, where the usual ones would not do. */
  readonly size?: number;
}

/** Enough for four segments. */
const LARGE = 1_500_000;

const PROGRAMS: readonly Program[] = [
  { way: "down", args: ["get", "127.0.0.1:t/0", "127.0.0.1:t/1", "HERE/t/"] },
  { way: "down", args: ["get", "--segments", "4", "127.0.0.1:t/0", "HERE/t/"], size: LARGE },
  { way: "up", args: ["put", "HERE/t/0", "HERE/t/1", "127.0.0.1:t/"] },
  { way: "down", args: ["get", "-r", "127.0.0.1:t", "HERE"] },
  { way: "up", args: ["put", "-r", "HERE/t", "127.0.0.1:"] },
  { way: "down", args: ["mirror", "127.0.0.1:t", "HERE/t"] },
  { way: "up", args: ["mirror", "HERE/t", "127.0.0.1:t"] },
];

/** Holes do not count: a part that is written at several places has its full length at once. */
async function bytesIn(folder: string): Promise<number> {
  let sum = 0;
  for await (const { name } of Deno.readDir(folder)) {
    const there = await Deno.stat(join(folder, name)).catch(() => undefined);
    sum += Math.min(there?.size ?? 0, 512 * (there?.blocks ?? 0));
  }
  return sum;
}

/** Interrupts the program when so many bytes are where it writes to, or it has ended by itself. */
async function interruptBehind(
  program: Child,
  where: { readonly folder: string; readonly bytes: number },
): Promise<number> {
  let isOver = false;
  program.status.then(() => isOver = true);
  while (!isOver && await bytesIn(where.folder) < where.bytes) {
    // Deno.readDir lets everything else run.
  }
  return (await program.stop("SIGINT")).code;
}

function assertSame(found: string, wanted: string): Promise<void[]> {
  const files = Array.fromAsync(Deno.readDir(found));
  return files.then((entries) =>
    Promise.all(entries.map(async ({ name }) => {
      const [left, right] = await Promise.all(
        [found, wanted].map((folder) => Deno.readFile(join(folder, name))),
      );
      assertEquals(left, right, name);
    }))
  );
}

for (const { way, args, size: fileSize = FILE_SIZE } of PROGRAMS) {
  const name = args.filter((arg) => !arg.includes("/") && !arg.includes(":")).join(" ");
  Deno.test({
    name:
      `interrupted, ${name} ${way} as a program: at a random byte, and --continue makes it good`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await using server = await serve({ args: ["--user", "alice:secret:write"] });
      await using folder = await tempFolder();
      const [here, there] = [join(folder.path, "t"), join(server.root, "t")];
      const [from, to] = way === "down" ? [there, here] : [here, there];
      await Deno.mkdir(from);
      await Deno.mkdir(to);
      for (let at = 0; at < FILES; at++) await makeFile(join(from, `${at}`), fileSize);
      const places = args.map((arg) =>
        arg.replace(/^HERE/, folder.path).replace(/^127/, "alice@127")
      );
      const common = [...places, "-P", String(server.port), "--no-netrc", "--quiet"];
      const bytes = Math.floor(Math.random() * Math.max(fileSize, 2 * FILE_SIZE));
      const slowly = ["run", "-A", "--quiet", MAIN, ...common, "--limit-rate", "1M"];
      await using program = new Child(Deno.execPath(), { args: slowly, env: LOGIN });
      const code = await interruptBehind(program, { folder: to, bytes });
      assert(code === 130 || code === 0, `exit code ${code} behind ${bytes}: ${program.stderr}`);
      for await (const { name } of Deno.readDir(to)) {
        const { size } = await Deno.stat(join(to, name));
        assert(/part|tmp/.test(name) || size === fileSize, `${name} has ${size} bytes`);
      }
      const again = await ftpkit([...common, "--continue"], { env: LOGIN });
      assertEquals(again.code, 0, `behind ${bytes}: ${again.stderr}`);
      const wanted = args.filter((arg) => /\/[01]$/.test(arg)).length || FILES;
      const found = (await Array.fromAsync(Deno.readDir(to))).map(({ name }) => name);
      assertEquals(found.filter((name) => !name.startsWith(".")).length, wanted, found.join());
      await assertSame(to, from);
    },
  });
}
