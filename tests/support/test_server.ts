/**
 * The server's own session code in the test's thread, on a free port and a temporary directory.
 *
 * @module
 */
import { Accounts, parseUser } from "../../server/accounts/accounts.ts";
import type { Authority } from "../../server/admission/authority.ts";
import type { SessionConfig } from "../../server/configuration/config.ts";
import type { SessionEvent } from "../../server/events/event.ts";
import { openControlPort } from "../../server/system/control_port.ts";
import { ControlListener } from "../../server/control/listener.ts";
import { PortPool } from "../../server/data/port_pool.ts";
import { PublicAddress } from "../../server/data/public_address.ts";
import type { SessionHost } from "../../server/session/session_host.ts";
import { ListingMemory } from "../../server/storage/listing_memory.ts";
import { openLocalStorage } from "../../server/storage/local.ts";
import type { Storage } from "../../server/storage/storage.ts";
import type { Endpoint } from "../../shared/endpoint.ts";
import { threadClock } from "../../shared/rate_limit.ts";
import { TlsServer } from "../../shared/tls_server.ts";

/** What a test may change of the server. */
export interface TestServerOptions {
  /** Settings in place of the defaults. */
  readonly config?: Partial<SessionConfig>;
  /** Files in place of a temporary directory. */
  readonly storage?: (root: string) => Storage;
  /** Login decisions in place of alice (write), bob (read), carol (upload) and anonymous (read). */
  readonly authority?: Partial<Authority>;
  /** What its listings may hold, instead of as much as is usual. */
  readonly listingMemory?: ListingMemory;
  /** Takes every event of its sessions. */
  readonly onEvent?: (event: SessionEvent) => void;
}

/** Settings that stand in no test's way. */
export const SESSION_DEFAULTS: Omit<SessionConfig, "root"> = {
  host: "127.0.0.1",
  port: 0,
  welcome: "ftpkit ready",
  anonymous: true,
  passivePorts: undefined,
  publicAddress: undefined,
  active: true,
  limitRate: undefined,
  idleTimeout: 60_000,
  loginTimeout: 60_000,
  stallTimeout: 60_000,
  loginDelay: 0,
  drainTimeout: 60_000,
  logLevel: "info",
  observeCommands: true,
  umask: 0o022,
  deny: [],
  charset: "utf-8",
  sessionTimeout: undefined,
  maxCommands: undefined,
  maxTransfers: undefined,
  publicAddresses: [],
  messages: {},
  trustedProxies: [],
  implicitPort: undefined,
  tls: undefined,
  tlsUsers: [],
};

/** Lets everyone in, as a supervisor without limits does. */
function admitAll(): Omit<Authority, "login"> {
  let next = 1;
  return {
    admit: () => Promise.resolve({ kind: "admitted", session: next++ }),
    ended: () => {},
    loggedOut: () => {},
    startTransfer: () => Promise.resolve({ kind: "granted" }),
    transferEnded: () => {},
    takeQuota: () => Promise.resolve(true),
    giveQuota: () => {},
    freeSpace: () => Promise.resolve(undefined),
  };
}

/** A running server that a test owns. */
export class TestServer implements AsyncDisposable {
  readonly #listener: ControlListener;
  readonly #stopping: AbortController;
  /** Real path of the shared directory. */
  readonly root: string;

  private constructor(listener: ControlListener, stopping: AbortController, root: string) {
    this.#listener = listener;
    this.#stopping = stopping;
    this.root = root;
  }

  /** Starts a server. */
  static async start(options: TestServerOptions = {}): Promise<TestServer> {
    const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "ftpkit-test-" }));
    const config = { ...SESSION_DEFAULTS, root, ...options.config };
    const users = ["alice:secret:write", "bob:secret:read", "carol:secret:upload"].map(parseUser);
    const accounts = new Accounts(users, { anonymous: "read" });
    const stopping = new AbortController();
    const { listingMemory = new ListingMemory() } = options;
    const storage = await openLocalStorage(root);
    const host: SessionHost = {
      config,
      storage: options.storage?.(root) ?? storage,
      authority: {
        ...admitAll(),
        login: (request) => accounts.check(request),
        ...options.authority,
      },
      events: { commands: true, emit: (event) => options.onEvent?.(event) },
      listingMemory,
      ports: new PortPool(config.passivePorts),
      clock: threadClock,
      tls: config.tls === undefined ? undefined : new TlsServer(config.tls),
      publicAddress: new PublicAddress(config),
      stopping: stopping.signal,
    };
    const listener = new ControlListener(host, openControlPort(config, true));
    return new TestServer(listener, stopping, root);
  }

  /** Where it listens. */
  get address(): Endpoint {
    return this.#listener.local;
  }

  /** Stops it as SIGTERM would. */
  async stop(drain = 0): Promise<void> {
    this.#stopping.abort();
    await this.#listener.stop(drain);
  }

  /** Takes no more connections, and waits for the sessions. */
  async retire(): Promise<void> {
    await this.#listener.close();
    await this.#listener.ended();
  }

  /** A path in the shared directory. */
  path(name: string): string {
    return `${this.root}/${name}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await Deno.remove(this.root, { recursive: true });
  }
}
