/**
 * A program on a terminal that a test types at: a pseudo-terminal held by Python.
 *
 * @module
 */

import { requirePeer } from "./peers.ts";
import { Screen } from "./screen.ts";

const SCRIPT = `
import fcntl, json, os, pty, select, struct, sys, termios

columns, command = int(sys.argv[1]), sys.argv[2:]

def resize(file, columns):
    fcntl.ioctl(file, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

child, terminal = pty.fork()
if child == 0:
    resize(0, columns)
    os.execv(command[0], command)
orders, open_files = b"", [terminal, 0]
while terminal in open_files:
    for ready in select.select(open_files, [], [])[0]:
        try:
            data = os.read(ready, 65536)
        except OSError:
            data = b""
        if not data:
            open_files.remove(ready)
        elif ready == terminal:
            os.write(1, data)
        else:
            orders += data
    while b"\\n" in orders:
        line, orders = orders.split(b"\\n", 1)
        order = json.loads(line)
        if "resize" in order:
            resize(terminal, order["resize"])
        else:
            os.write(terminal, order["type"].encode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`;

/** How a program is started. */
export interface TerminalOptions {
  /** Columns of the terminal; 80 by default. */
  readonly columns?: number;
  /** What its environment has beside ours. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where it runs. */
  readonly cwd?: string;
}

/** Milliseconds a program may keep a test waiting. */
const PATIENCE = 20_000;

/** A program and its terminal. Disposing it ends both. */
export class TerminalSession implements AsyncDisposable {
  /** What the terminal shows. */
  readonly screen: Screen;
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reading: Promise<void>;
  #raw = "";
  #changed = Promise.withResolvers<void>();

  /** Starts `command`: a program's path and its arguments. Needs `python3`. */
  constructor(command: readonly string[], options: TerminalOptions = {}) {
    const columns = options.columns ?? 80;
    this.screen = new Screen(columns);
    this.#process = new Deno.Command(requirePeer("python3").path, {
      args: ["-c", SCRIPT, String(columns), ...command],
      env: { LC_ALL: "C.UTF-8", TERM: "xterm", ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#writer = this.#process.stdin.getWriter();
    this.#reading = this.#read();
  }

  /** Everything that was written to the terminal so far. */
  get raw(): string {
    return this.#raw;
  }

  /** Types. */
  async type(text: string): Promise<void> {
    await this.#order({ type: text });
  }

  /** Gives the terminal another width. */
  async resize(columns: number): Promise<void> {
    this.screen.resize(columns);
    await this.#order({ resize: columns });
  }

  /** Waits until the line up to the cursor is, or matches, this. */
  async cursorBehind(wanted: string | RegExp): Promise<void> {
    await this.#until(() => {
      const { line } = this.screen;
      return typeof wanted === "string" ? line === wanted : wanted.test(line);
    }, `the cursor behind ${wanted}`);
  }

  /** Waits until the screen shows this somewhere. */
  async shows(wanted: string | RegExp): Promise<void> {
    await this.#until(() => {
      const { text } = this.screen;
      return typeof wanted === "string" ? text.includes(wanted) : wanted.test(text);
    }, String(wanted));
  }

  /** Waits for the program's end. */
  async end(): Promise<number> {
    return await this.#inTime(this.#end(), "the program's end");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Python ends with its terminal, and the program with its terminal.
    await this.#writer.close().catch(() => {}); // it may have ended by itself
    try {
      this.#process.kill("SIGTERM");
    } catch {
      // It ended meanwhile.
    }
    await this.#end();
  }

  async #order(order: { readonly type: string } | { readonly resize: number }): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(`${JSON.stringify(order)}\n`));
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of this.#process.stdout) {
      const text = decoder.decode(bytes, { stream: true });
      this.#raw += text;
      this.screen.write(text);
      this.#change();
    }
    this.#change();
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }

  async #end(): Promise<number> {
    const { code } = await this.#process.status;
    await this.#reading;
    return code;
  }

  async #until(isSo: () => boolean, what: string): Promise<void> {
    const given = new AbortController();
    const wait = async (): Promise<void> => {
      while (!isSo() && !given.signal.aborted) await this.#changed.promise;
    };
    try {
      await this.#inTime(wait(), what);
    } finally {
      given.abort();
    }
  }

  /** @throws {Error} With the screen, if it takes too long. */
  async #inTime<T>(work: Promise<T>, what: string): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      late.reject(new Error(`The terminal does not show ${what}:\n${this.screen.text}`));
    }, PATIENCE);
    try {
      return await Promise.race([work, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}
