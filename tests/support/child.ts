/**
 * A program that runs beside a test: what it wrote so far, waiting for a line of it, and an end that
 * leaves no process behind.
 *
 * @module
 */

/** How a {@linkcode Child} is started. */
export interface ChildOptions {
  /** The arguments. */
  readonly args: readonly string[];
  /** What its environment has beside ours. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where it runs. */
  readonly cwd?: string;
}

/** Which output is meant. */
export type OutputName = "stdout" | "stderr";

/** Milliseconds a program gets to end after SIGTERM, before it is killed. */
const GRACE = 3_000;

function childrenOf(pid: number): number[] {
  try {
    const text = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`);
    return text.split(" ").filter((word) => word !== "").map(Number);
  } catch {
    return []; // It ended meanwhile.
  }
}

function treeOf(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(treeOf)];
}

function signalAll(pids: readonly number[], signal: Deno.Signal): void {
  for (const pid of pids) {
    try {
      Deno.kill(pid, signal);
    } catch {
      // It ended meanwhile.
    }
  }
}

/** One output of the program, decoded and gathered as it comes. */
class Output {
  text = "";
  readonly done: Promise<void>;
  #changed = Promise.withResolvers<void>();
  #ended = false;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.done = this.#gather(stream);
  }

  async #gather(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      this.text += decoder.decode(chunk, { stream: true });
      this.#notify();
    }
    this.#ended = true;
    this.#notify();
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }

  async find(pattern: RegExp): Promise<RegExpExecArray | undefined> {
    for (;;) {
      const match = pattern.exec(this.text);
      if (match !== null) return match;
      if (this.#ended) return undefined;
      await this.#changed.promise;
    }
  }
}

/** A program that runs beside the test, ended with all its children when it is disposed of. */
export class Child implements AsyncDisposable {
  /** Resolves when it ended. */
  readonly status: Promise<Deno.CommandStatus>;
  readonly #program: string;
  readonly #process: Deno.ChildProcess;
  readonly #outputs: Readonly<Record<OutputName, Output>>;
  #ended = false;

  /** Starts `program`, with nothing on its standard input. */
  constructor(program: string, options: ChildOptions) {
    this.#program = program;
    this.#process = new Deno.Command(program, {
      args: [...options.args],
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.status = this.#process.status.finally(() => this.#ended = true);
    this.#outputs = {
      stdout: new Output(this.#process.stdout),
      stderr: new Output(this.#process.stderr),
    };
  }

  /** Its process number. */
  get pid(): number {
    return this.#process.pid;
  }

  /** What it wrote to standard output so far. */
  get stdout(): string {
    return this.#outputs.stdout.text;
  }

  /** What it wrote to standard error so far. */
  get stderr(): string {
    return this.#outputs.stderr.text;
  }

  /**
   * Waits until an output holds what `pattern` matches.
   *
   * @param name Which output.
   * @param pattern What to wait for.
   * @param milliseconds How long at most.
   * @returns The match.
   * @throws {Error} If the program ends first, or the time does; with all it said so far.
   */
  async waitFor(
    name: OutputName,
    pattern: RegExp,
    milliseconds = 20_000,
  ): Promise<RegExpExecArray> {
    const late = Promise.withResolvers<"late">();
    const timer = setTimeout(() => late.resolve("late"), milliseconds);
    const match = await Promise.race([this.#outputs[name].find(pattern), late.promise]);
    clearTimeout(timer);
    if (match !== undefined && match !== "late") return match;
    const why = match === "late" ? `within ${milliseconds} ms` : "before it ended";
    const said = this.stdout + this.stderr;
    throw new Error(`${this.#program} did not print ${pattern} ${why}\n${said}`);
  }

  /** Sends it a signal; nothing happens if it has ended. */
  signal(signal: Deno.Signal): void {
    if (!this.#ended) signalAll([this.pid], signal);
  }

  /** Sends it a signal and waits for its end. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<Deno.CommandStatus> {
    this.signal(signal);
    await Promise.all([this.#outputs.stdout.done, this.#outputs.stderr.done]);
    return await this.status;
  }

  /** Ends it and every process it started. */
  async [Symbol.asyncDispose](): Promise<void> {
    const family = this.#ended ? [] : treeOf(this.pid);
    signalAll(family, "SIGTERM");
    const killer = setTimeout(() => signalAll(family, "SIGKILL"), GRACE);
    await this.status;
    clearTimeout(killer);
    signalAll(family, "SIGKILL"); // Sessions outlive their listener otherwise.
    await Promise.all([this.#outputs.stdout.done, this.#outputs.stderr.done]);
  }
}
