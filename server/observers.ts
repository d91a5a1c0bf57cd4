/**
 * Everyone who looks at what happens: the log, session logs, the transfer log, metrics and hooks.
 *
 * @module
 */
import { formatTarget } from "../shared/connection.ts";
import { FtpkitError, reasonOf } from "../shared/errors.ts";
import { log, openLog, type PostedRecord } from "../shared/log.ts";
import type { ServerConfig } from "./config.ts";
import type { SessionEvent } from "./event.ts";
import { logEvent } from "./event_log.ts";
import { Hooks } from "./hooks.ts";
import { LineFile } from "./line_file.ts";
import { Metrics } from "./metrics.ts";
import { MetricsServer, type MetricsSource } from "./metrics_server.ts";
import { ServerLog } from "./server_log.ts";
import { SessionLogs } from "./session_log.ts";
import { transferLine } from "./transfer_log.ts";

/** What the observers need from outside. */
export interface ObserverOptions {
  /** Takes a line for standard error. */
  readonly onLine: (line: string) => void;
  /** What the metrics tell, and whether the server is stopping. */
  readonly source: (metrics: Metrics) => MetricsSource;
}

/** What is open for one configuration. */
interface Outputs {
  readonly stack: AsyncDisposableStack;
  readonly log: ServerLog;
  readonly sessionLogs: SessionLogs | undefined;
  readonly transferLog: LineFile | undefined;
  readonly hooks: Hooks;
}

/** All observers of a server. */
export class Observers implements AsyncDisposable {
  readonly #options: ObserverOptions;
  readonly #metrics = new Metrics();
  #outputs: Outputs | undefined;
  #metricsServer: MetricsServer | undefined;
  #metricsAt: string | undefined;

  /** Makes them; {@linkcode Observers.use} opens what they write to. */
  constructor(options: ObserverOptions) {
    this.#options = options;
  }

  /**
   * Opens what a configuration names, and closes what was open before: files that were moved away
   * begin anew.
   *
   * @param config The configuration.
   * @throws {FtpkitError} If something cannot be opened; then everything stays as it was.
   */
  async use(config: ServerConfig): Promise<void> {
    const next = await this.#open(config);
    const before = this.#outputs;
    this.#outputs = next;
    await openLog((record) => this.write(record), config.session.logLevel);
    try {
      await this.#serveMetrics(config);
    } finally {
      await before?.stack.disposeAsync();
    }
  }

  /** As {@linkcode Observers.use}, but what fails is logged. */
  async useIfPossible(config: ServerConfig): Promise<void> {
    try {
      await this.use(config);
    } catch (error) {
      if (!(error instanceof FtpkitError)) throw error;
      log.error(`not opened again: ${reasonOf(error)}`);
    }
  }

  async #open(config: ServerConfig): Promise<Outputs> {
    await using stack = new AsyncDisposableStack();
    const onTrouble = (message: string): void => this.#options.onLine(`ftpkit: ${message}`);
    const { logFormat: format, logFile: file, sessionLogs, transferLog, hooks, session } = config;
    const { onLine } = this.#options;
    const opened = {
      log: stack.use(await ServerLog.open({ format, file, onLine })),
      sessionLogs: sessionLogs === undefined
        ? undefined
        : stack.use(await SessionLogs.open(sessionLogs, onTrouble)),
      transferLog: transferLog === undefined
        ? undefined
        : stack.use(await LineFile.open(transferLog, { what: "transfer log", onTrouble })),
      hooks: stack.use(new Hooks(hooks, session.root)),
    };
    return { ...opened, stack: stack.move() };
  }

  async #serveMetrics({ metrics }: ServerConfig): Promise<void> {
    const at = metrics && formatTarget(metrics);
    if (at === this.#metricsAt) return;
    await this.#metricsServer?.[Symbol.asyncDispose]();
    this.#metricsServer = undefined;
    this.#metricsAt = undefined;
    if (metrics === undefined) return;
    this.#metricsServer = new MetricsServer(metrics, this.#options.source(this.#metrics));
    this.#metricsAt = at;
    log.info(`metrics on http://${formatTarget(this.#metricsServer.local)}/`);
  }

  /** Shows an event to everyone. */
  observe(event: SessionEvent): void {
    logEvent(event);
    this.#metrics.observe(event);
    this.#outputs?.sessionLogs?.observe(event);
    this.#outputs?.hooks.observe(event);
    const line = this.#outputs?.transferLog && transferLine(event);
    if (line !== undefined) this.#outputs?.transferLog?.write(line);
  }

  /** Writes a record to the log. */
  write(record: PostedRecord): void {
    this.#outputs?.log.write(record);
  }

  /** Writes what waits and closes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#metricsServer?.[Symbol.asyncDispose]();
    await this.#outputs?.stack.disposeAsync();
  }
}
