/**
 * Opening the control port, alone or together with the other workers.
 *
 * @module
 */
import { listen, type Listener, type ListenOptions } from "../../shared/connection.ts";
import type { Endpoint } from "../../shared/endpoint.ts";
import { reasonOf } from "../../shared/errors.ts";

/** Where to listen. */
export interface ControlAddress {
  /** Undefined: all interfaces. */
  readonly host: string | undefined;
  /** 0: any free one. */
  readonly port: number;
}

/** Where a worker listens. */
export interface BoundPorts {
  /** The control port. */
  readonly at: Endpoint;
  /** The port for implicit TLS, where there is one. */
  readonly implicit?: Endpoint;
}

/** Where the system can spread one port's connections, or at least hand them over. */
const SHARING = Deno.build.os !== "windows";

/**
 * Opens the control port so that other workers may open it too.
 *
 * @param at Where.
 * @param exclusive Fail where another program has it already: it could share it unnoticed.
 * @returns The listener.
 * @throws {Error} As the system says: `AddrInUse`, `PermissionDenied`.
 */
export function openControlPort(at: ControlAddress, exclusive: boolean): Listener {
  if (exclusive && at.port !== 0) listenWhere(at, { shared: false }).close();
  return listenWhere(at, { shared: SHARING });
}

/** Without an address: all interfaces, IPv4 alone where the machine has no IPv6. */
function listenWhere({ host, port }: ControlAddress, options: ListenOptions): Listener {
  if (host !== undefined) return listen({ hostname: host, port }, options);
  try {
    return listen({ hostname: "::", port }, options);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse || error instanceof Deno.errors.PermissionDenied) {
      throw error;
    }
    return listen({ hostname: "0.0.0.0", port }, options);
  }
}

/** Why a port cannot be opened, in plain words. */
export function listenReason(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) return "address already in use";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  return reasonOf(error);
}
