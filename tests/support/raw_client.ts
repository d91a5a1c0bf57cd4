/**
 * A client that says exactly what a test tells it to, byte for byte.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { type Endpoint, parseEpsvReply } from "../../shared/endpoint.ts";
import { type Reply, ReplyDecoder } from "../../shared/reply.ts";

const encoder = new TextEncoder();

/** A control connection in the hands of a test. */
export class RawClient implements Disposable {
  readonly #conn: Deno.TcpConn;
  readonly #decoder = new ReplyDecoder();
  readonly #replies: Reply[] = [];
  /** Everything the server said, as it came. */
  transcript = "";

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  /** Connects; the greeting is the first reply. */
  static async connect(to: Endpoint): Promise<RawClient> {
    return new RawClient(await Deno.connect({ hostname: to.hostname, port: to.port }));
  }

  /** Connects, reads the greeting and logs in. */
  static async login(to: Endpoint, user = "alice", password = "secret"): Promise<RawClient> {
    const client = await RawClient.connect(to);
    await client.expect(220);
    await client.command(`USER ${user}`, 331);
    await client.command(`PASS ${password}`, 230);
    await client.command("TYPE I", 200);
    return client;
  }

  /** Sends bytes as they are. */
  async send(bytes: string | Uint8Array): Promise<void> {
    const all = typeof bytes === "string" ? encoder.encode(bytes) : bytes;
    for (let done = 0; done < all.length;) done += await this.#conn.write(all.subarray(done));
  }

  /** The next reply; null where the server closed instead. */
  async next(): Promise<Reply | null> {
    const buffer = new Uint8Array(16 * 1024);
    while (this.#replies.length === 0) {
      const count = await this.#conn.read(buffer).catch(() => null);
      if (count === null) return null;
      const bytes = buffer.subarray(0, count);
      this.transcript += new TextDecoder().decode(bytes);
      this.#replies.push(...this.#decoder.push(bytes));
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

  /** Asks for a passive port and connects to it. */
  async openData(): Promise<Deno.TcpConn> {
    const reply = await this.command("EPSV", 229);
    const port = parseEpsvReply(reply.lines[0] ?? "");
    return await Deno.connect({ hostname: this.hostname, port });
  }

  /** The server's address. */
  get hostname(): string {
    return this.#conn.remoteAddr.hostname;
  }

  /** Downloads or lists with one command; the bytes, after its final reply of 226. */
  async fetch(command: string): Promise<Uint8Array> {
    using data = await this.openData();
    await this.command(command, 150);
    const bytes = await readAll(data);
    await this.expect(226);
    return bytes;
  }

  /** The same as text. */
  async fetchText(command: string): Promise<string> {
    return new TextDecoder().decode(await this.fetch(command));
  }

  /** Uploads with one command; the final reply must have this code. */
  async store(command: string, content: string | Uint8Array, code = 226): Promise<Reply> {
    {
      using data = await this.openData();
      await this.command(command, 150);
      const bytes = typeof content === "string" ? encoder.encode(content) : content;
      for (let done = 0; done < bytes.length;) done += await data.write(bytes.subarray(done));
    }
    return await this.expect(code);
  }

  /** Ends our direction of the connection. */
  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }
}

/** Everything up to the end of the stream. */
export async function readAll(conn: Deno.Conn): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const buffer = new Uint8Array(64 * 1024);
    const count = await conn.read(buffer);
    if (count === null) break;
    chunks.push(buffer.subarray(0, count));
  }
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
}
