/**
 * The real process as a {@linkcode CommandIo}.
 *
 * @module
 */
import type { CommandIo } from "./command_io.ts";
import { writeAll } from "./connection.ts";

/**
 * Wraps standard streams, environment and terminal.
 *
 * @param signal Aborted when the user interrupts the program.
 * @returns What a subcommand may touch.
 */
export function processIo(signal: AbortSignal): CommandIo {
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
    out: (text) => writeAll(Deno.stdout, encoder.encode(text)),
    err: (text) => writeErr(encoder.encode(text)),
    env: readVariable,
    columns: terminalColumns,
    onReload,
    askSecret,
  };
}

function onReload(listener: () => void): Disposable {
  if (Deno.build.os === "windows") return { [Symbol.dispose]: () => {} };
  Deno.addSignalListener("SIGHUP", listener);
  return { [Symbol.dispose]: () => Deno.removeSignalListener("SIGHUP", listener) };
}

function writeErr(bytes: Uint8Array): void {
  try {
    for (let done = 0; done < bytes.length;) done += Deno.stderr.writeSync(bytes.subarray(done));
  } catch {
    // Nobody can be told: the reader of standard error is gone, or its disk is full.
  }
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

function askSecret(question: string): string | null {
  if (!Deno.stdin.isTerminal()) return null;
  const encoder = new TextEncoder();
  Deno.stderr.writeSync(encoder.encode(question));
  Deno.stdin.setRaw(true, { cbreak: true });
  try {
    return readHiddenLine();
  } finally {
    Deno.stdin.setRaw(false);
    Deno.stderr.writeSync(encoder.encode("\n"));
  }
}

/** Reads up to Enter; Backspace removes a character, Ctrl-U all of them, Ctrl-D ends the line. */
function readHiddenLine(): string | null {
  const bytes: number[] = [];
  const buffer = new Uint8Array(1);
  for (;;) {
    const read = Deno.stdin.readSync(buffer);
    const byte = buffer[0] ?? 0;
    if (read === null || byte === 0x04) return bytes.length === 0 ? null : decode(bytes);
    if (byte === 0x0a || byte === 0x0d) return decode(bytes);
    if (byte === 0x15) bytes.length = 0;
    else if (byte === 0x7f || byte === 0x08) dropCharacter(bytes);
    else bytes.push(byte);
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
