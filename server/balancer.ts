/**
 * Which worker gets the next connection.
 *
 * By itself the system picks one of the workers' sockets by a hash, so that of four sessions two or
 * three often share a thread while another has none. The balancer tells it after each connection
 * which workers have the fewest sessions.
 *
 * @module
 */
import type { ListeningSockets } from "./listening_sockets.ts";
import { spreadProgram } from "./spread_program.ts";

/** What the balancer needs. */
export interface BalancerOptions {
  /** The sockets of all workers. */
  readonly sockets: Pick<ListeningSockets, "on" | "steer">;
  /** How many sessions a worker has. */
  readonly load: (worker: object) => number;
}

/** Below that share of all sessions of a worker's, differences do not matter: many may come at once. */
const TOLERANCE = 1 / 8;

/**
 * Steers new connections to workers with few sessions. Linux only; elsewhere, and wherever the order of
 * the sockets is not certain, the system decides.
 */
export class Balancer {
  readonly #options: BalancerOptions;
  /** Workers in the order that the kernel keeps of their sockets. */
  #order: object[] = [];
  #ports: readonly number[] = [];
  /** A socket of each port; undefined where that is to be found out anew. */
  #sockets: readonly number[] | undefined;
  #certain = true;
  #chosen = "";

  /** Steers nothing yet. */
  constructor(options: BalancerOptions) {
    this.#options = options;
  }

  /** A worker has opened its ports, later than all others. */
  opened(worker: object): void {
    this.#order.push(worker);
    this.#sockets = undefined;
  }

  /** A worker has closed its ports. In the kernel's order the last one takes its place. */
  closed(worker: object): void {
    const index = this.#order.indexOf(worker);
    if (index < 0) return;
    const last = this.#order.pop();
    if (last !== undefined && index < this.#order.length) this.#order[index] = last;
    this.#sockets = undefined;
  }

  /** A worker has died: nobody knows when its sockets are closed, so the system decides from now on. */
  lost(): void {
    if (!this.#certain) return;
    this.#certain = false;
    for (const port of this.#ports) {
      for (const socket of this.#options.sockets.on(port).values()) this.#steer(socket, []);
    }
  }

  /** The workers listen on these ports. */
  use(ports: readonly number[]): void {
    this.#ports = ports;
    this.#sockets = undefined;
    this.review();
  }

  /** Sessions have begun or ended: others have the fewest now. */
  review(): void {
    if (!this.#certain || this.#order.length < 2) return;
    const sockets = this.#sockets ??= this.#find();
    const choice = this.#choose();
    const chosen = choice.join();
    if (sockets === undefined || chosen === this.#chosen) return;
    this.#chosen = chosen;
    for (const socket of sockets) this.#steer(socket, choice);
  }

  #choose(): number[] {
    const loads = this.#order.map(this.#options.load);
    const total = loads.reduce((sum, load) => sum + load, 0);
    const most = Math.min(...loads) + Math.floor(total / loads.length * TOLERANCE);
    return [...loads.keys()].filter((index) => (loads[index] ?? 0) <= most);
  }

  /** One socket of a port is as good as another; there must be as many as are known. */
  #find(): number[] | undefined {
    this.#chosen = "";
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
