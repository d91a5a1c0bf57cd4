/**
 * What the client's tests share: a process around a command, and the usual parts of a dialogue.
 *
 * @module
 */

import { assert } from "@std/assert";
import type { CommandEntry, CommandIo, Terminals } from "../../shared/command_io.ts";
import type { ByteSource } from "../../shared/pump.ts";
import { run as get } from "../../client/get_command.ts";
import { run as ls } from "../../client/ls_command.ts";
import { run as put } from "../../client/put_command.ts";
import { OVERLAP } from "../../client/transfer/part_file.ts";
import {
  playEpsv,
  playLogin,
  type ScriptedConnection,
  type ScriptedListener,
  type ScriptedServer,
} from "../support/scripted_peer.ts";

/** What a command run in a test has around it. */
export interface TestIoOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Standard input, where it is more than a text. */
  readonly stdinSource?: ByteSource;
  readonly signal?: AbortSignal;
  readonly terminals?: Partial<Terminals>;
  readonly columns?: number;
  /** What is typed where something is asked, one after another. */
  readonly answers?: readonly string[];
  /** What is typed where a secret is asked for. */
  readonly secret?: string;
}

/** A process that only remembers. */
export interface TestIo extends CommandIo {
  /** Standard output so far. */
  readonly stdoutText: string;
  /** Standard error so far. */
  readonly stderrText: string;
}

/** Makes one. */
export function testIo(options: TestIoOptions = {}): TestIo {
  const decoder = new TextDecoder();
  let stdoutText = "";
  let stderrText = "";
  const answers = [...options.answers ?? []];
  let input = new TextEncoder().encode(options.stdin ?? "");
  return {
    signal: options.signal ?? new AbortController().signal,
    terminals: { stdin: false, stdout: false, stderr: false, ...options.terminals },
    stdin: options.stdinSource ?? {
      read(buffer) {
        const count = Math.min(buffer.length, input.length);
        buffer.set(input.subarray(0, count));
        input = input.subarray(count);
        return Promise.resolve(count === 0 ? null : count);
      },
    },
    stdout: {
      write(bytes) {
        stdoutText += decoder.decode(bytes);
        return Promise.resolve(bytes.length);
      },
    },
    out(text) {
      stdoutText += text;
      return Promise.resolve();
    },
    err(text) {
      stderrText += text;
    },
    env: (name) => options.env?.[name],
    columns: () => options.columns ?? 80,
    onReload: () => ({ [Symbol.dispose]: () => {} }),
    onInterrupt: () => ({ [Symbol.dispose]: () => {} }),
    onResize: () => ({ [Symbol.dispose]: () => {} }),
    setRaw: () => {},
    ask: (question) => {
      stderrText += question;
      return Promise.resolve(answers.shift() ?? null);
    },
    askSecret: () => Promise.resolve(options.secret ?? null),
    get stdoutText() {
      return stdoutText;
    },
    get stderrText() {
      return stderrText;
    },
  };
}

/** How a command ended. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const COMMANDS: Readonly<Record<string, CommandEntry>> = { get, put, ls };

/** Runs a command against a scripted server; no retries and no netrc unless `args` say so. */
export async function runAgainst(
  server: ScriptedServer,
  args: readonly string[],
  options: TestIoOptions = {},
): Promise<CommandResult> {
  const [name = "", ...rest] = args;
  const retries = rest.includes("--retries") ? [] : ["--retries", "0"];
  const common = ["-P", String(server.port), "--no-netrc", "--retry-wait", "0.01"];
  const result = await runCommand([name, ...common, ...retries, ...rest], options);
  await server.done;
  return result;
}

/** Runs a command in this process; no TLS unless `args` say so. */
export async function runCommand(
  args: readonly string[],
  options: TestIoOptions = {},
): Promise<CommandResult> {
  const [name = "", ...rest] = args;
  const command = COMMANDS[name];
  assert(command !== undefined);
  const io = testIo(options);
  const tls = rest.includes("--tls") ? [] : ["--tls", "off"];
  const code = await command([...tls, ...rest], io);
  return { code, stdout: io.stdoutText, stderr: io.stderrText };
}

/** A file that every wrong offset and every lost byte changes. */
export const BYTES: Uint8Array<ArrayBuffer> = Uint8Array.from(
  { length: 20_000 },
  (_, index) => (index * 7 + (index >> 8)) & 255,
);

/** Plays one command and its answer. */
export async function exchange(
  control: ScriptedConnection,
  command: string | RegExp,
  ...answer: string[]
): Promise<string> {
  const line = await control.expect(command);
  await control.sendLines(...answer);
  return line;
}

/** Plays everything up to the first operation. */
export async function playStart(
  control: ScriptedConnection,
  features: readonly string[] = [],
): Promise<void> {
  await playLogin(control);
  const lines = features.map((feature) => ` ${feature}`);
  await exchange(control, "FEAT", "211-Features", ...lines, "211 End");
  if (features.includes("UTF8")) await exchange(control, "OPTS UTF8 ON", "200 ok");
}

/** Plays the questions about a file on a server without MLST. */
export async function playSize(
  control: ScriptedConnection,
  file: { readonly path: string; readonly size: number; readonly first?: boolean },
): Promise<void> {
  if (file.first ?? true) await exchange(control, "TYPE I", "200 binary");
  await exchange(control, `SIZE ${file.path}`, `213 ${file.size}`);
  await exchange(control, `MDTM ${file.path}`, "213 20240102030405");
}

/** Plays the question how much there is of an upload. */
export async function playUploaded(
  control: ScriptedConnection,
  file: { readonly path: string; readonly size: number; readonly first?: boolean },
): Promise<void> {
  if (file.first ?? true) await exchange(control, "TYPE I", "200 binary");
  await exchange(control, `SIZE ${file.path}`, `213 ${file.size}`);
}

/** The same, and that it is younger than any file here. */
export async function playPart(
  control: ScriptedConnection,
  file: { readonly path: string; readonly size: number },
): Promise<void> {
  await playUploaded(control, file);
  await exchange(control, `SIZE ${file.path}`, `213 ${file.size}`);
  await exchange(control, `MDTM ${file.path}`, "213 20990102030405");
}

/** The same, on a server without hashes, and what it has: `-c` looks at its end. */
export async function playKnownPart(
  control: ScriptedConnection,
  file: { readonly path: string; readonly content: string },
): Promise<void> {
  const { path, content } = file;
  await playPart(control, { path, size: content.length });
  const start = Math.max(0, content.length - OVERLAP);
  const restart = start > 0 ? [`REST ${start}`] : [];
  const end = content.slice(start);
  await playDownload(control, { commands: [...restart, `RETR ${path}`], content: end });
}

/** Plays EPSV and the command behind it, up to its 150; gives the data connection. */
export async function playData(
  control: ScriptedConnection,
  ...commands: string[]
): Promise<ScriptedConnection> {
  using listener: ScriptedListener = await playEpsv(control);
  const data = await listener.accept();
  for (const command of commands.slice(0, -1)) await exchange(control, command, "350 go on");
  await exchange(control, commands.at(-1) ?? "", "150 here it comes");
  return data;
}

/** Plays a download or a listing, from EPSV to its final reply. */
export async function playDownload(
  control: ScriptedConnection,
  way: {
    readonly commands: readonly string[];
    readonly content?: string | Uint8Array;
    readonly final?: string | undefined;
  },
): Promise<void> {
  const { commands, content, final = "226 done" } = way;
  using data = await playData(control, ...commands);
  if (content !== undefined) await data.send(content);
  data.close();
  await control.sendLines(final);
}

/** Plays an upload, from EPSV to its final reply; gives what arrived. */
export async function playUploadTo(
  control: ScriptedConnection,
  way: { readonly commands: readonly string[]; readonly final: string },
): Promise<string> {
  using data = await playData(control, ...way.commands);
  const bytes = await data.rest();
  data.close();
  await control.sendLines(way.final);
  return new TextDecoder().decode(bytes);
}

/** Plays an upload that the server takes; gives what arrived. */
export async function playUpload(
  control: ScriptedConnection,
  ...commands: string[]
): Promise<string> {
  return await playUploadTo(control, { commands, final: "226 stored" });
}

/** Plays a goodbye. */
export async function playQuit(control: ScriptedConnection): Promise<void> {
  await exchange(control, "QUIT", "221 bye");
}
