/**
 * Users and groups of the system, from `/etc/passwd` and `/etc/group`.
 *
 * @module
 */
import { FtpkitError, reasonOf } from "../../shared/errors.ts";

/** Whose rights a process can take. */
export interface SystemUser {
  /** As it was asked for. */
  readonly name: string;
  /** Number of the user. */
  readonly uid: number;
  /** Number of the group. */
  readonly gid: number;
  /** Numbers of the further groups. */
  readonly groups: readonly number[];
}

/** The two files, as text. */
export interface UserDatabase {
  /** `/etc/passwd`. */
  readonly passwd: string;
  /** `/etc/group`. */
  readonly group: string;
}

/**
 * Finds a user of this system.
 *
 * @param text `USER` or `USER:GROUP`, names or numbers.
 * @returns Who that is.
 * @throws {FtpkitError} If there is no such user or group, or it is root.
 */
export async function findSystemUser(text: string): Promise<SystemUser> {
  return systemUser(text, {
    passwd: await readDatabase(text, "/etc/passwd"),
    group: await readDatabase(text, "/etc/group"),
  });
}

async function readDatabase(user: string, path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new FtpkitError(`Cannot run as "${user}": cannot read ${path}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * Looks a user up.
 *
 * With `USER` alone, the groups are the user's own, as at a login; with `USER:GROUP`, that group and
 * no other. A number needs no entry, but then its group must be given.
 *
 * @example Usage
 * ```ts
 * import { systemUser } from "./system_user.ts";
 * const database = { passwd: "ftp:x:14:50::/srv/ftp:/bin/false", group: "ftp:x:50:" };
 * if (systemUser("ftp", database).uid !== 14) throw new Error("unexpected");
 * ```
 *
 * @param text `USER` or `USER:GROUP`, names or numbers.
 * @param database Where to look.
 * @returns Who that is.
 * @throws {FtpkitError} If there is no such user or group, or it is root.
 */
export function systemUser(text: string, database: UserDatabase): SystemUser {
  const fail = (reason: string): never => {
    throw new FtpkitError(`Cannot run as "${text}": ${reason}`);
  };
  const [user = "", group, ...rest] = text.split(":");
  if (user === "" || group === "" || rest.length > 0) fail("must be USER or USER:GROUP");
  const entry = linesOf(database.passwd).find(([name, , uid]) => name === user || uid === user);
  const uid = numberOf(entry?.[2] ?? user) ?? fail(`no user "${user}"`);
  const given = group === undefined ? undefined : groupNumber(group, database) ??
    fail(`no group "${group}"`);
  const gid = given ?? numberOf(entry?.[3]) ??
    fail(`user "${user}" is not known, name a group too`);
  if (uid === 0) fail("that is root itself");
  const groups = given === undefined ? memberships(entry?.[0] ?? user, database) : [];
  return { name: text, uid, gid, groups: groups.filter((other) => other !== gid) };
}

function linesOf(file: string): string[][] {
  return file.split("\n").filter((line) => !line.startsWith("#")).map((line) => line.split(":"));
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

function groupNumber(group: string, { group: file }: UserDatabase): number | undefined {
  const entry = linesOf(file).find(([name]) => name === group);
  return numberOf(entry?.[2] ?? group);
}

function memberships(user: string, { group: file }: UserDatabase): number[] {
  return linesOf(file)
    .filter(([, , , members]) => members?.split(",").includes(user))
    .flatMap(([, , gid]) => numberOf(gid) ?? []);
}
