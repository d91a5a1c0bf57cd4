/**
 * Security: AUTH, PBSZ, PROT, CCC, ADAT (RFC 2228, RFC 4217).
 *
 * @module
 */
import type { Reply } from "../../shared/reply.ts";
import { reply } from "../../shared/reply_code.ts";
import type { CommandContext, CommandTable } from "../session/command.ts";
import type { Session } from "../session/session.ts";
import type { Protection } from "../session/session_security.ts";

/** What means TLS (RFC 4217 section 17; older clients say SSL). */
const TLS_MECHANISMS: ReadonlySet<string> = new Set(["TLS", "TLS-C", "SSL"]);

/** PROT's letters; S and E are known, but TLS has no such levels (RFC 4217 section 9). */
const PROTECTIONS: ReadonlyMap<string, Protection | undefined> = new Map([
  ["C", "clear"],
  ["P", "private"],
  ["S", undefined],
  ["E", undefined],
]);

function tlsOffered({ security }: Session): boolean {
  return security.offered;
}

function namesTls(argument: string): boolean {
  return TLS_MECHANISMS.has(argument.trim().toUpperCase());
}

/** Whoever logged in before, logged in where others could listen (RFC 4217 section 4). */
function authenticate(context: CommandContext, argument: string): Reply {
  const { session } = context;
  const { security } = session;
  if (!security.offered) return reply("notImplemented", "There is no TLS here");
  if (!namesTls(argument)) return reply("badParameter", "AUTH TLS");
  if (security.on) return reply("badSequence", "TLS is on already");
  session.reset();
  const options = { signal: session.signal, timeout: session.host.config.loginTimeout };
  context.afterReply(() => security.start(options));
  return reply("authAccepted");
}

/** TLS needs no buffer: whatever size is asked for, it is 0 (RFC 4217 section 8). */
function bufferSize({ session: { security } }: CommandContext, argument: string): Reply {
  if (!security.offered) return reply("notImplemented", "There is no TLS here");
  if (!security.on) return reply("badSequence", "AUTH TLS comes first");
  if (!/^\d{1,10}$/.test(argument)) return reply("badArgument", "PBSZ needs a number of bytes");
  security.bufferSizeGiven = true;
  return reply("done", "PBSZ=0");
}

/** What MODE B and C left open is protected as it was opened, which is not what was asked for now. */
function closeKept(session: Session): void {
  if (session.dataChannel?.state === "open") session.useDataChannel(undefined);
}

function protection({ session }: CommandContext, argument: string): Reply {
  const { security, account } = session;
  const letter = argument.trim().toUpperCase();
  if (!security.offered) return reply("notImplemented", "There is no TLS here");
  if (!security.on) return reply("badSequence", "AUTH TLS comes first");
  if (!security.bufferSizeGiven) return reply("badSequence", "PBSZ comes first");
  if (!PROTECTIONS.has(letter)) return reply("badParameter", "PROT C or P");
  const level = PROTECTIONS.get(letter);
  if (level === undefined) return reply("unknownProtection");
  if (level === "clear" && security.neededForData(account)) {
    return reply("refusedByPolicy", "Data must be protected here");
  }
  if (level !== security.protection) closeKept(session);
  security.protection = level;
  return reply("done", level === "clear" ? "Data in the clear" : "Data is protected");
}

/**
 * Whoever listens could take over a session that goes on in the clear: only where that is wanted, and
 * not before the password has passed.
 */
function clearControl(context: CommandContext): Reply {
  const { account, security } = context.session;
  if (!security.offered) return reply("notImplemented", "There is no TLS here");
  if (!security.on) return reply("badSequence", "Nothing is protected");
  if (!security.mayClear) {
    return reply("refusedByPolicy", "The control connection stays protected");
  }
  if (account === undefined) return reply("badSequence", "The login comes first");
  context.afterReply(() => security.clear());
  return reply("done", "The control connection goes on in the clear");
}

function securityData({ session: { security } }: CommandContext): Reply {
  return security.offered
    ? reply("badSequence", "TLS needs no ADAT")
    : reply("notImplemented", "There is no TLS here");
}

/** The commands of this theme. */
export const SECURITY_COMMANDS: CommandTable = {
  AUTH: {
    argument: "required",
    access: "anyone",
    during: "idle",
    offered: tlsOffered,
    feature: "AUTH TLS",
    upgrades: ({ security }, argument) => security.offered && !security.on && namesTls(argument),
    help: "AUTH TLS",
    rfc: "RFC 4217 §4, RFC 2228 §3",
    run: authenticate,
  },
  PBSZ: {
    argument: "required",
    access: "anyone",
    during: "idle",
    offered: tlsOffered,
    feature: "PBSZ",
    help: "PBSZ 0",
    rfc: "RFC 4217 §8, RFC 2228 §3",
    run: bufferSize,
  },
  PROT: {
    argument: "required",
    access: "anyone",
    during: "idle",
    offered: tlsOffered,
    feature: "PROT",
    help: "PROT C|P",
    rfc: "RFC 4217 §9, RFC 2228 §3",
    run: protection,
  },
  CCC: {
    argument: "none",
    access: "anyone",
    during: "idle",
    offered: ({ security }) => security.offered && security.mayClear,
    feature: "CCC",
    upgrades: ({ security }) => security.on && security.mayClear,
    help: "CCC",
    rfc: "RFC 4217 §12.3, RFC 2228 §3",
    run: clearControl,
  },
  ADAT: {
    argument: "optional",
    access: "anyone",
    during: "idle",
    offered: () => false,
    help: "ADAT <data> (not needed for TLS)",
    rfc: "RFC 4217 §10, RFC 2228 §3",
    run: securityData,
  },
};
