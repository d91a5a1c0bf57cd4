/**
 * The main thread of a server: starts the session worker with the least rights, decides logins,
 * writes the log, and stops it all.
 *
 * @module
 */
import { formatTarget } from "../shared/connection.ts";
import type { Endpoint } from "../shared/endpoint.ts";
import { FtpkitError } from "../shared/errors.ts";
import { formatRecord } from "../shared/log.ts";
import type { FromWorker, LoginRequest, ToWorker } from "./authority.ts";
import type { ServerConfig } from "./config.ts";

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
  using worker = new SessionWorker(config, options);
  await worker.ended;
}

class SessionWorker implements Disposable {
  readonly #config: ServerConfig;
  readonly #options: SupervisorOptions;
  readonly #worker: Worker;
  readonly #ended = Promise.withResolvers<void>();

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
      case "login":
        return await this.#login(message.id, message.request);
      case "log":
        return this.#options.onLog(formatRecord(message.record));
      case "stopped":
        return this.#ended.resolve();
    }
  }

  async #login(id: number, { user, password }: LoginRequest): Promise<void> {
    const account = await this.#config.accounts.check(user, password);
    this.#post({ kind: "login-answer", id, ...(account === undefined ? {} : { account }) });
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
