/**
 * Pure-FTPd for one test.
 *
 * @module
 */

import { join } from "@std/path";
import { requirePeer } from "../peers.ts";
import { type Launch, type LaunchOptions, PASSWORD_HASH, USER } from "./launch.ts";

/**
 * Makes its user database.
 *
 * @param options Where and what.
 * @returns How to start it.
 */
export async function launchPureFtpd(options: LaunchOptions): Promise<Launch> {
  const { path, env } = requirePeer("pure-ftpd");
  const users = join(options.work, "users");
  const database = join(options.work, "users.pdb");
  // `pure-pw useradd` would hash for a second; the line it writes is plain text.
  const line = `${USER}:${PASSWORD_HASH}:1:1::${options.root}/./::::::::::::\n`;
  await Deno.writeTextFile(users, line, { mode: 0o600 });
  const made = await new Deno.Command(requirePeer("pure-pw").path, {
    args: ["mkdb", database, "-f", users],
    env,
  }).output();
  if (!made.success) throw new Error(new TextDecoder().decode(made.stderr));
  const args = [
    ["--bind", `${options.host},${options.port}`],
    ["--login", `puredb:${database}`],
    ["--pidfile", join(options.work, "pid")],
    ["--minuid", "1"],
    ["--maxclientsnumber", "1000"],
    ["--maxclientsperip", "1000"],
    ["--syslogfacility", "none"],
    // 3: neither commands nor data in the clear.
    options.tls === undefined ? [] : ["--tls", "3", "--certfile", options.tls.both],
    ["--chrooteveryone", "--dontresolve", "--noanonymous"],
  ].flat();
  return { program: path, args, env };
}
