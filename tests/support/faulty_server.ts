/**
 * A small FTP server in memory that does what a table of faults says, for tests of the client.
 *
 * Without faults it is a good one: EPSV and PASV, MLSD, SIZE, MDTM, REST, STOR in place, ABOR.
 *
 * @module
 */

import { createServer, type Server, type Socket } from "node:net";
import { type DataPort, type Faults, FaultySession, type SessionHome } from "./faulty_session.ts";
import { MemoryTree, type TreeContent } from "./faulty_tree.ts";
import { FaultyWire } from "./faulty_wire.ts";

/** A server that misbehaves. Disposing it ends all its connections. */
export class FaultyServer implements SessionHome, AsyncDisposable {
  readonly #server: Server;
  readonly #closers: (() => void)[] = [];
  readonly #sessions = new Set<Promise<void>>();
  readonly #faults: Faults;
  #count = 0;
  /** Transfers so far. */
  transfers = 0;
  /** What is on it. */
  readonly tree: MemoryTree;
  /** The moments of all its sessions, in order. */
  readonly moments: string[] = [];
  /** Bytes sent on control connections. */
  controlBytes = 0;
  /** Told of each moment before its reply goes out. */
  onMoment: (index: number) => void = () => {};
  /** Told when the data of a transfer has moved, before its end. */
  onData: () => void = () => {};

  private constructor(server: Server, content: TreeContent, faults: Faults) {
    this.#server = server;
    this.#faults = faults;
    this.tree = new MemoryTree(content);
    server.on("connection", (socket) => {
      const faulty = this.#count++ < (faults.sessions ?? Infinity);
      const session = new FaultySession(this, this.track(socket), faulty ? faults : {});
      this.#sessions.add(session.run());
    });
  }

  /** Starts one on a free port of 127.0.0.1. */
  static async start(content: TreeContent, faults: Faults = {}): Promise<FaultyServer> {
    return new FaultyServer(await listening(), content, faults);
  }

  /** Its control port. */
  get port(): number {
    return portOf(this.#server);
  }

  /** Takes over a connection; it ends with the server. */
  track(socket: Socket): FaultyWire {
    this.#closers.push(() => socket.destroy());
    return new FaultyWire(socket);
  }

  /** Opens a port, which is closed with the server. */
  async openPort(): Promise<DataPort> {
    const listener = await listening();
    let next = Promise.withResolvers<FaultyWire | undefined>();
    listener.on("connection", (socket) => next.resolve(this.track(socket)));
    const close = (): void => {
      listener.close();
      next.resolve(undefined);
    };
    this.#closers.push(close);
    const expect = (): Promise<FaultyWire | undefined> => {
      next.resolve(undefined);
      next = Promise.withResolvers();
      return next.promise;
    };
    return { number: portOf(listener), expect, close };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const close of this.#closers) close();
    await Promise.all(this.#sessions);
  }
}

async function listening(): Promise<Server> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it does not listen");
  return address.port;
}
