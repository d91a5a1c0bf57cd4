/**
 * A slow link to an FTP server on this machine, for kernels that have no netem.
 *
 * Clients reach the server under another loopback address. What either side sends is read no faster
 * than the link's rate, and arrives half a round trip later. A new connection carries nothing for the
 * first round trip, which is when its handshake would be under way. Passive ports are taken from the
 * server's replies, in which the address is the link's.
 *
 * @module
 */
import { delay } from "@std/async/delay";

/** The server's side. */
const SERVER = "127.0.0.1";

/** Bytes that are read at once: about a millisecond of a link of 100 Mbit/s. */
const PIECE = 16 * 1024;

/** Milliseconds that a timer may be late, which the link makes up for while it has something to carry. */
const LATE = 10;

/** What is read within so many milliseconds was waiting for the link. */
const AT_ONCE = 1;

/** What a link is like. */
export interface LinkOptions {
  /** Bytes per second, of each connection in each direction. */
  readonly rate: number;
  /** Milliseconds there and back. */
  readonly roundTrip: number;
}

/** A link to one server. Disposing it cuts everything. */
export class SlowLink implements AsyncDisposable {
  /** Where clients connect to. */
  static readonly address = "127.0.0.2";
  /** The port for clients, the same as the server's. */
  readonly port: number;
  readonly #options: LinkOptions;
  readonly #open = new Set<Deno.TcpConn | Deno.TcpListener>();
  readonly #running = new Set<Promise<void>>();

  /** Takes connections for a server's control port from now on. */
  constructor(port: number, options: LinkOptions) {
    this.port = port;
    this.#options = options;
    this.#run(this.#acceptAll(this.#listen(port)));
  }

  /** Cuts all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const resource of this.#open) resource.close();
    this.#open.clear();
    await Promise.all(this.#running);
  }

  #listen(port: number): Deno.TcpListener {
    const listener = Deno.listen({ hostname: SlowLink.address, port });
    this.#open.add(listener);
    return listener;
  }

  /** What fails here fails for the client too, which tells. */
  #run(work: Promise<void>): void {
    const running = work.catch(() => {}).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #acceptAll(listener: Deno.TcpListener): Promise<void> {
    for await (const client of listener) {
      this.#run(this.#join(client, { port: this.port, alter: (reply) => this.#passive(reply) }));
    }
  }

  /** A port of a reply takes one connection. */
  #passive(reply: Uint8Array): Uint8Array {
    const text = new TextDecoder().decode(reply);
    const [, extended] = text.match(/^229 .*\|\|\|(\d+)\|/m) ?? [];
    const [, high, low] = text.match(/^227 .*\((?:\d+,){4}(\d+),(\d+)\)/m) ?? [];
    if (extended === undefined && high === undefined) return reply;
    const port = extended === undefined ? Number(high) * 256 + Number(low) : Number(extended);
    this.#run(this.#acceptOne(port));
    const [from, to] = [SERVER, SlowLink.address].map((address) => address.replaceAll(".", ","));
    return new TextEncoder().encode(text.replace(`(${from},`, `(${to},`));
  }

  async #acceptOne(port: number): Promise<void> {
    const listener = this.#listen(port);
    const client = await listener.accept();
    this.#close(listener);
    await this.#join(client, { port, alter: (bytes) => bytes });
  }

  /** Carries both directions to their ends. */
  async #join(
    client: Deno.TcpConn,
    way: { readonly port: number; readonly alter: (bytes: Uint8Array) => Uint8Array },
  ): Promise<void> {
    this.#open.add(client);
    const server = await Deno.connect({ hostname: SERVER, port: way.port });
    this.#open.add(server);
    for (const end of [client, server]) end.setNoDelay();
    const cut = (): void => [client, server].forEach((end) => this.#close(end));
    await Promise.allSettled([
      carry({ from: client, to: server, alter: (bytes) => bytes, cut }, this.#options),
      carry({ from: server, to: client, alter: way.alter, cut }, this.#options),
    ]);
    cut();
  }

  #close(resource: Deno.TcpConn | Deno.TcpListener): void {
    if (this.#open.delete(resource)) resource.close();
  }
}

/** One direction of one connection. */
interface Lane {
  readonly from: Deno.TcpConn;
  readonly to: Deno.TcpConn;
  readonly alter: (bytes: Uint8Array) => Uint8Array;
  /** Ends both directions. */
  readonly cut: () => void;
}

async function carry({ from, to, alter, cut }: Lane, options: LinkOptions): Promise<void> {
  const { rate, roundTrip } = options;
  /** When the last byte so far has left. */
  let left = performance.now() + roundTrip;
  let written = Promise.resolve();
  for (;;) {
    await until(left);
    const free = performance.now();
    const piece = new Uint8Array(PIECE);
    const count = await from.read(piece);
    const now = performance.now();
    const begin = Math.max(left, now - (now - free < AT_ONCE ? LATE : 0));
    left = begin + (count ?? 0) / rate * 1000;
    const arrival = left + roundTrip / 2;
    const before = written;
    const bytes = count === null ? undefined : alter(piece.subarray(0, count));
    written = before.then(() => deliver(to, { bytes, arrival }));
    if (count === null) return await written;
    // Who has closed takes no more, which the other side must learn.
    written.catch(cut);
  }
}

/** `undefined`: the end. */
async function deliver(
  to: Deno.TcpConn,
  { bytes, arrival }: { readonly bytes: Uint8Array | undefined; readonly arrival: number },
): Promise<void> {
  await until(arrival);
  if (bytes === undefined) return await to.closeWrite();
  for (let done = 0; done < bytes.length;) done += await to.write(bytes.subarray(done));
}

/** Waits up to a moment, as exactly as timers are: what is due within a millisecond is due. */
async function until(moment: number): Promise<void> {
  const wait = moment - performance.now();
  if (wait >= 1) await delay(wait);
}
