/**
 * The main thread of a server: owns configuration, users and limits, writes the log, and starts,
 * replaces and stops the session workers.
 *
 * @module
 */
import type { Endpoint } from "../../shared/endpoint.ts";
import { reasonOf } from "../../shared/errors.ts";
import { log } from "../../shared/log.ts";
import { exposureOf } from "../accounts/user_file.ts";
import { AddressLookup, type Resolver } from "../system/address_lookup.ts";
import { Balancer } from "./balancer.ts";
import type { ServerConfig } from "../configuration/config.ts";
import { Decisions } from "../admission/decisions.ts";
import { FileWatch } from "../system/file_watch.ts";
import { limitNumbers, Limits } from "../admission/limits.ts";
import type { Metrics } from "../events/metrics.ts";
import type { MetricsSource } from "../events/metrics_server.ts";
import { Observers } from "../events/observers.ts";
import { giveUpRoot, tellRights } from "../system/privileges.ts";
import { planReload, withRightsOf, withUsersOf } from "./reload.ts";
import { ListeningSockets } from "./listening_sockets.ts";
import { findSystemUser, type SystemUser } from "../system/system_user.ts";
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
  /** Calls back whenever the configuration shall be read again, until disposed. */
  readonly onReload: (listener: () => void) => Disposable;
  /** Reads the configuration and the users again; throws where they are not valid. */
  readonly load: () => Promise<ServerConfig>;
  /** Called once when the control port, and that for implicit TLS, take connections. */
  readonly onListening: (at: Endpoint, implicit?: Endpoint) => void;
  /** Takes a line of the log, without its end. */
  readonly onLog: (line: string) => void;
  /** Starts a session worker; {@linkcode spawnWorker} unless given. */
  readonly spawn?: WorkerFactory;
  /** Looks host names up; the system does unless given. */
  readonly resolve?: Resolver;
}

/**
 * Runs a server until it is stopped.
 *
 * @param config What to serve.
 * @param options Stop signal and output.
 * @throws {FtpkitError} If it cannot listen, or every worker dies and none can be started.
 */
export async function supervise(config: ServerConfig, options: SupervisorOptions): Promise<void> {
  using supervisor = new Supervisor(config, options);
  await supervisor.run();
}

class Supervisor implements Disposable {
  #config: ServerConfig;
  readonly #options: SupervisorOptions;
  readonly #limits: Limits;
  readonly #decisions: Decisions;
  readonly #pool: WorkerPool;
  readonly #listeners = new ListeningSockets();
  readonly #balancer = new Balancer({
    sockets: this.#listeners,
    load: (worker) => this.#limits.loadOf(worker),
  });
  readonly #address: AddressLookup;
  readonly #observers: Observers;
  readonly #reloads: Disposable;
  #users: Disposable | undefined;
  readonly #started = Promise.withResolvers<void>();
  #turn: Promise<void> = this.#started.promise;

  constructor(config: ServerConfig, options: SupervisorOptions) {
    this.#config = config;
    this.#options = options;
    this.#limits = new Limits(limitNumbers(config));
    this.#decisions = new Decisions(config, this.#limits);
    this.#pool = new WorkerPool({
      spawn: options.spawn ?? spawnWorker,
      client: this.#client(),
      onDeath: (worker) => this.#endSessionsOf(worker),
      onHang: () => void this.#inTurn(() => this.#leaveHanging()),
      inTurn: (step) => this.#inTurn(step),
      balancer: this.#balancer,
    });
    this.#address = new AddressLookup({
      onChange: (address) => this.#pool.tellAddress(address),
      ...(options.resolve === undefined ? {} : { resolve: options.resolve }),
    });
    this.#observers = new Observers({
      onLine: options.onLog,
      source: (metrics) => this.#metricsSource(metrics),
    });
    this.#reloads = options.onReload(() => this.#inTurn(() => this.#reload()));
    this.#watchUsers();
  }

  async run(): Promise<void> {
    await using observers = this.#observers;
    await observers.open(this.#config);
    const { runAs } = this.#config;
    const user = runAs === undefined ? undefined : await findSystemUser(runAs);
    const config = await this.#resolved(this.#config);
    const { at, implicit } = await this.#pool.start(config, (ports) => {
      if (user === undefined) return;
      observers.handOver(user);
      giveUpRoot(user, Math.min(ports.at.port, ports.implicit?.port ?? ports.at.port));
      observers.check();
    });
    this.#options.onListening(at, implicit);
    tellRights(user);
    await tellExposure(this.#config);
    if (user !== undefined) await this.#tryLoad(user);
    this.#started.resolve();
    const error = await Promise.race([aborted(this.#options.signal), this.#pool.lost]);
    this.#pool.replaceNobody();
    await this.#turn;
    await this.#pool.stop();
    if (error !== undefined) throw error;
  }

  /**
   * One after another: reloads, and whatever opens or closes ports, since of two at a time nobody knows
   * the order. Nothing before the server has started, and nothing any more once it stops.
   */
  #inTurn<T>(step: () => Promise<T>): Promise<T | undefined> {
    const done = this.#turn.then(async () => {
      if (this.#options.signal.aborted) return undefined;
      try {
        return await step();
      } catch (error) {
        log.error(`change failed: ${reasonOf(error)}`);
        return undefined;
      }
    });
    this.#turn = done.then(() => {});
    return done;
  }

  async #reload(): Promise<void> {
    const next = await this.#load();
    // Files that a log rotation has moved away begin anew, whatever the configuration says.
    if (next === undefined) return await this.#observers.reopen(this.#config);
    const { config, renew, ignored } = planReload(this.#config, next);
    for (const name of ignored) log.warning(`a new value of ${name} needs a restart`);
    await this.#use(config, renew);
    log.info("configuration read again");
  }

  async #reloadUsers(): Promise<void> {
    const next = await this.#load();
    if (next === undefined) return;
    const config = withUsersOf(this.#config, next);
    await this.#use(config, config.writable !== this.#config.writable);
    log.info("users read again");
  }

  /** The configuration as it is now; undefined, and every error in the log, where it is not valid. */
  async #load(): Promise<ServerConfig | undefined> {
    try {
      return await this.#options.load();
    } catch (error) {
      for (const line of reasonOf(error).split("\n")) log.error(`not read again: ${line}`);
      return undefined;
    }
  }

  /** What only root can read is better known at the start than at the first reload. */
  async #tryLoad({ name }: SystemUser): Promise<void> {
    try {
      await this.#options.load();
    } catch (error) {
      for (const line of reasonOf(error).split("\n")) {
        log.warning(`a reload will fail, since ${name} cannot do all that root can: ${line}`);
      }
    }
  }

  async #use(next: ServerConfig, renew: boolean): Promise<void> {
    await tellExposure(next);
    const resolved = await this.#resolved(next);
    const renewed = !renew || await this.#renew(resolved);
    const config = renewed ? next : withRightsOf(this.#config, next);
    const watched = this.#config.usersFile;
    this.#config = config;
    this.#limits.use(limitNumbers(config));
    this.#decisions.use(config);
    this.#pool.configure({ ...config.session, publicAddress: this.#address.address });
    this.#pool.tellAddress(this.#address.address);
    if (config.usersFile !== watched) this.#watchUsers();
    await this.#observers.reopen(config);
  }

  /** With an address where the configuration may have a host name. */
  async #resolved(config: ServerConfig): Promise<ServerConfig> {
    await this.#address.use(config.session.publicAddress);
    return { ...config, session: { ...config.session, publicAddress: this.#address.address } };
  }

  /** Its thread may live on, and new connections would wait for it. */
  async #leaveHanging(): Promise<void> {
    if (this.#pool.hanging === 0) return;
    if (!this.#listeners.able) return log.error("new sessions may hang too: restart the server");
    await this.#pool.leaveHanging(await this.#resolved(this.#config), this.#listeners);
    log.warning("a worker that hangs gets no new sessions; only a restart ends its thread");
  }

  /** Starts workers with other rights; those that run only finish their sessions then. */
  async #renew(next: ServerConfig): Promise<boolean> {
    try {
      await this.#pool.renew(next);
      return true;
    } catch (error) {
      log.error(
        `no workers with the new rights: ${reasonOf(error)}; ` +
          "this change needs a restart, until then the old rights hold",
      );
      return false;
    }
  }

  #watchUsers(): void {
    this.#users?.[Symbol.dispose]();
    const { usersFile } = this.#config;
    this.#users = usersFile === undefined
      ? undefined
      : new FileWatch(usersFile, () => this.#inTurn(() => this.#reloadUsers()));
  }

  #client(): WorkerClient {
    return {
      decide: async (question, worker) => {
        const answer = await this.#decisions.decide(question, worker);
        if (question.kind === "admit") this.#balancer.review();
        return answer;
      },
      ended: (session) => {
        this.#limits.ended(session);
        this.#balancer.review();
      },
      late: () => this.#balancer.review(),
      loggedOut: (session) => this.#limits.loggedOut(session),
      transferEnded: (session) => this.#limits.transferEnded(session),
      quotaGiven: (amount) => this.#decisions.give(amount),
      event: (event) => this.#observers.observe(event),
      log: (record) => this.#observers.write(record),
    };
  }

  #metricsSource(metrics: Metrics): MetricsSource {
    return {
      draining: () => this.#options.signal.aborted,
      render: () => {
        const { sessions, refusals } = this.#limits;
        const { bans } = this.#decisions;
        return metrics.render({ sessions, refusals, bans, workers: this.#pool.health });
      },
    };
  }

  /** A dead worker cannot tell the end of its sessions. */
  #endSessionsOf(worker: WorkerHandle): void {
    const at = Date.now();
    const now = performance.now();
    for (const { session, address, user, anonymous, since } of this.#limits.sessionsOf(worker)) {
      const origin = { session, address, user, anonymous, at };
      this.#observers.observe({ ...origin, kind: "closed", milliseconds: now - since });
      this.#limits.ended(session);
    }
  }

  [Symbol.dispose](): void {
    this.#listeners[Symbol.dispose]();
    this.#decisions[Symbol.dispose]();
    this.#reloads[Symbol.dispose]();
    this.#address[Symbol.dispose]();
    this.#users?.[Symbol.dispose]();
  }
}

/** Hashes are worth stealing: others must not read them. */
async function tellExposure({ usersFile }: ServerConfig): Promise<void> {
  const warning = usersFile === undefined ? undefined : await exposureOf(usersFile);
  if (warning !== undefined) log.warning(warning);
}

/** Resolves when a signal is aborted. */
function aborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}
