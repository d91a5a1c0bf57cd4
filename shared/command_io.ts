/**
 * What a subcommand may touch of the process it runs in. `main.ts` gives the real one, tests their
 * own.
 *
 * @module
 */
import type { ByteSink } from "./connection.ts";
import type { CommandUsage } from "./options.ts";
import type { ByteSource } from "./pump.ts";

/** Which of the three standard streams is a terminal. */
export interface Terminals {
  /** Somebody can be asked. */
  readonly stdin: boolean;
  /** Results are read by a person. */
  readonly stdout: boolean;
  /** Progress can be drawn. */
  readonly stderr: boolean;
}

/** Standard streams, environment and interruption. */
export interface CommandIo {
  /** Aborted by SIGINT and SIGTERM with an `InterruptedError`. */
  readonly signal: AbortSignal;
  /** Standard input, for `put -` and scripts. */
  readonly stdin: ByteSource;
  /** Standard output, for `get … -`. */
  readonly stdout: ByteSink;
  /** Which streams are terminals. */
  readonly terminals: Terminals;
  /** Writes a text to standard output, all of it. */
  out(text: string): Promise<void>;
  /** Writes a text to standard error. */
  err(text: string): void;
  /** An environment variable; undefined where it is unset or may not be read. */
  env(name: string): string | undefined;
  /**
   * Width of the terminal on standard error in columns, 80 where there is none; 0 while nothing may be
   * drawn there.
   */
  columns(): number;
  /** Calls back at each SIGHUP, until disposed; without it SIGHUP ends the program. */
  onReload(listener: () => void): Disposable;
  /** Calls back at each SIGINT, until disposed; without it SIGINT aborts {@linkcode CommandIo.signal}. */
  onInterrupt(listener: () => void): Disposable;
  /** Calls back when the terminal has another size, until disposed. */
  onResize(listener: () => void): Disposable;
  /** Whether keys come from the terminal one by one, without echo and without being signals. */
  setRaw(raw: boolean): void;
  /**
   * Asks for a line on the terminal.
   *
   * @returns The line without its end; null where there is no terminal to ask on, or it ends.
   * @throws {InterruptedError} If the user interrupts the question.
   */
  ask(question: string): Promise<string | null>;
  /**
   * Asks for a line without echo on the terminal.
   *
   * @returns The line; null where there is no terminal to ask on.
   * @throws {InterruptedError} If the user interrupts the question.
   */
  askSecret(question: string): Promise<string | null>;
}

/**
 * One subcommand's entry.
 *
 * @param args The arguments behind its name.
 * @param io The process around it.
 * @returns The exit code (see `docs/cli.md`).
 * @throws {FtpkitError} For what `main.ts` turns into one line and an exit code.
 */
export type CommandEntry = (args: readonly string[], io: CommandIo) => Promise<number>;

/** What a subcommand's room exports. */
export interface CommandModule {
  readonly run: CommandEntry;
  /** What it takes: its help and the shells' completions are made of it. */
  readonly USAGE: CommandUsage;
}
