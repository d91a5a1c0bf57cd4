/**
 * Connections to servers, direct or through a proxy: control and data alike.
 *
 * @module
 */
import { lookup } from "node:dns/promises";
import {
  connect,
  type Connection,
  type ConnectOptions,
  formatTarget,
  writeAll,
} from "../../shared/connection.ts";
import { Deadline } from "../../shared/deadline.ts";
import { type Endpoint, isIpv6 } from "../../shared/endpoint.ts";
import { ConnectError, ProtocolError, reasonOf, TimeoutError } from "../../shared/errors.ts";
import { ConnectHandshake } from "../../shared/http_connect.ts";
import { untilAborted } from "../../shared/process_io.ts";
import { RelayedConnection } from "../../shared/relayed_connection.ts";
import { LONGEST_SOCKS_TEXT, SocksHandshake } from "../../shared/socks.ts";
import type { Proxy } from "./proxy.ts";

/** How to get there. */
export interface DialOptions extends ConnectOptions {
  /** Who passes the connection on; undefined: nobody. */
  readonly proxy: Proxy | undefined;
}

/** What a proxy is told, and what it answers. */
interface Handshake {
  begin(): Uint8Array;
  push(bytes: Uint8Array): Uint8Array;
  readonly rest: Uint8Array | undefined;
}

/** Bytes read at a time. */
const READ_SIZE = 4096;

/** What can stand in a request as a name. */
const HOST_NAME = /^[!-~]+$/;

/**
 * Connects to a server.
 *
 * @param target Host name or address, and port.
 * @param options The proxy, the time limit for everything together, and cancellation.
 * @returns The connection. Its `remote` is where the next data connection is to go: the address, with
 * its zone, or the name that only the proxy can resolve.
 * @throws {TimeoutError} If it takes longer than `options.timeout`.
 * @throws {ConnectError} If a name does not resolve, nobody answers or the proxy refuses.
 */
export async function dial(target: Endpoint, options: DialOptions): Promise<Connection> {
  const { proxy } = options;
  if (proxy !== undefined) return await throughProxy(target, { ...options, proxy });
  return withZone(await connect(target, options), target.hostname);
}

/** An address that is valid on one link only is of no use without the link (RFC 4007 section 6). */
function withZone(connection: Connection, hostname: string): Connection {
  const zone = hostname.match(/%.+$/s)?.[0];
  if (zone === undefined || !isIpv6(hostname)) return connection;
  const zoned = (end: Endpoint): Endpoint => ({ ...end, hostname: end.hostname + zone });
  const [local, remote] = [zoned(connection.local), zoned(connection.remote)];
  return new RelayedConnection(connection, { local, remote });
}

type ProxyOptions = DialOptions & { readonly proxy: Proxy };

async function throughProxy(target: Endpoint, options: ProxyOptions): Promise<Connection> {
  const { proxy, timeout, signal } = options;
  const where = `Cannot connect to ${formatTarget(target)}`;
  const via = `the proxy ${formatTarget(proxy.address)}`;
  using deadline = new Deadline(timeout, signal);
  try {
    const remote = proxy.kind === "socks5" ? await resolve(target, deadline.signal) : target;
    const connection = await reachProxy(proxy, { timeout, signal: deadline.signal });
    try {
      const rest = await shakeHands(connection, {
        handshake: handshakeWith(proxy, remote),
        signal: deadline.signal,
      });
      return new RelayedConnection(connection, { remote, rest });
    } catch (error) {
      connection.close();
      throw new ConnectError(`${where}: ${via} ${reasonOf(error)}`, { cause: error });
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (!deadline.expired) throw error;
    const message = `${where}: ${via} did not answer within ${timeout / 1000} s`;
    throw new TimeoutError(message, { cause: error });
  }
}

/** As the system does it; IPv4 where there is a choice, since many proxies have no IPv6. */
async function resolve(target: Endpoint, signal: AbortSignal): Promise<Endpoint> {
  const { hostname, port } = target;
  try {
    const found = await untilAborted(lookup(hostname, { all: true }), signal);
    const address = found.find(({ family }) => family === 4) ?? found[0];
    return { hostname: address?.address ?? hostname, port };
  } catch (error) {
    const reason = `cannot resolve the name (${reasonOf(error)})`;
    throw new ConnectError(`Cannot connect to ${formatTarget(target)}: ${reason}`, {
      cause: error,
    });
  }
}

async function reachProxy(proxy: Proxy, options: ConnectOptions): Promise<Connection> {
  try {
    return await connect(proxy.address, options);
  } catch (error) {
    throw new ConnectError(`Cannot use the proxy: ${reasonOf(error)}`, { cause: error });
  }
}

function handshakeWith(proxy: Proxy, target: Endpoint): Handshake {
  const { hostname } = target;
  if (!HOST_NAME.test(hostname) || hostname.length > LONGEST_SOCKS_TEXT) {
    throw new ProtocolError("cannot be asked for a host of this name");
  }
  return proxy.kind === "http"
    ? new ConnectHandshake(target, proxy.login)
    : new SocksHandshake(target, proxy.login);
}

/** Returns what the server has sent already. */
async function shakeHands(
  connection: Connection,
  way: { readonly handshake: Handshake; readonly signal: AbortSignal },
): Promise<Uint8Array> {
  const { handshake, signal } = way;
  const cut = (): void => connection.close();
  signal.addEventListener("abort", cut);
  try {
    signal.throwIfAborted();
    const buffer = new Uint8Array(READ_SIZE);
    await writeAll(connection, handshake.begin());
    while (handshake.rest === undefined) {
      const count = await connection.read(buffer);
      if (count === null) throw new ConnectError("closed the connection");
      await writeAll(connection, handshake.push(buffer.subarray(0, count)));
    }
    return handshake.rest;
  } finally {
    signal.removeEventListener("abort", cut);
  }
}
