/**
 * The state of a shell: where it is, there and here, and what it was told to keep to.
 *
 * @module
 */
import { isAbsolute, join, resolve } from "node:path";
import type { CommandIo, Terminals } from "../../shared/command_io.ts";
import { FtpkitError, reasonOf, UsageError } from "../../shared/errors.ts";
import { escapeGlob } from "../../shared/glob.ts";
import type { ParsedOptions } from "../../shared/options.ts";
import { type FileOptions, fileOptions } from "../client_options.ts";
import type { ClientRun } from "../client_run.ts";
import { expandLocal } from "../directory/local_glob.ts";
import { expandRemote, hostLister } from "../directory/remote_glob.ts";
import type { RemoteEntry } from "../listing/entry.ts";
import type { RemoteLocation } from "../location.ts";
import { displayName, readableName } from "../remote_name.ts";
import { type TreeOptions, treeOptions } from "../tree/tree_options.ts";
import { Interrupts } from "./interrupts.ts";
import { Jobs } from "./jobs.ts";
import type { Settings } from "./settings.ts";
import { Site, type SiteOptions } from "./site.ts";
import type { Word } from "./words.ts";

/** A remote name that a word stands for. */
export interface RemoteMatch {
  readonly path: string;
  /** What a listing told of it, where it was found by a pattern. */
  readonly entry?: RemoteEntry;
}

/** What a shell begins with. */
export interface ShellOptions {
  readonly io: CommandIo;
  readonly settings: Settings;
  /** Somebody sits at it. */
  readonly interactive: boolean;
  /** Its terminals, where they are not those of the process; a script has none. */
  readonly terminals?: Terminals;
}

const LINE_FEED = 10;

const NO_TERMINALS: Terminals = { stdin: false, stdout: false, stderr: false };

/** A shell. Disposing it leaves the server. */
export class Shell implements AsyncDisposable {
  /** The process; its signal is that of the command which runs. */
  readonly io: CommandIo;
  readonly interactive: boolean;
  readonly interrupts: Interrupts;
  /** What runs in the background. */
  readonly jobs = new Jobs();
  readonly #process: CommandIo;
  settings: Settings;
  /** The server, once there is one. */
  site: Site | undefined;
  /** Where local names begin; empty: where the program was started. */
  localDirectory = "";
  /** The last file that was shown ended with the end of a line. */
  atLineStart = true;
  /** Somebody has said `quit`. */
  leaving = false;
  /** Asks for a line, as {@linkcode CommandIo.ask} does. */
  ask: (question: string) => Promise<string | null>;
  /** The lines that were typed, oldest first. */
  lines: () => readonly string[] = () => [];

  /** Connects to nothing yet. */
  constructor(options: ShellOptions) {
    const interrupts = new Interrupts(options.io.signal);
    this.#process = options.io;
    this.ask = (question) => options.io.ask(question);
    this.interrupts = interrupts;
    this.interactive = options.interactive;
    this.settings = options.settings;
    const write = async (bytes: Uint8Array): Promise<number> => {
      const count = await options.io.stdout.write(bytes);
      this.atLineStart = bytes[count - 1] === LINE_FEED;
      return count;
    };
    this.io = Object.create(options.io, {
      signal: { get: () => interrupts.signal },
      // A script answers no question and writes no escape codes, whatever terminal it was started from.
      terminals: {
        value: options.terminals ?? (options.interactive ? options.io.terminals : NO_TERMINALS),
      },
      stdout: { value: { write } },
      ask: { value: (question: string) => this.ask(question) },
    });
  }

  /**
   * Begins a session, and ends the one before.
   *
   * @throws {FtpkitError} If there is none to be had; the shell has no server then.
   */
  async connect(location: RemoteLocation, options: SiteOptions): Promise<void> {
    await this.disconnect();
    const site = new Site(this, { location, options });
    try {
      await site.host.use(async ({ directory }) => {
        site.host.directory = location.path === ""
          ? await directory.settle()
          : await directory.move(location.path);
      });
    } catch (error) {
      await site[Symbol.asyncDispose]();
      throw error;
    }
    site.first = site.before = site.directory;
    this.site = site;
  }

  /**
   * Another shell at the same place, with sessions of its own.
   *
   * @param around Gives it a process to live in.
   */
  fork(around: (io: CommandIo) => CommandIo): Shell {
    const { settings, localDirectory } = this;
    const terminals = { ...this.io.terminals, stdin: false };
    const io = around(this.#process);
    const fork = new Shell({ io, settings, interactive: false, terminals });
    fork.localDirectory = localDirectory;
    fork.site = this.site?.again(fork);
    return fork;
  }

  /** Ends the session, if there is one. */
  async disconnect(): Promise<void> {
    const { site } = this;
    this.site = undefined;
    await site?.[Symbol.asyncDispose]();
  }

  /**
   * The server.
   *
   * @throws {FtpkitError} If there is none.
   */
  connected(): Site {
    if (this.site !== undefined) return this.site;
    throw new FtpkitError("Not connected (open HOST: connects)");
  }

  /** Asks for a yes; a script has said it by being one. */
  async confirm(question: string): Promise<boolean> {
    return !this.interactive || /^\s*y(es)?\s*$/i.test(await this.ask(question) ?? "");
  }

  /** A name of this side: bytes that are not UTF-8 have their Latin-1 reading, as in remote names. */
  local(word: Word): string {
    const text = readableName(word.text);
    if (word.home) return join(this.home(), text.slice(1));
    return this.localDirectory === "" || isAbsolute(text) ? text : join(this.localDirectory, text);
  }

  /**
   * The names of this side that words stand for.
   *
   * @throws {LocalFileError} If a pattern matches nothing.
   */
  async locals(words: readonly Word[]): Promise<readonly string[]> {
    const all: string[] = [];
    for (const word of words) {
      const { pattern } = word;
      if (pattern === undefined || !this.settings.client.glob) all.push(this.local(word));
      else all.push(...await expandLocal(this.#localPattern({ ...word, text: pattern })));
    }
    return all;
  }

  /**
   * The remote names that words stand for. Directories that cannot be looked into are told.
   *
   * @param words The words.
   * @param run The command that asks.
   * @throws {RemoteFileError} If a pattern matches nothing.
   */
  async remotes(words: readonly Word[], run: ClientRun): Promise<readonly RemoteMatch[]> {
    const all: RemoteMatch[] = [];
    const { host } = this.connected();
    const { rateLimit, report } = run;
    for (const { text, pattern } of words) {
      if (pattern === undefined || !this.settings.client.glob) {
        all.push({ path: text });
        continue;
      }
      const found = await expandRemote(hostLister(host, { rateLimit, report }), pattern);
      for (const { error } of found.failures) report.notice(displayName(reasonOf(error)));
      all.push(...found.matches);
    }
    return all;
  }

  /** How files are transferred: what the command says, else what is set. */
  fileOptions(parsed: ParsedOptions): FileOptions {
    const options = fileOptions(parsed);
    const { ascii, preserve } = this.settings;
    return { ...options, ascii: options.ascii || ascii, preserve: options.preserve && preserve };
  }

  /** How trees are transferred: what the command says, else what is set. */
  treeOptions(parsed: ParsedOptions): TreeOptions {
    const options = treeOptions(parsed);
    return { ...options, parallel: options.parallel ?? this.settings.parallel };
  }

  /**
   * The user's home.
   *
   * @throws {UsageError} If nobody knows it.
   */
  home(): string {
    const home = this.io.env("HOME") ?? this.io.env("USERPROFILE");
    if (home) return home;
    throw new UsageError('Cannot find out what "~" is: HOME is not set');
  }

  /** Where local names begin, as an absolute path. */
  get localPath(): string {
    return resolve(this.localDirectory);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.jobs[Symbol.asyncDispose]();
    await this.disconnect();
    this.interrupts[Symbol.dispose]();
  }

  /** What stands before a pattern is none. */
  #localPattern({ text: pattern, home }: Word): string {
    if (home) return escapeGlob(this.home()) + pattern.slice(1);
    if (this.localDirectory === "" || isAbsolute(pattern)) return pattern;
    return `${escapeGlob(this.localDirectory)}/${pattern}`;
  }
}
