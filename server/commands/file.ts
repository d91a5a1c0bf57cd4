/**
 * Directories and names: CWD, CDUP, PWD, MKD, RMD, DELE, RNFR, RNTO, SIZE, MDTM (RFC 959 section
 * 4.1.3, RFC 3659), with the X-forms of RFC 1123 section 4.1.3.1.
 *
 * @module
 */
import { StorageError } from "../../shared/errors.ts";
import { formatTimeVal, parseTimeVal } from "../../shared/facts.ts";
import { quotePath } from "../../shared/ftp_path.ts";
import type { Reply } from "../../shared/reply.ts";
import { reply } from "../../shared/reply_code.ts";
import { LOOKING, STORING } from "../accounts/permissions.ts";
import type { CommandContext, CommandSpec, CommandTable } from "../session/command.ts";
import { directoryMessage } from "./directory_message.ts";
import { setModified } from "./fact_change.ts";

async function changeDirectory({ session }: CommandContext, argument: string): Promise<Reply> {
  const path = session.resolve(argument);
  const entry = await session.storage.stat(path);
  if (entry.type !== "dir") return reply("fileUnavailable", `"${path}" is not a directory`);
  session.directory = path;
  return reply(
    "fileActionDone",
    ...directoryMessage(session, path),
    `Directory is now ${quotePath(path)}`,
  );
}

function printDirectory({ session }: CommandContext): Reply {
  return reply("pathname", `${quotePath(session.directory)} is the current directory`);
}

async function makeDirectory({ session }: CommandContext, argument: string): Promise<Reply> {
  const path = session.resolve(argument);
  await session.storage.makeDirectory(path, session.umask);
  session.emit({ kind: "make-directory", path: session.sharedPath(path) });
  return reply("pathname", `${quotePath(path)} created`);
}

async function removeDirectory({ session }: CommandContext, argument: string): Promise<Reply> {
  const path = session.resolve(argument);
  await session.storage.removeDirectory(path);
  session.emit({ kind: "remove-directory", path: session.sharedPath(path) });
  return reply("fileActionDone", "Directory removed");
}

async function removeFile({ session }: CommandContext, argument: string): Promise<Reply> {
  const path = session.resolve(argument);
  await session.storage.removeFile(path, session.owner);
  session.emit({ kind: "delete", path: session.sharedPath(path) });
  return reply("fileActionDone", "File removed");
}

async function renameFrom({ session }: CommandContext, argument: string): Promise<Reply> {
  session.renameFrom = undefined;
  const path = session.resolve(argument);
  if (path === "/") return reply("fileUnavailable", "The root cannot be renamed");
  await session.storage.stat(path);
  session.renameFrom = path;
  return reply("pending", "RNTO comes next");
}

async function renameTo({ session }: CommandContext, argument: string): Promise<Reply> {
  const { renameFrom } = session;
  if (renameFrom === undefined) return reply("badSequence", "RNFR comes first");
  const path = session.resolve(argument);
  await session.storage.rename(renameFrom, path);
  const to = session.sharedPath(path);
  session.emit({ kind: "rename", path: session.sharedPath(renameFrom), to });
  return reply("fileActionDone", "Renamed");
}

/** In ASCII the size on the wire would have to be counted: RFC 3659 section 4.2 allows to refuse. */
async function size({ session }: CommandContext, argument: string): Promise<Reply> {
  if (session.type === "ascii") return reply("fileUnavailable", "SIZE needs TYPE I");
  const path = session.resolve(argument);
  const { storage } = session;
  const partial = await storage.partialSize(path, session.owner);
  if (partial !== undefined) return reply("fileStatus", String(partial));
  const entry = await storage.stat(path);
  if (entry.type !== "file") return reply("fileUnavailable", `"${path}" is not a regular file`);
  return reply("fileStatus", String(entry.size));
}

/** Old clients set the time with `MDTM <time> <path>`; a file of that very name wins. */
async function modificationTime({ session }: CommandContext, argument: string): Promise<Reply> {
  const [, digits, name] = argument.match(/^(\d{14}) (.+)$/s) ?? [];
  try {
    const entry = await session.storage.stat(session.resolve(argument));
    return reply("fileStatus", formatTimeVal(entry.modified));
  } catch (error) {
    const isNone = error instanceof StorageError && error.kind === "not-found";
    if (!isNone || digits === undefined || name === undefined) throw error;
    await setModified(session, { path: session.resolve(name), time: parseTimeVal(digits) });
    return reply("fileStatus", digits);
  }
}

const CWD: CommandSpec = {
  argument: "required",
  access: "user",
  during: "idle",
  help: "CWD <directory>",
  rfc: "RFC 959 §4.1.1",
  run: changeDirectory,
};

const CDUP: CommandSpec = {
  argument: "none",
  access: "user",
  during: "idle",
  help: "CDUP",
  rfc: "RFC 959 §4.1.1",
  run: (context) => changeDirectory(context, ".."),
};

const PWD: CommandSpec = {
  argument: "none",
  access: "user",
  during: "idle",
  help: "PWD",
  rfc: "RFC 959 §4.1.3",
  run: printDirectory,
};

const MKD: CommandSpec = {
  argument: "required",
  access: "user",
  permission: "mkdir",
  during: "idle",
  help: "MKD <directory>",
  rfc: "RFC 959 §4.1.3",
  run: makeDirectory,
};

const RMD: CommandSpec = {
  argument: "required",
  access: "user",
  permission: "delete",
  during: "idle",
  help: "RMD <directory>",
  rfc: "RFC 959 §4.1.3",
  run: removeDirectory,
};

/** The same command under the name of RFC 775 (RFC 1123 section 4.1.3.1). */
function alias(spec: CommandSpec): CommandSpec {
  return { ...spec, help: `X${spec.help}`, rfc: "RFC 1123 §4.1.3.1" };
}

/** The commands of this theme. */
export const FILE_COMMANDS: CommandTable = {
  CWD,
  XCWD: alias(CWD),
  CDUP,
  XCUP: { ...alias(CDUP), help: "XCUP" },
  PWD,
  XPWD: alias(PWD),
  MKD,
  XMKD: alias(MKD),
  RMD,
  XRMD: alias(RMD),
  DELE: {
    argument: "required",
    access: "user",
    permission: "delete",
    during: "idle",
    help: "DELE <file>",
    rfc: "RFC 959 §4.1.3",
    run: removeFile,
  },
  RNFR: {
    argument: "required",
    access: "user",
    permission: "rename",
    during: "idle",
    help: "RNFR <path>",
    rfc: "RFC 959 §4.1.3",
    run: renameFrom,
  },
  RNTO: {
    argument: "required",
    access: "user",
    permission: "rename",
    during: "idle",
    help: "RNTO <path>",
    rfc: "RFC 959 §4.1.3",
    run: renameTo,
  },
  SIZE: {
    argument: "required",
    access: "user",
    permission: [...LOOKING, ...STORING],
    during: "idle",
    feature: "SIZE",
    help: "SIZE <file>",
    rfc: "RFC 3659 §4",
    run: size,
  },
  MDTM: {
    argument: "required",
    access: "user",
    permission: LOOKING,
    during: "idle",
    feature: "MDTM",
    help: "MDTM <file>",
    rfc: "RFC 3659 §3",
    run: modificationTime,
  },
};
