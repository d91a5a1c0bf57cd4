/**
 * ftpkit as its users have it: a program of its own, run to its end or serving beside a test.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { Child } from "./child.ts";
import { run, type RunOptions, type RunResult } from "./run.ts";
import { runOnTerminal, type TypedAnswer } from "./terminal.ts";
import { type TerminalOptions, TerminalSession } from "./terminal_session.ts";

/** The entry of the program. */
export const MAIN = fromFileUrl(new URL("../../main.ts", import.meta.url));

function commandLine(args: readonly string[]): string[] {
  return ["run", "--allow-all", "--no-prompt", "--quiet", MAIN, ...args];
}

/**
 * Runs `ftpkit` to its end.
 *
 * @param args Its command line.
 * @param options Input, environment, folder and signal.
 * @returns Its exit code and outputs.
 */
export function ftpkit(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return run(Deno.execPath(), commandLine(args), options);
}

/**
 * Runs `ftpkit` on a terminal to its end. Needs `python3`.
 *
 * @param args Its command line.
 * @param answers What is typed.
 * @param options What its environment has beside ours.
 * @returns Its exit code, and as `stdout` what the terminal showed.
 */
export function ftpkitOnTerminal(
  args: readonly string[],
  answers: readonly TypedAnswer[],
  options: Pick<RunOptions, "env"> = {},
): Promise<RunResult> {
  return runOnTerminal([Deno.execPath(), ...commandLine(args)], answers, options);
}

/** How {@linkcode serve} starts a server. */
export interface ServeOptions {
  /** Options of `ftpkit serve` beside its address and directory. */
  readonly args?: readonly string[];
  /** Where it listens; 127.0.0.1 by default. */
  readonly host?: string;
  /** What it shares; by default a new folder that goes away with it. */
  readonly root?: string;
}

/** An `ftpkit serve` that runs. */
export interface Serving extends AsyncDisposable {
  /** Where it listens. */
  readonly host: string;
  /** Its control port. */
  readonly port: number;
  /** What it shares. */
  readonly root: string;
  /** The process: what it wrote, its number, its end. */
  readonly child: Child;
  /** Sends a signal, SIGTERM by default, and waits for the end. */
  stop(signal?: Deno.Signal): Promise<Deno.CommandStatus>;
}

/**
 * Starts `ftpkit serve` on a free port and waits until it listens.
 *
 * @param options What it is started with.
 * @returns The server; disposing of it ends it, and removes the folder that was made for it.
 * @throws {Error} If it ends before it listens, with what it said.
 */
export async function serve(options: ServeOptions = {}): Promise<Serving> {
  await using stack = new AsyncDisposableStack();
  const host = options.host ?? "127.0.0.1";
  const root = options.root ?? await Deno.makeTempDir({ prefix: "ftpkit-serve-" });
  if (options.root === undefined) stack.defer(() => Deno.remove(root, { recursive: true }));
  const args = ["serve", root, "--port", "0", "--host", host, ...options.args ?? []];
  const child = stack.use(new Child(Deno.execPath(), { args: commandLine(args) }));
  const [, port = ""] = await child.waitFor("stdout", /^listening ftp:\/\/\S+:(\d+)\/$/m);
  const owned = stack.move();
  return {
    host,
    port: Number(port),
    root,
    child,
    stop: (signal) => child.stop(signal),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/**
 * Starts `ftpkit` on a terminal that a test types at. Needs `python3`.
 *
 * @param args Its command line.
 * @param options The terminal and the environment.
 * @returns The terminal.
 */
export function ftpkitTyped(args: readonly string[], options: TerminalOptions): TerminalSession {
  return new TerminalSession([Deno.execPath(), ...commandLine(args)], options);
}
