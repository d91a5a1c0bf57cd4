/**
 * A client that says exactly what a test tells it to, inside TLS.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { connect, type Connection, listen, writeAll } from "../../shared/connection.ts";
import { type Endpoint, formatEprt, parseEpsvReply } from "../../shared/endpoint.ts";
import { type Reply, ReplyDecoder } from "../../shared/reply.ts";
import { TlsClient, type TlsClientOptions } from "../../shared/tls_client.ts";
import type { TlsConnection } from "../../shared/tls_connection.ts";
import { HANDSHAKE_TIME } from "./tls_pair.ts";

const TIME = { timeout: HANDSHAKE_TIME };

/** A control connection in the hands of a test, and the TLS session that goes with it. */
export class SecureClient implements Disposable {
  readonly #to: Endpoint;
  readonly #tls: TlsClient;
  readonly #decoder = new ReplyDecoder();
  readonly #replies: Reply[] = [];
  #connection: Connection | TlsConnection;

  private constructor(to: Endpoint, connection: Connection, options: Partial<TlsClientOptions>) {
    this.#to = to;
    this.#connection = connection;
    // Sessions are remembered by name, and those of one version are of no use for the other.
    const hostname = `${options.maxVersion ?? "any"}.test`;
    this.#tls = new TlsClient({ hostname, accept: () => {}, ...options });
  }

  /** Connects in the clear; the greeting is the first reply. */
  static async connect(
    to: Endpoint,
    options: Partial<TlsClientOptions> = {},
  ): Promise<SecureClient> {
    return new SecureClient(to, await connect(to, TIME), options);
  }

  /** Connects and begins TLS with AUTH. */
  static async auth(to: Endpoint, options: Partial<TlsClientOptions> = {}): Promise<SecureClient> {
    const client = await SecureClient.connect(to, options);
    await client.expect(220);
    await client.command("AUTH TLS", 234);
    await client.startTls();
    return client;
  }

  /** Connects, begins TLS, asks for protected data and logs in. */
  static async login(to: Endpoint, options: Partial<TlsClientOptions> = {}): Promise<SecureClient> {
    const client = await SecureClient.auth(to, options);
    await client.protect();
    await client.logIn();
    return client;
  }

  /** The connection below, for what no client does. */
  get connection(): Connection | TlsConnection {
    return this.#connection;
  }

  /** Begins TLS where the connection is now. */
  async startTls(): Promise<void> {
    this.#connection = await this.#tls.control(this.#connection, TIME);
  }

  /** Ends TLS on the control connection, as CCC wants it. */
  async endTls(): Promise<void> {
    if (!("unwrap" in this.#connection)) throw new TypeError("not inside TLS");
    this.#connection = await this.#connection.unwrap();
  }

  /** Asks for protected data connections. */
  async protect(): Promise<void> {
    await this.command("PBSZ 0", 200);
    await this.command("PROT P", 200);
  }

  /** Logs in. */
  async logIn(user = "alice", password = "secret"): Promise<void> {
    await this.command(`USER ${user}`, 331);
    await this.command(`PASS ${password}`, 230);
    await this.command("TYPE I", 200);
  }

  /** Sends text as it is. */
  async send(text: string): Promise<void> {
    await writeAll(this.#connection, new TextEncoder().encode(text));
  }

  /** The next reply; null where the server closed instead. */
  async next(): Promise<Reply | null> {
    const buffer = new Uint8Array(16 * 1024);
    while (this.#replies.length === 0) {
      const count = await this.#connection.read(buffer).catch(() => null);
      if (count === null) return null;
      this.#replies.push(...this.#decoder.push(buffer.subarray(0, count)));
    }
    return this.#replies.shift() ?? null;
  }

  /** The next reply, which must have this code. */
  async expect(code: number): Promise<Reply> {
    const reply = await this.next();
    assertEquals(reply?.code, code, `expected ${code}, got ${JSON.stringify(reply)}`);
    return reply ?? { code: 0, lines: [] };
  }

  /** Sends one line and takes its reply, which must have this code. */
  async command(line: string, code: number): Promise<Reply> {
    await this.send(`${line}\r\n`);
    return await this.expect(code);
  }

  /** A passive data connection, still in the clear. */
  async openPlainData(): Promise<Connection> {
    const { lines } = await this.command("EPSV", 229);
    const { hostname } = this.#to;
    return await connect({ hostname, port: parseEpsvReply(lines[0] ?? "") }, TIME);
  }

  /** Begins TLS on a data connection. */
  async secureData(data: Connection): Promise<TlsConnection> {
    return await this.#tls.data(data, TIME);
  }

  /** A protected data connection for a command, which must answer 150. */
  async openData(command: string): Promise<TlsConnection> {
    const data = await this.openPlainData();
    await this.command(command, 150);
    return await this.secureData(data);
  }

  /** The same where the server connects to the client. */
  async openActiveData(command: string): Promise<TlsConnection> {
    using listener = listen({ hostname: this.#to.hostname, port: 0 });
    await this.command(`EPRT ${formatEprt(listener.local)}`, 200);
    const [data] = await Promise.all([listener.accept(), this.command(command, 150)]);
    if (data === null) throw new Error("the server did not connect");
    return await this.secureData(data);
  }

  /** Downloads or lists with one command; the bytes, after its final reply of 226. */
  async fetch(command: string): Promise<Uint8Array> {
    using data = await this.openData(command);
    const bytes = await readAll(data);
    await this.expect(226);
    return bytes;
  }

  /** Uploads with one command; the final reply must have this code. */
  async store(command: string, content: Uint8Array, code = 226): Promise<Reply> {
    using data = await this.openData(command);
    await writeAll(data, content);
    await data.finish();
    return await this.expect(code);
  }

  [Symbol.dispose](): void {
    this.#connection.close();
    this.#tls[Symbol.dispose]();
  }
}

/** Everything up to the clean end of the stream. */
export async function readAll(connection: Connection): Promise<Uint8Array> {
  const buffer = new Uint8Array(64 * 1024);
  const pieces: Uint8Array[] = [];
  for (let n = await connection.read(buffer); n !== null; n = await connection.read(buffer)) {
    pieces.push(buffer.slice(0, n));
  }
  return new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer());
}
