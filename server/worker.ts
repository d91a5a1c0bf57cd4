/**
 * Entry of a session worker: a thread that may touch the shared directory and the network, and
 * nothing else. It gets its settings by message and asks the supervisor for decisions.
 *
 * @module
 */
import { FtpkitError, reasonOf } from "../shared/errors.ts";
import { log, openLog } from "../shared/log.ts";
import { type FromWorker, RemoteAuthority, type ToWorker } from "./authority.ts";
import type { SessionConfig } from "./config.ts";
import type { EventSink } from "./event.ts";
import { ControlListener } from "./listener.ts";
import { PortPool } from "./port_pool.ts";
import { type LocalStorage, openLocalStorage } from "./storage/local.ts";

/** What the global scope of a worker offers; Deno's types describe that of the main thread. */
interface WorkerScope {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  close(): void;
}

const scope = globalThis as unknown as WorkerScope;
const post = (message: FromWorker): void => scope.postMessage(message);
const authority = new RemoteAuthority(post);
const stopping = new AbortController();

async function start(config: SessionConfig): Promise<ControlListener | undefined> {
  await openLog((record) => post({ kind: "log", record }), config.logLevel);
  const storage = await openStorage(config);
  if (storage === undefined) return undefined;
  const ports = new PortPool(config.passivePorts);
  try {
    const events: EventSink = {
      commands: config.observeCommands,
      emit: (event) => post({ kind: "event", event }),
    };
    const host = { config, storage, authority, events, ports, stopping: stopping.signal };
    const listener = new ControlListener(host);
    post({ kind: "listening", at: listener.local });
    return listener;
  } catch (error) {
    post({ kind: "cannot-listen", reason: listenReason(error) });
    return undefined;
  }
}

/** Opens the shared directory, and clears what a server that was killed has left behind. */
async function openStorage({ root, umask }: SessionConfig): Promise<LocalStorage | undefined> {
  try {
    const storage = await openLocalStorage(root, { umask });
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

function listenReason(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) return "address already in use";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  return reasonOf(error);
}

async function stop(listener: ControlListener | undefined, config: SessionConfig): Promise<void> {
  stopping.abort();
  await listener?.stop(config.drainTimeout);
  post({ kind: "stopped" });
}

let running: Promise<ControlListener | undefined> | undefined;
let settings: SessionConfig | undefined;

async function take(message: ToWorker): Promise<void> {
  if (message.kind === "answer") authority.answer(message.id, message.answer);
  if (message.kind === "start") {
    settings = message.config;
    running = start(message.config);
  }
  if (message.kind === "stop" && settings !== undefined) await stop(await running, settings);
}

scope.onmessage = (event) => void take(event.data);
