/**
 * Files over the data connection: RETR, STOR, APPE, STOU, REST (RFC 959, RFC 3659 section 5).
 *
 * @module
 */
import { limited } from "../../shared/byte_source.ts";
import { joinPath } from "../../shared/ftp_path.ts";
import type { Reply } from "../../shared/reply.ts";
import { reply } from "../../shared/reply_code.ts";
import { STORING } from "../accounts/permissions.ts";
import type { CommandContext, CommandTable } from "../session/command.ts";
import type { Session } from "../session/session.ts";
import type { WriteOptions } from "../storage/storage.ts";
import { receive, send } from "../transfer/transfer.ts";
import { channelOf, isReply } from "../transfer/transfer_connection.ts";

async function retrieve(context: CommandContext, argument: string): Promise<Reply> {
  const { session } = context;
  const path = session.resolve(argument);
  const channel = refuseAsciiRestart(context) ?? refuseRange(session) ?? channelOf(context);
  if (isReply(channel)) return channel;
  const { range } = session;
  const offset = range?.start ?? session.restart;
  await using file = await session.storage.read(path, offset);
  const rest = file.size - offset;
  const length = range === undefined ? rest : Math.min(rest, range.end - range.start + 1);
  const source = range === undefined ? file : limited(file, length);
  const way = channel.state === "open" ? "Using the" : "Opening";
  const opening = session.type === "ascii"
    ? `${way} ASCII mode data connection`
    : `${way} BINARY mode data connection (${length} bytes)`;
  const plan = { verb: "RETR", path, direction: "out" as const, opening, offset };
  return await send(context, channel, { source, plan });
}

/** A range is of bytes as they are in the file; other forms of the data have no such thing. */
function refuseRange({ range, type, structure, mode }: Session): Reply | undefined {
  const plain = type === "image" && structure === "file" && mode === "stream";
  if (range === undefined || plain) return undefined;
  return reply("badParameter", "RANG needs TYPE I, STRU F and MODE S");
}

/** Where an upload goes and how it is called. */
interface Upload {
  readonly verb: string;
  readonly path: string;
  readonly opening: string;
  readonly options: Pick<WriteOptions, "mode" | "offset">;
  /** Nothing that exists may be touched, whatever the user's rights. */
  readonly exclusive?: boolean;
}

async function upload(context: CommandContext, job: Upload): Promise<Reply> {
  const { session } = context;
  if (session.range !== undefined) return reply("badParameter", "RANG is for RETR alone");
  const channel = refuseAsciiRestart(context) ?? channelOf(context);
  if (isReply(channel)) return channel;
  const writer = await session.storage.write(job.path, {
    ...job.options,
    user: session.owner,
    umask: session.umask,
    exclusive: job.exclusive ?? false,
  });
  const { verb, path, opening } = job;
  const plan = { verb, path, direction: "in" as const, opening };
  return await receive(context, channel, { writer, plan });
}

function store(context: CommandContext, argument: string): Promise<Reply> {
  const { restart } = context.session;
  const options = restart > 0
    ? { mode: "resume" as const, offset: restart }
    : { mode: "replace" as const };
  const path = context.session.resolve(argument);
  return upload(context, { verb: "STOR", path, opening: "Ready for the data", options });
}

/** APPE ends what REST began only at the end of the file: other bytes would be glued in between. */
async function append(context: CommandContext, argument: string): Promise<Reply> {
  const { session } = context;
  const path = session.resolve(argument);
  if (session.restart > 0) {
    const size = await sizeForUser(context, path);
    if (size !== session.restart) return reply("badRestart", `APPE goes on at ${size}`);
  }
  const options = { mode: "append" as const };
  return await upload(context, { verb: "APPE", path, opening: "Ready for the data", options });
}

async function sizeForUser({ session }: CommandContext, path: string): Promise<number> {
  const { storage } = session;
  const partial = await storage.partialSize(path, session.owner);
  return partial ?? (await storage.stat(path)).size;
}

/** The reply names the file in the form that RFC 1123 section 4.1.2.9 asks for. */
function storeUnique(context: CommandContext, argument: string): Promise<Reply> {
  const random = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const suffix = random.toString(36).padStart(7, "0");
  const prefix = argument === ""
    ? joinPath(context.session.directory, "upload")
    : context.session.resolve(argument);
  const path = `${prefix}.${suffix}`;
  const opening = `FILE: ${path}`;
  return upload(context, {
    verb: "STOU",
    path,
    opening,
    options: { mode: "replace" },
    exclusive: true,
  });
}

function restart({ session }: CommandContext, argument: string): Reply {
  if (!/^\d{1,16}$/.test(argument)) return reply("badArgument", "REST needs a number of bytes");
  const offset = Number(argument);
  if (!Number.isSafeInteger(offset)) return reply("badArgument", "REST is beyond any file");
  session.restart = offset;
  session.range = undefined;
  return reply("pending", `The next transfer starts at ${offset}`);
}

/** In ASCII the offset would count converted bytes, which nobody has counted. */
function refuseAsciiRestart({ session }: CommandContext): Reply | undefined {
  const refused = session.restart > 0 && session.type === "ascii";
  return refused ? reply("badRestart", "REST needs TYPE I") : undefined;
}

/** The commands of this theme. */
export const TRANSFER_COMMANDS: CommandTable = {
  RETR: {
    argument: "required",
    access: "user",
    permission: "read",
    during: "idle",
    transfers: true,
    help: "RETR <file>",
    rfc: "RFC 959 §4.1.3",
    run: retrieve,
  },
  STOR: {
    argument: "required",
    access: "user",
    permission: STORING,
    during: "idle",
    transfers: true,
    help: "STOR <file>",
    rfc: "RFC 959 §4.1.3",
    run: store,
  },
  APPE: {
    argument: "required",
    access: "user",
    permission: STORING,
    during: "idle",
    transfers: true,
    help: "APPE <file>",
    rfc: "RFC 959 §4.1.3",
    run: append,
  },
  STOU: {
    argument: "optional",
    access: "user",
    permission: STORING,
    during: "idle",
    transfers: true,
    help: "STOU [<prefix>]",
    rfc: "RFC 959 §4.1.3, RFC 1123 §4.1.2.9",
    run: storeUnique,
  },
  REST: {
    argument: "required",
    access: "user",
    during: "idle",
    feature: "REST STREAM",
    help: "REST <bytes>",
    rfc: "RFC 3659 §5",
    run: restart,
  },
};
