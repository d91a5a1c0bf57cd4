/**
 * What is changed on a server beside the content of files.
 *
 * @module
 */
import { formatTimeVal } from "../../shared/facts.ts";
import { refused } from "../connection/control.ts";
import { displayName } from "../remote_name.ts";
import type { Session } from "./session.ts";

/**
 * Makes a directory that is not there yet (RFC 959 section 4.1.3, MKD).
 *
 * @param session Where.
 * @param path The directory.
 * @throws {ReplyError} If it cannot be made.
 */
export async function createDirectory(session: Session, path: string): Promise<void> {
  await must(session, { action: making(path), verb: "MKD", argument: path });
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
  if (!isThere) throw refused(making(path), { verb: "MKD", reply });
}

/**
 * Makes the directories that are missing above a path.
 *
 * @param session Where.
 * @param path What is to be in them.
 * @throws {ReplyError} If one cannot be made.
 */
export async function makeParents(session: Session, path: string): Promise<void> {
  const parent = path.slice(0, Math.max(0, path.lastIndexOf("/")));
  if (parent === "" || await session.isDirectory(parent)) return;
  await makeParents(session, parent);
  await createDirectory(session, parent);
}

/**
 * Removes a file or a link (RFC 959 section 4.1.3, DELE).
 *
 * @param session Where.
 * @param path The file.
 * @throws {ReplyError} If the server refuses.
 */
export async function removeFile(session: Session, path: string): Promise<void> {
  await must(session, { action: removing(path), verb: "DELE", argument: path });
}

/**
 * Removes an empty directory (RFC 959 section 4.1.3, RMD).
 *
 * @param session Where.
 * @param path The directory.
 * @throws {ReplyError} If the server refuses.
 */
export async function removeDirectory(session: Session, path: string): Promise<void> {
  await must(session, { action: removing(path), verb: "RMD", argument: path });
}

/**
 * Renames a file (RFC 959 section 4.1.3, RNFR and RNTO); what is under the new name is replaced,
 * where the server allows it.
 *
 * @param session Where.
 * @param names The path that it has, and the one that it gets.
 * @throws {ReplyError} If the server refuses.
 */
export async function rename(
  session: Session,
  names: { readonly from: string; readonly to: string },
): Promise<void> {
  const { from, to } = names;
  const action = `rename "${displayName(from)}" to "${displayName(to)}"`;
  await must(session, { action, verb: "RNFR", argument: from });
  await must(session, { action, verb: "RNTO", argument: to });
}

/**
 * Sets a file's time, where the server has MFMT.
 *
 * @param session Where.
 * @param file The path, and when its content last changed.
 * @returns Whether it was set.
 */
export async function setModified(
  session: Session,
  file: { readonly path: string; readonly modified: Date },
): Promise<boolean> {
  if (!session.features.has("MFMT")) return false;
  const argument = `${formatTimeVal(file.modified)} ${file.path}`;
  return (await session.link.control.command("MFMT", argument)).code < 300;
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
  const reply = await session.link.control.command("SITE", chmod(file));
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
  const action = `change the mode of "${displayName(file.path)}"`;
  await must(session, { action, verb: "SITE", argument: chmod(file) });
}

function chmod(file: { readonly path: string; readonly mode: number }): string {
  return `CHMOD ${file.mode.toString(8).padStart(3, "0")} ${file.path}`;
}

function making(path: string): string {
  return `make the directory "${displayName(path)}"`;
}

function removing(path: string): string {
  return `remove "${displayName(path)}"`;
}

/** A command that has to be obeyed. */
async function must(
  session: Session,
  order: { readonly action: string; readonly verb: string; readonly argument: string },
): Promise<void> {
  const { action, verb, argument } = order;
  const reply = await session.link.control.command(verb, argument);
  // Only RNFR is answered with 3yz (RFC 959 section 5.4); the others have done nothing then.
  if (reply.code >= (verb === "RNFR" ? 400 : 300)) throw refused(action, { verb, reply });
}
