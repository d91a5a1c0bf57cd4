/**
 * The main thread of a server: starts the session worker with the least rights, decides logins,
 * writes the log, and stops it all.
 *
 * @module
 */
import { statfs } from "node:fs/promises";
import { formatTarget } from "../shared/connection.ts";
import type { Endpoint } from "../shared/endpoint.ts";
import { FtpkitError } from "../shared/errors.ts";
import { formatRecord, log, openLog } from "../shared/log.ts";
import type { Answer, FromWorker, Question, ToWorker } from "./authority.ts";
import type { ServerConfig } from "./config.ts";
import { eventText } from "./event_text.ts";

/** What the supervisor needs from outside. */
export interface SupervisorOptions {
  /** Stops the server. */
  readonly signal: AbortSignal;
  /** Called once when the control port takes connections. */
  readonly onListening: (at: Endpoint) => void;
  /** Takes a line of the log, without its end. */
  readonly onLog: (line: string) => void;
}

/**
 * Runs a server until it is stopped.
 *
 * @param config What to serve.
 * @param options Stop signal and output.
 * @throws {FtpkitError} If it cannot listen, or its worker dies.
 */
export async function supervise(config: ServerConfig, options: SupervisorOptions): Promise<void> {
  await openLog((record) => options.onLog(formatRecord(record)), config.session.logLevel);
  using worker = new SessionWorker(config, options);
  await worker.ended;
}

class SessionWorker implements Disposable {
  readonly #config: ServerConfig;
  readonly #options: SupervisorOptions;
  readonly #worker: Worker;
  readonly #ended = Promise.withResolvers<void>();
  #next = 1;

  constructor(config: ServerConfig, options: SupervisorOptions) {
    this.#config = config;
    this.#options = options;
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), workerOptions(config));
    this.#worker.onmessage = (event: MessageEvent<FromWorker>) => void this.#take(event.data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#ended.reject(new FtpkitError(`Session worker failed: ${event.message}`));
    };
    options.signal.addEventListener("abort", this.#stop, { once: true });
    this.#post({ kind: "start", config: config.session });
    if (options.signal.aborted) this.#stop();
  }

  /** Resolves when the worker has stopped. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  readonly #stop = (): void => this.#post({ kind: "stop" });

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  async #take(message: FromWorker): Promise<void> {
    switch (message.kind) {
      case "listening":
        return this.#options.onListening(message.at);
      case "cannot-listen":
        return this.#ended.reject(this.#cannotListen(message.reason));
      case "failed":
        return this.#ended.reject(new FtpkitError(message.message));
      case "ask": {
        const answer = await this.#decide(message.question);
        return this.#post({ kind: "answer", id: message.id, answer });
      }
      case "ended":
        return;
      case "event": {
        const text = eventText(message.event);
        return text === undefined ? undefined : log.info(text);
      }
      case "log":
        return this.#options.onLog(formatRecord(message.record));
      case "stopped":
        return this.#ended.resolve();
    }
  }

  async #decide(question: Question): Promise<Answer> {
    if (question.kind === "admit") return { kind: "admitted", session: this.#next++ };
    if (question.kind === "free-space") return await this.#freeSpace(question.path);
    return await this.#config.accounts.check(question.request);
  }

  /** The worker may not ask this itself. */
  async #freeSpace(path: string): Promise<number | undefined> {
    try {
      const { bavail, bsize } = await statfs(`${this.#config.session.root}${path}`);
      return bavail * bsize;
    } catch {
      return undefined;
    }
  }

  #cannotListen(reason: string): Error {
    const { host, port } = this.#config.session;
    const where = host === undefined ? `port ${port}` : formatTarget({ hostname: host, port });
    return new FtpkitError(`Cannot listen on ${where}: ${reason}`);
  }

  [Symbol.dispose](): void {
    this.#options.signal.removeEventListener("abort", this.#stop);
    this.#worker.terminate();
  }
}

/** Only the shared directory and the network; no write at all where nobody may write. */
function workerOptions({ session, writable }: ServerConfig): WorkerOptions {
  const { root } = session;
  return {
    type: "module",
    name: "sessions",
    deno: {
      permissions: {
        read: [root],
        write: writable ? [root] : false,
        net: true,
        env: false,
        run: false,
        ffi: false,
        sys: false,
        import: false,
      },
    },
  };
}
