/**
 * SITE: what this server has beyond the RFCs, as a small table of its own (RFC 959 section 4.1.3).
 *
 * @module
 */
import { parseTimeVal } from "../../shared/facts.ts";
import type { Reply } from "../../shared/reply.ts";
import { reply } from "../../shared/reply_code.ts";
import { type Need, STORING } from "../accounts/permissions.ts";
import type { CommandContext, CommandTable } from "../session/command.ts";
import type { Session } from "../session/session.ts";
import { parseMode, setMode, setModified } from "./fact_change.ts";

/** One SITE command. */
interface SiteSpec {
  /** The right it needs. */
  readonly permission?: Need;
  /** Its syntax. */
  readonly help: string;
  run(context: CommandContext, argument: string): Promise<Reply> | Reply;
}

const SITE: Readonly<Record<string, SiteSpec>> = {
  HELP: { help: "SITE HELP", run: ({ session }) => siteHelp(session) },
  CHMOD: { permission: "write", help: "SITE CHMOD <mode> <path>", run: changeMode },
  UTIME: {
    permission: "times",
    help: "SITE UTIME <YYYYMMDDhhmm[ss]> <path> | <path> <atime> <mtime> <ctime> UTC",
    run: changeTime,
  },
  UMASK: { permission: [...STORING, "mkdir"], help: "SITE UMASK [<octal>]", run: umask },
  IDLE: { help: "SITE IDLE [<seconds>]", run: idle },
};

async function site(context: CommandContext, argument: string): Promise<Reply> {
  const [, word = "", rest = ""] = argument.match(/^(\S+)(?: (.*))?$/s) ?? [];
  const name = word.toUpperCase();
  const spec = Object.hasOwn(SITE, name) ? SITE[name] : undefined;
  if (spec === undefined) return reply("badParameter", `SITE ${name} is not known: see SITE HELP`);
  const { permission } = spec;
  if (permission !== undefined && !context.session.may(permission)) {
    return reply("permissionDenied");
  }
  return await spec.run(context, rest);
}

/**
 * What SITE commands there are for this user.
 *
 * @param session Who asks.
 * @returns The reply.
 */
export function siteHelp(session: Session): Reply {
  return reply("help", "SITE commands:", ...siteLines(session), "End");
}

/** What the user may give. */
function siteLines(session: Session): string[] {
  return Object.values(SITE)
    .filter(({ permission }) => permission === undefined || session.may(permission))
    .map(({ help }) => ` ${help}`);
}

async function changeMode({ session }: CommandContext, argument: string): Promise<Reply> {
  const [, digits, name] = argument.match(/^(\S+) (.+)$/s) ?? [];
  if (digits === undefined || name === undefined) {
    return reply("badArgument", SITE["CHMOD"]?.help ?? "");
  }
  await setMode(session, { path: session.resolve(name), mode: parseMode(digits) });
  return reply("done", "The mode is changed");
}

/** Minutes are enough in one form; the other names four times, of which this server keeps one. */
async function changeTime({ session }: CommandContext, argument: string): Promise<Reply> {
  const [, name, modified] = argument.match(/^(.+) \d{14} (\d{14}) \d{14} UTC$/is) ?? [];
  const [, digits, path = name] = argument.match(/^(\d{12}|\d{14}) (.+)$/s) ?? [];
  const text = modified ?? digits?.padEnd(14, "0");
  const target = modified === undefined ? path : name;
  if (text === undefined || target === undefined) {
    return reply("badArgument", SITE["UTIME"]?.help ?? "");
  }
  await setModified(session, { path: session.resolve(target), time: parseTimeVal(text) });
  return reply("done", "The time is changed");
}

function umask({ session }: CommandContext, argument: string): Reply {
  if (argument !== "" && !/^0?[0-7]{1,3}$/.test(argument)) {
    return reply("badArgument", "SITE UMASK needs octal digits, such as 022");
  }
  if (argument !== "") session.umask = parseInt(argument, 8);
  return reply("done", `The umask is ${session.umask.toString(8).padStart(3, "0")}`);
}

/** A client may ask for less time than the administrator gives, not for more. */
function idle({ session }: CommandContext, argument: string): Reply {
  const most = session.host.config.idleTimeout / 1000;
  const wanted = Number(argument);
  if (argument !== "" && !(/^\d{1,9}$/.test(argument) && wanted >= 1 && wanted <= most)) {
    return reply("badArgument", `SITE IDLE needs seconds from 1 to ${most}`);
  }
  if (argument !== "") session.idleTimeout = wanted * 1000;
  return reply("done", `The session ends after ${session.idleTimeout / 1000} s without a command`);
}

/** The commands of this theme. */
export const SITE_COMMANDS: CommandTable = {
  SITE: {
    argument: "required",
    access: "user",
    during: "idle",
    help: `SITE ${Object.keys(SITE).join("|")} ...`,
    rfc: "RFC 959 §4.1.3",
    run: site,
  },
};
