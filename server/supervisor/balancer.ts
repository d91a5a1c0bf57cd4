/**
 * Which worker gets the next connection.
 *
 * By itself the system picks one of the workers' sockets by a hash, so that of four sessions two or
 * three often share a thread while another has none. The balancer tells it after each connection
 * which workers have the fewest sessions.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import type { ListeningSockets } from "./listening_sockets.ts";
import { spreadProgram } from "./spread_program.ts";

/** A worker, as far as it matters here. */
export interface Balanced {
  /** It does nothing for now: who comes to it has to wait. */
  readonly late: boolean;
}

/** What the balancer needs. */
export interface BalancerOptions {
  /** The sockets of all workers. */
  readonly sockets: Pick<ListeningSockets, "able" | "on" | "steer">;
  /** How many sessions a worker has. */
  readonly load: (worker: Balanced) => number;
}

/** Below that share of all sessions of a worker's, differences do not matter: many may come at once. */
const TOLERANCE = 1 / 8;

/** Milliseconds before sockets are looked for again: it takes a call for each descriptor. */
const SEARCH_PAUSE = 1000;

/** Milliseconds between two looks at sockets that are about to be closed. */
const LOOK_PAUSE = 20;

/** Milliseconds for a worker's sockets to be closed: its thread has to come to its end. */
const CLOSING_TIME = 2000;

/**
 * Steers new connections to workers with few sessions. Linux only; elsewhere, and wherever the order of
 * the sockets is not certain, the system decides.
 */
export class Balancer {
  readonly #options: BalancerOptions;
  /** Workers in the order that the kernel keeps of their sockets. */
  #order: Balanced[] = [];
  readonly #leaving = new WeakSet<Balanced>();
  #ports: readonly number[] = [];
  /** A socket of each port; undefined where that is to be found out anew. */
  #sockets: readonly number[] | undefined;
  /** When they may be looked for again. */
  #searchAt = 0;
  #certain: boolean;
  /** The sockets of a worker are about to go. */
  #isClosing = false;
  #chosen = "";

  /** Steers nothing yet. */
  constructor(options: BalancerOptions) {
    this.#options = options;
    this.#certain = options.sockets.able;
  }

  /** A worker has opened its ports, later than all others. */
  opened(worker: Balanced): void {
    this.#order.push(worker);
    this.#forgetSockets();
    // One that has closed unnoticed may have done so before or after.
    if (this.#missing().some((count) => count !== 0)) this.release();
  }

  /** A worker will close its ports, or has died: from the next review on it gets nothing new. */
  leaving(worker: Balanced): void {
    this.#leaving.add(worker);
  }

  /**
   * A worker closes its ports, or has died. Resolves when its sockets are gone: in the kernel's order
   * the last one takes its place. Those of a thread that hangs stay where they are.
   */
  async closed(worker: Balanced): Promise<void> {
    if (!this.#certain || !this.#order.includes(worker)) return;
    // Of two at a time nobody knows which was the first.
    if (this.#isClosing) return this.release();
    this.#isClosing = true;
    this.review();
    const deadline = performance.now() + CLOSING_TIME;
    let missing = this.#missing();
    while (missing.some((count) => count < 1) && performance.now() < deadline) {
      await delay(LOOK_PAUSE);
      missing = this.#missing();
    }
    this.#isClosing = false;
    if (missing.every((count) => count === 1)) this.#remove(worker);
    else if (missing.some((count) => count > 0)) this.release();
  }

  /**
   * Lets the system decide from now on. So where several workers have died at once, since nobody knows
   * whose sockets were closed first, and where all are about to close.
   */
  release(): void {
    if (!this.#certain) return;
    this.#certain = false;
    for (const port of this.#ports) {
      for (const socket of this.#options.sockets.on(port).values()) this.#steer(socket, []);
    }
  }

  /** The workers listen on these ports. */
  use(ports: readonly number[]): void {
    this.#ports = ports;
    this.#forgetSockets();
    this.review();
  }

  /**
   * Sessions have begun or ended, or a worker may not be chosen any more: others are to be preferred now.
   *
   * @returns Whether they are, or the system decides.
   */
  review(): boolean {
    if (!this.#certain || this.#order.length < 2) return false;
    const sockets = this.#sockets ??= this.#find();
    if (sockets === undefined) return false;
    const choice = this.#choose();
    const chosen = choice.join();
    if (chosen === this.#chosen) return true;
    this.#chosen = chosen;
    for (const socket of sockets) this.#steer(socket, choice);
    return true;
  }

  #remove(worker: Balanced): void {
    const index = this.#order.indexOf(worker);
    const last = this.#order.pop();
    if (last !== undefined && index < this.#order.length) this.#order[index] = last;
    this.#forgetSockets();
    this.review();
  }

  #choose(): number[] {
    const able = this.#able();
    const loads = able.map(this.#options.load);
    const total = loads.reduce((sum, load) => sum + load, 0);
    const most = Math.min(...loads) + Math.floor(total / loads.length * TOLERANCE);
    return able.filter((_, at) => (loads[at] ?? 0) <= most)
      .map((worker) => this.#order.indexOf(worker));
  }

  /** A worker that does nothing has the fewest sessions for ever: it must not get all that come. */
  #able(): readonly Balanced[] {
    const staying = this.#order.filter((worker) => !this.#leaving.has(worker));
    const awake = staying.filter(({ late }) => !late);
    return [awake, staying].find(({ length }) => length > 0) ?? this.#order;
  }

  #forgetSockets(): void {
    this.#sockets = undefined;
    this.#searchAt = 0;
  }

  /** How many sockets less than are known there are, on each port. */
  #missing(): readonly number[] {
    if (!this.#certain) return [];
    return this.#ports.map((port) => this.#order.length - this.#options.sockets.on(port).size);
  }

  /** One socket of a port is as good as another; there must be as many as are known. */
  #find(): number[] | undefined {
    this.#chosen = "";
    if (performance.now() < this.#searchAt) return undefined;
    this.#searchAt = performance.now() + SEARCH_PAUSE;
    const found: number[] = [];
    for (const port of this.#ports) {
      const sockets = [...this.#options.sockets.on(port).values()];
      const [first] = sockets;
      if (first === undefined || sockets.length !== this.#order.length) return undefined;
      found.push(first);
    }
    return found;
  }

  #steer(socket: number, choice: readonly number[]): void {
    this.#options.sockets.steer(socket, spreadProgram(choice));
  }
}
