/**
 * What the server says of itself: SYST, FEAT, HELP, NOOP, AVBL (RFC 959 section 4.1.3, RFC 2389), and the
 * commands it knows but does not offer.
 *
 * @module
 */
import type { Reply } from "../../shared/reply.ts";
import { reply } from "../../shared/reply_code.ts";
import { STORING } from "../accounts/permissions.ts";
import type { CommandContext, CommandSpec, CommandTable } from "../session/command.ts";
import type { Session } from "../session/session.ts";
import { siteHelp } from "./site.ts";

/** Features that belong to no command: paths with slashes (RFC 3659 §6), UTF-8 names (RFC 2640). */
const GENERAL_FEATURES = ["TVFS", "UTF8"];

/** Verbs in one line of HELP. */
const HELP_COLUMNS = 8;

/** Whether a command can do anything for this user; before the login, for any. */
function isOffered(session: Session, spec: CommandSpec): boolean {
  if (spec.offered?.(session) === false) return false;
  const { permission } = spec;
  return permission === undefined || session.account === undefined || session.may(permission);
}

function features({ session, commands }: CommandContext): Reply {
  const lines = [...commands.values()]
    .filter((spec) => isOffered(session, spec))
    .map(({ feature }) => typeof feature === "function" ? feature(session) : feature)
    .filter((line) => line !== undefined);
  const sorted = [...lines, ...GENERAL_FEATURES].sort();
  return reply("systemStatus", "Features:", ...sorted.map((line) => ` ${line}`), "End");
}

function help({ session, commands }: CommandContext, argument: string): Reply {
  const verb = argument.trim().toUpperCase();
  if (/^SITE\b/.test(verb)) return session.account ? siteHelp(session) : reply("notLoggedIn");
  const spec = commands.get(verb);
  if (verb !== "" && spec === undefined) return reply("badArgument", `Unknown command "${verb}"`);
  if (spec !== undefined) return reply("help", `${spec.help} (${spec.rfc})`);
  const verbs = [...commands].filter(([, each]) => isOffered(session, each)).map(([each]) => each)
    .sort();
  const rows: string[] = [];
  for (let start = 0; start < verbs.length; start += HELP_COLUMNS) {
    rows.push(
      ` ${verbs.slice(start, start + HELP_COLUMNS).map((each) => each.padEnd(8)).join("")}`,
    );
  }
  return reply("help", "Commands:", ...rows, "HELP <command> tells the syntax");
}

/** What can still be stored: as far as the file system knows. */
async function available({ session }: CommandContext, argument: string): Promise<Reply> {
  const path = session.resolve(argument);
  const entry = await session.storage.stat(path);
  if (entry.type !== "dir") return reply("fileUnavailable", `"${path}" is not a directory`);
  const bytes = await session.host.authority.freeSpace(session.sharedPath(path), session.account);
  return bytes === undefined
    ? reply("fileUnavailable", "The free space is not known")
    : reply("fileStatus", String(bytes));
}

/** A command of an RFC that this server does not offer: 502, not 500 (RFC 959 section 4.2.2). */
function known(help: string, rfc: string): CommandSpec {
  return {
    argument: "optional",
    access: "anyone",
    during: "idle",
    offered: () => false,
    help,
    rfc,
    run: () => reply("notImplemented"),
  };
}

/** The commands of this theme. */
export const INFO_COMMANDS: CommandTable = {
  SYST: {
    argument: "none",
    access: "anyone",
    during: "idle",
    help: "SYST",
    rfc: "RFC 959 §4.1.3",
    run: () => reply("systemType"),
  },
  FEAT: {
    argument: "none",
    access: "anyone",
    during: "idle",
    help: "FEAT",
    rfc: "RFC 2389 §3",
    run: features,
  },
  HELP: {
    argument: "optional",
    access: "anyone",
    during: "idle",
    help: "HELP [<command>]",
    rfc: "RFC 959 §4.1.3",
    run: help,
  },
  NOOP: {
    argument: "none",
    access: "anyone",
    during: "transfer",
    help: "NOOP",
    rfc: "RFC 959 §4.1.3",
    run: () => reply("done"),
  },
  AVBL: {
    argument: "optional",
    access: "user",
    permission: STORING,
    during: "idle",
    feature: "AVBL",
    help: "AVBL [<directory>]",
    rfc: "draft-peterson-streamlined-ftp-command-extensions",
    run: available,
  },
  SMNT: known("SMNT <path> (not offered)", "RFC 959 §4.1.1"),
  MIC: known("MIC <command> (not offered)", "RFC 2228 §3"),
  CONF: known("CONF <command> (not offered)", "RFC 2228 §3"),
  ENC: known("ENC <command> (not offered)", "RFC 2228 §3"),
};
