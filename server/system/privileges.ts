/**
 * Giving up root, for every thread and for good.
 *
 * The runtime offers `setuid` and `setgid`, both of the C library, which change all threads. What it
 * does not offer is called in the C library directly: leaving root's groups, and keeping the one
 * capability that new workers need for a port below 1024.
 *
 * @module
 */
import process from "node:process";
import { FtpkitError, reasonOf } from "../../shared/errors.ts";
import { log } from "../../shared/log.ts";
import { type Libc, openLibc } from "./libc.ts";
import type { SystemUser } from "./system_user.ts";

const PR_SET_KEEPCAPS = 8;
const CAP_VERSION = 0x2008_0522;
const CAP_NET_BIND_SERVICE = 1 << 10;

/** Lowest port that needs no right, where the system does not say. */
const FIRST_FREE_PORT = 1024;

/** Whether this process has root's rights. */
export function isRoot(): boolean {
  return Deno.build.os !== "windows" && Deno.uid() === 0;
}

/**
 * Takes a user's rights in place of root's: user, group and all further groups.
 *
 * Open ports become the user's, so that workers started later can share them. For a port that only
 * root may open, the main thread and workers started later keep the right to open such ports, and no
 * other.
 *
 * @param user Whose.
 * @param port The port that workers must be able to open again.
 * @throws {FtpkitError} If it is not possible; the program must not go on then.
 */
export function giveUpRoot(user: SystemUser, port: number): void {
  const fail = (reason: string): never => {
    throw new FtpkitError(`Cannot run as "${user.name}": ${reason}`);
  };
  if (Deno.build.os !== "linux") fail("only possible on Linux");
  if (Deno.uid() === user.uid) return;
  if (!isRoot()) fail("only root can change the user");
  using libc = openLibc() ?? fail("the C library cannot be called here");
  const keepPorts = port < firstFreePort();
  handOverSockets(user);
  if (!setGroups(libc, user)) fail("the system does not let go of root's groups");
  if (keepPorts) libc.prctl(PR_SET_KEEPCAPS, 1n, 0n, 0n, 0n);
  try {
    process.setgid?.(user.gid);
    process.setuid?.(user.uid);
  } catch (error) {
    fail(reasonOf(error));
  }
  if (keepPorts) keepLowPorts(libc);
  if (!threads().every((status) => belongsTo(status, user))) fail("not every thread has changed");
}

/**
 * Says in the log whose rights the server has.
 *
 * @param user Whom it runs as since it gave up root; undefined: as it was started.
 */
export function tellRights(user: SystemUser | undefined): void {
  if (user !== undefined) {
    log.info(`running as ${user.name}: user ${user.uid}, group ${user.gid}`);
  } else if (isRoot()) {
    log.warning("running as root, and so do all sessions: --run-as USER gives that up");
  }
}

function setGroups(libc: Libc, { groups }: SystemUser): boolean {
  const wanted = new Uint32Array(groups);
  return libc.setgroups(BigInt(wanted.length), new Uint8Array(wanted.buffer)) === 0;
}

/** Effective and permitted, nothing else, for this thread and those that it starts. */
function keepLowPorts(libc: Libc): void {
  const header = Uint32Array.of(CAP_VERSION, 0);
  const sets = Uint32Array.of(CAP_NET_BIND_SERVICE, CAP_NET_BIND_SERVICE, 0, 0, 0, 0);
  libc.capset(new Uint8Array(header.buffer), new Uint8Array(sets.buffer));
}

/** Linux lets only listeners of one user share a port. */
function handOverSockets({ uid, gid }: SystemUser): void {
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    const path = `/proc/self/fd/${name}`;
    const standard = Number(name) <= 2;
    if (!standard && isSocket(path)) Deno.chownSync(path, uid, gid);
  }
}

function isSocket(path: string): boolean {
  try {
    return Deno.readLinkSync(path).startsWith("socket:");
  } catch {
    return false; // the descriptor that the folder itself was read with
  }
}

function firstFreePort(): number {
  try {
    return Number(Deno.readTextFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start"));
  } catch {
    return FIRST_FREE_PORT;
  }
}

/** What the system says of each thread of this process. */
function threads(): string[] {
  return [...Deno.readDirSync("/proc/self/task")].flatMap(({ name }) => {
    try {
      return [Deno.readTextFileSync(`/proc/self/task/${name}/status`)];
    } catch {
      return []; // it has ended
    }
  });
}

/** Real, effective, saved and file system numbers. */
function belongsTo(status: string, { uid, gid }: SystemUser): boolean {
  const four = (key: string, id: number): boolean =>
    status.includes(`${key}:${`\t${id}`.repeat(4)}\n`);
  return four("Uid", uid) && four("Gid", gid);
}
