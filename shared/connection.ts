/**
 * Sockets: the only room that opens and closes them.
 *
 * A {@linkcode Connection} hides whether the bytes travel in the clear; everything above it reads
 * and writes plain FTP.
 *
 * @module
 */
import { Deadline } from "./deadline.ts";
import { type Endpoint, unmapAddress } from "./endpoint.ts";
import { ConnectError, reasonOf, TimeoutError } from "./errors.ts";

/** One TCP connection. Disposing it closes it at once, whatever is pending. */
export interface Connection extends Disposable {
  /** Our end; an IPv4 address that the system shows as IPv6 is unwrapped. */
  readonly local: Endpoint;
  /** The peer's end, unwrapped in the same way. */
  readonly remote: Endpoint;
  /**
   * Reads what has arrived, waiting for at least one byte.
   *
   * @param buffer Where to put it; must not be empty.
   * @returns How many bytes, or null at the clean end of the stream.
   * @throws {Error} If the connection is lost or was closed here.
   */
  read(buffer: Uint8Array): Promise<number | null>;
  /**
   * Hands bytes to the kernel.
   *
   * @param bytes What to send; must not be empty.
   * @returns How many of them were taken, at least one.
   * @throws {Error} If the connection is lost or was closed here.
   */
  write(bytes: Uint8Array): Promise<number>;
  /**
   * Ends our direction cleanly, after everything written; the peer reads an end of stream.
   *
   * @throws {Error} If the connection is lost.
   */
  finish(): Promise<void>;
  /** Closes at once. What the peer has not read yet may be lost. May be called twice. */
  close(): void;
}

/** A port that takes connections. Disposing it closes the port and ends a pending accept. */
export interface Listener extends Disposable {
  /** Address and port it is bound to. */
  readonly local: Endpoint;
  /**
   * Waits for the next connection.
   *
   * @returns The connection, or null once the listener is closed.
   */
  accept(): Promise<Connection | null>;
  /** Closes the port. May be called twice. */
  close(): void;
}

/** How to connect. */
export interface ConnectOptions {
  /** Ends the attempt; its reason is thrown. */
  readonly signal?: AbortSignal;
  /** Milliseconds until the attempt is given up. */
  readonly timeout: number;
}

function endpointOf(address: Deno.Addr): Endpoint {
  const { hostname, port } = address as Deno.NetAddr;
  return { hostname: unmapAddress(hostname), port };
}

class TcpConnection implements Connection {
  readonly #conn: Deno.TcpConn;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  #closed = false;

  constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
    this.local = endpointOf(conn.localAddr);
    this.remote = endpointOf(conn.remoteAddr);
  }

  read(buffer: Uint8Array): Promise<number | null> {
    return this.#conn.read(buffer);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#conn.write(bytes);
  }

  finish(): Promise<void> {
    return this.#conn.closeWrite();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** A peer that is gone before it was accepted is no fault of the port's: its address is not known, either. */
const GONE_EARLY = [
  Deno.errors.ConnectionAborted,
  Deno.errors.ConnectionReset,
  Deno.errors.NotConnected,
];

class TcpListener implements Listener {
  readonly #listener: Deno.TcpListener;
  readonly local: Endpoint;
  #closed = false;

  constructor(listener: Deno.TcpListener) {
    this.#listener = listener;
    this.local = endpointOf(listener.addr);
  }

  async accept(): Promise<Connection | null> {
    while (!this.#closed) {
      try {
        return opened(await this.#listener.accept());
      } catch (error) {
        if (this.#closed) return null;
        if (GONE_EARLY.some((kind) => error instanceof kind)) continue;
        throw error;
      }
    }
    return null;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#listener.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function opened(conn: Deno.TcpConn): Connection {
  // Replies are short and awaited: Nagle's algorithm would hold them back.
  conn.setNoDelay();
  conn.setKeepAlive();
  return new TcpConnection(conn);
}

/**
 * Connects to a host.
 *
 * @param target Host name or address, and port.
 * @param options Time limit and cancellation.
 * @returns The connection.
 * @throws {TimeoutError} If it takes longer than `options.timeout`.
 * @throws {ConnectError} If the name does not resolve or nobody answers.
 */
export async function connect(target: Endpoint, options: ConnectOptions): Promise<Connection> {
  using deadline = new Deadline(options.timeout, options.signal);
  try {
    return opened(await connectBefore(deadline, target));
  } catch (error) {
    options.signal?.throwIfAborted();
    const where = `Cannot connect to ${formatTarget(target)}`;
    if (deadline.expired) {
      const seconds = options.timeout / 1000;
      throw new TimeoutError(`${where}: no answer within ${seconds} s`, { cause: error });
    }
    throw new ConnectError(`${where}: ${connectReason(error)}`, { cause: error });
  }
}

/**
 * Of a connection that stands just before the abort, Deno says only that it was aborted, and leaves
 * it open. So the signal that it gets, which nobody else has, never throws, and what it returns then
 * is closed here.
 */
async function connectBefore({ signal }: Deadline, target: Endpoint): Promise<Deno.TcpConn> {
  signal.throwIfAborted();
  signal.throwIfAborted = () => {};
  const conn = await Deno.connect({ ...target, signal });
  if (!signal.aborted) return conn;
  conn.close();
  throw signal.reason;
}

function connectReason(error: unknown): string {
  if (error instanceof Deno.errors.ConnectionRefused) return "connection refused";
  const reason = reasonOf(error);
  const lookup = reason.match(/failed to lookup address information: (.*)/i)?.[1];
  return lookup === undefined ? reason : `cannot resolve the name (${lookup})`;
}

/**
 * Writes a host and port as people do.
 *
 * @example Usage
 * ```ts
 * import { formatTarget } from "./connection.ts";
 * if (formatTarget({ hostname: "::1", port: 21 }) !== "[::1]:21") throw new Error("unexpected");
 * ```
 *
 * @param target Host and port.
 * @returns `host:port`, with brackets around an IPv6 address.
 */
export function formatTarget(target: Endpoint): string {
  const { hostname, port } = target;
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/** How to open a port. */
export interface ListenOptions {
  /** Other listeners of this user may have the same port; the system spreads connections (Linux). */
  readonly shared?: boolean;
}

/**
 * Opens a port. `::` takes IPv4 as well.
 *
 * @param at Address, and port (0: any free one).
 * @param options Whether the port can be opened more than once.
 * @returns The listener.
 * @throws {Error} As the system says: `AddrInUse`, `AddrNotAvailable`, `PermissionDenied`.
 */
export function listen(at: Endpoint, options: ListenOptions = {}): Listener {
  const reusePort = options.shared ?? false;
  return new TcpListener(Deno.listen({ hostname: at.hostname, port: at.port, reusePort }));
}

/** Something that takes bytes piece by piece, as {@linkcode Connection} does. */
export interface ByteSink {
  /** Takes at least one of the bytes and says how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/**
 * Writes all of the bytes.
 *
 * @param sink Where to.
 * @param bytes What; may be empty.
 * @throws {Error} Whatever the sink throws.
 */
export async function writeAll(sink: ByteSink, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await sink.write(bytes.subarray(done));
}
