/**
 * The real process as a {@linkcode CommandIo}.
 *
 * @module
 */
import type { CommandIo } from "./command_io.ts";
import { writeAll } from "./connection.ts";
import { InterruptedError, LocalFileError, reasonOf } from "./errors.ts";
import type { Interruption } from "./interruption.ts";

/** Bytes of a line that a terminal hands over at once, at most. */
const LONGEST_LINE = 4096;

/**
 * Wraps standard streams, environment and terminal.
 *
 * @param interruption What interrupts the program.
 * @returns What a subcommand may touch.
 */
export function processIo(interruption: Interruption): CommandIo {
  const { signal } = interruption;
  const encoder = new TextEncoder();
  return {
    signal,
    stdin: Deno.stdin,
    stdout: Deno.stdout,
    terminals: {
      stdin: Deno.stdin.isTerminal(),
      stdout: Deno.stdout.isTerminal(),
      stderr: Deno.stderr.isTerminal(),
    },
    out: (text) => writeOut(encoder.encode(text)),
    err: (text) => writeErr(encoder.encode(text)),
    env: environment(),
    columns: terminalColumns,
    onReload: (listener) => onSignal("SIGHUP", listener),
    onInterrupt: (listener) => interruption.divert(listener),
    onResize: (listener) => onSignal("SIGWINCH", listener),
    setRaw: (raw) => Deno.stdin.setRaw(raw),
    ask: (question) => ask(question, signal),
    askSecret: (question) => askSecret(question, signal),
  };
}

function onSignal(signal: "SIGHUP" | "SIGWINCH", listener: () => void): Disposable {
  if (Deno.build.os === "windows") return { [Symbol.dispose]: () => {} };
  Deno.addSignalListener(signal, listener);
  return { [Symbol.dispose]: () => Deno.removeSignalListener(signal, listener) };
}

async function writeOut(bytes: Uint8Array): Promise<void> {
  try {
    await writeAll(Deno.stdout, bytes);
  } catch (error) {
    const message = `Cannot write to standard output: ${reasonOf(error)}`;
    throw new LocalFileError(message, { cause: error });
  }
}

function writeErr(bytes: Uint8Array): void {
  try {
    for (let done = 0; done < bytes.length;) done += Deno.stderr.writeSync(bytes.subarray(done));
  } catch {
    // Nobody can be told: the reader of standard error is gone, or its disk is full.
  }
}

/** Nothing changes it while we run, and the system's answer costs more than ours. */
function environment(): (name: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  return (name) => {
    if (!known.has(name)) known.set(name, readVariable(name));
    return known.get(name);
  };
}

function readVariable(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch (error) {
    // Values that are not Unicode cannot be read; to us they are unset.
    if (error instanceof TypeError || error instanceof Deno.errors.InvalidData) return undefined;
    throw error;
  }
}

function terminalColumns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 80;
  }
}

/** The terminal itself gathers the line, and lets it be edited. */
async function ask(question: string, signal: AbortSignal): Promise<string | null> {
  if (!Deno.stdin.isTerminal()) return null;
  writeErr(new TextEncoder().encode(question));
  const buffer = new Uint8Array(LONGEST_LINE);
  const read = await untilAborted(Deno.stdin.read(buffer), signal);
  if (read === null) return null;
  return new TextDecoder().decode(buffer.subarray(0, read)).replace(/\r?\n$/, "");
}

/** Not a blocking read: signals must end it too. */
async function askSecret(question: string, signal: AbortSignal): Promise<string | null> {
  if (!Deno.stdin.isTerminal()) return null;
  // First: who answers at once must not see it either.
  Deno.stdin.setRaw(true);
  try {
    writeErr(new TextEncoder().encode(question));
    return await readHiddenLine(signal);
  } finally {
    Deno.stdin.setRaw(false);
    writeErr(new TextEncoder().encode("\n"));
  }
}

/**
 * Reads up to Enter; Backspace removes a character, Ctrl-U all of them, Ctrl-D ends the line, Ctrl-C
 * everything.
 */
async function readHiddenLine(signal: AbortSignal): Promise<string | null> {
  const bytes: number[] = [];
  const buffer = new Uint8Array(1);
  for (;;) {
    const read = await untilAborted(Deno.stdin.read(buffer), signal);
    const byte = buffer[0] ?? 0;
    if (byte === 0x03) throw new InterruptedError("Interrupted");
    if (read === null || byte === 0x04) return bytes.length === 0 ? null : decode(bytes);
    if (byte === 0x0a || byte === 0x0d) return decode(bytes);
    if (byte === 0x15) bytes.length = 0;
    else if (byte === 0x7f || byte === 0x08) dropCharacter(bytes);
    else bytes.push(byte);
  }
}

/**
 * Waits for something that nobody can end, at most until a signal is aborted.
 *
 * @param work What is waited for; it may stay pending.
 * @param signal Whose reason is thrown.
 * @returns What it resolves to.
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function decode(bytes: readonly number[]): string {
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

/** Removes one UTF-8 character: its continuation bytes, then its first byte. */
function dropCharacter(bytes: number[]): void {
  while (((bytes.at(-1) ?? 0) & 0xc0) === 0x80) bytes.pop();
  bytes.pop();
}
