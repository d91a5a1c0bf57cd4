/**
 * Everyone who looks at what happens: the log, session logs, the transfer log, metrics and hooks.
 *
 * @module
 */
import { formatTarget } from "../../shared/connection.ts";
import { FtpkitError, reasonOf } from "../../shared/errors.ts";
import { log, openLog, type PostedRecord } from "../../shared/log.ts";
import type { ServerConfig } from "../configuration/config.ts";
import type { SessionEvent } from "./event.ts";
import { logEvent } from "./event_log.ts";
import { Hooks } from "./hooks.ts";
import { LineFile } from "../system/line_file.ts";
import { Metrics } from "./metrics.ts";
import { MetricsServer, type MetricsSource } from "./metrics_server.ts";
import { ServerLog } from "./server_log.ts";
import { SessionLogs } from "./session_log.ts";
import type { SystemUser } from "../system/system_user.ts";
import { transferLine } from "./transfer_log.ts";

/** What the observers need from outside. */
export interface ObserverOptions {
  /** Takes a line for standard error. */
  readonly onLine: (line: string) => void;
  /** What the metrics tell, and whether the server is stopping. */
  readonly source: (metrics: Metrics) => MetricsSource;
}

/** All observers of a server. */
export class Observers implements AsyncDisposable {
  readonly #options: ObserverOptions;
  readonly #metrics = new Metrics();
  readonly #hooks = new Hooks((kind, result) => this.#metrics.countHook(kind, result));
  #log: ServerLog | undefined;
  #sessionLogs: SessionLogs | undefined;
  #transferLog: LineFile | undefined;
  #metricsServer: MetricsServer | undefined;
  #metricsAt: string | undefined;

  /** Makes them; {@linkcode Observers.open} opens what they write to. */
  constructor(options: ObserverOptions) {
    this.#options = options;
  }

  /**
   * Opens what a configuration names.
   *
   * @param config The configuration.
   * @throws {FtpkitError} If something cannot be opened.
   */
  async open(config: ServerConfig): Promise<void> {
    for (const step of this.#steps(config)) await step();
  }

  /**
   * Goes by another configuration, or by the same: files that were moved away begin anew. What cannot
   * be opened is logged and stays as it was; what sessions and hooks have begun goes on.
   *
   * @param config The configuration.
   */
  async reopen(config: ServerConfig): Promise<void> {
    for (const step of this.#steps(config)) {
      try {
        await step();
      } catch (error) {
        if (!(error instanceof FtpkitError)) throw error;
        log.error(`not opened again: ${reasonOf(error)}`);
      }
    }
  }

  /** Gives what was opened to a user who shall be able to open it again. */
  handOver(user: SystemUser): void {
    this.#log?.handOver(user);
    this.#transferLog?.handOver(user);
    this.#sessionLogs?.handOver(user);
  }

  /**
   * Tries what is only opened later.
   *
   * @throws {FtpkitError} If it will not be possible.
   */
  check(): void {
    this.#sessionLogs?.check();
  }

  #steps(config: ServerConfig): readonly (() => Promise<void> | void)[] {
    return [
      () => this.#openLog(config),
      () => this.#openSessionLogs(config),
      () => this.#openTransferLog(config),
      () => this.#serveMetrics(config),
      () => this.#hooks.use(config.hooks, config.session.root),
    ];
  }

  async #openLog({ logFormat: format, logFile: file, session }: ServerConfig): Promise<void> {
    const { onLine } = this.#options;
    const onLost = (lines: number): void => this.#metrics.countLost("log", lines);
    const next = await ServerLog.open({ format, file, onLine, onLost });
    const before = this.#log;
    this.#log = next;
    await openLog((record) => this.write(record), session.logLevel);
    await before?.[Symbol.asyncDispose]();
  }

  /** Its files are opened for each write: a directory that stays must only be there. */
  async #openSessionLogs({ sessionLogs }: ServerConfig): Promise<void> {
    if (sessionLogs === this.#sessionLogs?.directory) return await this.#sessionLogs?.reopen();
    const onLost = (lines: number): void => this.#metrics.countLost("session", lines);
    const next = sessionLogs === undefined
      ? undefined
      : await SessionLogs.open(sessionLogs, { onTrouble: (message) => log.error(message), onLost });
    const before = this.#sessionLogs;
    this.#sessionLogs = next;
    await before?.[Symbol.asyncDispose]();
  }

  async #openTransferLog({ transferLog }: ServerConfig): Promise<void> {
    const what = "transfer log";
    const onLost = (lines: number): void => this.#metrics.countLost("transfer", lines);
    const next = transferLog === undefined
      ? undefined
      : await LineFile.open(transferLog, { what, onTrouble: (text) => log.error(text), onLost });
    const before = this.#transferLog;
    this.#transferLog = next;
    await before?.[Symbol.asyncDispose]();
  }

  async #serveMetrics({ metrics }: ServerConfig): Promise<void> {
    const at = metrics && formatTarget(metrics);
    if (at === this.#metricsAt) return;
    const next = metrics && new MetricsServer(metrics, this.#options.source(this.#metrics));
    const before = this.#metricsServer;
    this.#metricsServer = next;
    this.#metricsAt = at;
    if (next !== undefined) log.info(`metrics on http://${formatTarget(next.local)}/`);
    await before?.[Symbol.asyncDispose]();
  }

  /** Shows an event to everyone. */
  observe(event: SessionEvent): void {
    logEvent(event);
    this.#metrics.observe(event);
    this.#sessionLogs?.observe(event);
    this.#hooks.observe(event);
    const line = this.#transferLog && transferLine(event);
    if (line !== undefined) this.#transferLog?.write(line);
  }

  /** Writes a record to the log. */
  write(record: PostedRecord): void {
    this.#log?.write(record);
  }

  /** Waits for hooks, writes what waits and closes everything, the log last. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#hooks[Symbol.asyncDispose]();
    await this.#metricsServer?.[Symbol.asyncDispose]();
    await this.#sessionLogs?.[Symbol.asyncDispose]();
    await this.#transferLog?.[Symbol.asyncDispose]();
    await this.#log?.[Symbol.asyncDispose]();
  }
}
