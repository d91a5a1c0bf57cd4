/**
 * A whole server in the test's process: the supervisor here, its sessions in workers.
 *
 * @module
 */
import { Accounts, parseUser } from "../../server/accounts/accounts.ts";
import type { Resolver } from "../../server/system/address_lookup.ts";
import type { ServerConfig, SessionConfig } from "../../server/configuration/config.ts";
import { supervise } from "../../server/supervisor/supervisor.ts";
import type { WorkerFactory } from "../../server/supervisor/worker_handle.ts";
import type { Endpoint } from "../../shared/endpoint.ts";
import { RawClient } from "./raw_client.ts";
import { SESSION_DEFAULTS } from "./test_server.ts";

/** What a test may change of the server. */
export interface SupervisedOptions {
  /** Settings in place of the defaults. */
  readonly config?: Partial<Omit<ServerConfig, "session">>;
  /** Settings of its sessions in place of the defaults. */
  readonly session?: Partial<SessionConfig>;
  /** Starts its workers. */
  readonly spawn?: WorkerFactory;
  /** Looks host names up. */
  readonly resolve?: Resolver;
}

/** Settings of a server with alice (write), bob (read), carol (upload) and anonymous (read). */
export function testConfig(root: string, options: SupervisedOptions = {}): ServerConfig {
  const users = ["alice:secret:write", "bob:secret:read", "carol:secret:upload"].map(parseUser);
  return {
    session: { ...SESSION_DEFAULTS, root, ...options.session },
    users,
    anonymous: "read",
    accounts: new Accounts(users, { anonymous: "read" }),
    writable: true,
    usersFile: undefined,
    maxSessions: 2000,
    maxSessionsPerAddress: 2000,
    limitRatePerUser: undefined,
    limitRateTotal: undefined,
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

/** The lines of a log, to wait for. */
export class LogLines {
  /** All lines so far. */
  readonly lines: string[] = [];
  #changed = Promise.withResolvers<void>();

  /** Takes a line. */
  add(line: string): void {
    this.lines.push(line);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }

  /** Waits for a line, from the one with that index on. */
  async find(pattern: RegExp, from = 0): Promise<string> {
    for (;;) {
      const line = this.lines.slice(from).find((line) => pattern.test(line));
      if (line !== undefined) return line;
      await this.#changed.promise;
    }
  }
}

interface SupervisedParts {
  readonly log: LogLines;
  readonly address: Endpoint;
  readonly implicit: Endpoint | undefined;
  readonly root: string;
  readonly stopping: AbortController;
  readonly reload: () => void;
  readonly next: () => ServerConfig;
  readonly ended: Promise<void>;
}

/** A server that a test owns. */
export class Supervised implements AsyncDisposable {
  /** Lines of its log. */
  readonly log: LogLines;
  /** What {@linkcode Supervised.reload} reads. */
  next: () => ServerConfig;
  /** Where it listens. */
  readonly address: Endpoint;
  /** Where it listens for implicit TLS. */
  readonly implicit: Endpoint | undefined;
  /** Real path of the shared directory. */
  readonly root: string;
  readonly #stopping: AbortController;
  readonly #reload: () => void;
  readonly #ended: Promise<void>;

  private constructor(parts: SupervisedParts) {
    this.log = parts.log;
    this.address = parts.address;
    this.implicit = parts.implicit;
    this.root = parts.root;
    this.next = parts.next;
    this.#stopping = parts.stopping;
    this.#reload = parts.reload;
    this.#ended = parts.ended;
  }

  /** Starts a server and waits until it listens. */
  static async start(options: SupervisedOptions = {}): Promise<Supervised> {
    const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "ftpkit-supervised-" }));
    const log = new LogLines();
    const stopping = new AbortController();
    const listening = Promise.withResolvers<readonly [Endpoint, Endpoint | undefined]>();
    const config = testConfig(root, options);
    let reload = (): void => {};
    const ended = supervise(config, {
      signal: stopping.signal,
      onReload: (listener) => {
        reload = listener;
        return { [Symbol.dispose]: () => {} };
      },
      load: () => new Promise((resolve) => resolve(server.next())),
      onListening: (at, implicit) => listening.resolve([at, implicit]),
      onLog: (line) => log.add(line),
      ...(options.spawn === undefined ? {} : { spawn: options.spawn }),
      ...(options.resolve === undefined ? {} : { resolve: options.resolve }),
    });
    ended.catch(listening.reject);
    const [address, implicit] = await listening.promise;
    const next = (): ServerConfig => config;
    const server = new Supervised({ log, address, implicit, root, stopping, reload, next, ended });
    return server;
  }

  /** Reads what `next` gives as SIGHUP does, and waits until the log says so. */
  async reload(next: () => ServerConfig): Promise<void> {
    this.next = next;
    const before = this.log.lines.length;
    this.#reload();
    await this.log.find(/ configuration read again| not read again/, before);
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
export class MortalWorkers implements Disposable {
  /** Every worker that was started, in order. */
  readonly started: Worker[] = [];
  readonly #released = new Int32Array(new SharedArrayBuffer(4));

  /** Starts one. */
  readonly spawn = (): Worker => {
    const worker = new Worker(new URL("./mortal_worker.ts", import.meta.url), { type: "module" });
    this.started.push(worker);
    return worker;
  };

  /** Lets one do nothing any more, until this is disposed. */
  hang(index: number): void {
    this.started[index]?.postMessage({ kind: "hang", released: this.#released });
  }

  /** Lets one throw an error that nobody catches. */
  kill(index: number): void {
    this.started[index]?.postMessage({ kind: "die" });
  }

  /** Lets those that hang come to their end. */
  [Symbol.dispose](): void {
    Atomics.store(this.#released, 0, 1);
    Atomics.notify(this.#released, 0);
  }
}

/** Connects until it is greeted: a new worker takes a moment to listen. */
export async function comeBack(server: Supervised): Promise<RawClient> {
  for (;;) {
    const client = await RawClient.connect(server.address).catch(() => undefined);
    if ((await client?.next())?.code === 220 && client !== undefined) return client;
    client?.[Symbol.dispose]();
  }
}

/** As many sessions as to have some in each worker: the kernel picks. */
export async function connectMany(server: Supervised, count: number): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  for (let index = 0; index < count; index++) {
    const client = await RawClient.connect(server.address);
    await client.expect(220);
    clients.push(client);
  }
  return clients;
}
