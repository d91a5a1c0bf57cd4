/**
 * One server during one run: its sessions, opened when they are needed and again after a loss.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import type { CommandIo } from "../shared/command_io.ts";
import { formatTarget } from "../shared/connection.ts";
import { reasonOf } from "../shared/errors.ts";
import type { ClientOptions } from "./client_options.ts";
import type { Credentials } from "./credentials.ts";
import type { ServerHabits } from "./data_channel.ts";
import { dial } from "./dial.ts";
import type { RemoteLocation, Scheme } from "./location.ts";
import { proxyFor } from "./proxy.ts";
import { displayName } from "./remote_name.ts";
import type { Report } from "./report.ts";
import { backOff, givenUp, mayPass } from "./retry.ts";
import type { Session } from "./session.ts";
import { openSession } from "./session_opening.ts";
import { SessionPool } from "./session_pool.ts";
import type { SecurityHistory, SecurityOptions } from "./session_security.ts";
import type { TlsMode } from "./tls_options.ts";
import type { Trust } from "./trust.ts";

/** What all of a run's servers have in common. */
export interface RunContext {
  readonly options: ClientOptions;
  readonly io: CommandIo;
  readonly report: Report;
  readonly credentials: Credentials;
  readonly trust: Trust;
  /** Sessions with one server, and files, at a time. */
  readonly parallel: number;
}

const FTP_PORT = 21;
const IMPLICIT_PORT = 990;

/** What a URL asks for, whatever the options say. */
const SCHEME_MODES: Readonly<Partial<Record<Scheme, TlsMode>>> = {
  ftps: "implicit",
  ftpes: "require",
};

/** A server. Disposing it says goodbye. */
export class RemoteHost implements AsyncDisposable {
  readonly #location: RemoteLocation;
  readonly #context: RunContext;
  readonly #habits: ServerHabits = { avoidEpsv: false, avoidEprt: false };
  readonly #history: SecurityHistory = { offered: false, told: new Set() };
  readonly #pool: SessionPool;
  /** Some connection to it has succeeded. */
  #reached = false;
  /** Why there will be no session in this run: a refused login is tried once. */
  #hopeless: unknown;

  /** Connects to nothing yet. */
  constructor(location: RemoteLocation, context: RunContext) {
    this.#location = location;
    this.#context = context;
    this.#pool = new SessionPool({
      open: () => this.open(context.io.signal),
      limit: context.parallel,
      onFewer: (limit, error) =>
        context.report.detail(
          `going on with ${limit} session${limit === 1 ? "" : "s"}: ${
            displayName(reasonOf(error))
          }`,
        ),
    });
  }

  /**
   * Does something in a session, and again in the same or a new one where a failure may pass.
   *
   * @param work What to do; it is called afresh for each try.
   * @returns What it returns.
   * @throws {Error} What the last try threw. A connection lost after the login is a
   * {@linkcode TransferError}.
   */
  async use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    for (let attempt = 1;; attempt++) {
      let working = false;
      try {
        if (this.#hopeless !== undefined) throw this.#hopeless;
        using lease = await this.#pool.borrow();
        working = true;
        return await work(lease.session);
      } catch (error) {
        if (!this.#mayRetry(error, attempt)) {
          if (working) throw givenUp(error);
          throw this.#hopeless = error;
        }
        await this.#wait(error, attempt);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]();
  }

  /**
   * Opens a session of its own.
   *
   * @param end Ends it, and the wait for it.
   * @throws {FtpkitError} If it cannot be had; nothing is tried again.
   */
  async open(end: AbortSignal): Promise<Session> {
    const { options, io, report, credentials } = this.#context;
    const signal = AbortSignal.any([io.signal, end]);
    const login = await credentials.login(this.#location);
    const security = this.#security(signal);
    // What is wrong with the options is wrong for any server.
    if (security.mode !== "off") await security.trust.load();
    const target = security.server;
    const { active, activePorts, connectTimeout, timeout } = options;
    const proxy = proxyFor(target.hostname, { options, io });
    const connection = await dial(target, { signal, timeout: connectTimeout, proxy });
    this.#reached = true;
    report.detail(`connected to ${formatTarget(connection.remote)}`);
    const data = { active, activePorts, connectTimeout, proxy, signal, habits: this.#habits };
    const trace = report.trace === undefined ? {} : { trace: report.trace };
    return await openSession(connection, {
      login,
      data,
      security,
      timeout,
      signal,
      names: options.names,
      ...trace,
    });
  }

  #security(signal: AbortSignal): SecurityOptions {
    const { options, report, trust } = this.#context;
    const { scheme, host, port } = this.#location;
    const mode = SCHEME_MODES[scheme] ?? options.tls.mode;
    const usual = mode === "implicit" ? IMPLICIT_PORT : FTP_PORT;
    return {
      server: { hostname: host, port: options.port ?? port ?? usual },
      mode,
      clearData: options.tls.clearData,
      trust,
      timeout: options.connectTimeout,
      history: this.#history,
      notice: (text) => report.notice(text),
      signal,
      trace: report.trace,
    };
  }

  /** A host that was never reached is misspelt or down: that is said at once. */
  #mayRetry(error: unknown, attempt: number): boolean {
    if (this.#hopeless !== undefined || !this.#reached) return false;
    return attempt <= this.#context.options.retries && mayPass(error);
  }

  async #wait(error: unknown, attempt: number): Promise<void> {
    const { options, io, report } = this.#context;
    const wait = backOff(options.retryWait, attempt);
    const when = `in ${(wait / 1000).toFixed(1)} s (${attempt} of ${options.retries})`;
    report.notice(`${displayName(reasonOf(error))}; trying again ${when}`);
    await delay(wait, { signal: io.signal });
  }
}

/** The servers of one run, each opened when it is first needed. Disposing it leaves them all. */
export class RemoteHosts implements AsyncDisposable {
  readonly #context: RunContext;
  readonly #hosts = new Map<string, RemoteHost>();

  /** Connects to nothing yet. */
  constructor(context: RunContext) {
    this.#context = context;
  }

  /** The server of a place; places with the same server and login share it. */
  at(location: RemoteLocation): RemoteHost {
    const { scheme, host, port, user, password } = location;
    const key = JSON.stringify([scheme, host, port, user, password?.reveal()]);
    const known = this.#hosts.get(key);
    if (known !== undefined) return known;
    const opened = new RemoteHost(location, this.#context);
    this.#hosts.set(key, opened);
    return opened;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const host of this.#hosts.values()) await host[Symbol.asyncDispose]();
  }
}
