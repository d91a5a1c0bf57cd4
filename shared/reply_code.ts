/**
 * Every reply the server can send, by meaning: the one place for codes, texts and their sources.
 *
 * @module
 */
import type { Reply } from "./reply.ts";

/** One reply: its three digits, default text, and where it is specified. */
export interface ReplySpec {
  /** The three digits (RFC 959 section 4.2). */
  readonly code: number;
  /** Text sent where the command gives none. */
  readonly text: string;
  /** The section that defines it. */
  readonly rfc: string;
}

/** All replies, in the order of their codes. */
export const REPLIES = {
  restartMarker: { code: 110, text: "MARK", rfc: "RFC 959 §4.2.2, §3.5" },
  dataConnectionOpen: { code: 125, text: "Transfer starting", rfc: "RFC 959 §4.2.2, §3.3" },
  openingData: { code: 150, text: "Opening data connection", rfc: "RFC 959 §4.2.2" },
  done: { code: 200, text: "Done", rfc: "RFC 959 §4.2.2" },
  superfluous: { code: 202, text: "Not needed here", rfc: "RFC 959 §4.2.2" },
  systemStatus: { code: 211, text: "System status", rfc: "RFC 959 §4.2.2" },
  directoryStatus: { code: 212, text: "Directory status", rfc: "RFC 959 §4.2.2" },
  fileStatus: { code: 213, text: "File status", rfc: "RFC 959 §4.2.2, RFC 3659 §3" },
  help: { code: 214, text: "Help", rfc: "RFC 959 §4.2.2" },
  systemType: { code: 215, text: "UNIX Type: L8", rfc: "RFC 959 §4.2.2, RFC 1123 §4.1.2.14" },
  serviceReady: { code: 220, text: "ftpkit ready", rfc: "RFC 959 §4.2.2" },
  reinitialized: { code: 220, text: "Ready for a new user", rfc: "RFC 959 §5.4 (REIN)" },
  hostAccepted: { code: 220, text: "Host accepted", rfc: "RFC 7151 §3.2" },
  goodbye: { code: 221, text: "Goodbye", rfc: "RFC 959 §4.2.2" },
  transferComplete: { code: 226, text: "Transfer complete", rfc: "RFC 959 §4.2.2" },
  abortDone: { code: 226, text: "Abort successful", rfc: "RFC 959 §4.1.3 (ABOR)" },
  passive: { code: 227, text: "Entering Passive Mode", rfc: "RFC 959 §4.2.2" },
  extendedPassive: { code: 229, text: "Entering Extended Passive Mode", rfc: "RFC 2428 §3" },
  loggedIn: { code: 230, text: "Logged in", rfc: "RFC 959 §4.2.2" },
  loggedInByCertificate: {
    code: 232,
    text: "Logged in by your certificate",
    rfc: "RFC 2228 §5.1, RFC 4217 §10.1",
  },
  authAccepted: { code: 234, text: "Go ahead with TLS", rfc: "RFC 4217 §4" },
  fileActionDone: { code: 250, text: "Done", rfc: "RFC 959 §4.2.2" },
  pathname: { code: 257, text: "Path", rfc: "RFC 959 §4.2.2" },
  passwordNeeded: { code: 331, text: "Password, please", rfc: "RFC 959 §4.2.2" },
  anonymousPassword: {
    code: 331,
    text: "Anonymous login: any password will do",
    rfc: "RFC 959 §4.2.2, RFC 1635",
  },
  pending: { code: 350, text: "Go on", rfc: "RFC 959 §4.2.2" },
  closing: { code: 421, text: "Closing the session", rfc: "RFC 959 §4.2.2" },
  noDataConnection: { code: 425, text: "No data connection", rfc: "RFC 959 §4.2.2" },
  transferAborted: { code: 426, text: "Transfer aborted", rfc: "RFC 959 §4.2.2" },
  fileBusy: { code: 450, text: "The file is busy", rfc: "RFC 959 §4.2.2" },
  tooManyTransfers: { code: 450, text: "Too many transfers", rfc: "RFC 959 §4.2.2" },
  localError: { code: 451, text: "Local error", rfc: "RFC 959 §4.2.2" },
  noSpace: { code: 452, text: "No space left", rfc: "RFC 959 §4.2.2" },
  unknownCommand: { code: 500, text: "Unknown command", rfc: "RFC 959 §4.2.2" },
  lineTooLong: { code: 500, text: "The line is too long", rfc: "RFC 959 §4.2.2" },
  badArgument: { code: 501, text: "The argument is not valid", rfc: "RFC 959 §4.2.2" },
  notImplemented: { code: 502, text: "Not implemented", rfc: "RFC 959 §4.2.2" },
  badSequence: { code: 503, text: "Bad sequence of commands", rfc: "RFC 959 §4.2.2" },
  badParameter: { code: 504, text: "Not implemented for that parameter", rfc: "RFC 959 §4.2.2" },
  protectionNeeded: {
    code: 521,
    text: "The data connection must be protected: PROT P first",
    rfc: "RFC 4217 §9",
  },
  unknownProtocol: {
    code: 522,
    text: "Network protocol not supported, use (1,2)",
    rfc: "RFC 2428 §2",
  },
  loginRefused: { code: 530, text: "Login incorrect", rfc: "RFC 959 §4.2.2" },
  notLoggedIn: { code: 530, text: "Not logged in", rfc: "RFC 959 §4.2.2" },
  tlsNeeded: { code: 530, text: "TLS is needed: AUTH TLS first", rfc: "RFC 959 §4.2.2" },
  refusedByPolicy: { code: 534, text: "Not allowed here", rfc: "RFC 2228 §5.1" },
  unknownProtection: {
    code: 536,
    text: "That protection level is not offered",
    rfc: "RFC 2228 §5.1",
  },
  fileUnavailable: { code: 550, text: "Not available", rfc: "RFC 959 §4.2.2" },
  permissionDenied: { code: 550, text: "Permission denied", rfc: "RFC 959 §4.2.2" },
  overQuota: { code: 552, text: "Over quota", rfc: "RFC 959 §4.2.2" },
  badName: { code: 553, text: "The name is not allowed", rfc: "RFC 959 §4.2.2" },
  badRestart: { code: 554, text: "Restart point is not valid", rfc: "RFC 3659 §5.3" },
} as const satisfies Record<string, ReplySpec>;

/** Name of a reply in {@linkcode REPLIES}. */
export type ReplyName = keyof typeof REPLIES;

/**
 * Makes a reply from its name.
 *
 * @example Usage
 * ```ts
 * import { reply } from "./reply_code.ts";
 * if (reply("goodbye").code !== 221) throw new Error("unexpected");
 * ```
 *
 * @param name Which one.
 * @param lines Text in place of the default; several make a multi-line reply.
 * @returns The reply.
 */
export function reply(name: ReplyName, ...lines: readonly string[]): Reply {
  const { code, text } = REPLIES[name];
  return { code, lines: lines.length > 0 ? lines : [text] };
}
