/**
 * The client's commands against a server that misbehaves, and what must hold whatever it does.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import { run as get } from "../../client/get_command.ts";
import { run as ls } from "../../client/ls_command.ts";
import { run as mirror } from "../../client/mirror_command.ts";
import { run as put } from "../../client/put_command.ts";
import type { CommandEntry } from "../../shared/command_io.ts";
import { FtpkitError, InterruptedError, reasonOf } from "../../shared/errors.ts";
import { exitCodeOf } from "../../shared/exit_code.ts";
import { type CommandResult, type TestIo, testIo } from "../client/dialogue.ts";
import { FaultyServer } from "../support/faulty_server.ts";
import type { Faults } from "../support/faulty_session.ts";
import type { TreeContent } from "../support/faulty_tree.ts";

const COMMANDS: Readonly<Record<string, CommandEntry>> = { get, ls, mirror, put };

/** Milliseconds that any run may take, however busy the machine is. */
const PATIENCE = 30_000;

/** Lines that differ, so that what is glued wrongly shows; longer than what a resume fetches twice. */
export const TEXT = Array.from({ length: 1000 }, (_, at) => `line ${at}\n`).join("");

const TREE: TreeContent = { "t/a": "alpha\n", "t/d/b": TEXT };

/** One command, and what is on both sides before and after it. */
export interface Scenario {
  /** The command line; `HERE` is a local folder. */
  readonly args: readonly string[];
  readonly here: TreeContent;
  readonly there: TreeContent;
  /** What is to be in the local folder, or on the server, in the end. */
  readonly result: { readonly here: TreeContent } | { readonly there: TreeContent } | {
    readonly stdout: string;
  };
}

/** Every command that moves or shows something. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "get": {
    args: ["get", "127.0.0.1:f", "HERE/f"],
    here: {},
    there: { f: TEXT },
    result: { here: { f: TEXT } },
  },
  "get -": {
    args: ["get", "127.0.0.1:f", "-"],
    here: {},
    there: { f: TEXT },
    result: { stdout: TEXT },
  },
  "put": {
    args: ["put", "HERE/f", "127.0.0.1:f"],
    here: { f: TEXT },
    there: {},
    result: { there: { f: TEXT } },
  },
  "put --atomic": {
    args: ["put", "--atomic", "HERE/f", "127.0.0.1:f"],
    here: { f: TEXT },
    there: { f: "before\n" },
    result: { there: { f: TEXT } },
  },
  "ls": {
    args: ["ls", "-1", "127.0.0.1:t"],
    here: {},
    there: TREE,
    result: { stdout: "a\nd\n" },
  },
  "get -r": {
    args: ["get", "-r", "127.0.0.1:t", "HERE"],
    here: {},
    there: TREE,
    result: { here: TREE },
  },
  "put -r": {
    args: ["put", "-r", "HERE/t", "127.0.0.1:"],
    here: TREE,
    there: {},
    result: { there: TREE },
  },
  "mirror down": {
    args: ["mirror", "--delete", "127.0.0.1:t", "HERE/t"],
    here: { "t/a": "alpha\n", "t/old": "x", "t/d/old": "x" },
    there: TREE,
    result: { here: TREE },
  },
  "mirror up": {
    args: ["mirror", "--delete", "HERE/t", "127.0.0.1:t"],
    here: TREE,
    there: { "t/a": "alpha\n", "t/old": "x", "t/d/old": "x" },
    result: { there: TREE },
  },
};

/** What a command did, and what is there behind it. */
export interface Finished extends CommandResult {
  readonly scenario: Scenario;
  readonly server: FaultyServer;
  /** The local folder with its partial files. */
  readonly here: TreeContent;
  readonly there: TreeContent;
}

/** How a scenario is run. */
export interface RunOptions {
  readonly faults?: Faults;
  /** Behind the scenario's command line. */
  readonly args?: readonly string[];
  /** Interrupts the command before this moment's reply, or when data has moved. */
  readonly interruptAt?: number | "data";
  /** Runs it once more behind an interruption, with these arguments instead and no faults left. */
  readonly again?: readonly string[];
}

/** One run among many. */
export interface Case extends RunOptions {
  /** What is wrong, for the message of a failure. */
  readonly fault: string;
  readonly scenario: Scenario;
}

/** Runs at a time: most of them wait for a time-out. */
const WIDTH = 24;

/**
 * Runs many scenarios, several at a time.
 *
 * @param cases Which.
 * @param check Throws where a run did what it must not do.
 */
export async function runCases(
  cases: readonly Case[],
  check: (finished: Finished, one: Case) => void,
): Promise<void> {
  const left = cases.values();
  const wrong: string[] = [];
  const work = async (): Promise<void> => {
    for (const next of left) {
      try {
        check(await runScenario(next.scenario, next), next);
      } catch (error) {
        wrong.push(`${next.scenario.args.join(" ")}, ${next.fault}: ${reasonOf(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, work));
  assert(wrong.length === 0, wrong.join("\n"));
}

/**
 * Whatever the server does: nothing wrong has a final name here, nothing that was right is gone, and
 * exit code 0 means that everything is there.
 */
export function assertTruth(finished: Finished): void {
  const { code, scenario, here, stderr } = finished;
  const said = `exit code ${code}: ${stderr}`;
  for (const [path, text] of Object.entries(here)) {
    if (path.endsWith(".part") || path.endsWith("/")) continue;
    const right = [scenario.here[path], resultHere(scenario)[path]];
    assert(right.includes(text), `${path} is wrong, ${said}`);
  }
  for (const path of Object.keys(scenario.here)) {
    const mayGo = !Object.hasOwn({ ...resultHere(scenario), ...leftAlone(scenario) }, path);
    assert(mayGo || Object.hasOwn(here, path), `${path} is gone, ${said}`);
  }
  if (code !== 0) return;
  const { found, wanted } = outcomeOf(finished);
  for (const [path, text] of Object.entries(wanted)) {
    assert(found[path] === text, `${path} is not there, ${said}`);
  }
}

function resultHere({ result }: Scenario): TreeContent {
  return "here" in result ? result.here : {};
}

/** What the command reads here. */
function leftAlone({ result, here }: Scenario): TreeContent {
  return "here" in result ? {} : here;
}

/** The command has done all that it was asked for, and said so. */
export function assertAllDone(finished: Finished): void {
  assertEquals(finished.code, 0, finished.stderr);
  const { found, wanted } = outcomeOf(finished);
  assertEquals(Object.keys(found).sort(), Object.keys(wanted).sort());
  for (const [path, text] of Object.entries(wanted)) assert(found[path] === text, path);
}

/** The side that a command changes, or what it prints. */
function outcomeOf(
  { scenario: { result }, here, there, stdout }: Finished,
): { readonly found: TreeContent; readonly wanted: TreeContent } {
  if ("here" in result) return { found: here, wanted: result.here };
  if ("there" in result) return { found: there, wanted: result.there };
  return { found: { stdout }, wanted: { stdout: result.stdout } };
}

/**
 * Runs a scenario. One that takes too long fails the test.
 *
 * @param scenario What.
 * @param options Against which faults.
 * @returns What came of it.
 */
export async function runScenario(
  scenario: Scenario,
  options: RunOptions = {},
): Promise<Finished> {
  const folder = await Deno.makeTempDir({ prefix: "ftpkit-faulty-" });
  try {
    await plant(folder, scenario.here);
    await using server = await FaultyServer.start(scenario.there, options.faults);
    let result = await call(server, { folder, scenario, options });
    const { again } = options;
    if (again !== undefined) {
      assert(result.code === 130 || result.code === 0, `exit code ${result.code}`);
      result = await call(server, { folder, scenario, options: { args: again } });
    }
    const [here, there] = [await harvest(folder), server.tree.content];
    return { ...result, scenario, server, here, there };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function call(
  server: FaultyServer,
  way: { readonly folder: string; readonly scenario: Scenario; readonly options: RunOptions },
): Promise<CommandResult> {
  const { folder, scenario, options } = way;
  const [name = "", ...args] = [...scenario.args, ...options.args ?? []];
  const common = ["-P", String(server.port), "--no-netrc", "--retry-wait", "0.01"];
  const retries = args.includes("--retries") ? [] : ["--retries", "0"];
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort(new InterruptedError("interrupted"));
  server.onMoment = (index) => index === options.interruptAt && interrupt();
  server.onData = () => options.interruptAt === "data" && interrupt();
  const io = testIo({ signal: interruption.signal });
  const command = COMMANDS[name];
  assert(command !== undefined);
  const places = args.map((arg) => arg.replace(/^HERE/, folder));
  const code = await within(PATIENCE, codeOf(command([...common, ...retries, ...places], io), io));
  return { code, stdout: io.stdoutText, stderr: io.stderrText };
}

/** As the program does with what a command throws. */
async function codeOf(running: Promise<number>, io: TestIo): Promise<number> {
  try {
    return await running;
  } catch (error) {
    assert(error instanceof FtpkitError, String(error));
    io.err(`ftpkit: ${error.message}\n`);
    return exitCodeOf(error);
  }
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("it hangs")), milliseconds);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function plant(folder: string, content: TreeContent): Promise<void> {
  for (const [path, text] of Object.entries(content)) {
    const place = join(folder, path);
    await Deno.mkdir(path.endsWith("/") ? place : dirname(place), { recursive: true });
    if (path.endsWith("/")) continue;
    await Deno.writeTextFile(place, text);
    // As the server's: a mirror has nothing to do there.
    const time = new Date("2024-01-02T03:04:05Z");
    await Deno.utime(place, time, time);
  }
}

async function harvest(folder: string, path = ""): Promise<TreeContent> {
  const found: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(join(folder, path))) {
    const inner = path + name;
    if (!isDirectory) found[inner] = await Deno.readTextFile(join(folder, inner));
    else {
      const below = await harvest(folder, `${inner}/`);
      Object.assign(found, Object.keys(below).length === 0 ? { [`${inner}/`]: "" } : below);
    }
  }
  return found;
}
