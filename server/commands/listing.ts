/**
 * Listings: LIST, NLST, MLSD over the data connection, MLST and STAT on the control connection
 * (RFC 959 section 4.1.3, RFC 3659 section 7).
 *
 * @module
 */
import { StorageError } from "../../shared/errors.ts";
import { joinPath } from "../../shared/ftp_path.ts";
import { isGlob } from "../../shared/glob.ts";
import type { Reply } from "../../shared/reply.ts";
import { reply } from "../../shared/reply_code.ts";
import { LOOKING } from "../accounts/permissions.ts";
import type { CommandContext, CommandTable } from "../command.ts";
import { describeForm } from "../data_form.ts";
import { walkDirectory } from "../directory_walk.ts";
import { type ListOptions, parseListArgument, PLAIN } from "../list_options.ts";
import { FACTS, factsLine, longLine, type May, nameLine } from "../listing.ts";
import { matchPattern, type PatternMatch } from "../path_pattern.ts";
import type { Session } from "../session.ts";
import type { Entry } from "../storage/storage.ts";
import { TextSource } from "../text_source.ts";
import { channelOf, isReply, send } from "../transfer.ts";

/** Entries that STAT shows at most: its reply is held in memory as a whole. */
const MAX_STAT_ENTRIES = 1000;

/** What a client wants to see. */
interface Target {
  readonly options: ListOptions;
  /** What it wrote: one path, or a pattern. */
  readonly written: string;
  readonly isPattern: boolean;
}

/** A name that exists as it was written wins over options and patterns. */
async function parseTarget(session: Session, argument: string): Promise<Target> {
  const literal = { options: PLAIN, written: argument, isPattern: false };
  if (/^-|[*?[]/.test(argument) && await exists(session, argument)) return literal;
  const { options, path } = parseListArgument(argument);
  const isPattern = isGlob(path) && !(path !== argument && await exists(session, path));
  return { options, written: path, isPattern };
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

/** How an entry is shown, under which name. */
type Show = (entry: Entry, name: string) => string;

/** Long lines for LIST and STAT, names for NLST, where the options do not say otherwise. */
function showIn(target: Target, form: "long" | "names"): Show {
  if ((target.options.form ?? form) === "names") return (_entry, name) => nameLine(name);
  const now = new Date();
  return (entry, name) => longLine({ ...entry, name }, now);
}

/** The listing of one path or of what matches a pattern. */
async function openListing(
  session: Session,
  { target, show, prefixed }: {
    readonly target: Target;
    readonly show: Show;
    /** NLST names what is in a directory with the path before it, so that it can be fetched. */
    readonly prefixed: boolean;
  },
): Promise<AsyncIterable<string>> {
  const { written, options } = target;
  if (target.isPattern) return await openMatches(session, { target, show });
  const path = session.resolve(written);
  const entry = await session.storage.stat(path);
  if (entry.type !== "dir" || options.itself) return single(show(entry, written || "."));
  requireList(session, path);
  const prefix = !prefixed || options.recursive ? "" : asPrefix(written);
  const line = (each: Entry): string => show(each, `${prefix}${each.name}`);
  return walkDirectory({ path, written: written || "." }, {
    storage: session.storage,
    options,
    line,
  });
}

/** Before 150: a listing that is not allowed is no empty one. */
function requireList(session: Session, path: string): void {
  if (session.may("list", path)) return;
  throw new StorageError("denied", `Cannot list "${path}": permission denied`);
}

function asPrefix(written: string): string {
  return written === "" || written.endsWith("/") ? written : `${written}/`;
}

/** The first match is looked for before 150, so that none is an error and not an empty listing. */
async function openMatches(
  session: Session,
  { target, show }: { readonly target: Target; readonly show: Show },
): Promise<AsyncIterable<string>> {
  const { written, options } = target;
  const matches = matchPattern(session.storage, written, {
    resolve: (path) => session.resolve(path),
    hidden: options.hidden,
  });
  const first = await matches.next();
  if (first.done) throw new StorageError("not-found", `Nothing matches "${written}"`);
  return matchLines(first.value, { matches, show });
}

async function* matchLines(
  first: PatternMatch,
  { matches, show }: { readonly matches: AsyncIterable<PatternMatch>; readonly show: Show },
): AsyncGenerator<string> {
  yield show(first.entry, first.written);
  for await (const match of matches) yield show(match.entry, match.written);
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
  const source = new TextSource(job.pieces, context.session.charset);
  return await send(context, channel, { source, plan, verify: () => source.verify() });
}

function listCommand(
  verb: "LIST" | "NLST",
  form: "long" | "names",
): (context: CommandContext, argument: string) => Promise<Reply> {
  return async (context, argument) => {
    const { session } = context;
    const target = await parseTarget(session, argument);
    const show = showIn(target, form);
    const pieces = await openListing(session, { target, show, prefixed: verb === "NLST" });
    return await sendListing(context, { verb, path: session.resolve(target.written), pieces });
  };
}

async function machineList(context: CommandContext, argument: string): Promise<Reply> {
  const { session } = context;
  const path = session.resolve(argument);
  const entry = await session.storage.stat(path);
  if (entry.type !== "dir") return reply("badArgument", `MLSD is for directories: use MLST`);
  requireList(session, path);
  const line = (entry: Entry): string =>
    `${facts(session, { entry, name: entry.name, path: joinPath(path, entry.name) })}\r\n`;
  const options = { ...PLAIN, hidden: true };
  const { storage } = session;
  const pieces = walkDirectory({ path, written: path }, { storage, options, line });
  return await sendListing(context, { verb: "MLSD", path, pieces });
}

/** `path` is where the entry is: what may be done there is one of the facts. */
function facts(
  session: Session,
  shown: { readonly entry: Entry; readonly name: string; readonly path: string },
): string {
  const may: May = (need) => session.may(need, shown.path);
  return factsLine(shown.entry, { facts: session.facts, may, name: shown.name });
}

async function machineStatus({ session }: CommandContext, argument: string): Promise<Reply> {
  const path = session.resolve(argument);
  const entry = await session.storage.stat(path);
  const line = facts(session, { entry, name: path, path });
  return reply("fileActionDone", "Listing", ` ${line}`, "End");
}

/** STAT with a path is LIST on the control connection (RFC 959 section 4.1.3). */
async function listStatus(session: Session, argument: string): Promise<Reply> {
  const target = await parseTarget(session, argument);
  const show = showIn(target, "long");
  const pieces = await openListing(session, { target, show, prefixed: false });
  const shown: string[] = [];
  for await (const text of pieces) {
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
    help: "STAT [[-aAlRtSr1d] <path or pattern>]",
    rfc: "RFC 959 §4.1.3",
    run: status,
  },
};
