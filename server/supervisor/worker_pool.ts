/**
 * All session workers: the generation that takes connections, and earlier ones that finish their
 * sessions.
 *
 * @module
 */
import type { Balancer } from "./balancer.ts";
import type { ServerConfig, SessionConfig } from "../configuration/config.ts";
import type { BoundPorts } from "../system/control_port.ts";
import { Generation, type GenerationPlan, type InTurn } from "./generation.ts";
import type { ListeningSockets } from "./listening_sockets.ts";
import {
  HangError,
  type WorkerClient,
  type WorkerFactory,
  type WorkerHandle,
} from "./worker_handle.ts";

/** What a pool needs. */
export interface WorkerPoolOptions {
  /** Starts a thread. */
  readonly spawn: WorkerFactory;
  /** Takes what workers say. */
  readonly client: WorkerClient;
  /** A worker has died: its sessions are gone. */
  readonly onDeath: (worker: WorkerHandle) => void;
  /** A worker hangs that still listens: see {@linkcode WorkerPool.leaveHanging}. */
  readonly onHang: () => void;
  /** Does one thing after another that opens or closes ports. */
  readonly inTurn: InTurn;
  /** Told in which order workers open and close the ports, and which ports those are. */
  readonly balancer?: Balancer;
  /** Cores of the machine; as many as the system tells unless given. */
  readonly cores?: number;
}

/** How the workers are, for metrics. */
export interface PoolHealth {
  /** Workers that take connections. */
  readonly alive: number;
  /** How many there should be. */
  readonly wanted: number;
  /** Workers of earlier generations that still have sessions. */
  readonly retiring: number;
  /** Workers that died since the start. */
  readonly deaths: number;
  /** Workers that were started in place of those, since the start. */
  readonly replacements: number;
}

/** Threads for more cores than that have not helped: the disk and the kernel are the limit. */
const MOST_CORES = 4;

/** The workers of a server. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #retiring = new Set<Generation>();
  /** Workers whose threads live on, with their ports, and of which generation they are. */
  readonly #hanging = new Map<WorkerHandle, number>();
  readonly #lost = Promise.withResolvers<Error>();
  #current: Generation | undefined;
  /** Generations so far. */
  #generations = 0;
  #wanted = 0;
  #deaths = 0;
  #replacements = 0;
  #ports: BoundPorts = { at: { hostname: "", port: 0 } };

  /** Makes an empty pool. */
  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** Resolves, with the reason, when every worker has died and none can be started. */
  get lost(): Promise<Error> {
    return this.#lost.promise;
  }

  /** How the workers are. */
  get health(): PoolHealth {
    const retiring = [...this.#retiring].reduce((sum, { alive }) => sum + alive, 0);
    const alive = this.#current?.alive ?? 0;
    return {
      alive,
      wanted: this.#wanted,
      retiring,
      deaths: this.#deaths,
      replacements: this.#replacements,
    };
  }

  /**
   * Starts the first generation.
   *
   * @param config What to serve.
   * @param beforeServing Runs when the port is bound and no connection has been taken yet.
   * @returns Where it listens.
   * @throws {FtpkitError} If it cannot listen, or cannot open the shared directory.
   */
  async start(
    config: ServerConfig,
    beforeServing?: (ports: BoundPorts) => void,
  ): Promise<BoundPorts> {
    const more = beforeServing === undefined ? {} : { beforeServing };
    const plan = { ...this.#plan(config), exclusive: true, ...more };
    const { generation, ports } = await Generation.start(plan);
    this.#ports = ports;
    this.#use(generation, plan);
    this.#options.balancer?.use(portNumbers(ports));
    return ports;
  }

  /**
   * Starts a new generation on the same port; the one before only finishes its sessions, and takes no
   * connection any more when this resolves.
   *
   * @param config What to serve from now on.
   * @throws {FtpkitError} If it cannot be started: the one before goes on as it was.
   */
  async renew(config: ServerConfig): Promise<void> {
    const { at, implicit } = this.#ports;
    const session = { ...config.session, port: at.port, implicitPort: implicit?.port };
    const plan = this.#plan({ ...config, session });
    const { generation } = await Generation.start(plan);
    const before = this.#current;
    this.#use(generation, plan);
    if (before === undefined) return;
    this.#retiring.add(before);
    const closed = before.handOver();
    before.ended().finally(() => this.#retiring.delete(before));
    await closed;
    this.#options.balancer?.review();
  }

  /**
   * Closes the control port of workers that hang and cannot be ended. All others are replaced for that
   * and only finish their sessions: what still listens then is nobody's.
   *
   * @param config What to serve from now on.
   * @param listeners What closes it.
   * @throws {FtpkitError} If the others cannot be replaced.
   */
  async leaveHanging(config: ServerConfig, listeners: ListeningSockets): Promise<void> {
    const before = portNumbers(this.#ports).map((port) => [port, listeners.on(port)] as const);
    await this.renew(config);
    for (const [port, stale] of before) listeners.close(port, stale);
    for (const [worker, generation] of this.#hanging) {
      if (generation === this.#generations) continue;
      this.#hanging.delete(worker);
      await this.#options.balancer?.closed(worker);
    }
  }

  /** Workers that hang and still listen. */
  get hanging(): number {
    return this.#hanging.size;
  }

  /** Gives the workers settings for new sessions. */
  configure(config: SessionConfig): void {
    this.#current?.configure(config);
  }

  /** Tells every worker the address for 227, for running sessions too. */
  tellAddress(address: string | undefined): void {
    for (const generation of this.#all) generation.tellAddress(address);
  }

  /** From now on nobody who dies is replaced: the server is about to stop. */
  replaceNobody(): void {
    for (const generation of this.#all) generation.replaceNobody();
  }

  /** Stops all workers: 421 to their sessions, time for running transfers. */
  async stop(): Promise<void> {
    await Promise.all(this.#all.map((generation) => generation.stop()));
  }

  get #all(): Generation[] {
    return [...this.#retiring, ...(this.#current === undefined ? [] : [this.#current])];
  }

  #leave(worker: WorkerHandle, generation: number): void {
    this.#hanging.set(worker, generation);
    this.#options.onHang();
  }

  #use(generation: Generation, { count }: GenerationPlan): void {
    this.#current = generation;
    this.#wanted = count;
    generation.lost.then((error) => {
      if (this.#current === generation) this.#lost.resolve(error);
    });
  }

  #plan({ session, writable, workers }: ServerConfig): GenerationPlan {
    const { spawn, client, inTurn, balancer, cores = navigator.hardwareConcurrency } =
      this.#options;
    const generation = ++this.#generations;
    const count = workerCount(workers, cores);
    return {
      rights: { root: session.root, writable },
      config: session,
      count,
      helpers: Math.min(helperCount(cores), count - 1),
      exclusive: false,
      spawn,
      client,
      inTurn,
      ...(balancer === undefined ? {} : { balancer }),
      onDeath: (worker, error) => {
        this.#deaths++;
        this.#options.onDeath(worker);
        if (error instanceof HangError && worker.listens) this.#leave(worker, generation);
      },
      onReplaced: () => this.#replacements++,
    };
  }
}

function portNumbers({ at, implicit }: BoundPorts): number[] {
  return implicit === undefined ? [at.port] : [at.port, implicit.port];
}

/**
 * How many workers to start.
 *
 * @param wanted A number, or `auto`: one more than there are cores, of which four count at most, so that
 * a session that only talks finds a thread that moves no file; a single one where there is one core, or
 * where the system does not spread connections over several listeners.
 * @param cores How many cores there are.
 * @returns At least 1.
 */
export function workerCount(
  wanted: number | "auto",
  cores: number,
): number {
  if (wanted !== "auto") return wanted;
  if (Deno.build.os !== "linux" || cores === 1) return 1;
  return Math.min(cores, MOST_CORES) + 1;
}

/**
 * How many workers may help another one with a large listing: one core does the listing itself, and
 * one stays free, without which others wait for tens of milliseconds.
 *
 * @param cores How many cores there are.
 * @returns 0 or more.
 */
function helperCount(cores: number): number {
  return Math.max(0, cores - 2);
}
