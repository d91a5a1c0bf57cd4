/**
 * Entry of a session worker: a thread that may touch the shared directory and the network, and
 * nothing else. It gets its settings by message and asks the supervisor for decisions.
 *
 * @module
 */
import type { Listener } from "../shared/connection.ts";
import { FtpkitError, reasonOf } from "../shared/errors.ts";
import { log, openLog } from "../shared/log.ts";
import { TlsServer } from "../shared/tls_server.ts";
import {
  type AnswerMessage,
  type FromWorker,
  RemoteAuthority,
  type ToWorker,
} from "./admission/authority.ts";
import type { SessionConfig } from "./configuration/config.ts";
import { listenReason, openControlPort } from "./system/control_port.ts";
import { EventBatch } from "./events/event_batch.ts";
import { ControlListener } from "./control/listener.ts";
import { PortPool } from "./data/port_pool.ts";
import { PublicAddress } from "./data/public_address.ts";
import type { SessionHost } from "./session/session_host.ts";
import { type LocalStorage, openLocalStorage } from "./storage/local.ts";
import { LookupHelp } from "./storage/lookup_help.ts";
import type { ListingHelp } from "./storage/large_listing.ts";
import { ListingMemory } from "./storage/listing_memory.ts";

/** What the global scope of a worker offers; Deno's types describe that of the main thread. */
interface WorkerScope {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

const scope = globalThis as unknown as WorkerScope;
const post = (message: FromWorker): void => scope.postMessage(message);

/** The worker's life: started, serving, ended. */
class SessionWorker {
  readonly #authority = new RemoteAuthority(post);
  readonly #stopping = new AbortController();
  readonly #publicAddress: PublicAddress;
  readonly #events: EventBatch;
  readonly #listingMemory = new ListingMemory();
  #config: SessionConfig;
  #ports: WorkerPorts | undefined;
  #storage: LocalStorage | undefined;
  #listeners: readonly ControlListener[] = [];

  constructor(config: SessionConfig) {
    this.#config = config;
    this.#events = new EventBatch(
      config.observeCommands,
      (events) => post({ kind: "events", events }),
    );
    this.#publicAddress = new PublicAddress(config);
  }

  /** Opens the control port; connections wait in the kernel until {@linkcode serve}. */
  async open(exclusive: boolean): Promise<void> {
    await this.#openLog();
    try {
      this.#ports = openPorts(this.#config, exclusive);
      const { explicit, implicit } = this.#ports;
      const also = implicit === undefined ? {} : { implicit: implicit.local };
      post({ kind: "listening", at: explicit.local, ...also });
    } catch (error) {
      post({ kind: "cannot-listen", reason: listenReason(error) });
    }
  }

  /** Opens the shared directory and takes connections. */
  async serve(helped: boolean): Promise<void> {
    this.#storage = await openStorage(this.#config, {
      records: (path) => this.#authority.openDirectory(path),
      ...(helped ? { share: (names) => post({ kind: "share", names }) } : {}),
    });
    if (this.#storage === undefined || this.#ports === undefined) return;
    const host = this.#host(this.#storage);
    const { explicit, implicit } = this.#ports;
    this.#listeners = [
      new ControlListener(host, explicit),
      ...(implicit === undefined ? [] : [new ControlListener(host, implicit, { implicit: true })]),
    ];
    post({ kind: "serving" });
  }

  async configure(config: SessionConfig): Promise<void> {
    this.#config = config;
    this.#events.commands = config.observeCommands;
    this.#publicAddress.use(config);
    await this.#openLog();
    if (this.#storage === undefined) return;
    const host = this.#host(this.#storage);
    for (const listener of this.#listeners) listener.use(host);
  }

  tellAddress(address: string | undefined): void {
    this.#publicAddress.tell(address);
  }

  answer(message: AnswerMessage): void {
    this.#authority.answer(message);
  }

  async retire(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
    post({ kind: "retired" });
    await Promise.all(this.#listeners.map((listener) => listener.ended()));
    this.#events.flush();
    post({ kind: "stopped" });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const { drainTimeout } = this.#config;
    await Promise.all(this.#listeners.map((listener) => listener.stop(drainTimeout)));
    this.#events.flush();
    post({ kind: "stopped" });
  }

  async #openLog(): Promise<void> {
    await openLog((record) => post({ kind: "log", record }), this.#config.logLevel);
  }

  #host(storage: LocalStorage): SessionHost {
    const config = this.#config;
    return {
      config,
      storage,
      authority: this.#authority,
      events: this.#events,
      listingMemory: this.#listingMemory,
      ports: new PortPool(config.passivePorts),
      clock: this.#authority.clock,
      tls: config.tls === undefined ? undefined : new TlsServer(config.tls),
      publicAddress: this.#publicAddress,
      stopping: this.#stopping.signal,
    };
  }
}

/** What a worker takes connections on. */
interface WorkerPorts {
  readonly explicit: Listener;
  readonly implicit: Listener | undefined;
}

function openPorts(config: SessionConfig, exclusive: boolean): WorkerPorts {
  const { host, implicitPort: port } = config;
  const explicit = openControlPort(config, exclusive);
  const implicit = port === undefined ? undefined : openControlPort({ host, port }, exclusive);
  return { explicit, implicit };
}

/** Opens the shared directory, and clears what a server that was killed has left behind. */
async function openStorage(
  { root, umask }: SessionConfig,
  help: ListingHelp,
): Promise<LocalStorage | undefined> {
  try {
    const storage = await openLocalStorage(root, { umask, help });
    storage.removeStaleTemporaries().catch((error) => log.debug(`not cleared: ${reasonOf(error)}`));
    return storage;
  } catch (error) {
    const message = error instanceof FtpkitError
      ? `${error.message} (the directory cannot be opened by a session)`
      : `Cannot share "${root}": ${reasonOf(error)}`;
    post({ kind: "failed", message });
    return undefined;
  }
}

const help = new LookupHelp();
let worker: SessionWorker | undefined;
let turn: Promise<void> = Promise.resolve();

/** Answers are taken at once; steps of the worker's own life one after another. */
function take(message: ToWorker): void {
  if (message.kind === "answer") worker?.answer(message);
  else if (message.kind === "help") void help.take(message.names);
  else if (message.kind === "ping") post({ kind: "pong" });
  else if (message.kind === "stop") void turn.then(() => worker?.stop());
  else if (message.kind === "retire") void turn.then(() => worker?.retire());
  else turn = turn.then(() => step(message));
}

async function step(
  message: Exclude<ToWorker, { readonly kind: "answer" | "help" | "ping" | "stop" | "retire" }>,
): Promise<void> {
  switch (message.kind) {
    case "start":
      worker = new SessionWorker(message.config);
      return await worker.open(message.exclusive);
    case "serve":
      return await worker?.serve(message.helped);
    case "settings":
      return await worker?.configure(message.config);
    case "public-address":
      return worker?.tellAddress(message.address);
  }
}

scope.onmessage = (event) => take(event.data);
