/**
 * Proxies for tests of the client: SOCKS5 and HTTP CONNECT, which remember what they were asked for.
 *
 * They know hosts that nobody else knows, so that a test sees who resolved a name.
 *
 * @module
 */
import type { Endpoint } from "../../shared/endpoint.ts";
import { ScriptedConnection } from "./scripted_peer.ts";

/** How a proxy behaves. */
export interface TestProxyOptions {
  /** The only login it takes, as `user:password`. */
  readonly login?: string;
  /** Names that only it can resolve. */
  readonly hosts?: Readonly<Record<string, string>>;
  /** A port that it never answers for. */
  readonly silentPort?: () => number;
}

/** A running proxy. */
export class TestProxy implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #kind: "socks" | "http";
  readonly #options: TestProxyOptions;
  readonly #open = new Set<Deno.TcpConn>();
  readonly #running: Promise<unknown>[] = [];
  /** The hosts and ports that were asked for, in order. */
  readonly asked: string[] = [];

  /** Starts it on a free port of 127.0.0.1. */
  constructor(kind: "socks" | "http", options: TestProxyOptions = {}) {
    this.#kind = kind;
    this.#options = options;
    this.#running.push(this.#accept());
  }

  /** Its host and port, with the login in front if it wants one. */
  get authority(): string {
    const { login } = this.#options;
    return `${login === undefined ? "" : `${login}@`}127.0.0.1:${this.#listener.addr.port}`;
  }

  async #accept(): Promise<void> {
    for (;;) {
      const conn = await this.#listener.accept().catch(() => null);
      if (conn === null) return;
      this.#open.add(conn);
      // What is cut on either side is cut here; no test depends on how.
      this.#running.push(this.#serve(conn).catch(() => {}).finally(() => conn[Symbol.dispose]()));
    }
  }

  async #serve(conn: Deno.TcpConn): Promise<void> {
    const client = new ScriptedConnection(conn);
    const target = this.#kind === "socks"
      ? await playSocks(client, this.#options)
      : await playConnect(client, this.#options);
    if (target === undefined) return;
    this.asked.push(`${target.hostname}:${target.port}`);
    if (target.port === this.#options.silentPort?.()) return void await client.rest();
    const hostname = this.#options.hosts?.[target.hostname] ?? target.hostname;
    const server = await Deno.connect({ hostname, port: target.port }).catch(() => null);
    if (server === null) {
      await client.send(
        this.#kind === "socks" ? SOCKS_REFUSED : "HTTP/1.1 502 Bad Gateway\r\n\r\n",
      );
      return;
    }
    this.#open.add(server);
    await client.send(this.#kind === "socks" ? SOCKS_DONE : "HTTP/1.1 200 OK\r\n\r\n");
    await Promise.allSettled([relay(conn, server), relay(server, conn)]);
    server[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const conn of this.#open) conn[Symbol.dispose]();
    await Promise.allSettled(this.#running);
  }
}

const SOCKS_DONE = Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0);
const SOCKS_REFUSED = Uint8Array.of(5, 5, 0, 1, 0, 0, 0, 0, 0, 0);

async function relay(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
    for (let done = 0; done < count;) done += await to.write(buffer.subarray(done, count));
  }
  await to.closeWrite();
}

/** RFC 1928, RFC 1929; undefined where the client does not come in. */
async function playSocks(
  client: ScriptedConnection,
  { login }: TestProxyOptions,
): Promise<Endpoint | undefined> {
  const [, count = 0] = await client.bytes(2);
  const methods = await client.bytes(count);
  const method = login === undefined ? 0 : 2;
  if (!methods.includes(method)) {
    await client.send(Uint8Array.of(5, 0xff));
    return undefined;
  }
  await client.send(Uint8Array.of(5, method));
  if (login !== undefined) {
    await client.bytes(1);
    const right = `${await shortText(client)}:${await shortText(client)}` === login;
    await client.send(Uint8Array.of(1, right ? 0 : 1));
    if (!right) return undefined;
  }
  const [, , , type] = await client.bytes(4);
  const hostname = type === 3
    ? await shortText(client)
    : type === 1
    ? (await client.bytes(4)).join(".")
    : ipv6Text(await client.bytes(16));
  const [high = 0, low = 0] = await client.bytes(2);
  return { hostname, port: high * 256 + low };
}

async function shortText(client: ScriptedConnection): Promise<string> {
  const [length = 0] = await client.bytes(1);
  return new TextDecoder().decode(await client.bytes(length));
}

function ipv6Text(bytes: Uint8Array): string {
  const groups = bytes.toHex().match(/.{4}/g) ?? [];
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}

/** RFC 9110 section 9.3.6; undefined where the client does not come in. */
async function playConnect(
  client: ScriptedConnection,
  { login }: TestProxyOptions,
): Promise<Endpoint | undefined> {
  const [, hostname = "", port = ""] =
    (await client.line())?.match(/^CONNECT (?:\[(.*)\]|(.*)):(\d+) HTTP\/1\.1$/)?.filter((part) =>
      part !== undefined
    ) ?? [];
  let given = "";
  for (let line = await client.line(); line; line = await client.line()) {
    const [, credentials] = line.match(/^Proxy-Authorization: Basic (.*)$/) ?? [];
    given = credentials === undefined ? given : atob(credentials);
  }
  if (given === (login ?? "")) return { hostname, port: Number(port) };
  await client.send("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
  return undefined;
}
