/**
 * The server that the shell is connected to: one host for many commands.
 *
 * @module
 */
import type { CommandIo } from "../../shared/command_io.ts";
import { RateLimit } from "../../shared/rate_limit.ts";
import type { ClientOptions } from "../client_options.ts";
import type { ClientRun } from "../client_run.ts";
import { Credentials } from "../credentials.ts";
import { formatRemote, type RemoteLocation } from "../location.ts";
import { Report } from "../output/report.ts";
import { type RemoteHost, RemoteHosts, type RunContext } from "../session/remote_host.ts";
import { Trust } from "../session/trust.ts";
import { MOST_PARALLEL } from "../tree/tree_options.ts";
import type { Interrupts } from "./interrupts.ts";
import { ListingCache } from "./listing_cache.ts";
import type { Settings } from "./settings.ts";

/** What a site needs of the shell around it; looked up at each use. */
export interface SiteOwner {
  readonly io: CommandIo;
  readonly settings: Settings;
  readonly interrupts: Interrupts;
}

/** Milliseconds between two NOOPs: below what servers and firewalls are usually patient for. */
const NOOP_INTERVAL = 30_000;

/** Milliseconds after which a session may have been lost unnoticed. */
const STALE = 5000;

/** What is done while somebody types must not show. */
export const SILENT = { quiet: true, verbosity: 0 } as const;

/** Options that belong to one server, in place of those of the shell. */
export type SiteOptions = Pick<ClientOptions, "port" | "user" | "passwordFile">;

/** Which server it is. */
export interface SitePlace {
  readonly location: RemoteLocation;
  readonly options: SiteOptions;
  /** What somebody was asked for already. */
  readonly known?: Pick<RunContext, "credentials" | "trust">;
  /** Milliseconds between the NOOPs while nothing is to be done, in place of the usual ones. */
  readonly noopInterval?: number;
}

/** A server. Disposing it says goodbye. */
export class Site implements AsyncDisposable {
  /** The server; its path is empty. */
  readonly location: RemoteLocation;
  /** The directory that it began with. */
  first = "";
  /** The directory before this one. */
  before = "";
  /** What was read of it for completion. */
  readonly listings = new ListingCache();
  readonly #owner: SiteOwner;
  readonly #place: SitePlace;
  readonly #hosts: RemoteHosts;
  readonly #known: Pick<RunContext, "credentials" | "trust">;
  #report: Report;
  #timer: ReturnType<typeof setInterval> | undefined;
  #used = performance.now();
  #noop: Promise<void> = Promise.resolve();

  /** Connects to nothing yet. */
  constructor(owner: SiteOwner, place: SitePlace) {
    const { pattern: _, ...location } = place.location;
    this.#owner = owner;
    this.#place = place;
    this.location = { ...location, path: "", ascii: false };
    this.#report = new Report(this.options, owner.io);
    this.#known = place.known ?? {
      credentials: new Credentials(this.options, owner.io),
      trust: new Trust({
        options: this.options.tls,
        io: owner.io,
        notice: (text) => this.#report.notice(text),
      }),
    };
    this.#hosts = new RemoteHosts(this.#context());
  }

  /** The options that hold for it now. */
  get options(): ClientOptions {
    return { ...this.#owner.settings.client, ...this.#place.options };
  }

  /** Its sessions. */
  get host(): RemoteHost {
    return this.#hosts.at(this.location);
  }

  /** Where relative paths begin, as the server calls it. */
  get directory(): string {
    return this.host.directory ?? "";
  }

  /** Host and directory, for people. */
  get name(): string {
    return formatRemote(this.location.host, this.directory);
  }

  /** Server and directory, so that somebody can come back. */
  get place(): RemoteLocation {
    const { port, user } = this.options;
    return {
      ...this.location,
      ...(port === undefined ? {} : { port }),
      ...(user === undefined ? {} : { user }),
      path: this.directory,
    };
  }

  /** A place on it, relative to its directory. */
  at(path: string): RemoteLocation {
    // Some servers take a leading tilde for somebody's home.
    return { ...this.location, path: path.startsWith("~") ? `./${path}` : path };
  }

  /** Another one with the same server, login and directory, and sessions of its own. */
  again(owner: SiteOwner): Site {
    const { location } = this;
    const site = new Site(owner, { ...this.#place, location, known: this.#known });
    site.host.directory = this.host.directory;
    site.first = site.before = site.directory;
    return site;
  }

  /**
   * What a command needs for its transfers and listings. Disposing it keeps one session for the next.
   *
   * @param parallel Files at a time.
   * @param changes What is other than it is set.
   */
  open(parallel: number, changes: Partial<ClientOptions> = {}): ClientRun {
    const { io } = this.#owner;
    const options = { ...this.options, ...changes };
    const report = new Report(options, io);
    this.#report = report;
    const { rateLimit } = options;
    return {
      context: { options, io, report, ...this.#known, parallel },
      hosts: this.#hosts,
      report,
      rateLimit: rateLimit === undefined ? undefined : new RateLimit(rateLimit),
      [Symbol.asyncDispose]: () => this.host.rest(),
    };
  }

  /** A command begins; a session that was lost meanwhile is noticed. */
  async wake(): Promise<void> {
    clearInterval(this.#timer);
    this.host.forgive();
    await this.#noop;
    if (performance.now() - this.#used > STALE) await this.host.noop();
    this.#report = new Report(this.options, this.#owner.io);
  }

  /** Nothing is to be done for a while, and nothing to be told. */
  sleep(): void {
    this.#used = performance.now();
    this.#report = new Report({ ...this.options, ...SILENT }, this.#owner.io);
    clearInterval(this.#timer);
    const interval = this.#place.noopInterval ?? NOOP_INTERVAL;
    this.#timer = setInterval(() => this.#noop = this.#noop.then(() => this.host.noop()), interval);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#noop;
    await this.#hosts[Symbol.asyncDispose]();
  }

  /** Sessions outlive commands, so they look up what holds now. */
  #context(): RunContext {
    // deno-lint-ignore no-this-alias -- the getters have a `this` of their own
    const site = this;
    return {
      get options() {
        return site.options;
      },
      get io() {
        return site.#owner.io;
      },
      get report() {
        return site.#report;
      },
      get sessionSignal() {
        return site.#owner.interrupts.sessionSignal;
      },
      ...this.#known,
      parallel: MOST_PARALLEL,
    };
  }
}
