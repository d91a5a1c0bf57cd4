/**
 * Ports for passive mode.
 *
 * @module
 */
import { listen, type Listener } from "../shared/connection.ts";
import { ConnectError } from "../shared/errors.ts";
import type { PortRange } from "./config.ts";

/** Opens listeners on random ports, from a range where one is set (RFC 2577 section 8). */
export class PortPool {
  readonly #range: PortRange | undefined;

  /** Makes a pool; without a range the system picks. */
  constructor(range: PortRange | undefined) {
    this.#range = range;
  }

  /**
   * Opens a port that nobody else has.
   *
   * @param hostname Address to listen on.
   * @returns The listener.
   * @throws {ConnectError} If every port of the range is taken.
   */
  listen(hostname: string): Listener {
    if (this.#range === undefined) return listen({ hostname, port: 0 });
    const { first, last } = this.#range;
    const count = last - first + 1;
    const start = Math.floor(Math.random() * count);
    for (let step = 0; step < count; step++) {
      const listener = tryListen(hostname, first + (start + step) % count);
      if (listener !== undefined) return listener;
    }
    throw new ConnectError(`No passive port is free from ${first} to ${last}`);
  }
}

function tryListen(hostname: string, port: number): Listener | undefined {
  try {
    return listen({ hostname, port });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return undefined;
    throw error;
  }
}
