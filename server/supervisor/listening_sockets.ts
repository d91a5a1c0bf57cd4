/**
 * The control ports of all threads, as the system sees them: only the C library reaches a socket of
 * another thread.
 *
 * @module
 */
import { INSTRUCTION_SIZE } from "./spread_program.ts";
import { type Libc, openLibc } from "../system/libc.ts";

/** Sockets that listen, each by the number that the kernel gives to no other. */
export type SocketsByCookie = ReadonlyMap<bigint, number>;

const SOL_SOCKET = 1;
const SO_ACCEPTCONN = 30;
const SO_COOKIE = 57;
const SO_ATTACH_REUSEPORT_CBPF = 51;
const SHUT_RDWR = 2;

/** Size of the table of descriptors where it is not known yet. */
const FIRST_DESCRIPTORS = 1024;

/** Enough for an address of IPv6. */
const ADDRESS_SIZE = 128;

/** Reaches the listening sockets of this process. Linux only. */
export class ListeningSockets implements Disposable {
  readonly #libc: Libc | undefined = openLibc();
  #descriptors = FIRST_DESCRIPTORS;

  /** Whether it can do anything here. */
  get able(): boolean {
    return this.#libc !== undefined;
  }

  /**
   * Finds the sockets that listen on a port.
   *
   * @param port The port.
   * @returns Their descriptors, by their numbers; none where it is not able.
   */
  on(port: number): SocketsByCookie {
    const libc = this.#libc;
    if (libc === undefined) return new Map();
    this.#descriptors = tableSize() ?? this.#descriptors;
    const descriptors = Array.from({ length: this.#descriptors }, (_, index) => index);
    return new Map(
      descriptors
        .filter((descriptor) => listensOn(libc, descriptor, port))
        .map((descriptor) => [option(libc, descriptor, SO_COOKIE), descriptor]),
    );
  }

  /**
   * Tells the system which of the sockets of a port gets a new connection. Where that is not possible
   * it goes on as it does by itself.
   *
   * @param descriptor One of them; what is said to one holds for all.
   * @param program See `spread_program.ts`.
   */
  steer(descriptor: number, program: Uint8Array<ArrayBuffer>): void {
    const reference = new BigUint64Array(2);
    reference[0] = BigInt(program.length / INSTRUCTION_SIZE);
    reference[1] = BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(program)));
    const value = new Uint8Array(reference.buffer);
    this.#libc?.setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, value, value.length);
  }

  /**
   * Lets sockets listen no longer, for a thread that hangs: the runtime cannot end it, and as long as it
   * lives the system hands it its share of the new connections, which nobody would ever greet. Who waits
   * in their queues is turned away.
   *
   * @param port Where they listened.
   * @param before What listened there some time ago: all of it that still does.
   */
  close(port: number, before: SocketsByCookie): void {
    for (const [cookie, descriptor] of this.on(port)) {
      if (before.has(cookie)) this.#libc?.shutdown(descriptor, SHUT_RDWR);
    }
  }

  /** Closes the library. */
  [Symbol.dispose](): void {
    this.#libc?.[Symbol.dispose]();
  }
}

/**
 * The size of the table of descriptors; the list of them is closed to who has given root up. Undefined
 * where it cannot be read: no descriptor may be left for that.
 */
function tableSize(): number | undefined {
  try {
    const status = Deno.readTextFileSync("/proc/self/status");
    return Number(status.match(/^FDSize:\s*(\d+)$/m)?.[1] ?? 0);
  } catch {
    return undefined;
  }
}

function listensOn(libc: Libc, descriptor: number, port: number): boolean {
  if (option(libc, descriptor, SO_ACCEPTCONN) !== 1n) return false;
  const address = new Uint8Array(ADDRESS_SIZE);
  const size = new Uint8Array(Uint32Array.of(ADDRESS_SIZE).buffer);
  if (libc.getsockname(descriptor, address, size) !== 0) return false;
  return new DataView(address.buffer).getUint16(2) === port;
}

/** 0 where there is no such socket. */
function option(libc: Libc, descriptor: number, name: number): bigint {
  const value = new BigUint64Array(1);
  const size = new Uint8Array(Uint32Array.of(value.byteLength).buffer);
  libc.getsockopt(descriptor, SOL_SOCKET, name, new Uint8Array(value.buffer), size);
  return value[0] ?? 0n;
}
