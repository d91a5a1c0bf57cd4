/**
 * A whole server in the test's process: the supervisor here, its sessions in workers.
 *
 * @module
 */
import { Accounts, parseUser } from "../../server/accounts/accounts.ts";
import type { ServerConfig, SessionConfig } from "../../server/config.ts";
import { supervise } from "../../server/supervisor.ts";
import type { WorkerFactory, WorkerPort } from "../../server/worker_handle.ts";
import type { Endpoint } from "../../shared/endpoint.ts";
import { SESSION_DEFAULTS } from "./test_server.ts";

/** What a test may change of the server. */
export interface SupervisedOptions {
  /** Settings in place of the defaults. */
  readonly config?: Partial<Omit<ServerConfig, "session">>;
  /** Settings of its sessions in place of the defaults. */
  readonly session?: Partial<SessionConfig>;
  /** Starts its workers. */
  readonly spawn?: WorkerFactory;
}

/** Settings of a server with alice (write), bob (read), carol (upload) and anonymous (read). */
export function testConfig(root: string, options: SupervisedOptions = {}): ServerConfig {
  const users = ["alice:secret:write", "bob:secret:read", "carol:secret:upload"].map(parseUser);
  return {
    session: { ...SESSION_DEFAULTS, root, ...options.session },
    users,
    anonymous: "read",
    accounts: new Accounts(users, "read"),
    writable: true,
    usersFile: undefined,
    maxSessions: 2000,
    maxSessionsPerAddress: 2000,
    ban: undefined,
    runAs: undefined,
    workers: 1,
    logFormat: "text",
    logFile: undefined,
    sessionLogs: undefined,
    transferLog: undefined,
    metrics: undefined,
    hooks: [],
    ...options.config,
  };
}

/** A server that a test owns. */
export class Supervised implements AsyncDisposable {
  /** Lines of its log. */
  readonly log: readonly string[];
  /** Where it listens. */
  readonly address: Endpoint;
  /** Real path of the shared directory. */
  readonly root: string;
  readonly #stopping: AbortController;
  readonly #ended: Promise<void>;

  private constructor(parts: {
    readonly log: readonly string[];
    readonly address: Endpoint;
    readonly root: string;
    readonly stopping: AbortController;
    readonly ended: Promise<void>;
  }) {
    this.log = parts.log;
    this.address = parts.address;
    this.root = parts.root;
    this.#stopping = parts.stopping;
    this.#ended = parts.ended;
  }

  /** Starts a server and waits until it listens. */
  static async start(options: SupervisedOptions = {}): Promise<Supervised> {
    const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "ftpkit-supervised-" }));
    const log: string[] = [];
    const stopping = new AbortController();
    const listening = Promise.withResolvers<Endpoint>();
    const ended = supervise(testConfig(root, options), {
      signal: stopping.signal,
      onListening: listening.resolve,
      onLog: (line) => log.push(line),
      ...(options.spawn === undefined ? {} : { spawn: options.spawn }),
    });
    ended.catch(listening.reject);
    const address = await listening.promise;
    return new Supervised({ log, address, root, stopping, ended });
  }

  /** Resolves when it has ended by itself or by {@linkcode stop}. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Stops it as SIGTERM does. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop().catch(() => {}); // a test that wants to know waits for `ended`
    await Deno.remove(this.root, { recursive: true });
  }
}

/** Starts workers that can be made to die, and keeps hold of them. */
export class MortalWorkers {
  /** Every worker that was started, in order. */
  readonly started: Worker[] = [];

  /** Starts one. */
  readonly spawn = (): WorkerPort => {
    const worker = new Worker(new URL("./mortal_worker.ts", import.meta.url), { type: "module" });
    this.started.push(worker);
    return worker;
  };

  /** Lets one throw an error that nobody catches. */
  kill(index: number): void {
    this.started[index]?.postMessage({ kind: "die" });
  }
}
