/**
 * Facts that a client may set: MFMT, MFCT, MFF (draft-somers-ftp-mfxx).
 *
 * @module
 */
import { ProtocolError, StorageError } from "../../shared/errors.ts";
import { formatTimeVal, parseFacts, parseTimeVal } from "../../shared/facts.ts";
import type { Reply } from "../../shared/reply.ts";
import { reply } from "../../shared/reply_code.ts";
import type { CommandContext, CommandTable } from "../session/command.ts";
import type { Session } from "../session/session.ts";

/** What MFF may set, by its name in lower case. */
const CHANGERS: Readonly<Record<string, (value: string) => FactChange>> = {
  "modify": (value) => {
    const time = parseTimeVal(value);
    return {
      permission: "times",
      shown: `Modify=${formatTimeVal(time)};`,
      apply: (session, path) => setModified(session, { path, time }),
    };
  },
  "unix.mode": (value) => {
    const mode = parseMode(value);
    return {
      permission: "write",
      shown: `UNIX.mode=0${mode.toString(8).padStart(3, "0")};`,
      apply: (session, path) => setMode(session, { path, mode }),
    };
  },
};

interface FactChange {
  readonly permission: "times" | "write";
  /** How the reply says it. */
  readonly shown: string;
  apply(session: Session, path: string): Promise<void>;
}

/**
 * Reads permission bits.
 *
 * @param text Three or four octal digits.
 * @returns The bits.
 * @throws {ProtocolError} If it is anything else.
 */
export function parseMode(text: string): number {
  if (/^0?[0-7]{3}$/.test(text)) return parseInt(text, 8);
  throw new ProtocolError(`Cannot read the mode "${text}": not three octal digits, such as 644`);
}

/**
 * Sets a file's time.
 *
 * @throws {StorageError} If there is no such file, or the storage keeps no times.
 */
export async function setModified(
  { storage }: Session,
  { path, time }: { readonly path: string; readonly time: Date },
): Promise<void> {
  if (storage.setModified === undefined) {
    throw new StorageError("unsupported", "Times cannot be set here");
  }
  await storage.setModified(path, time);
}

/**
 * Sets a file's permission bits.
 *
 * @throws {StorageError} If there is no such file, or the storage keeps no modes.
 */
export async function setMode(
  { storage }: Session,
  { path, mode }: { readonly path: string; readonly mode: number },
): Promise<void> {
  if (storage.setMode === undefined) {
    throw new StorageError("unsupported", "Modes cannot be set here");
  }
  await storage.setMode(path, mode);
}

async function modifyTime({ session }: CommandContext, argument: string): Promise<Reply> {
  const [, digits, name] = argument.match(/^(\S+) (.+)$/s) ?? [];
  if (digits === undefined || name === undefined) return reply("badArgument", "MFMT <time> <path>");
  const time = parseTimeVal(digits);
  await setModified(session, { path: session.resolve(name), time });
  return reply("fileStatus", `Modify=${formatTimeVal(time)}; ${name}`);
}

/** Nothing is changed unless all of it can be. */
async function modifyFacts({ session }: CommandContext, argument: string): Promise<Reply> {
  const { facts, name } = parseFacts(argument);
  const path = session.resolve(name);
  const changes: FactChange[] = [];
  for (const [fact, value] of facts) {
    const read = Object.hasOwn(CHANGERS, fact) ? CHANGERS[fact] : undefined;
    if (read === undefined) return reply("badParameter", `The fact "${fact}" cannot be set`);
    changes.push(read(value));
  }
  if (changes.length === 0) return reply("badArgument", "MFF <fact>=<value>; <path>");
  if (!changes.every(({ permission }) => session.may(permission, path))) {
    return reply("permissionDenied");
  }
  await session.storage.stat(path);
  for (const { apply } of changes) await apply(session, path);
  return reply("fileStatus", `${changes.map(({ shown }) => shown).join("")} ${name}`);
}

/** Only what the user may set; before the login, all. */
function settableFacts(session: Session): string {
  const may = (permission: "times" | "write"): boolean =>
    session.account === undefined || session.may(permission);
  return `MFF ${may("times") ? "Modify;" : ""}${may("write") ? "UNIX.mode;" : ""}`;
}

/** The commands of this theme. */
export const FACT_COMMANDS: CommandTable = {
  MFMT: {
    argument: "required",
    access: "user",
    permission: "times",
    during: "idle",
    feature: "MFMT",
    help: "MFMT <YYYYMMDDHHMMSS> <path>",
    rfc: "draft-somers-ftp-mfxx",
    run: modifyTime,
  },
  MFF: {
    argument: "required",
    access: "user",
    permission: ["times", "write"],
    during: "idle",
    feature: settableFacts,
    help: "MFF <fact>=<value>;... <path>",
    rfc: "draft-somers-ftp-mfxx",
    run: modifyFacts,
  },
  MFCT: {
    argument: "required",
    access: "user",
    during: "idle",
    offered: () => false,
    help: "MFCT <time> <path> (times of creation cannot be set here)",
    rfc: "draft-somers-ftp-mfxx",
    run: () => reply("notImplemented", "The time of creation cannot be set here"),
  },
};
