/**
 * What the server tells of one path (RFC 3659).
 *
 * @module
 */
import { ProtocolError } from "../../shared/errors.ts";
import { parseFacts, parseTimeVal } from "../../shared/facts.ts";
import type { Reply } from "../../shared/reply.ts";

/** What is known of a remote path; what the server does not tell is undefined. */
export interface RemoteStat {
  /** Links count as what they lead to; undefined also for what is neither. */
  readonly type?: "file" | "dir";
  /** Bytes, in TYPE I. */
  readonly size?: number;
  readonly modified?: Date;
  /** As {@linkcode RemoteEntry.id}. */
  readonly id?: string;
  /** Permission bits, 0 to 0o777. */
  readonly mode?: number;
  /** The answer that there is no such file, or none that we may see. */
  readonly refusal?: Reply;
  /** The refusal holds for directories too: it is that of MLST, not of SIZE. */
  readonly isAbsent?: boolean;
}

/** The permissions of every link, on most systems. */
const LINK_MODE = 0o777;

/**
 * Whether what MLST told may be that of a link, not of the file it leads to: ProFTPD calls it a file.
 *
 * @param stat From {@linkcode statOfFacts}.
 * @returns True where SIZE and MDTM, which follow links, should be asked too.
 */
export function mayBeOfLink(stat: RemoteStat): boolean {
  return stat.type === "file" && stat.mode === LINK_MODE;
}

/**
 * Reads the answer to MLST (RFC 3659 section 7.2).
 *
 * @param reply A 250 reply.
 * @returns What it tells; nothing where it cannot be read: the transfer will show what is there.
 */
export function statOfFacts(reply: Reply): RemoteStat {
  try {
    const { facts } = parseFacts((reply.lines[1] ?? "").replace(/^ /, ""));
    const type = typeOfFact(facts.get("type"));
    // The rest is that of the link itself.
    if (type === undefined && facts.has("type")) return {};
    const digits = facts.get("size") ?? "";
    const size = /^\d{1,16}$/.test(digits) ? Number(digits) : NaN;
    const modified = timeOf(facts.get("modify") ?? "");
    const id = facts.get("unique");
    const mode = facts.get("unix.mode") ?? "";
    return {
      ...(type === undefined ? {} : { type }),
      ...(Number.isSafeInteger(size) ? { size } : {}),
      ...(modified === undefined ? {} : { modified }),
      ...(id ? { id } : {}),
      ...(/^[0-7]{3,7}$/.test(mode) ? { mode: parseInt(mode, 8) & 0o777 } : {}),
    };
  } catch (error) {
    if (error instanceof ProtocolError) return {};
    throw error;
  }
}

function typeOfFact(fact: string | undefined): "file" | "dir" | undefined {
  const type = fact?.toLowerCase();
  if (type === "file") return "file";
  return type === "dir" || type === "cdir" || type === "pdir" ? "dir" : undefined;
}

/**
 * Reads a time of MDTM or MLST (RFC 3659 section 2.3).
 *
 * @param text The digits.
 * @returns The time, or undefined where it is none.
 */
export function timeOf(text: string): Date | undefined {
  try {
    return parseTimeVal(text);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

/**
 * Compares two times to the second, which is as exact as MDTM is.
 *
 * @param time One time.
 * @param than The other.
 * @returns Whether the first is later; false where either is not known.
 */
export function isNewer(time: Date | undefined, than: Date | undefined): boolean {
  if (time === undefined || than === undefined) return false;
  return Math.floor(time.getTime() / 1000) > Math.floor(than.getTime() / 1000);
}
