/**
 * Listings: LIST, NLST, MLSD over the data connection, MLST and STAT on the control connection
 * (RFC 959 section 4.1.3, RFC 3659 section 7).
 *
 * @module
 */
import { StorageError } from "../../shared/errors.ts";
import type { Reply } from "../../shared/reply.ts";
import { reply } from "../../shared/reply_code.ts";
import type { CommandContext, CommandTable } from "../command.ts";
import { describeForm } from "../data_form.ts";
import { FACTS, factsLine, longLine, nameLine, TextSource } from "../listing.ts";
import type { Session } from "../session.ts";
import type { Entry } from "../storage/storage.ts";
import { channelOf, isReply, send } from "../transfer.ts";

/** Entries that STAT shows at most: its reply is held in memory as a whole. */
const MAX_STAT_ENTRIES = 1000;

/** What a client wants to see. */
interface Target {
  /** Virtual path. */
  readonly path: string;
  /** Whether names with a leading dot are shown. */
  readonly hidden: boolean;
  /** What stands before each name in NLST: the path as the client wrote it, with a slash. */
  readonly prefix: string;
}

/** Options are those of `ls`; a name that begins with a dash wins where it exists. */
async function parseTarget(session: Session, argument: string): Promise<Target> {
  const [, flags = "", rest = ""] = argument.match(/^((?:-\S* ?)*)(.*)$/s) ?? [];
  const literal = flags !== "" && await exists(session, argument);
  const written = literal ? argument : rest;
  const hidden = !literal && /a/i.test(flags);
  const prefix = written === "" || written.endsWith("/") ? written : `${written}/`;
  return { path: session.resolve(written), hidden, prefix };
}

async function exists(session: Session, argument: string): Promise<boolean> {
  try {
    await session.storage.stat(session.resolve(argument));
    return true;
  } catch (error) {
    if (error instanceof StorageError) return false;
    throw error;
  }
}

/** The lines of a listing, made while they are sent. */
async function* lines(
  session: Session,
  { target, line }: { readonly target: Target; readonly line: (entry: Entry) => string },
): AsyncGenerator<string> {
  for await (const entries of session.storage.list(target.path)) {
    const shown = target.hidden ? entries : entries.filter(({ name }) => !name.startsWith("."));
    yield shown.map(line).join("");
  }
}

async function* single(text: string): AsyncGenerator<string> {
  yield await Promise.resolve(text);
}

async function sendListing(
  context: CommandContext,
  job: { readonly verb: string; readonly path: string; readonly pieces: AsyncIterable<string> },
): Promise<Reply> {
  const channel = channelOf(context);
  if (isReply(channel)) return channel;
  const { verb, path } = job;
  const plan = { verb, path, direction: "list" as const, opening: "Here comes the listing" };
  return await send(context, channel, { source: new TextSource(job.pieces), plan });
}

async function list(context: CommandContext, argument: string): Promise<Reply> {
  const { session } = context;
  const target = await parseTarget(session, argument);
  const entry = await session.storage.stat(target.path);
  const now = new Date();
  const line = (entry: Entry): string => longLine(entry, now);
  const pieces = entry.type === "dir" ? lines(session, { target, line }) : single(line(entry));
  return await sendListing(context, { verb: "LIST", path: target.path, pieces });
}

async function nameList(context: CommandContext, argument: string): Promise<Reply> {
  const { session } = context;
  const target = await parseTarget(session, argument);
  const entry = await session.storage.stat(target.path);
  const line = ({ name }: Entry): string => nameLine(`${target.prefix}${name}`);
  const pieces = entry.type === "dir"
    ? lines(session, { target, line })
    : single(nameLine(target.prefix.replace(/\/$/, "")));
  return await sendListing(context, { verb: "NLST", path: target.path, pieces });
}

async function machineList(context: CommandContext, argument: string): Promise<Reply> {
  const { session } = context;
  const path = session.resolve(argument);
  const entry = await session.storage.stat(path);
  if (entry.type !== "dir") return reply("badArgument", `MLSD is for directories: use MLST`);
  const target = { path, hidden: true, prefix: "" };
  const line = (entry: Entry): string => `${facts(session, { entry, name: entry.name })}\r\n`;
  return await sendListing(context, {
    verb: "MLSD",
    path,
    pieces: lines(session, { target, line }),
  });
}

function facts(session: Session, shown: { readonly entry: Entry; readonly name: string }): string {
  const may = session.may.bind(session);
  return factsLine(shown.entry, { facts: session.facts, may, name: shown.name });
}

async function machineStatus({ session }: CommandContext, argument: string): Promise<Reply> {
  const path = session.resolve(argument);
  const entry = await session.storage.stat(path);
  const line = facts(session, { entry, name: path });
  return reply("fileActionDone", "Listing", ` ${line}`, "End");
}

/** STAT with a path is LIST on the control connection (RFC 959 section 4.1.3). */
async function listStatus(session: Session, argument: string): Promise<Reply> {
  const target = await parseTarget(session, argument);
  const entry = await session.storage.stat(target.path);
  const now = new Date();
  const line = (entry: Entry): string => longLine(entry, now);
  if (entry.type !== "dir") {
    return reply("fileStatus", "Status", ` ${line(entry).trimEnd()}`, "End");
  }
  const shown: string[] = [];
  for await (const text of lines(session, { target, line })) {
    shown.push(...text.split("\r\n").filter((each) => each !== "").map((each) => ` ${each}`));
    if (shown.length > MAX_STAT_ENTRIES) {
      return reply("localError", `More than ${MAX_STAT_ENTRIES} entries: use LIST`);
    }
  }
  return reply("directoryStatus", "Status", ...shown, "End");
}

/** STAT alone tells how the session and its transfer stand. */
function sessionStatus(session: Session): Reply {
  const { transfer, account, connection } = session;
  return reply(
    "systemStatus",
    "ftpkit status",
    ` Connected from ${connection.remote.hostname}`,
    account === undefined ? " Not logged in" : ` Logged in as ${account.user}`,
    ` ${describeForm(session)}`,
    transfer === undefined
      ? " No transfer"
      : ` ${transfer.description}: ${transfer.bytes} bytes so far`,
    "End of status",
  );
}

function status({ session }: CommandContext, argument: string): Promise<Reply> | Reply {
  if (argument === "") return sessionStatus(session);
  if (session.state.kind !== "ready") return reply("notLoggedIn");
  return session.may("list") ? listStatus(session, argument) : reply("permissionDenied");
}

/** The FEAT line of MLST marks the facts that are on with a star (RFC 3659 section 7.8). */
function factFeature(session: Session): string {
  return `MLST ${
    FACTS.map((fact) => `${fact}${session.facts.includes(fact) ? "*" : ""};`).join("")
  }`;
}

/** The commands of this theme. */
export const LISTING_COMMANDS: CommandTable = {
  LIST: {
    argument: "optional",
    access: "user",
    permission: "list",
    during: "idle",
    transfers: true,
    help: "LIST [-a] [<path>]",
    rfc: "RFC 959 §4.1.3",
    run: list,
  },
  NLST: {
    argument: "optional",
    access: "user",
    permission: "list",
    during: "idle",
    transfers: true,
    help: "NLST [-a] [<path>]",
    rfc: "RFC 959 §4.1.3",
    run: nameList,
  },
  MLSD: {
    argument: "optional",
    access: "user",
    permission: "list",
    during: "idle",
    transfers: true,
    help: "MLSD [<directory>]",
    rfc: "RFC 3659 §7",
    run: machineList,
  },
  MLST: {
    argument: "optional",
    access: "user",
    permission: "list",
    during: "idle",
    feature: factFeature,
    help: "MLST [<path>]",
    rfc: "RFC 3659 §7",
    run: machineStatus,
  },
  STAT: {
    argument: "optional",
    access: "anyone",
    during: "bare",
    help: "STAT [<path>]",
    rfc: "RFC 959 §4.1.3",
    run: status,
  },
};
