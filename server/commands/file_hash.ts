/**
 * Hashes of files: for HASH and the older X commands.
 *
 * @module
 */
import { limited } from "../../shared/byte_source.ts";
import type { ByteSink } from "../../shared/connection.ts";
import { type Digest, type HashName, newDigest } from "../../shared/digest.ts";
import { pump } from "../../shared/pump.ts";
import type { CommandContext } from "../session/command.ts";
import type { Session } from "../session/session.ts";
import type { StorageReader } from "../storage/storage.ts";

/** What to hash. */
export interface HashJob {
  /** What STAT calls it. */
  readonly verb: string;
  /** Virtual path. */
  readonly path: string;
  /** The algorithm. */
  readonly algorithm: HashName;
  /** Offset of the first byte. */
  readonly start: number;
  /** Offset behind the last byte; undefined: the end of the file. */
  readonly end: number | undefined;
}

/** A hash, and of which bytes. */
export interface FileHash {
  /** Lower-case hexadecimal digits. */
  readonly hex: string;
  /** Offset behind the last byte. */
  readonly end: number;
}

/** Where SIZE tells what there is of a cut upload, it is hashed, too: its owner may compare it. */
async function openFile(
  { storage, owner: user }: Session,
  { path, start: offset }: HashJob,
): Promise<StorageReader> {
  const isCut = await storage.partialSize(path, user) !== undefined;
  return await (isCut ? storage.readPartial(path, { user, offset }) : storage.read(path, offset));
}

/**
 * Hashes a file, or a part of it. STAT shows how far it is, and ABOR ends it.
 *
 * @param context The command.
 * @param job What to hash.
 * @returns The hash.
 * @throws {StorageError} If the file cannot be read, or the part begins behind its end.
 * @throws {TransferError} If it is aborted or reading fails.
 */
export async function hashFile(context: CommandContext, job: HashJob): Promise<FileHash> {
  const { session, signal } = context;
  await using file = await openFile(session, job);
  const end = Math.min(job.end ?? file.size, file.size);
  const digest = newDigest(job.algorithm);
  const running = { description: `${job.verb} ${JSON.stringify(job.path)}`, bytes: 0 };
  session.transfer = running;
  try {
    await pump(limited(file, Math.max(0, end - job.start)), sinkOf(digest), {
      signal,
      interrupt() {},
      stallTimeout: session.host.config.stallTimeout,
      onBytes: (bytes) => running.bytes += bytes,
    });
  } finally {
    session.transfer = undefined;
  }
  return { hex: digest.hex(), end };
}

function sinkOf(digest: Digest): ByteSink {
  return {
    write(bytes) {
      digest.update(bytes);
      return Promise.resolve(bytes.length);
    },
  };
}
