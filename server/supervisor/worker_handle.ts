/**
 * One session worker as the supervisor sees it: started with the least rights, spoken to by message,
 * and gone exactly once.
 *
 * @module
 */
import { formatTarget } from "../../shared/connection.ts";
import { FtpkitError, reasonOf } from "../../shared/errors.ts";
import { log, type PostedRecord } from "../../shared/log.ts";
import type { Answer, FromWorker, Question, ToWorker } from "../admission/authority.ts";
import type { BoundPorts } from "../system/control_port.ts";
import type { SessionConfig } from "../configuration/config.ts";
import type { SessionEvent } from "../events/event.ts";
import { Heartbeat, MOST_SILENCE } from "./heartbeat.ts";
import type { QuotaAmount } from "../storage/quota_ledger.ts";
import type { SharedNames } from "../storage/shared_names.ts";

/** What a worker may do to the disk. */
export interface WorkerRights {
  /** Real path of the shared directory: all it can see. */
  readonly root: string;
  /** Whether it can change anything there. */
  readonly writable: boolean;
}

/** The thread behind a handle. */
export type WorkerPort = Pick<Worker, "postMessage" | "terminate" | "onmessage" | "onerror">;

/** Starts a thread; tests give their own. */
export type WorkerFactory = (rights: WorkerRights) => WorkerPort;

/** Takes what workers say. */
export interface WorkerClient {
  /** A worker has stopped to answer for now, or answers again. */
  late?(): void;
  /** Answers a question. */
  decide(question: Question, worker: WorkerHandle): Promise<Answer>;
  /** A session has ended. */
  ended(session: number): void;
  /** The user of a session has gone. */
  loggedOut(session: number): void;
  /** A transfer has ended. */
  transferEnded(session: number): void;
  /** Space of a quota is given back. */
  quotaGiven(amount: QuotaAmount): void;
  /** Something happened in a session. */
  event(event: SessionEvent): void;
  /** The worker has something to log. */
  log(record: PostedRecord): void;
}

/** A worker does nothing any more, and its thread may live on. */
export class HangError extends FtpkitError {
  /** Makes the error. */
  constructor() {
    super(`Session worker gave no answer for ${MOST_SILENCE} s`);
  }
}

/** A worker, from its start to its end. */
export class WorkerHandle {
  readonly #client: WorkerClient;
  readonly #port: WorkerPort;
  readonly #heartbeat: Heartbeat;
  readonly #bound = Promise.withResolvers<BoundPorts>();
  readonly #serving = Promise.withResolvers<void>();
  readonly #retired = Promise.withResolvers<void>();
  readonly #gone = Promise.withResolvers<Error | undefined>();
  /** Others with the same rights that help it. */
  helpers: () => readonly WorkerHandle[] = () => [];
  #config: SessionConfig | undefined;
  #leaving = false;
  #listens = false;
  #ended = false;

  /**
   * Starts the thread.
   *
   * @param client Takes what it says.
   * @param port The thread, which belongs to the handle from now on.
   */
  constructor(client: WorkerClient, port: WorkerPort) {
    this.#client = client;
    this.#port = port;
    // Whoever does not wait for these learns of the failure through `gone`.
    this.#bound.promise.catch(() => {});
    this.#serving.promise.catch(() => {});
    port.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      // A worker that has been taken over may say anything: that must not end the server.
      this.#take(data).catch((error) => {
        log.error(`what a session worker said was not taken: ${reasonOf(error)}`);
      });
    };
    port.onerror = (event) => {
      event.preventDefault();
      this.#end(new FtpkitError(`Session worker failed: ${event.message}`));
    };
    this.#heartbeat = new Heartbeat({
      ask: () => this.#post({ kind: "ping" }),
      onLate: () => client.late?.(),
      onSilent: () => this.#end(new HangError()),
    });
  }

  /** Whether it does nothing for now; it may be dead, too. */
  get late(): boolean {
    return this.#heartbeat.late;
  }

  /** Whether it has its ports, as far as it has told. */
  get listens(): boolean {
    return this.#listens;
  }

  /** Resolves when the thread has ended: with an error unless it was asked to. */
  get gone(): Promise<Error | undefined> {
    return this.#gone.promise;
  }

  /**
   * Lets it open the control port; no connection is taken yet.
   *
   * @param config Its settings, with the port.
   * @param exclusive Fail where another program shares the port.
   * @returns Where it listens.
   * @throws {FtpkitError} If the port cannot be opened, or the worker dies.
   */
  bind(config: SessionConfig, exclusive: boolean): Promise<BoundPorts> {
    this.#config = config;
    this.#post({ kind: "start", config, exclusive });
    return this.#bound.promise;
  }

  /**
   * Lets it take connections.
   *
   * @param helped Whether others help it.
   * @throws {FtpkitError} If it cannot open the shared directory, or dies.
   */
  serve(helped: boolean): Promise<void> {
    this.#post({ kind: "serve", helped });
    return this.#serving.promise;
  }

  /** Gives it settings for new sessions. */
  configure(config: SessionConfig): void {
    this.#post({ kind: "settings", config });
  }

  /** Tells it the address for 227, also for running sessions. */
  tellAddress(address: string | undefined): void {
    this.#post({ kind: "public-address", address });
  }

  /** Takes the control port from it, and resolves when it is closed; it ends with its last session. */
  retire(): Promise<void> {
    this.#leaving = true;
    this.#post({ kind: "retire" });
    return this.#retired.promise;
  }

  /** Ends its sessions; running transfers may finish. */
  stop(): void {
    this.#leaving = true;
    this.#post({ kind: "stop" });
  }

  /** Ends the thread at once, with all its sessions. */
  terminate(): void {
    this.#end(this.#leaving ? undefined : new FtpkitError("Session worker was ended"));
  }

  #post(message: ToWorker): void {
    if (!this.#ended) this.#port.postMessage(message);
  }

  async #take(message: FromWorker): Promise<void> {
    if (this.#ended) return;
    switch (message.kind) {
      case "listening": {
        const { kind: _kind, ...ports } = message;
        this.#listens = true;
        return this.#bound.resolve(ports);
      }
      case "serving":
        return this.#serving.resolve();
      case "cannot-listen":
        return this.#end(this.#cannotListen(message.reason));
      case "failed":
        return this.#end(new FtpkitError(message.message));
      case "ask": {
        const answer = await this.#client.decide(message.question, this);
        return this.#post({ kind: "answer", id: message.id, answer, now: performance.now() });
      }
      case "ended":
        return this.#client.ended(message.session);
      case "logged-out":
        return this.#client.loggedOut(message.session);
      case "transfer-ended":
        return this.#client.transferEnded(message.session);
      case "quota-given":
        return this.#client.quotaGiven(message.amount);
      case "events":
        return message.events.forEach((event) => this.#client.event(event));
      case "log":
        return this.#client.log(message.record);
      case "share":
        return this.#share(message.names);
      case "pong":
        return this.#heartbeat.heard();
      case "retired":
        this.#listens = false;
        return this.#retired.resolve();
      case "stopped":
        return this.#end(undefined);
    }
  }

  #share(names: SharedNames): void {
    for (const helper of this.helpers()) helper.#post({ kind: "help", names });
  }

  #end(error: FtpkitError | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#heartbeat[Symbol.dispose]();
    this.#port.terminate();
    const reason = error ?? new FtpkitError("Session worker was stopped");
    this.#bound.reject(reason);
    this.#serving.reject(reason);
    this.#retired.resolve();
    this.#gone.resolve(error);
  }

  #cannotListen(reason: string): FtpkitError {
    const { host, port = 0 } = this.#config ?? {};
    const where = host === undefined ? `port ${port}` : formatTarget({ hostname: host, port });
    return new FtpkitError(`Cannot listen on ${where}: ${reason}`);
  }
}

/** A thread that may touch the shared directory and the network, and nothing else. */
export function spawnWorker({ root, writable }: WorkerRights): WorkerPort {
  return new Worker(new URL("../worker.ts", import.meta.url), {
    type: "module",
    name: "sessions",
    deno: {
      permissions: {
        read: [root],
        write: writable ? [root] : false,
        net: true,
        env: false,
        run: false,
        ffi: false,
        sys: false,
        import: false,
      },
    },
  });
}
