/**
 * Workers with the same rights on one port: those that die are replaced, until the generation is
 * retired.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import { reasonOf } from "../../shared/errors.ts";
import { log } from "../../shared/log.ts";
import type { Balancer } from "./balancer.ts";
import type { SessionConfig } from "../configuration/config.ts";
import type { BoundPorts } from "../system/control_port.ts";
import {
  HangError,
  type WorkerClient,
  type WorkerFactory,
  WorkerHandle,
  type WorkerRights,
} from "./worker_handle.ts";

/** Does one step after another; undefined where it is not done, as the server stops. */
export type InTurn = <T>(step: () => Promise<T>) => Promise<T | undefined>;

/** How a generation is started. */
export interface GenerationPlan {
  /** What its workers may do. */
  readonly rights: WorkerRights;
  /** Settings for sessions, with the port to share; 0: any free one. */
  readonly config: SessionConfig;
  /** How many workers. */
  readonly count: number;
  /** How many of them help another one. */
  readonly helpers: number;
  /** Fail where another program has the port: so for the first generation only. */
  readonly exclusive: boolean;
  /** Starts a thread. */
  readonly spawn: WorkerFactory;
  /** Takes what workers say. */
  readonly client: WorkerClient;
  /** Runs when every port is bound and no connection has been taken yet. */
  readonly beforeServing?: (ports: BoundPorts) => void;
  /** Told in which order the workers open and close the port. */
  readonly balancer?: Balancer;
  /** A worker has died: its sessions are gone. */
  readonly onDeath: (worker: WorkerHandle, error: Error) => void;
  /** Does something while nobody else opens or closes ports; not at all once the server stops. */
  readonly inTurn: InTurn;
  /** Another one takes connections in its place. */
  readonly onReplaced: () => void;
}

/** Milliseconds before a worker that died is replaced; doubled with each death in a row. */
const FIRST_PAUSE = 50;

/** Longest pause in milliseconds. */
const LONGEST_PAUSE = 30_000;

/** Milliseconds of life after which a death is no longer one in a row. */
const STEADY = 60_000;

/** Attempts in a row, with no worker left, after which the server gives up. */
const MAX_ATTEMPTS = 10;

/** Milliseconds for connections that are on their way to a worker before it gives the port up. */
const HANDOVER_TIME = 200;

/** Milliseconds that workers get beyond the time for transfers to end their sessions. */
const STOP_GRACE = 10_000;

/** Workers that serve one port with the same rights. */
export class Generation {
  readonly #plan: GenerationPlan;
  readonly #workers = new Set<WorkerHandle>();
  readonly #watching = new Set<Promise<void>>();
  readonly #leaving = new AbortController();
  readonly #lost = Promise.withResolvers<Error>();
  #config: SessionConfig;
  #failures = 0;

  private constructor(plan: GenerationPlan, config: SessionConfig, workers: WorkerHandle[]) {
    this.#plan = plan;
    this.#config = config;
    for (const worker of workers) this.#adopt(worker);
  }

  /**
   * Starts a generation: every worker listens and takes connections when it resolves.
   *
   * @param plan What to start.
   * @returns The generation, and where it listens.
   * @throws {FtpkitError} If a worker cannot; none is left then.
   */
  static async start(plan: GenerationPlan): Promise<{ generation: Generation; ports: BoundPorts }> {
    // All at once, since loading takes longest; one after another, since the kernel keeps the order.
    const first = spawn(plan);
    const others = Array.from({ length: plan.count - 1 }, () => spawn(plan));
    const opened: WorkerHandle[] = [];
    const bind = async (worker: WorkerHandle, config: SessionConfig): Promise<BoundPorts> => {
      const ports = await worker.bind(config, plan.exclusive && worker === first);
      plan.balancer?.opened(worker);
      opened.push(worker);
      return ports;
    };
    try {
      const ports = await bind(first, plan.config);
      const config = withPorts(plan.config, ports);
      for (const worker of others) await bind(worker, config);
      plan.beforeServing?.(ports);
      await Promise.all(opened.map((worker) => worker.serve(plan.helpers > 0)));
      return { generation: new Generation(plan, config, opened), ports };
    } catch (error) {
      for (const worker of opened.reverse()) await end(worker, plan);
      for (const worker of [first, ...others]) worker.terminate();
      throw error;
    }
  }

  /** Workers that are alive. */
  get alive(): number {
    return this.#workers.size;
  }

  /** Resolves when no worker is left and none can be started. */
  get lost(): Promise<Error> {
    return this.#lost.promise;
  }

  /** Gives its workers settings for new sessions; the port stays. */
  configure(config: SessionConfig): void {
    const { port, implicitPort } = this.#config;
    this.#config = { ...config, port, implicitPort };
    for (const worker of this.#workers) worker.configure(this.#config);
  }

  /** Tells its workers the address for 227. */
  tellAddress(address: string | undefined): void {
    this.#config = { ...this.#config, publicAddress: address };
    for (const worker of this.#workers) worker.tellAddress(address);
  }

  /** Leaves the port to another generation, as {@linkcode retire} does, and turns nobody away. */
  async handOver(): Promise<void> {
    const { balancer } = this.#plan;
    this.replaceNobody();
    for (const worker of this.#workers) balancer?.leaving(worker);
    for (const worker of this.#workers) {
      // With each that closes the kernel's order changes, and for a moment any worker may get some.
      if (balancer?.review()) await delay(HANDOVER_TIME);
      await this.#close(worker);
    }
  }

  /** From now on nobody who dies is replaced, and who is being started is ended. */
  replaceNobody(): void {
    this.#leaving.abort();
  }

  /** Takes the port from it, and resolves when it is closed; its sessions go on. */
  async retire(): Promise<void> {
    this.replaceNobody();
    this.#plan.balancer?.release();
    await Promise.all(Array.from(this.#workers, (worker) => worker.retire()));
  }

  async #close(worker: WorkerHandle): Promise<void> {
    await worker.retire();
    await this.#plan.balancer?.closed(worker);
  }

  #helpersOf(worker: WorkerHandle): readonly WorkerHandle[] {
    const others = [...this.#workers].filter((other) => other !== worker && !other.late);
    return others.slice(0, this.#plan.helpers);
  }

  /** Resolves when its last worker has ended, once it is retired or stopped. */
  async ended(): Promise<void> {
    await Promise.all(this.#watching);
  }

  /** Ends its sessions; transfers get the time of `drainTimeout`. */
  async stop(): Promise<void> {
    const cut = setTimeout(() => this.#cut(), this.#config.drainTimeout + STOP_GRACE);
    // Who is told by one worker that the server stops shall not find another one's port open.
    await this.retire();
    for (const worker of this.#workers) worker.stop();
    await this.ended();
    clearTimeout(cut);
  }

  #cut(): void {
    for (const worker of this.#workers) worker.terminate();
  }

  #adopt(worker: WorkerHandle): void {
    this.#workers.add(worker);
    worker.helpers = () => this.#helpersOf(worker);
    const watching = this.#watch(worker).finally(() => this.#watching.delete(watching));
    this.#watching.add(watching);
  }

  async #watch(worker: WorkerHandle): Promise<void> {
    const started = performance.now();
    const error = await worker.gone;
    this.#workers.delete(worker);
    if (error === undefined) return;
    log.error(`${error.message}; its sessions are lost`);
    const { balancer, inTurn, onDeath } = this.#plan;
    balancer?.leaving(worker);
    onDeath(worker, error);
    // A thread that hangs keeps its ports.
    if (!(error instanceof HangError)) await inTurn(async () => await balancer?.closed(worker));
    if (performance.now() - started >= STEADY) this.#failures = 0;
    await this.#replace(error);
  }

  async #replace(death: Error): Promise<void> {
    for (let reason = death; !this.#leaving.signal.aborted;) {
      if (this.#workers.size === 0 && this.#failures >= MAX_ATTEMPTS) {
        return this.#lost.resolve(reason);
      }
      const pause = Math.min(FIRST_PAUSE * 2 ** this.#failures++, LONGEST_PAUSE);
      await delay(pause, { signal: this.#leaving.signal }).catch(() => {}); // leaving
      const started = await this.#plan.inTurn(() => this.#startOne());
      if (started === undefined) return;
      if (started instanceof WorkerHandle) return await this.#welcome(started);
      log.error(`worker not replaced: ${reasonOf(started)}`);
      reason = started;
    }
  }

  /** A stop may have come while it started: nobody would tell it. */
  async #welcome(worker: WorkerHandle): Promise<void> {
    if (this.#leaving.signal.aborted) return await end(worker, this.#plan);
    this.#adopt(worker);
    this.#plan.onReplaced();
  }

  async #startOne(): Promise<WorkerHandle | Error | undefined> {
    if (this.#leaving.signal.aborted) return undefined;
    const worker = spawn(this.#plan);
    const giveUp = (): void => worker.terminate();
    this.#leaving.signal.addEventListener("abort", giveUp, { once: true });
    try {
      await worker.bind(this.#config, false);
      this.#plan.balancer?.opened(worker);
      await worker.serve(this.#plan.helpers > 0);
      return worker;
    } catch (error) {
      await end(worker, this.#plan);
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      this.#leaving.signal.removeEventListener("abort", giveUp);
    }
  }
}

function spawn(plan: GenerationPlan): WorkerHandle {
  return new WorkerHandle(plan.client, plan.spawn(plan.rights));
}

/** Ends a worker that may have opened its ports already. */
async function end(worker: WorkerHandle, { balancer }: GenerationPlan): Promise<void> {
  worker.terminate();
  await balancer?.closed(worker);
}

/** The ports that the first worker has got, for all others. */
function withPorts(config: SessionConfig, { at, implicit }: BoundPorts): SessionConfig {
  return { ...config, port: at.port, implicitPort: implicit?.port };
}
