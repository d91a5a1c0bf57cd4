/**
 * Listings: LIST, NLST, MLSD over the data connection, MLST and STAT on the control connection
 * (RFC 959 section 4.1.3, RFC 3659 section 7).
 *
 * @module
 */
import { UTF8 } from "../../shared/charset.ts";
import { joinPath } from "../../shared/ftp_path.ts";
import type { Reply } from "../../shared/reply.ts";
import { reply } from "../../shared/reply_code.ts";
import { LOOKING } from "../accounts/permissions.ts";
import type { CommandContext, CommandTable } from "../session/command.ts";
import { describeForm } from "../data/data_form.ts";
import { walkDirectory } from "../listing/directory_walk.ts";
import { PLAIN } from "../listing/list_options.ts";
import { ListingScope, openListing, parseTarget, requireList } from "./list_target.ts";
import { LineBuffer } from "../listing/line_buffer.ts";
import { FACTS, permLetters, writeFacts } from "../listing/listing.ts";
import { ListingSource } from "../listing/listing_source.ts";
import type { Session } from "../session/session.ts";
import type { Entry } from "../storage/storage.ts";
import { send } from "../transfer/transfer.ts";
import { channelOf, isReply } from "../transfer/transfer_connection.ts";

/** Entries that STAT shows at most: its reply is held in memory as a whole. */
const MAX_STAT_ENTRIES = 1000;

async function sendListing(
  context: CommandContext,
  job: { readonly verb: string; readonly path: string; readonly pieces: AsyncIterable<Uint8Array> },
): Promise<Reply> {
  const channel = channelOf(context);
  if (isReply(channel)) return channel;
  const { verb, path } = job;
  const plan = { verb, path, direction: "list" as const, opening: "Here comes the listing" };
  const source = new ListingSource(job.pieces);
  return await send(context, channel, { source, plan, verify: () => source.verify() });
}

function listCommand(
  verb: "LIST" | "NLST",
  form: "long" | "names",
): (context: CommandContext, argument: string) => Promise<Reply> {
  return async (context, argument) => {
    const { session } = context;
    const { charset } = session;
    const target = await parseTarget(session, argument);
    using scope = new ListingScope(context);
    const how = { target, form, prefixed: verb === "NLST", charset };
    const pieces = await openListing(session, scope, how);
    return await sendListing(context, { verb, path: session.resolve(target.written), pieces });
  };
}

async function machineList(context: CommandContext, argument: string): Promise<Reply> {
  const { session } = context;
  const path = session.resolve(argument);
  const entry = await session.storage.stat(path);
  if (entry.type !== "dir") return reply("badArgument", `MLSD is for directories: use MLST`);
  requireList(session, path);
  using scope = new ListingScope(context);
  const { storage, memory } = scope;
  const out = new LineBuffer(session.charset);
  const perm = permsIn(session, path);
  const write = (entry: Entry): void => {
    writeFacts(out, entry, { facts: session.facts, perm: perm(entry), name: entry.name });
    out.end();
  };
  const options = { ...PLAIN, hidden: true };
  const pieces = walkDirectory({ path, written: path }, { storage, options, out, write, memory });
  return await sendListing(context, { verb: "MLSD", path, pieces });
}

/** What may be done with the entries of a directory; where no path has rights of its own, it is said once. */
function permsIn(session: Session, directory: string): (entry: Entry) => string {
  const at = ({ type }: Entry, path: string): string =>
    permLetters(type, (need) => session.may(need, path));
  if (session.account?.overrides.length !== 0) {
    return (entry) => at(entry, joinPath(directory, entry.name));
  }
  const known = new Map<Entry["type"], string>();
  return (entry) => {
    const letters = known.get(entry.type) ?? at(entry, directory);
    known.set(entry.type, letters);
    return letters;
  };
}

async function machineStatus({ session }: CommandContext, argument: string): Promise<Reply> {
  const path = session.resolve(argument);
  const entry = await session.storage.stat(path);
  const perm = permLetters(entry.type, (need) => session.may(need, path));
  const out = new LineBuffer();
  writeFacts(out, entry, { facts: session.facts, perm, name: path });
  return reply("fileActionDone", "Listing", ` ${UTF8.decode(out.bytes)}`, "End");
}

/** STAT with a path is LIST on the control connection (RFC 959 section 4.1.3). */
async function listStatus(context: CommandContext, argument: string): Promise<Reply> {
  const { session } = context;
  const target = await parseTarget(session, argument);
  using scope = new ListingScope(context);
  const how = { target, form: "long" as const, prefixed: false, charset: UTF8 };
  const shown: string[] = [];
  for await (const piece of await openListing(session, scope, how)) {
    const text = UTF8.decode(piece);
    shown.push(...text.split("\r\n").filter((each) => each !== "").map((each) => ` ${each}`));
    if (shown.length > MAX_STAT_ENTRIES) {
      return reply("localError", `More than ${MAX_STAT_ENTRIES} entries: use LIST`);
    }
  }
  const isFile = !target.isPattern &&
    (await session.storage.stat(session.resolve(target.written))).type !== "dir";
  return reply(isFile ? "fileStatus" : "directoryStatus", "Status", ...shown, "End");
}

/** STAT alone tells how the session and its transfer stand. */
function sessionStatus(session: Session): Reply {
  const { transfer, account, connection, security } = session;
  return reply(
    "systemStatus",
    "ftpkit status",
    ` Connected from ${connection.remote.hostname}`,
    account === undefined ? " Not logged in" : ` Logged in as ${account.user}`,
    ` ${describeForm(session)}`,
    ` ${security.description}`,
    transfer === undefined
      ? " No transfer"
      : ` ${transfer.description}: ${transfer.bytes} bytes so far`,
    "End of status",
  );
}

function status(context: CommandContext, argument: string): Promise<Reply> | Reply {
  const { session } = context;
  if (argument === "") return sessionStatus(session);
  if (session.state.kind !== "ready") return reply("notLoggedIn");
  return session.may("list") ? listStatus(context, argument) : reply("permissionDenied");
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
    help: "LIST [-aAlRtSr1d] [<path or pattern>]",
    rfc: "RFC 959 §4.1.3",
    run: listCommand("LIST", "long"),
  },
  NLST: {
    argument: "optional",
    access: "user",
    permission: "list",
    during: "idle",
    transfers: true,
    help: "NLST [-aAlRtSr1d] [<path or pattern>]",
    rfc: "RFC 959 §4.1.3",
    run: listCommand("NLST", "names"),
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
    permission: LOOKING,
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
    abortable: true,
    help: "STAT [[-aAlRtSr1d] <path or pattern>]",
    rfc: "RFC 959 §4.1.3",
    run: status,
  },
};
