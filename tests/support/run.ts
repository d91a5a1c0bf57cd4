/**
 * Programs that a test runs to their end.
 *
 * @module
 */

import { findPeer, type PeerName } from "./peers.ts";

/** What a program did. */
export interface RunResult {
  /** Its exit code. */
  readonly code: number;
  /** What it wrote to standard output. */
  readonly stdout: string;
  /** What it wrote to standard error. */
  readonly stderr: string;
}

/** How a program is run. */
export interface RunOptions {
  /** What it reads from standard input; nothing by default. */
  readonly stdin?: string | Uint8Array;
  /** What its environment has beside ours. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where it runs. */
  readonly cwd?: string;
  /** Ends it; after two minutes by default. */
  readonly signal?: AbortSignal;
}

/**
 * For every program: names are UTF-8, whatever the machine's language is, and the runtime does not ask
 * for its newest version, through the proxy of a test too.
 */
const SURROUNDINGS = { LC_ALL: "C.UTF-8", DENO_NO_UPDATE_CHECK: "1" };

/** Milliseconds any program may take. */
const PATIENCE = 120_000;

async function feed(child: Deno.ChildProcess, input: string | Uint8Array): Promise<void> {
  const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
  const writer = child.stdin.getWriter();
  try {
    await writer.write(bytes);
    await writer.close();
  } catch {
    // It ended without reading all: its exit code says whether that matters.
  }
}

/**
 * Runs a program to its end.
 *
 * @param program A peer's name, or a path.
 * @param args Its arguments.
 * @param options Input, environment, folder and signal.
 * @returns Its exit code and outputs, decoded as UTF-8.
 */
export async function run(
  program: PeerName | (string & Record<never, never>),
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const peer = program.includes("/") ? undefined : findPeer(program as PeerName);
  const child = new Deno.Command(peer?.path ?? program, {
    args: [...args],
    env: { ...SURROUNDINGS, ...peer?.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    signal: options.signal ?? AbortSignal.timeout(PATIENCE),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [output] = await Promise.all([child.output(), feed(child, options.stdin ?? "")]);
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code: output.code, stdout: decode(output.stdout), stderr: decode(output.stderr) };
}
