/**
 * The options of `serve`: the one table that the command line, its help and the configuration file
 * are read from.
 *
 * @module
 */
import { LOG_LEVELS } from "../../shared/log.ts";
import type { CommandUsage, OptionSpec } from "../../shared/options.ts";
import { parseUser } from "../accounts/accounts.ts";
import type { Reader } from "./config_problem.ts";
import {
  byteRate,
  charset,
  endpoint,
  given,
  HIGHEST_PORT,
  localPath,
  milliseconds,
  nameGlob,
  network,
  octalBits,
  oneLine,
  portRange,
  publicAddress,
  someLines,
  systemUserName,
  wholeNumber,
  word,
  workerNumber,
} from "./config_value.ts";
import { TLS_OPTIONS } from "./tls_usage.ts";

/** One option, and the key of the same name in the configuration file. */
export interface ServeOption<T> extends OptionSpec {
  /** Makes a value of its text; never called for a switch. */
  readonly read: Reader<T>;
  /** What holds where it is not given, as it would be written; the help says it. */
  readonly default?: string | number;
  /** In the file its value may be a number. */
  readonly number?: true;
  /** It makes no sense in the file. */
  readonly commandLineOnly?: true;
  /** How problems show its value, where that may hold a password. */
  readonly shown?: (text: string) => string;
}

const RIGHT_WORDS = ["off", "read", "upload", "write"] as const;
const LOG_FORMATS = ["text", "json"] as const;

/** All options by name, in the order of the help. */
export const SERVE_OPTIONS = {
  port: {
    short: "p",
    value: "N",
    number: true,
    read: wholeNumber(0, HIGHEST_PORT),
    default: 2121,
    help: "control port, 0: any free one",
  },
  host: {
    value: "ADDR",
    read: oneLine,
    help: "address to listen on (default: all, IPv4 and IPv6)",
  },
  config: {
    value: "FILE",
    read: localPath,
    commandLineOnly: true,
    help: "TOML, every option here has a key of the same name there; the command line wins",
  },
  "check-config": {
    read: given,
    commandLineOnly: true,
    help: "say what is wrong with all this, file and line, and end",
  },
  user: {
    short: "u",
    value: "NAME:PASSWORD[:RIGHT]",
    repeatable: true,
    read: parseUser,
    shown: (text) => `${text.split(":")[0]}:…`,
    help: "a user; RIGHT is read (default), upload (new files only) or write",
  },
  users: { value: "FILE", read: localPath, help: "user file kept by ftpkit user" },
  anonymous: {
    value: "RIGHT",
    choices: RIGHT_WORDS,
    read: word(RIGHT_WORDS),
    help: "without a password (default: read if no user is set, else off)",
  },
  ...TLS_OPTIONS,
  "passive-ports": {
    value: "A-B",
    read: portRange,
    help: "ports for passive mode (default: any)",
  },
  "public-address": {
    value: "ADDR",
    read: publicAddress,
    help: "IPv4 address or host name told in passive mode, behind NAT (default: the one reached)",
  },
  "proxy-from": {
    value: "NETWORK",
    repeatable: true,
    read: network,
    help: "balancers there, and they alone, speak the PROXY protocol",
  },
  "no-active": { read: given, help: "refuse PORT and EPRT" },
  "max-sessions": {
    value: "N",
    number: true,
    read: wholeNumber(1),
    default: 2000,
    help: "sessions at once",
  },
  "max-sessions-per-ip": {
    value: "N",
    number: true,
    read: wholeNumber(1),
    default: 200,
    help: "sessions at once from one address",
  },
  "max-transfers": {
    value: "N",
    number: true,
    read: wholeNumber(1),
    help: "transfers at once in the whole server (default: any number)",
  },
  "max-commands": {
    value: "N",
    number: true,
    read: wholeNumber(1),
    help: "commands per second of a session, more are slowed (default: any number)",
  },
  "limit-rate": {
    value: "RATE",
    number: true,
    read: byteRate,
    help: "bytes per second of each transfer: 500K, 5M (default: none)",
  },
  "limit-rate-per-user": {
    value: "RATE",
    number: true,
    read: byteRate,
    help: "bytes per second of all transfers of one user together (default: none)",
  },
  "limit-rate-total": {
    value: "RATE",
    number: true,
    read: byteRate,
    help: "bytes per second of all transfers together (default: none)",
  },
  "idle-timeout": {
    value: "S",
    number: true,
    read: milliseconds,
    default: 300,
    help: "seconds without a command",
  },
  "login-timeout": {
    value: "S",
    number: true,
    read: milliseconds,
    default: 30,
    help: "seconds until a client has logged in",
  },
  "stall-timeout": {
    value: "S",
    number: true,
    read: milliseconds,
    default: 60,
    help: "seconds without a data byte or connection",
  },
  "session-timeout": {
    value: "S",
    number: true,
    read: milliseconds,
    help: "seconds that a session may last (default: any)",
  },
  "drain-timeout": {
    value: "S",
    number: true,
    read: milliseconds,
    default: 30,
    help: "seconds a stop waits for transfers",
  },
  "ban-after": {
    value: "N",
    number: true,
    read: wholeNumber(1),
    help: "failed logins before an address is turned away (default: never)",
  },
  "ban-time": {
    value: "S",
    number: true,
    read: milliseconds,
    default: 600,
    help: "seconds for which it is, and within which they count",
  },
  umask: {
    value: "OCTAL",
    read: octalBits,
    default: "022",
    help: "permission bits that new files and directories do not get",
  },
  deny: {
    value: "GLOB",
    repeatable: true,
    read: nameGlob,
    help: "names that nobody may see or make",
  },
  charset: {
    value: "LABEL",
    read: charset,
    default: "utf-8",
    help: "encoding of names for clients without UTF-8: latin1, cp1251, gbk, shift_jis",
  },
  "run-as": {
    value: "USER[:GROUP]",
    read: systemUserName,
    help: "give up root after the ports are bound",
  },
  workers: {
    value: "N|auto",
    number: true,
    read: workerNumber,
    default: "auto",
    help: "threads that carry sessions",
  },
  welcome: {
    value: "TEXT",
    read: someLines,
    default: "ftpkit ready",
    help: "text of the greeting",
  },
  "log-level": {
    value: "LEVEL",
    choices: LOG_LEVELS,
    read: word(LOG_LEVELS),
    default: "info",
    help: "what is logged",
  },
  "log-format": {
    value: "FORMAT",
    choices: LOG_FORMATS,
    read: word(LOG_FORMATS),
    default: "text",
    help: "form of the log",
  },
  "log-file": { value: "FILE", read: localPath, help: "where the log goes (default: stderr)" },
  "session-logs": {
    value: "DIR",
    read: localPath,
    help: "one file a session: commands and replies, passwords masked",
  },
  "transfer-log": { value: "FILE", read: localPath, help: "xferlog of wu-ftpd" },
  metrics: {
    value: "[HOST:]PORT",
    number: true,
    read: endpoint,
    help: "Prometheus text at /metrics, /healthz beside it; host 127.0.0.1",
  },
} as const satisfies Readonly<Record<string, ServeOption<unknown>>>;

/** The name of an option. */
export type OptionName = keyof typeof SERVE_OPTIONS;

/** The options as what they all have in common. */
export const OPTION_ENTRIES: readonly (readonly [OptionName, ServeOption<unknown>])[] = Object
  .entries(SERVE_OPTIONS) as [OptionName, ServeOption<unknown>][];

function withDefault({ help, default: value, ...spec }: ServeOption<unknown>): OptionSpec {
  return { ...spec, help: value === undefined ? help : `${help} (default ${value})` };
}

/** The command line of `serve`. */
export const SERVE_USAGE: CommandUsage = {
  name: "serve",
  synopsis: "[DIR] [OPTIONS]",
  summary: "Share a directory over FTP; without any user, read-only with anyone.",
  examples: [
    "ftpkit serve ./photos",
    "ftpkit serve /srv/scans --user scanner:secret:write --tls require --self-signed",
    "ftpkit serve --config /etc/ftpkit.toml --check-config",
  ],
  operands: { min: 0, max: 1, missing: "DIR", complete: "directories" },
  options: Object.fromEntries(
    OPTION_ENTRIES.map(([name, option]) => [name, withDefault(option)]),
  ),
};
