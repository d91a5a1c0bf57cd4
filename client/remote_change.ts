/**
 * What is changed on a server beside the content of files.
 *
 * @module
 */
import type { Reply } from "../shared/reply.ts";
import { refused } from "./control.ts";
import { displayName } from "./remote_name.ts";
import type { Session } from "./session.ts";

/**
 * Makes a directory that is not there yet (RFC 959 section 4.1.3, MKD).
 *
 * @param session Where.
 * @param path The directory.
 * @throws {ReplyError} If it cannot be made.
 */
export async function createDirectory(session: Session, path: string): Promise<void> {
  const reply = await session.link.control.command("MKD", path);
  if (reply.code >= 300) {
    throw refused(`make the directory "${displayName(path)}"`, { verb: "MKD", reply });
  }
}

/**
 * Makes a directory; one that is there already is no failure (RFC 959 section 4.1.3, MKD).
 *
 * @param session Where.
 * @param path The directory.
 * @throws {ReplyError} If it cannot be made.
 */
export async function makeDirectory(session: Session, path: string): Promise<void> {
  const reply = await session.link.control.command("MKD", path);
  if (reply.code < 300) return;
  const isThere = reply.code >= 500 && await session.isDirectory(path);
  if (!isThere) throw refused(`make the directory "${displayName(path)}"`, { verb: "MKD", reply });
}

/**
 * Removes a file or a link (RFC 959 section 4.1.3, DELE).
 *
 * @param session Where.
 * @param path The file.
 * @throws {ReplyError} If the server refuses.
 */
export async function removeFile(session: Session, path: string): Promise<void> {
  await remove(session, { verb: "DELE", path });
}

/**
 * Removes an empty directory (RFC 959 section 4.1.3, RMD).
 *
 * @param session Where.
 * @param path The directory.
 * @throws {ReplyError} If the server refuses.
 */
export async function removeDirectory(session: Session, path: string): Promise<void> {
  await remove(session, { verb: "RMD", path });
}

/** Servers that do not let this user change permissions, or have no such command. */
const withoutChmod = new WeakSet<Session>();

/**
 * Sets a file's permissions by SITE CHMOD, which is in no standard but on most servers of Unix. After
 * one refusal it is not tried again in the session.
 *
 * @param session Where.
 * @param file The path, and its permission bits, 0 to 0o777.
 * @returns Whether they were set.
 */
export async function setMode(
  session: Session,
  file: { readonly path: string; readonly mode: number },
): Promise<boolean> {
  if (withoutChmod.has(session)) return false;
  const reply = await askMode(session, file);
  if (reply.code >= 300) withoutChmod.add(session);
  return reply.code < 300;
}

/**
 * Sets a file's permissions, because somebody wants just that.
 *
 * @param session Where.
 * @param file The path, and its permission bits, 0 to 0o7777.
 * @throws {ReplyError} If the server refuses.
 */
export async function changeMode(
  session: Session,
  file: { readonly path: string; readonly mode: number },
): Promise<void> {
  const reply = await askMode(session, file);
  if (reply.code < 300) return;
  throw refused(`change the mode of "${displayName(file.path)}"`, { verb: "SITE", reply });
}

async function askMode(
  session: Session,
  file: { readonly path: string; readonly mode: number },
): Promise<Reply> {
  const octal = file.mode.toString(8).padStart(3, "0");
  return await session.link.control.command("SITE", `CHMOD ${octal} ${file.path}`);
}

async function remove(
  session: Session,
  what: { readonly verb: "DELE" | "RMD"; readonly path: string },
): Promise<void> {
  const { verb, path } = what;
  const reply = await session.link.control.command(verb, path);
  if (reply.code >= 300) throw refused(`remove "${displayName(path)}"`, { verb, reply });
}
