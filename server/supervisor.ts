/**
 * The main thread of a server: owns configuration, users and limits, writes the log, and starts,
 * replaces and stops the session workers.
 *
 * @module
 */
import type { Endpoint } from "../shared/endpoint.ts";
import { formatRecord, log, openLog, type PostedRecord } from "../shared/log.ts";
import type { ServerConfig } from "./config.ts";
import { Decisions } from "./decisions.ts";
import type { SessionEvent } from "./event.ts";
import { eventText } from "./event_text.ts";
import { limitNumbers, Limits } from "./limits.ts";
import {
  spawnWorker,
  type WorkerClient,
  type WorkerFactory,
  type WorkerHandle,
} from "./worker_handle.ts";
import { WorkerPool } from "./worker_pool.ts";

/** What the supervisor needs from outside. */
export interface SupervisorOptions {
  /** Stops the server. */
  readonly signal: AbortSignal;
  /** Called once when the control port takes connections. */
  readonly onListening: (at: Endpoint) => void;
  /** Takes a line of the log, without its end. */
  readonly onLog: (line: string) => void;
  /** Starts a session worker; {@linkcode spawnWorker} unless given. */
  readonly spawn?: WorkerFactory;
}

/**
 * Runs a server until it is stopped.
 *
 * @param config What to serve.
 * @param options Stop signal and output.
 * @throws {FtpkitError} If it cannot listen, or every worker dies and none can be started.
 */
export async function supervise(config: ServerConfig, options: SupervisorOptions): Promise<void> {
  const write = (record: PostedRecord): void => options.onLog(formatRecord(record));
  await openLog(write, config.session.logLevel);
  await new Supervisor(config, options).run();
}

class Supervisor {
  readonly #config: ServerConfig;
  readonly #options: SupervisorOptions;
  readonly #limits: Limits;
  readonly #decisions: Decisions;
  readonly #pool: WorkerPool;

  constructor(config: ServerConfig, options: SupervisorOptions) {
    this.#config = config;
    this.#options = options;
    this.#limits = new Limits(limitNumbers(config));
    this.#decisions = new Decisions(config, this.#limits);
    this.#pool = new WorkerPool({
      spawn: options.spawn ?? spawnWorker,
      client: this.#client(),
      onDeath: (worker) => this.#endSessionsOf(worker),
    });
  }

  async run(): Promise<void> {
    const at = await this.#pool.start(this.#config);
    this.#options.onListening(at);
    const error = await Promise.race([aborted(this.#options.signal), this.#pool.lost]);
    await this.#pool.stop();
    if (error !== undefined) throw error;
  }

  #client(): WorkerClient {
    return {
      decide: (question, worker) => this.#decisions.decide(question, worker),
      ended: (session) => this.#limits.ended(session),
      loggedOut: (session) => this.#limits.loggedOut(session),
      transferEnded: (session) => this.#limits.transferEnded(session),
      event: (event) => this.#observe(event),
      log: (record) => this.#options.onLog(formatRecord(record)),
    };
  }

  #observe(event: SessionEvent): void {
    const text = eventText(event);
    if (text !== undefined) log.info(text);
  }

  /** A dead worker cannot tell the end of its sessions. */
  #endSessionsOf(worker: WorkerHandle): void {
    const at = Date.now();
    for (const { session, address, user, anonymous, since } of this.#limits.sessionsOf(worker)) {
      const origin = { session, address, user, anonymous, at };
      this.#observe({ ...origin, kind: "closed", milliseconds: at - since });
      this.#limits.ended(session);
    }
  }
}

/** Resolves when a signal is aborted. */
function aborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}
