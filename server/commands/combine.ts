/**
 * COMB: parts that were uploaded one by one become one file, as GlobalSCAPE's server has it.
 *
 * @module
 */
import { StorageError } from "../../shared/errors.ts";
import { pump } from "../../shared/pump.ts";
import type { Reply } from "../../shared/reply.ts";
import { reply } from "../../shared/reply_code.ts";
import { STORING } from "../accounts/permissions.ts";
import type { CommandContext, CommandTable } from "../session/command.ts";
import { quotedWords } from "./quoted_words.ts";
import type { Session } from "../session/session.ts";
import type { StorageWriter } from "../storage/storage.ts";

/** Parts of one file. */
const MOST_PARTS = 1000;

/** The same file under two names would be there twice, or be removed as its own part. */
const TWICE = "A part is named twice, or is the target";

/**
 * The target is written anew, behind what it held before, and only when it is whole are the parts
 * removed: whatever goes wrong before leaves everything as it was.
 */
async function combine(context: CommandContext, argument: string): Promise<Reply> {
  const { session } = context;
  const [target, ...parts] = (quotedWords(argument) ?? []).map((word) => session.resolve(word));
  if (target === undefined || parts.length === 0) {
    return reply(
      "badArgument",
      "COMB needs a target and its parts, in quotes where they have spaces",
    );
  }
  if (parts.length > MOST_PARTS) return reply("badArgument", `At most ${MOST_PARTS} parts`);
  if (hasTwins([target, ...parts])) return reply("badArgument", TWICE);
  for (const part of parts) if (!session.may("delete", part)) return reply("permissionDenied");
  const sources = await isThere(session, target) ? [target, ...parts] : parts;
  if (hasTwins(await identities(session, sources))) return reply("badArgument", TWICE);
  await build(context, { target, sources });
  for (const part of parts) await remove(session, part);
  return reply("fileActionDone", `${parts.length} parts are one file now`);
}

function hasTwins(texts: readonly string[]): boolean {
  return new Set(texts).size < texts.length;
}

/** What tells each file from the others, whatever links lead to it. */
async function identities(session: Session, paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const { device, inode } = await session.storage.stat(path);
    found.push(inode === 0 ? path : `${device}-${inode}`);
  }
  return found;
}

async function isThere(session: Session, path: string): Promise<boolean> {
  try {
    await session.storage.stat(path);
    return true;
  } catch (error) {
    if (error instanceof StorageError && error.kind === "not-found") return false;
    throw error;
  }
}

async function build(
  context: CommandContext,
  job: { readonly target: string; readonly sources: readonly string[] },
): Promise<void> {
  const { session } = context;
  const running = { description: `COMB ${JSON.stringify(job.target)}`, bytes: 0 };
  const started = performance.now();
  session.transfer = running;
  try {
    await using writer = await session.storage.write(job.target, {
      mode: "replace",
      user: session.owner,
      umask: session.umask,
    });
    try {
      for (const source of job.sources) await copy(context, { source, writer, running });
    } catch (error) {
      await writer.abort("remove"); // the parts are still there
      throw error;
    }
    await writer.commit();
    // Only now is there the upload that hooks and the transfer log wait for.
    session.emit({
      kind: "transfer",
      verb: "COMB",
      direction: "in",
      path: session.sharedPath(job.target),
      bytes: running.bytes,
      milliseconds: performance.now() - started,
      ascii: false,
      complete: true,
    });
  } finally {
    session.transfer = undefined;
  }
}

async function copy(
  context: CommandContext,
  job: {
    readonly source: string;
    readonly writer: StorageWriter;
    readonly running: { bytes: number };
  },
): Promise<void> {
  const { session, signal } = context;
  await using reader = await session.storage.read(job.source, 0);
  await pump(reader, job.writer, {
    signal,
    interrupt() {},
    readAhead: true,
    stallTimeout: session.host.config.stallTimeout,
    onBytes: (bytes) => job.running.bytes += bytes,
  });
}

async function remove(session: Session, part: string): Promise<void> {
  await session.storage.removeFile(part, session.owner);
  session.emit({ kind: "delete", path: session.sharedPath(part) });
}

/** Its parts are removed, and its target is written; before the login, anybody may. */
function mayWrite(session: Session): boolean {
  return session.account === undefined || session.may(STORING);
}

/** The commands of this theme. */
export const COMBINE_COMMANDS: CommandTable = {
  COMB: {
    argument: "required",
    access: "user",
    permission: "delete",
    offered: mayWrite,
    during: "idle",
    abortable: true,
    feature: "COMB target;source_list",
    help: 'COMB "<target>" "<part>" ...',
    rfc: "as GlobalSCAPE EFT has it",
    run: combine,
  },
};
