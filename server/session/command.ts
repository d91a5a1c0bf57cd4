/**
 * What a command is: one entry in one table holds everything the server knows of it.
 *
 * @module
 */
import type { Reply } from "../../shared/reply.ts";
import type { Need } from "../accounts/permissions.ts";
import type { Session } from "./session.ts";

/** What a handler may see and do. */
export interface CommandContext {
  /** The session it runs in. */
  readonly session: Session;
  /** Aborted by ABOR, by a stop and when the control connection is lost. */
  readonly signal: AbortSignal;
  /** Every command, for HELP and FEAT. */
  readonly commands: Commands;
  /** Sends a 1yz reply ahead of the final one. */
  preliminary(reply: Reply): void;
  /** Runs a step once the final reply has gone out, before anything else is read or answered. */
  afterReply(step: () => Promise<void>): void;
}

/** One FTP command: the facts that gate, FEAT and HELP need, and the code that runs it. */
export interface CommandSpec {
  /** Whether it takes an argument. */
  readonly argument: "none" | "optional" | "required";
  /** Whether it may be given before the login. */
  readonly access: "anyone" | "user";
  /** The right it needs, or several of which one is enough; the storage asks for those at a path. */
  readonly permission?: Need;
  /** Whether it can do anything in this session, where the right alone does not say that. */
  readonly offered?: (session: Session) => boolean;
  /**
   * Whether it is answered while a transfer runs: `bare` only without an argument; else it waits its
   * turn.
   */
  readonly during: "idle" | "transfer" | "bare";
  /** It moves data: ABOR stops it, and the data channel and REST are used up by it. */
  readonly transfers?: true;
  /** It may take long without moving data to the client: ABOR stops it. */
  readonly abortable?: true;
  /**
   * Whether it changes what the control connection is: nothing may come behind it before it has been
   * answered.
   */
  readonly upgrades?: (session: Session, argument: string) => boolean;
  /** The line it adds to the FEAT reply (RFC 2389), where it adds one for this session. */
  readonly feature?: string | ((session: Session) => string | undefined);
  /** Its line of HELP: the syntax. */
  readonly help: string;
  /** Where it is specified. */
  readonly rfc: string;
  /**
   * Runs it.
   *
   * @returns The one final reply.
   * @throws {FtpkitError} What `error_reply.ts` turns into a reply.
   */
  run(context: CommandContext, argument: string): Promise<Reply> | Reply;
}

/** Commands of one theme, by verb. */
export type CommandTable = Readonly<Record<Uppercase<string>, CommandSpec>>;

/** All commands, by verb. */
export type Commands = ReadonlyMap<string, CommandSpec>;

/**
 * Joins command tables.
 *
 * @param tables The tables.
 * @returns All their commands.
 * @throws {TypeError} If two tables define one verb.
 */
export function joinTables(...tables: readonly CommandTable[]): Commands {
  const all = new Map<string, CommandSpec>();
  for (const [verb, spec] of tables.flatMap((table) => Object.entries(table))) {
    if (all.has(verb)) throw new TypeError(`Cannot register command "${verb}" twice`);
    all.set(verb, spec);
  }
  return all;
}
