/**
 * One server during one run: its sessions, opened when they are needed and again after a loss.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import type { CommandIo } from "../../shared/command_io.ts";
import { formatTarget } from "../../shared/connection.ts";
import { reasonOf, ReplyError } from "../../shared/errors.ts";
import type { ClientOptions } from "../client_options.ts";
import type { DataOptions, ServerHabits } from "../connection/data_channel.ts";
import { dial } from "../connection/dial.ts";
import { proxyFor } from "../connection/proxy.ts";
import type { Credentials } from "../credentials.ts";
import { formatRemote, type RemoteLocation, type Scheme } from "../location.ts";
import type { Report } from "../output/report.ts";
import { displayName } from "../remote_name.ts";
import type { TlsMode } from "../tls_options.ts";
import { backOff, givenUp, mayPass } from "./retry.ts";
import type { Session } from "./session.ts";
import { openSession } from "./session_opening.ts";
import { SessionPool } from "./session_pool.ts";
import type { SecurityHistory, SecurityOptions } from "./session_security.ts";
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
  /** Ends sessions, where they outlive what {@linkcode CommandIo.signal} ends. */
  readonly sessionSignal?: AbortSignal;
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
  /**
   * Where its sessions are to be, as the server calls it; undefined: where it puts them. One that it
   * does not let in any more is forgotten.
   */
  directory: string | undefined;
  /** One that is open, where there is one: the next one is like it. */
  #sibling: Session | undefined;
  /** Some connection to it has succeeded. */
  #reached = false;
  /** Sessions that were opened so far. */
  #opened = 0;
  /** All sessions were lost, which nobody was told yet. */
  #returned = false;
  /** Why there will be no session in this run: a refused login is tried once. */
  #hopeless: unknown;

  /** Connects to nothing yet. */
  constructor(location: RemoteLocation, context: RunContext) {
    this.#location = location;
    this.#context = context;
    this.#pool = new SessionPool({
      open: () => this.#open(),
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
        await this.#prepare(lease.session);
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

  /** A refused login, or a host that was not there, counts no more: somebody tries again. */
  forgive(): void {
    this.#hopeless = undefined;
  }

  /** Keeps an idle session from being closed by the server, or finds out that it was. */
  async noop(): Promise<void> {
    if (!this.#pool.hasIdle) return;
    using lease = await this.#pool.borrow();
    await lease.session.noop();
  }

  /** Leaves in all idle sessions but one. */
  async rest(): Promise<void> {
    await this.#pool.trim(1);
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
    const session = await this.#open(end);
    await this.#prepare(session, end);
    return session;
  }

  /** Options may have changed, or the session may be new. */
  async #prepare(session: Session, end?: AbortSignal): Promise<void> {
    session.configure(this.#dataOptions(end));
    const { directory } = this;
    if (directory !== undefined) {
      try {
        await session.directory.restore(directory);
      } catch (error) {
        if (error instanceof ReplyError && !error.transient) this.directory = undefined;
        throw error;
      }
    }
    if (this.#returned && directory !== undefined) {
      const place = displayName(formatRemote(this.#location.host, directory));
      this.#context.report.notice(`connected again, to ${place}`);
    }
    this.#returned = false;
  }

  #dataOptions(end?: AbortSignal): DataOptions {
    const { options, io } = this.#context;
    const { active, activePorts, connectTimeout } = options;
    const proxy = proxyFor(this.#location.host, { options, io });
    const signal = either(io.signal, end);
    return { active, activePorts, connectTimeout, proxy, signal, habits: this.#habits };
  }

  async #open(end?: AbortSignal): Promise<Session> {
    const { options, io, report, credentials } = this.#context;
    const login = await credentials.login(this.#location);
    const sessionSignal = either(this.#context.sessionSignal ?? io.signal, end);
    const security = this.#security(sessionSignal);
    if (security.mode !== "off") await security.trust.check();
    const target = security.server;
    const { connectTimeout, timeout } = options;
    const data = this.#dataOptions(end);
    const { proxy, signal } = data;
    const connection = await dial(target, { signal, timeout: connectTimeout, proxy });
    this.#reached = true;
    report.detail(`connected to ${formatTarget(connection.remote)}`);
    const session = await openSession(connection, {
      login,
      data,
      security,
      sibling: this.#sibling?.open ? this.#sibling : undefined,
      timeout,
      names: options.names,
      signal: sessionSignal,
      trace: (line) => this.#context.report.trace(line),
    });
    // Those of the pieces of a file end with it, before the others.
    if (!this.#sibling?.open) this.#sibling = session;
    this.#returned = this.#opened++ > 0 && this.#pool.live === 0;
    return session;
  }

  #security(signal: AbortSignal): SecurityOptions {
    const { options, trust } = this.#context;
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
      notice: (text) => this.#context.report.notice(text),
      signal,
      trace: (line) => this.#context.report.trace(line),
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

function either(signal: AbortSignal, end: AbortSignal | undefined): AbortSignal {
  return end === undefined ? signal : AbortSignal.any([signal, end]);
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
