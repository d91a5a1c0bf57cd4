/**
 * A port on which one session takes its data connections, one after another.
 *
 * Opening a port costs more than moving a small file, and a new one for each transfer leaves so many
 * behind in TIME_WAIT that the system takes milliseconds to find the next.
 *
 * @module
 */
import type { Connection, Listener } from "../../shared/connection.ts";
import { Deadline } from "../../shared/deadline.ts";
import { ConnectError, reasonOf, TimeoutError } from "../../shared/errors.ts";
import { log } from "../../shared/log.ts";
import type { DataChannel, OpenOptions } from "./data_channel.ts";

/** What a port tells its owner. */
export interface PassivePortEvents {
  /** The connection of a transfer is taken; the port could take another one. */
  readonly onRest: (port: PassivePort) => void;
  /** The port is closed. */
  readonly onClose: (port: PassivePort) => void;
}

/** One connection that is waited for. */
class Arrival {
  readonly #settled = Promise.withResolvers<Connection | undefined>();
  #connection: Connection | undefined;
  #claimed = false;

  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** Whether a transfer has it. */
  get claimed(): boolean {
    return this.#claimed;
  }

  /** Resolves to nothing where the port was closed. */
  get settled(): Promise<Connection | undefined> {
    return this.#settled.promise;
  }

  /** Takes the connection, or nothing where there will be none. */
  settle(connection: Connection | undefined): void {
    this.#connection = connection;
    this.#settled.resolve(connection);
  }

  /** The connection belongs to a transfer from now on. */
  claim(connection: Connection): Connection {
    this.#claimed = true;
    return connection;
  }
}

/**
 * A port of one client. While no transfer waits for a connection, whoever connects is dropped: nobody
 * can be there before the client. After anything out of order it closes, and the next one is new.
 */
export class PassivePort implements Disposable {
  readonly #listener: Listener;
  readonly #client: string;
  readonly #events: PassivePortEvents;
  #arrival: Arrival | undefined;
  #failure: unknown;
  #closed = false;

  /**
   * Takes over a listener.
   *
   * @param listener The port.
   * @param client Address of the control connection's peer: strangers are dropped (RFC 2577 section 4).
   * @param events Told of what becomes of it.
   */
  constructor(listener: Listener, client: string, events: PassivePortEvents) {
    this.#listener = listener;
    this.#client = client;
    this.#events = events;
    void this.#accept();
  }

  /** Its number. */
  get port(): number {
    return this.#listener.local.port;
  }

  /** Whether it can take another connection. */
  get usable(): boolean {
    return !this.#closed;
  }

  /** Waits for one connection from now on; none that was made before counts. */
  channel(): DataChannel {
    const arrival = new Arrival();
    this.#arrival = arrival;
    return {
      state: "waiting",
      open: (options) => this.#open(arrival, options),
      [Symbol.dispose]: () => {
        // A client that has been given the port may still be on its way to it.
        if (!arrival.claimed) this.close();
      },
    };
  }

  /** Closes it; a connection that no transfer has taken is closed too. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#listener.close();
    const arrival = this.#arrival;
    this.#arrival = undefined;
    if (arrival?.connection === undefined) arrival?.settle(undefined);
    else if (!arrival.claimed) arrival.connection.close();
    this.#events.onClose(this);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #accept(): Promise<void> {
    try {
      for (;;) {
        const connection = await this.#listener.accept();
        if (connection === null) return;
        this.#take(connection);
      }
    } catch (error) {
      // The system may have no descriptor for it.
      this.#failure = error;
      this.close();
    }
  }

  #take(connection: Connection): void {
    const stranger = connection.remote.hostname;
    if (stranger !== this.#client) {
      log.warning(`data connection from ${stranger} dropped: not ${this.#client}`);
      return connection.close();
    }
    const arrival = this.#arrival;
    if (arrival === undefined || arrival.connection !== undefined) return connection.close();
    arrival.settle(connection);
  }

  async #open(arrival: Arrival, { signal, timeout }: OpenOptions): Promise<Connection> {
    if (arrival.connection !== undefined && !signal.aborted && !this.#closed) {
      return this.#claim(arrival, arrival.connection);
    }
    using deadline = new Deadline(timeout, signal);
    const close = (): void => this.close();
    deadline.signal.addEventListener("abort", close, { once: true });
    if (deadline.signal.aborted) close();
    const connection = await arrival.settled;
    if (connection !== undefined && !this.#closed) return this.#claim(arrival, connection);
    signal.throwIfAborted();
    if (deadline.expired) throw new TimeoutError(`No data connection within ${timeout / 1000} s`);
    if (this.#failure === undefined) throw new ConnectError("The passive port was closed");
    const reason = reasonOf(this.#failure);
    throw new ConnectError(`Cannot take the data connection: ${reason}`, { cause: this.#failure });
  }

  #claim(arrival: Arrival, connection: Connection): Connection {
    this.#arrival = undefined;
    this.#events.onRest(this);
    return arrival.claim(connection);
  }
}
