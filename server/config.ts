/**
 * The server's settings: what `serve` was told, checked, with every default filled in.
 *
 * @module
 */
import { isIPv4 } from "node:net";
import { UsageError } from "../shared/errors.ts";
import { type Endpoint, isIpv6 } from "../shared/endpoint.ts";
import { LOG_LEVELS, type LogLevel, type Secret } from "../shared/log.ts";
import type { CommandUsage, ParsedOptions } from "../shared/options.ts";
import { parseSize } from "../shared/size.ts";
import { Accounts, parseUser } from "./accounts/accounts.ts";
import { changesFiles, isRight, type Right, RIGHTS } from "./accounts/permissions.ts";
import type { UserRecord } from "./accounts/user_record.ts";

/** A range of ports, both ends included. */
export interface PortRange {
  /** Lowest port. */
  readonly first: number;
  /** Highest port. */
  readonly last: number;
}

/** What sessions need to know. Plain data: it crosses threads. */
export interface SessionConfig {
  /** Real path of the shared directory. */
  readonly root: string;
  /** Address to listen on; undefined: all interfaces. */
  readonly host: string | undefined;
  /** Control port; 0: any free one. */
  readonly port: number;
  /** Text of the greeting. */
  readonly welcome: string;
  /** Whether anonymous users may come in: USER says so. */
  readonly anonymous: boolean;
  /** Ports for passive mode; undefined: any. */
  readonly passivePorts: PortRange | undefined;
  /**
   * IPv4 address for 227; undefined: the one that the client reached. The supervisor puts an address
   * in place of a host name before sessions see it.
   */
  readonly publicAddress: string | undefined;
  /** Whether PORT and EPRT are taken. */
  readonly active: boolean;
  /** Bytes per second of each transfer; undefined: no limit. */
  readonly limitRate: number | undefined;
  /** Milliseconds without a command after which a session ends. */
  readonly idleTimeout: number;
  /** Milliseconds within which a client must have logged in. */
  readonly loginTimeout: number;
  /** Milliseconds without a data byte, and for the data connection to come. */
  readonly stallTimeout: number;
  /** Milliseconds by which each failed login slows its own connection, once more for each. */
  readonly loginDelay: number;
  /** Milliseconds that a stop waits for running transfers. */
  readonly drainTimeout: number;
  /** Records below it are not written. */
  readonly logLevel: LogLevel;
  /** Whether anyone looks at every command and reply: the log at `debug`, session logs, metrics. */
  readonly observeCommands: boolean;
  /** Permission bits that new files and directories do not get, such as 0o022. */
  readonly umask: number;
  /** Globs of names that nobody may see or make, matched against each name of a path. */
  readonly deny: readonly string[];
  /** Encoding of names on the wire for clients that do not speak UTF-8; a label of WHATWG. */
  readonly charset: string;
  /** Milliseconds that a session may live; undefined: for ever. */
  readonly sessionTimeout: number | undefined;
  /** Commands per second of one session, beyond which it is slowed; undefined: any number. */
  readonly maxCommands: number | undefined;
  /** Transfers at once in the whole server; undefined: any number. */
  readonly maxTransfers: number | undefined;
  /** Addresses for 227 by the client's network; the first that fits wins over `publicAddress`. */
  readonly publicAddresses: readonly PublicAddress[];
  /** Text that CWD shows, by absolute virtual path of the shared directory. */
  readonly messages: Readonly<Record<string, string>>;
  /** Networks of balancers that speak the PROXY protocol: `10.0.0.0/8`. */
  readonly trustedProxies: readonly string[];
}

/** What 227 tells clients of one network. */
export interface PublicAddress {
  /** `192.168.0.0/16` or one address. */
  readonly network: string;
  /** An IPv4 address, or `local`: the address that the client reached. */
  readonly address: string;
}

/** When an address is turned away after failed logins. */
export interface BanRule {
  /** Failed logins from one address. */
  readonly after: number;
  /** Milliseconds: both the window in which they are counted, and how long it is turned away. */
  readonly time: number;
}

/** Something to run or to call when something has happened. */
export type HookSpec =
  & { readonly on: readonly HookEvent[] }
  & (
    | {
      readonly kind: "exec";
      /** Program and arguments; no shell. */
      readonly command: readonly string[];
      /** Milliseconds until it is ended. */
      readonly timeout: number;
    }
    | {
      readonly kind: "webhook";
      readonly url: string;
      /** Key of the HMAC-SHA-256 signature. */
      readonly secret: Secret | undefined;
      /** Milliseconds for each try. */
      readonly timeout: number;
      /** Tries after the first. */
      readonly retries: number;
    }
  );

/** What a hook can wait for. */
export type HookEvent = "upload" | "delete" | "rename" | "login" | "login-failed";

/** Everything `serve` was told. */
export interface ServerConfig {
  /** What sessions get. */
  readonly session: SessionConfig;
  /** Who may come in; never leaves the supervisor. */
  readonly accounts: Accounts;
  /** The users, for the line that says who they are. */
  readonly users: readonly UserRecord[];
  /** What anonymous users may do. */
  readonly anonymous: Right | undefined;
  /** Whether anyone may change files: without it no session can write to the disk. */
  readonly writable: boolean;
  /** User file kept by `ftpkit user`. */
  readonly usersFile: string | undefined;
  /** Sessions at once. */
  readonly maxSessions: number;
  /** Sessions at once from one address. */
  readonly maxSessionsPerAddress: number;
  /** When an address is turned away; undefined: never. */
  readonly ban: BanRule | undefined;
  /** Whose rights to take after the ports are bound: `USER[:GROUP]`. */
  readonly runAs: string | undefined;
  /** Session workers; `auto`: as many as help. */
  readonly workers: number | "auto";
  /** Form of the log. */
  readonly logFormat: "text" | "json";
  /** Where the log goes; undefined: stderr. */
  readonly logFile: string | undefined;
  /** Directory for one file a session. */
  readonly sessionLogs: string | undefined;
  /** The xferlog. */
  readonly transferLog: string | undefined;
  /** Where metrics are told. */
  readonly metrics: Endpoint | undefined;
  /** What to run or call when something has happened. */
  readonly hooks: readonly HookSpec[];
}

/** The command line of `serve`. */
export const SERVE_USAGE: CommandUsage = {
  name: "serve",
  synopsis: "[DIR] [OPTIONS]",
  summary: "Share a directory over FTP; without --user, read-only with anyone.",
  examples: [
    "ftpkit serve ./photos",
    "ftpkit serve /srv/scans --port 21 --user scanner:secret:write",
    "ftpkit serve . --host 127.0.0.1 --port 0 --passive-ports 50000-50100",
  ],
  operands: { min: 0, max: 1, missing: "DIR" },
  options: {
    port: { short: "p", value: "N", help: "control port, 0: any free one (default 2121)" },
    host: { value: "ADDR", help: "address to listen on (default: all, IPv4 and IPv6)" },
    user: {
      short: "u",
      value: "NAME:PASSWORD[:RIGHT]",
      repeatable: true,
      help: "a user; RIGHT is read (default), upload (new files only) or write",
    },
    anonymous: {
      value: "RIGHT",
      choices: ["off", "read", "upload", "write"],
      help: "without a password (default: read if there is no --user, else off)",
    },
    "passive-ports": { value: "A-B", help: "ports for passive mode (default: any)" },
    "public-address": {
      value: "ADDR",
      help: "IPv4 address or host name told in passive mode, behind NAT (default: the one reached)",
    },
    "no-active": { help: "refuse PORT and EPRT" },
    "limit-rate": {
      value: "RATE",
      help: "bytes per second of each transfer: 500K, 5M (default: none)",
    },
    "idle-timeout": { value: "S", help: "seconds without a command (default 300)" },
    "login-timeout": { value: "S", help: "seconds until a client has logged in (default 30)" },
    "stall-timeout": { value: "S", help: "seconds without a data byte or connection (default 60)" },
    "drain-timeout": { value: "S", help: "seconds a stop waits for transfers (default 30)" },
    welcome: { value: "TEXT", help: "text of the greeting" },
    "log-level": { value: "LEVEL", choices: LOG_LEVELS, help: "what is logged (default info)" },
  },
};

/** Labels of letters, digits and hyphens, the last of them no number (RFC 1123 section 2.1). */
const HOST_NAME = /^(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)*[a-z](?:[a-z\d-]{0,61}[a-z\d])?\.?$/i;

const HIGHEST_PORT = 65_535;
const LOWEST_UNPRIVILEGED_PORT = 1024;

/**
 * Turns the options of `serve` into settings.
 *
 * @param options The command line.
 * @param root Real path of the shared directory.
 * @returns The settings.
 * @throws {UsageError} If a value is not valid.
 */
export function serverConfig(options: ParsedOptions, root: string): ServerConfig {
  const users = options.all("user").map(parseUser);
  const word = options.text("anonymous") ?? (users.length === 0 ? "read" : "off");
  const anonymous = isRight(word) ? word : undefined;
  const limitRate = options.parsed("limit-rate", parseSize);
  if (limitRate === 0) throw new UsageError('Invalid --limit-rate "0": must be above 0');
  return {
    users,
    anonymous,
    accounts: new Accounts(users, { anonymous }),
    writable: users.some(mayChange) || (anonymous !== undefined && changesFiles(RIGHTS[anonymous])),
    session: {
      root,
      host: options.text("host"),
      port: options.integer("port", { min: 0, max: HIGHEST_PORT, default: 2121 }),
      welcome: options.parsed("welcome", parseWelcome) ?? "ftpkit ready",
      anonymous: anonymous !== undefined,
      passivePorts: options.parsed("passive-ports", parsePortRange),
      publicAddress: options.parsed("public-address", parsePublicAddress),
      active: !options.has("no-active"),
      limitRate,
      idleTimeout: options.seconds("idle-timeout", 300),
      loginTimeout: options.seconds("login-timeout", 30),
      stallTimeout: options.seconds("stall-timeout", 60),
      drainTimeout: options.seconds("drain-timeout", 30),
      loginDelay: 500,
      logLevel: LOG_LEVELS.find((level) => level === options.text("log-level")) ?? "info",
      observeCommands: options.text("log-level") === "debug",
      umask: 0o022,
      deny: [],
      charset: "utf-8",
      sessionTimeout: undefined,
      maxCommands: undefined,
      maxTransfers: undefined,
      publicAddresses: [],
      messages: {},
      trustedProxies: [],
    },
    usersFile: undefined,
    maxSessions: 2000,
    maxSessionsPerAddress: 200,
    ban: undefined,
    runAs: undefined,
    workers: "auto",
    logFormat: "text",
    logFile: undefined,
    sessionLogs: undefined,
    transferLog: undefined,
    metrics: undefined,
    hooks: [],
  };
}

function mayChange({ permissions, overrides }: UserRecord): boolean {
  return changesFiles(permissions) || overrides.some((each) => changesFiles(each.permissions));
}

/**
 * Reads `A-B`.
 *
 * @param text Two ports from 1024 on, the lower first.
 * @returns The range.
 * @throws {UsageError} If it is anything else.
 */
export function parsePortRange(text: string): PortRange {
  const [, first, last] = text.match(/^(\d{1,5})-(\d{1,5})$/) ?? [];
  const range = { first: Number(first), last: Number(last) };
  const valid = range.first >= LOWEST_UNPRIVILEGED_PORT && range.first <= range.last &&
    range.last <= HIGHEST_PORT;
  if (!valid) throw new UsageError("must be two ports from 1024 to 65535, such as 50000-50100");
  return range;
}

function parsePublicAddress(text: string): string {
  if (isIPv4(text) || HOST_NAME.test(text)) return text;
  throw new UsageError(
    isIpv6(text) ? "PASV knows only IPv4 addresses" : "must be an IPv4 address or a host name",
  );
}

function parseWelcome(text: string): string {
  if (/\p{Cc}/u.test(text)) throw new UsageError("must be one line without control characters");
  return text;
}
