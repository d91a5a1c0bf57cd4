/**
 * `ftpkit serve`: shares a directory until it is stopped.
 *
 * @module
 */
import { resolve } from "@std/path";
import type { CommandIo } from "../shared/command_io.ts";
import { formatTarget } from "../shared/connection.ts";
import { FtpkitError, reasonOf } from "../shared/errors.ts";
import { EXIT } from "../shared/exit_code.ts";
import { helpText, parseOptions } from "../shared/options.ts";
import { describePermissions, RIGHTS } from "./accounts/permissions.ts";
import { SERVE_USAGE, type ServerConfig, serverConfig } from "./config.ts";
import { supervise } from "./supervisor.ts";

/**
 * Runs the server.
 *
 * @param args The arguments behind `serve`.
 * @param io The process around it.
 * @returns The exit code, once the server has been stopped.
 * @throws {UsageError} If the command line is not valid.
 * @throws {FtpkitError} If the directory cannot be shared, or the port not be opened.
 */
export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  const options = parseOptions(SERVE_USAGE, args);
  if (options === null) {
    await io.out(helpText(SERVE_USAGE));
    return EXIT.done;
  }
  const load = async (): Promise<ServerConfig> =>
    serverConfig(options, await sharedDirectory(options.operands[0] ?? "."));
  const config = await load();
  await supervise(config, {
    signal: io.signal,
    onReload: (listener) => io.onReload(listener),
    load,
    onListening: (at) => {
      io.out(`listening ftp://${formatTarget(at)}/\n`).catch(() => {}); // nobody waits for it
      io.err(summary(config));
    },
    onLog: (line) => io.err(`${line}\n`),
  });
  return EXIT.done;
}

async function sharedDirectory(directory: string): Promise<string> {
  const fail = (reason: string, cause?: unknown): never => {
    throw new FtpkitError(`Cannot share "${directory}": ${reason}`, { cause });
  };
  try {
    const root = await Deno.realPath(resolve(directory));
    const { isDirectory } = await Deno.stat(root);
    return isDirectory ? root : fail("not a directory");
  } catch (error) {
    if (error instanceof FtpkitError) throw error;
    if (error instanceof Deno.errors.NotFound) return fail("no such directory", error);
    if (error instanceof Deno.errors.PermissionDenied) return fail("permission denied", error);
    return fail(reasonOf(error), error);
  }
}

/** What is shared, and who may do what with it. */
function summary({ session, users, anonymous }: ServerConfig): string {
  const lines = users.map(({ name, permissions }) =>
    `  user ${JSON.stringify(name)} ${describePermissions(permissions)}`
  );
  if (anonymous !== undefined) {
    lines.push(`  anyone (anonymous) ${describePermissions(RIGHTS[anonymous])}`);
  }
  if (lines.length === 0) lines.push("  nobody: there is no user, and anonymous is off");
  return [`Sharing ${JSON.stringify(session.root)} over plain FTP:`, ...lines, ""].join("\n");
}
