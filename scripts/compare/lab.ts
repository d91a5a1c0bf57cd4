/**
 * Where the rows are measured: scratch folders, servers, and the programs that load them.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import { Child } from "../../tests/support/child.ts";
import { makeFile } from "../../tests/support/files.ts";
import { run } from "../../tests/support/run.ts";
import { startServerIn } from "../../tests/support/servers.ts";
import { LOCAL_IDENTITY } from "../../tests/support/tls_pair.ts";
import { V8_FLAGS } from "../compile.ts";
import type { Contestant } from "./row.ts";

const HERE = fromFileUrl(new URL(".", import.meta.url));
const MAIN = fromFileUrl(new URL("../../main.ts", import.meta.url));
const LOGIN = "ftpkit:ftpkit-secret";

/** What may change from one comparison to the next. */
export interface LabOptions {
  /** Bytes of a large file. */
  readonly large: number;
  /** How many small files. */
  readonly small: number;
  /** How many idle sessions. */
  readonly idle: number;
  /** How many entries in a directory. */
  readonly entries: number;
  /** An ftpkit that was compiled; without it the sources are run. */
  readonly program: string | undefined;
  /** More arguments for `ftpkit serve`. */
  readonly serve: readonly string[];
}

/** How a server is started. */
export interface ServerOptions {
  /** Its files are in memory, where that can be done. */
  readonly inMemory?: boolean;
  /** More arguments for `ftpkit serve`. */
  readonly args?: readonly string[];
  /** It knows the user from elsewhere. */
  readonly ownUser?: boolean;
  /** It takes nothing but TLS. */
  readonly secure?: boolean;
}

/** A server that runs. */
export interface LabServer {
  /** Its control port on 127.0.0.1. */
  readonly port: number;
  /** What it shares. */
  readonly root: string;
  /** `user:password`. */
  readonly login: string;
  /** Whether it takes nothing but TLS. */
  readonly secure: boolean;
  /** Its process. */
  readonly pid: number;
}

const open = new Set<Lab>();

/** Ends and removes everything of every lab: for a program that is told to end. */
export async function closeLabs(): Promise<void> {
  for (const lab of [...open].reverse()) await lab[Symbol.asyncDispose]();
}

/** Everything that is made here goes away when it is disposed of. */
export class Lab implements AsyncDisposable {
  /** Sizes. */
  readonly options: LabOptions;
  readonly #owned = new AsyncDisposableStack();

  /** Makes a lab for one contestant in one row. */
  constructor(options: LabOptions) {
    this.options = options;
    open.add(this);
  }

  /** A new folder; `memory`: on a file system of its own that has no disk, as root on Linux. */
  async folder(where: "disk" | "memory" = "disk"): Promise<string> {
    const path = await Deno.makeTempDir({ prefix: "ftpkit-compare-" });
    this.#owned.defer(() => Deno.remove(path, { recursive: true }));
    await Deno.chmod(path, 0o755);
    if (where === "memory" && canMount()) {
      await must("mount", ["-t", "tmpfs", "-o", "size=6g", "tmpfs", path]);
      this.#owned.defer(async () => void await must("umount", ["--lazy", path]));
    }
    return path;
  }

  /** Starts a server. */
  async server(contestant: Contestant, options: ServerOptions = {}): Promise<LabServer> {
    const folder = await this.folder(options.inMemory ? "memory" : "disk");
    if (contestant === "ftpkit") return await this.#ftpkit(folder, options);
    if (contestant !== "vsftpd" && contestant !== "pure-ftpd") {
      throw new TypeError(`Cannot start "${contestant}": it is no server`);
    }
    const { secure = false } = options;
    const where = { folder, ...(secure ? { identity: LOCAL_IDENTITY } : {}) };
    const server = this.#owned.use(await startServerIn(contestant, where));
    const { port, root, user, password, pid } = server;
    return { port, root, pid, secure, login: `${user}:${password}` };
  }

  async #ftpkit(root: string, options: ServerOptions): Promise<LabServer> {
    const { args = [], ownUser = false, secure = false } = options;
    const user = ownUser ? [] : ["--user", `${LOGIN}:write`];
    const tls = secure ? ["--tls", "require", "--cert", await this.#certificate()] : [];
    const where = ["--host", "127.0.0.1", "--port", "0", "--log-level", "warning"];
    const more = [...args, ...this.options.serve];
    const child = this.ftpkit(["serve", root, ...where, ...user, ...tls, ...more]);
    const [, port = ""] = await child.waitFor("stdout", /^listening ftp:\S+:(\d+)\/$/m);
    return { port: Number(port), root, pid: child.pid, secure, login: LOGIN };
  }

  /** A file with the certificate that the peers have too, and its key. */
  async #certificate(): Promise<string> {
    const file = join(await this.folder(), "identity.pem");
    await Deno.writeTextFile(file, LOCAL_IDENTITY.cert + LOCAL_IDENTITY.key);
    return file;
  }

  /** Starts ftpkit. */
  ftpkit(args: readonly string[]): Child {
    const [program, ...before] = this.ftpkitCommand;
    return this.#owned.use(new Child(program, { args: [...before, ...args] }));
  }

  /** The program and the arguments before its own. */
  get ftpkitCommand(): readonly [string, ...string[]] {
    const { program } = this.options;
    if (program !== undefined) return [program];
    return [Deno.execPath(), "run", V8_FLAGS, "--allow-all", "--no-prompt", "--quiet", MAIN];
  }

  /** Starts a Python program of this folder; its input stays open until it is disposed of. */
  python(name: string, args: readonly (string | number)[]): Talk {
    return this.#owned.use(new Talk("/usr/bin/python3", [join(HERE, name), ...args.map(String)]));
  }

  /** Disposes of something together with the lab. */
  own(resource: AsyncDisposable): void {
    this.#owned.use(resource);
  }

  /** Ends and removes everything, the latest first. */
  async [Symbol.asyncDispose](): Promise<void> {
    open.delete(this);
    await this.#owned.disposeAsync();
  }
}

/** A program whose input is ours and whose output is read line by line. */
export class Talk implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;
  #held = "";
  #ended = false;

  /** Starts it. */
  constructor(program: string, args: readonly string[]) {
    this.#process = new Deno.Command(program, {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.#output = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Gives it a line. */
  async say(line: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${line}\n`));
  }

  /** Its next line. */
  async hear(): Promise<string> {
    while (!this.#held.includes("\n")) {
      const { done, value } = await this.#output.read();
      if (done) throw new Error("a load program has failed: see above");
      this.#held += value;
    }
    const end = this.#held.indexOf("\n");
    const line = this.#held.slice(0, end);
    this.#held = this.#held.slice(end + 1);
    return line;
  }

  /** Ends its input; it shall end then. */
  async end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#input.close().catch(() => {}); // It ended before.
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    await this.#output.cancel();
    await this.#process.status;
  }
}

/** Whether file systems in memory can be made here. */
export function canMount(): boolean {
  return Deno.build.os === "linux" && Deno.uid() === 0;
}

/**
 * Takes memory and gives it back, so that whoever fills files next finds pages at hand: the host of a
 * virtual machine may have taken what was free, and would be what is measured.
 *
 * @param folder On a file system in memory.
 * @param bytes How much.
 */
export async function warmMemory(folder: string, bytes: number): Promise<void> {
  const path = join(folder, ".warm");
  const piece = new Uint8Array(2 ** 20);
  {
    using file = await Deno.open(path, { write: true, createNew: true });
    for (let left = bytes; left > 0; left -= piece.length) await file.write(piece);
  }
  await Deno.remove(path);
}

/**
 * Runs a program that must succeed.
 *
 * @param program A peer's name, or one of the system's.
 * @param args Its arguments.
 * @returns What it wrote to standard output.
 */
export async function must(program: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(program, args);
  if (code !== 0) throw new Error(`${program} failed: ${stderr.trim() || stdout.trim()}`);
  return stdout;
}

/** Runs a load program of this folder; tells the seconds that it measured. */
export async function load(args: readonly (string | number)[]): Promise<number> {
  return Number(await must("/usr/bin/python3", [join(HERE, "load.py"), ...args.map(String)]));
}

/** Seconds that some work took. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

/** Makes files of random bytes, `name-0` and so on. */
export async function makeFiles(
  folder: string,
  { count, size, name = "file" }: { count: number; size: number; name?: string },
): Promise<void> {
  for (let number = 0; number < count; number++) {
    await makeFile(join(folder, `${name}-${number}`), size);
  }
}
