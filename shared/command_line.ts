/**
 * One command: a verb and perhaps an argument (RFC 959 section 5.3).
 *
 * @module
 */
import { ProtocolError } from "./errors.ts";

/** A command as it stands on the line. */
export interface Command {
  /** Upper case. */
  readonly verb: string;
  /** Everything behind the first space, spaces of its own included; undefined where that is nothing. */
  readonly argument: string | undefined;
}

/** Verbs whose argument is never shown. */
export const SECRET_VERBS: ReadonlySet<string> = new Set(["PASS", "ACCT", "ADAT"]);

/** The same in lines that are no valid command, such as ` PASS x` or `PASS`, a tab and a password. */
const SECRET_LINE = /^[^a-z]*(pass|acct|adat)/i;

/** SITE commands of other servers that change or give a password: `SITE PSWD old new`. */
const SECRET_SITE = /^[^a-z]*site\s+(\S*(?:pass|pwd|pswd)\S*)/i;

const LINE_BREAKERS = /[\r\n\0]/;

/**
 * Splits a line into verb and argument. Only one space separates them: names may begin with spaces.
 *
 * @example Usage
 * ```ts
 * import { splitCommand } from "./command_line.ts";
 * if (splitCommand("retr  a").argument !== " a") throw new Error("unexpected");
 * ```
 *
 * @param line The line without its end.
 * @returns The command.
 * @throws {ProtocolError} If the line holds CR, LF or NUL: no name may.
 */
export function splitCommand(line: string): Command {
  if (LINE_BREAKERS.test(line)) throw new ProtocolError("a command must not hold CR, LF or NUL");
  const space = line.indexOf(" ");
  if (space < 0) return { verb: line.toUpperCase(), argument: undefined };
  const argument = line.slice(space + 1);
  return {
    verb: line.slice(0, space).toUpperCase(),
    argument: argument === "" ? undefined : argument,
  };
}

/**
 * Writes a command for the wire.
 *
 * @param verb The verb.
 * @param argument Its argument, where it has one.
 * @returns The line with CRLF.
 * @throws {ProtocolError} If the argument holds CR, LF or NUL, which would start another command.
 */
export function formatCommand(verb: string, argument?: string): string {
  if (argument === undefined) return `${verb}\r\n`;
  if (LINE_BREAKERS.test(argument)) {
    const shown = SECRET_VERBS.has(verb) ? "***" : JSON.stringify(argument);
    throw new ProtocolError(`Cannot send ${verb} ${shown}: the name holds CR, LF or NUL`);
  }
  return `${verb} ${argument}\r\n`;
}

/**
 * A command for a log or a trace: passwords masked, also where the line is no valid command.
 *
 * @example Usage
 * ```ts
 * import { maskCommand } from "./command_line.ts";
 * if (maskCommand("pass secret") !== "PASS ***") throw new Error("unexpected");
 * ```
 *
 * @param line The line, with or without its end.
 * @returns The line to show, without its end.
 */
export function maskCommand(line: string): string {
  const text = line.replace(/\r?\n$/, "");
  const verb = SECRET_LINE.exec(text)?.[1];
  if (verb !== undefined) return `${verb.toUpperCase()} ***`;
  const site = SECRET_SITE.exec(text)?.[1];
  return site === undefined ? text : `SITE ${site.toUpperCase()} ***`;
}

/**
 * A place on a command line for a message: the password of a URL masked.
 *
 * @example Usage
 * ```ts
 * import { maskUrl } from "./command_line.ts";
 * if (maskUrl("ftp://me:secret@host/") !== "ftp://me:***@host/") throw new Error("unexpected");
 * ```
 *
 * @param text Any text.
 * @returns The text to show.
 */
export function maskUrl(text: string): string {
  return text.replace(/^([a-z0-9+.-]+:\/\/[^/:@]*):.*@/is, "$1:***@");
}
