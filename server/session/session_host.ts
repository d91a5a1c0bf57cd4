/**
 * What sessions have in common.
 *
 * @module
 */
import type { Authority } from "../admission/authority.ts";
import type { SessionConfig } from "../configuration/config.ts";
import type { EventSink } from "../events/event.ts";
import type { PortPool } from "../data/port_pool.ts";
import type { PublicAddress } from "../data/public_address.ts";
import type { Clock } from "../../shared/rate_limit.ts";
import type { TlsServer } from "../../shared/tls_server.ts";
import type { ListingMemory } from "../storage/listing_memory.ts";
import type { Storage } from "../storage/storage.ts";

/** What all sessions of a worker share. */
export interface SessionHost {
  /** Settings. */
  readonly config: SessionConfig;
  /** The shared directory as a whole; a session uses its own view of it. */
  readonly storage: Storage;
  /** Whom to ask. */
  readonly authority: Authority;
  /** Takes what happens in sessions. */
  readonly events: EventSink;
  /** What the listings of all sessions hold. */
  readonly listingMemory: ListingMemory;
  /** Ports for passive mode. */
  readonly ports: PortPool;
  /** The time that rates are measured by: the same in all workers. */
  readonly clock: Clock;
  /** Plays the server in TLS; undefined: there is none. */
  readonly tls: TlsServer | undefined;
  /** What 227 tells. */
  readonly publicAddress: PublicAddress;
  /** Aborted when the server stops: sessions end, transfers that run may finish. */
  readonly stopping: AbortSignal;
}
