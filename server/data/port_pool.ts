/**
 * Ports for passive mode.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import { listen, type Listener } from "../../shared/connection.ts";
import { ConnectError } from "../../shared/errors.ts";
import type { PortRange } from "../configuration/config.ts";
import { PassivePort } from "./passive_port.ts";

/** Where a port is opened, and for whom. */
export interface PortRequest {
  /** Address to listen on. */
  readonly hostname: string;
  /** Address that connects. */
  readonly client: string;
  /** Ends the wait for a free one. */
  readonly signal: AbortSignal;
}

/** Ports without a transfer that stay open where there is no range: each is a descriptor. */
const MOST_RESTING = 256;

/** Part of a range that may rest: what several workers keep must leave room for sessions without a port. */
const RESTING_SHARE = 8;

/** Milliseconds that a port rests before it is closed. */
const REST_TIME = 5000;

/** Milliseconds that a session waits for a port while all of them are taken. */
const PATIENCE = 3000;

/** Milliseconds between two looks for one that has become free: other threads and programs tell nobody. */
const PAUSE = 10;

/** Ports that one look tries. */
const LOOKED_AT = 256;

/** Dynamic ports (RFC 6335 section 6). */
const DYNAMIC: PortRange = { first: 49152, last: 65535 };

/** Dynamic ports that are tried before the system is asked for one, which may take it milliseconds. */
const TRIES = 8;

/**
 * Opens listeners on random ports, from a range where one is set (RFC 2577 section 8). A session keeps
 * its port from one transfer to the next, for a while and as long as there are others.
 */
export class PortPool {
  readonly #range: PortRange | undefined;
  readonly #mostResting: number;
  readonly #owned = new Map<object, PassivePort>();
  /** The one that rests longest is the first. */
  readonly #resting = new Map<PassivePort, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Makes a pool; without a range any port is taken. */
  constructor(range: PortRange | undefined) {
    this.#range = range;
    this.#mostResting = range === undefined
      ? MOST_RESTING
      : Math.floor((range.last - range.first + 1) / RESTING_SHARE);
  }

  /**
   * The port of an owner: the one it has, or a new one that nobody else has. Where every port of the
   * range is taken it waits a moment: a port is only needed until the client has connected.
   *
   * @param owner Whose it is until {@linkcode PortPool.release}.
   * @param request Where a new one is opened, and for whom; always the same for one owner.
   * @returns The port.
   * @throws {ConnectError} If every port of the range stays taken, or the wait is ended.
   */
  async port(owner: object, request: PortRequest): Promise<PassivePort> {
    const kept = this.#owned.get(owner);
    if (kept?.usable) {
      this.#wake(kept);
      return kept;
    }
    const port = new PassivePort(await this.#open(request), request.client, {
      onRest: (rested) => this.#rest(rested),
      onClose: (closed) => {
        this.#owned.delete(owner);
        this.#wake(closed);
      },
    });
    this.#owned.set(owner, port);
    return port;
  }

  /** Closes the port of an owner who needs none any more. */
  release(owner: object): void {
    this.#owned.get(owner)?.close();
  }

  #rest(port: PassivePort): void {
    this.#resting.set(port, performance.now() + REST_TIME);
    if (this.#resting.size > this.#mostResting) this.#closeOldest();
    if (this.#resting.size > 0) this.#timer ??= setTimeout(this.#sweep, REST_TIME);
  }

  #wake(port: PassivePort): void {
    this.#resting.delete(port);
    // Set anew for each transfer, the timer would cost more than it saves: it stays for the last one.
    if (this.#owned.size === 0) this.#stopTimer();
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  readonly #sweep = (): void => {
    this.#stopTimer();
    const now = performance.now();
    for (const [port, until] of this.#resting) {
      if (until <= now) port.close();
      else return void (this.#timer = setTimeout(this.#sweep, until - now));
    }
  };

  #closeOldest(): void {
    const [oldest] = this.#resting.keys();
    oldest?.close();
  }

  async #open({ hostname, signal }: PortRequest): Promise<Listener> {
    if (this.#range === undefined) {
      return tryRandom(hostname, DYNAMIC, TRIES) ?? listen({ hostname, port: 0 });
    }
    const { first, last } = this.#range;
    const tries = Math.min(last - first + 1, LOOKED_AT);
    for (const end = performance.now() + PATIENCE; performance.now() < end;) {
      const listener = tryRandom(hostname, this.#range, tries);
      if (listener !== undefined) return listener;
      this.#closeOldest();
      await delay(PAUSE, { signal }).catch(() => {}); // looked at below
      if (signal.aborted) throw new ConnectError("Nobody waits for a passive port any more");
    }
    throw new ConnectError(`No passive port is free from ${first} to ${last}`);
  }
}

/** Tries some ports of a range, from a random one on. */
function tryRandom(
  hostname: string,
  { first, last }: PortRange,
  tries: number,
): Listener | undefined {
  const count = last - first + 1;
  const start = Math.floor(Math.random() * count);
  for (let step = 0; step < tries; step++) {
    const listener = tryListen(hostname, first + (start + step) % count);
    if (listener !== undefined) return listener;
  }
  return undefined;
}

function tryListen(hostname: string, port: number): Listener | undefined {
  try {
    return listen({ hostname, port });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return undefined;
    throw error;
  }
}
