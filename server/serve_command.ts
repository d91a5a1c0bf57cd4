/**
 * `ftpkit serve`: shares a directory until it is stopped.
 *
 * @module
 */
import { readCertificate } from "../shared/certificate.ts";
import { commandEntry } from "../shared/command_entry.ts";
import type { CommandEntry, CommandIo } from "../shared/command_io.ts";
import { formatTarget } from "../shared/connection.ts";
import { FtpkitError, UsageError } from "../shared/errors.ts";
import { EXIT, exitCodeOf } from "../shared/exit_code.ts";
import type { ParsedOptions } from "../shared/options.ts";
import { LoginMemory } from "./accounts/login_memory.ts";
import { describePermissions, RIGHTS } from "./accounts/permissions.ts";
import type { ServerConfig } from "./configuration/config.ts";
import { loadConfig } from "./configuration/configuration.ts";
import { SERVE_USAGE } from "./configuration/serve_usage.ts";
import { supervise } from "./supervisor/supervisor.ts";
import { ConfigError } from "./toml/toml_file.ts";

export { SERVE_USAGE as USAGE };

/**
 * Runs the server.
 *
 * @throws {UsageError} If the command line is not valid.
 * @throws {FtpkitError} If the directory cannot be shared, or the port not be opened.
 */
export const run: CommandEntry = commandEntry(SERVE_USAGE, async (options, io) => {
  try {
    return options.has("check-config") ? await check(options, io) : await serve(options, io);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    io.err(`${error.message}\n`);
    return exitCodeOf(error);
  }
});

async function serve(options: ParsedOptions, io: CommandIo): Promise<number> {
  const memory = new LoginMemory();
  const load = (): Promise<ServerConfig> => loadConfig(options, memory);
  const config = await load();
  await supervise(config, {
    signal: io.signal,
    onReload: (listener) => io.onReload(listener),
    load,
    onListening: (at, implicit) => {
      const ports = [`ftp://${formatTarget(at)}/`];
      if (implicit !== undefined) ports.push(`ftps://${formatTarget(implicit)}/`);
      const lines = ports.map((port) => `listening ${port}\n`);
      io.out(lines.join("")).catch(() => {}); // nobody waits for it
      io.err(summary(config));
    },
    onLog: (line) => io.err(`${line}\n`),
  });
  return EXIT.done;
}

/** Says that nothing is wrong, or what is: whatever it is, the code is that of usage. */
async function check(options: ParsedOptions, io: CommandIo): Promise<number> {
  try {
    await loadConfig(options, new LoginMemory());
  } catch (error) {
    if (!(error instanceof FtpkitError) || error instanceof ConfigError) throw error;
    throw new UsageError(error.message, { cause: error });
  }
  await io.out("The configuration is fine\n");
  return EXIT.done;
}

/** Users who are named at the start; the rest is counted. */
const MOST_NAMED = 10;

/** What is shared, and who may do what with it. */
function summary({ session, users, anonymous }: ServerConfig): string {
  const lines = users.slice(0, MOST_NAMED).map(({ name, permissions, overrides }) => {
    const elsewhere = overrides.map(({ path }) => JSON.stringify(path)).join(", ");
    const more = elsewhere === "" ? "" : `, with other rights in ${elsewhere}`;
    return `  user ${JSON.stringify(name)} ${describePermissions(permissions)}${more}`;
  });
  const more = users.length - lines.length;
  if (more > 0) lines.push(`  and ${more} more ${more === 1 ? "user" : "users"}`);
  if (anonymous !== undefined) {
    lines.push(`  anyone (anonymous) ${describePermissions(RIGHTS[anonymous])}`);
  }
  if (lines.length === 0) lines.push("  nobody: there is no user, and anonymous is off");
  for (const { cert } of session.tls?.identities ?? []) {
    lines.push(`  certificate ${readCertificate(cert).fingerprint}`);
  }
  const root = JSON.stringify(session.root);
  return [`Sharing ${root} over ${WAYS[session.tls?.mode ?? "off"]}:`, ...lines, ""].join("\n");
}

/** What is spoken. */
const WAYS = {
  off: "plain FTP",
  allow: "FTP, with TLS for those who ask for it",
  require: "FTP with TLS only",
} as const;
