/**
 * From the command line and the configuration file to the server's settings.
 *
 * @module
 */
import { resolve } from "node:path";
import { FtpkitError, reasonOf } from "../../shared/errors.ts";
import type { ParsedOptions } from "../../shared/options.ts";
import { Accounts } from "../accounts/accounts.ts";
import type { LoginMemory } from "../accounts/login_memory.ts";
import { changesFiles, isRight, type Right, RIGHTS } from "../accounts/permissions.ts";
import type { UserRecord } from "../accounts/user_record.ts";
import type { PublicAddress, ServerConfig, SessionConfig, TlsSettings } from "./config.ts";
import { type ConfigFile, readConfigFile } from "./config_file.ts";
import { COMMAND_LINE, type Given, Problems } from "./config_problem.ts";
import type { ConfigTable } from "./config_table.ts";
import { network, networkAddress, someLines, virtualPath } from "./config_value.ts";
import { readUsers } from "./config_users.ts";
import { readHooks } from "./hook_config.ts";
import { OPTION_ENTRIES } from "./serve_usage.ts";
import { type GivenOptions, Settings } from "./settings.ts";
import { findSystemUser } from "../system/system_user.ts";
import { readTls } from "./tls_config.ts";

/** Milliseconds by which each failed login slows its own connection, once more for each. */
const LOGIN_DELAY = 500;

/**
 * Reads everything that `serve` is told.
 *
 * @param options The command line; it wins over the file that it may name.
 * @param memory What is remembered of passwords from one reading to the next.
 * @returns The settings, every default filled in.
 * @throws {ConfigError} If anything is not valid: all of it at once.
 * @throws {FtpkitError} If all is valid but the directory of the command line cannot be shared.
 */
export async function loadConfig(
  options: ParsedOptions,
  memory: LoginMemory,
): Promise<ServerConfig> {
  const problems = new Problems();
  const path = options.text("config");
  const file = path === undefined ? undefined : await readConfigFile(path, problems);
  const settings = new Settings([commandLine(options), file?.options ?? new Map()], problems);
  const users = await readUsers({ settings, file, problems });
  const directory = givenDirectory(options, file);
  const root = await sharedDirectory(directory);
  const tls = await readTls({
    settings,
    problems,
    configFile: path,
    create: !options.has("check-config"),
  });
  const runAs = settings.one("run-as");
  if (runAs !== undefined) await problems.settle(settings.place("run-as"), findSystemUser(runAs));
  const config = serverConfig({ settings, file, users, root: root.path, memory, tls });
  if (root.failure !== undefined) {
    // Alone it is no usage error, as with the directories of other commands.
    if (problems.none && directory.place === COMMAND_LINE) throw root.failure;
    problems.add(directory.place, root.failure.message);
  }
  problems.throwIfAny();
  return config;
}

/** The command line in the form of the file. */
function commandLine(options: ParsedOptions): GivenOptions {
  return new Map(OPTION_ENTRIES.map(([name, { shown }]) => {
    const given = options.all(name).map((text) => ({
      place: COMMAND_LINE,
      name: `--${name}`,
      text,
      shown: shown?.(text) ?? text,
      base: Deno.cwd(),
    }));
    return [name, given];
  }));
}

function givenDirectory(options: ParsedOptions, file: ConfigFile | undefined): Given {
  const text = options.operands[0];
  if (text === undefined && file?.directory !== undefined) return file.directory;
  const shown = text ?? ".";
  return { place: COMMAND_LINE, name: "DIR", text: shown, shown, base: Deno.cwd() };
}

interface SharedDirectory {
  /** The real path; empty where it cannot be shared. */
  readonly path: string;
  readonly failure?: FtpkitError;
}

async function sharedDirectory({ text, base }: Given): Promise<SharedDirectory> {
  const fail = (reason: string, cause?: unknown): SharedDirectory => ({
    path: "",
    failure: new FtpkitError(`Cannot share "${text}": ${reason}`, { cause }),
  });
  try {
    const path = await Deno.realPath(resolve(base, text));
    const { isDirectory } = await Deno.stat(path);
    return isDirectory ? { path } : fail("not a directory");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return fail("no such directory", error);
    if (error instanceof Deno.errors.PermissionDenied) return fail("permission denied", error);
    return fail(reasonOf(error), error);
  }
}

interface ConfigParts {
  readonly settings: Settings;
  readonly file: ConfigFile | undefined;
  readonly users: readonly UserRecord[];
  readonly root: string;
  readonly memory: LoginMemory;
  readonly tls: TlsSettings | undefined;
}

function serverConfig(parts: ConfigParts): ServerConfig {
  const { settings, file, users, memory } = parts;
  const usersFile = settings.one("users");
  const anyUser = users.length > 0 || usersFile !== undefined;
  const word = settings.one("anonymous") ?? (anyUser ? "off" : "read");
  const anonymous = isRight(word) ? word : undefined;
  const banAfter = settings.one("ban-after");
  return {
    session: sessionConfig(parts, anonymous),
    users,
    usersFile,
    anonymous,
    accounts: new Accounts(users, { anonymous, memory }),
    writable: users.some(mayChange) || (anonymous !== undefined && changesFiles(RIGHTS[anonymous])),
    maxSessions: settings.one("max-sessions"),
    maxSessionsPerAddress: settings.one("max-sessions-per-ip"),
    limitRatePerUser: settings.one("limit-rate-per-user"),
    limitRateTotal: settings.one("limit-rate-total"),
    ban: banAfter === undefined ? undefined : { after: banAfter, time: settings.one("ban-time") },
    runAs: settings.one("run-as"),
    workers: settings.one("workers"),
    logFormat: settings.one("log-format"),
    logFile: settings.one("log-file"),
    sessionLogs: settings.one("session-logs"),
    transferLog: settings.one("transfer-log"),
    metrics: settings.one("metrics"),
    hooks: file === undefined ? [] : readHooks(file.top),
  };
}

function mayChange({ permissions, overrides }: UserRecord): boolean {
  return changesFiles(permissions) || overrides.some((each) => changesFiles(each.permissions));
}

function sessionConfig(parts: ConfigParts, anonymous: Right | undefined): SessionConfig {
  const { settings, file, root, tls, users } = parts;
  const logLevel = settings.one("log-level");
  return {
    root,
    host: settings.one("host"),
    port: settings.one("port"),
    welcome: settings.one("welcome"),
    anonymous: anonymous !== undefined,
    passivePorts: settings.one("passive-ports"),
    publicAddress: settings.one("public-address"),
    publicAddresses: file === undefined ? [] : readPublicAddresses(file.top),
    trustedProxies: settings.all("proxy-from"),
    tls,
    implicitPort: tls === undefined ? undefined : settings.one("implicit-port"),
    tlsUsers: users.filter(({ requireTls }) => requireTls).map(({ name }) => name),
    active: !settings.has("no-active"),
    limitRate: settings.one("limit-rate"),
    idleTimeout: settings.one("idle-timeout"),
    loginTimeout: settings.one("login-timeout"),
    stallTimeout: settings.one("stall-timeout"),
    sessionTimeout: settings.one("session-timeout"),
    drainTimeout: settings.one("drain-timeout"),
    loginDelay: LOGIN_DELAY,
    maxCommands: settings.one("max-commands"),
    maxTransfers: settings.one("max-transfers"),
    umask: settings.one("umask"),
    deny: settings.all("deny"),
    charset: settings.one("charset"),
    messages: file === undefined ? {} : readMessages(file.top),
    logLevel,
    observeCommands: logLevel === "debug" || settings.has("session-logs") ||
      settings.has("metrics"),
  };
}

function readPublicAddresses(top: ConfigTable): readonly PublicAddress[] {
  return top.table("public-addresses")
    .pairs({ name: "network", key: network, value: networkAddress })
    .map(([network, address]) => ({ network, address }));
}

function readMessages(top: ConfigTable): Readonly<Record<string, string>> {
  const messages = top.table("messages");
  return Object.fromEntries(
    messages.pairs({ name: "directory", key: virtualPath, value: someLines }),
  );
}
