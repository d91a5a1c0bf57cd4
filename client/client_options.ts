/**
 * The options that the client's commands share: one table, and what it parses to.
 *
 * @module
 */
import { openCharset } from "../shared/charset.ts";
import { UsageError } from "../shared/errors.ts";
import type { OptionSpec, ParsedOptions } from "../shared/options.ts";
import { parseSize } from "../shared/size.ts";
import { parseProxy, type Proxy } from "./connection/proxy.ts";
import { type NameCoding, namesIn, UTF8_NAMES } from "./name_coding.ts";
import { TLS_OPTIONS, type TlsOptions, tlsOptions } from "./tls_options.ts";

/** How progress is shown. */
export type ProgressMode = "auto" | "bar" | "line" | "none";

/** A range of ports, both ends included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** The options of get, put and ls alike, ready to use. */
export interface ClientOptions {
  readonly port: number | undefined;
  readonly user: string | undefined;
  readonly passwordFile: string | undefined;
  /** The file named by `--netrc`; undefined: the user's own. */
  readonly netrcFile: string | undefined;
  /** False with `--no-netrc`. */
  readonly netrc: boolean;
  readonly tls: TlsOptions;
  readonly active: boolean;
  readonly activePorts: PortRange | undefined;
  /** Milliseconds. */
  readonly connectTimeout: number;
  /** Milliseconds without a byte. */
  readonly timeout: number;
  /** The proxy of `--proxy`; undefined: that of the environment, if any. */
  readonly proxy: Proxy | "none" | undefined;
  /** How names travel. */
  readonly names: NameCoding;
  readonly retries: number;
  /** Milliseconds before the first retry. */
  readonly retryWait: number;
  /** False with `--no-glob`: names are taken by their letters. */
  readonly glob: boolean;
  /** Bytes per second. */
  readonly rateLimit: number | undefined;
  readonly progress: ProgressMode;
  readonly quiet: boolean;
  /** 0, 1 (`-v`) or 2 (`-vv`). */
  readonly verbosity: number;
  readonly json: boolean;
}

/** The options of get and put alike, ready to use. */
export interface FileOptions {
  readonly resume: boolean;
  readonly noClobber: boolean;
  readonly update: boolean;
  readonly ascii: boolean;
  readonly preserve: boolean;
  readonly dryRun: boolean;
  /** Compare with a hash that the server computes. */
  readonly verify: boolean;
}

const PROGRESS_MODES: readonly ProgressMode[] = ["auto", "bar", "line", "none"];

/** What every client command takes. */
export const CLIENT_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  port: { short: "P", value: "N", help: "control port (default: 21, of ftps:// 990)" },
  user: { short: "u", value: "NAME", help: "user name; also FTPKIT_USER (default: anonymous)" },
  "password-file": {
    value: "FILE",
    help: "its first line is the password (-: standard input); also FTPKIT_PASSWORD",
  },
  netrc: { value: "FILE", help: "where stored logins are read (default: ~/.netrc)" },
  "no-netrc": { help: "read no stored logins" },
  ...TLS_OPTIONS,
  active: { help: "active mode: the server connects to us (default: passive)" },
  "active-ports": { value: "A-B", help: "active mode, on these ports (default: any)" },
  "connect-timeout": { value: "S", help: "seconds to wait for a connection (default: 15)" },
  timeout: { value: "S", help: "seconds to wait where no byte moves (default: 60)" },
  proxy: {
    value: "URL",
    help: "socks5://, socks5h:// or http://[user:password@]host:port; also ALL_PROXY",
  },
  "no-proxy": { help: "connect directly, whatever ALL_PROXY says" },
  charset: {
    value: "NAME",
    help: "encoding of the server's names: latin1, cp1251, gbk, shift_jis (default: UTF-8)",
  },
  retries: { value: "N", help: "tries after a lost connection or a 4xx reply (default: 3)" },
  "retry-wait": { value: "S", help: "seconds before the first of them, then doubled (default: 1)" },
  "no-glob": { help: "take names as they are, without *, ?, [...], {a,b} and **" },
  "limit-rate": { value: "RATE", help: "bytes per second: 500K, 5M, 1.5G (default: no limit)" },
  progress: {
    value: "MODE",
    choices: PROGRESS_MODES,
    help: "auto: a bar on a terminal, else nothing (default: auto)",
  },
  quiet: { short: "q", help: "print errors only" },
  verbose: { short: "v", repeatable: true, help: "more detail; -vv shows the protocol" },
  json: { help: "results on standard output as one JSON object a line" },
};

/** What get and put take besides. */
export const FILE_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  continue: { short: "c", help: "go on with a partial file instead of starting again" },
  "no-clobber": { short: "n", help: "pass over a file that exists" },
  update: { help: "pass over a file unless it differs in size or is newer" },
  ascii: { help: "text: convert line ends, compare no sizes, resume nothing" },
  "no-preserve": { help: "do not keep the file's time" },
  verify: { help: "compare a hash that the server computes; fail where it has none" },
  "dry-run": { help: "only say what would be done" },
};

function choice<T extends string>(
  parsed: ParsedOptions,
  option: { readonly name: string; readonly among: readonly T[]; readonly default: T },
): T {
  // parseOptions has refused every other value.
  const given = parsed.text(option.name);
  return option.among.find((value) => value === given) ?? option.default;
}

function parsePorts(text: string): PortRange {
  const [, first, last] = text.match(/^(\d{1,5})-(\d{1,5})$/)?.map(Number) ?? [];
  if (first === undefined || last === undefined || first < 1 || last > 65535 || first > last) {
    throw new UsageError("not two ports as in 50000-50100");
  }
  return { first, last };
}

function parseRate(text: string): number {
  const rate = parseSize(text);
  if (rate < 1) throw new UsageError("less than one byte per second");
  return rate;
}

function proxyOption(parsed: ParsedOptions): Proxy | "none" | undefined {
  const given = parsed.text("proxy");
  if (given !== undefined && parsed.has("no-proxy")) {
    throw new UsageError("Cannot use --proxy and --no-proxy together");
  }
  if (given === "" || parsed.has("no-proxy")) return "none";
  if (given === undefined) return undefined;
  if (parsed.has("active") || parsed.has("active-ports")) {
    throw new UsageError("Cannot use --proxy with active mode: the server connects to us there");
  }
  return parseProxy(given, "--proxy");
}

/**
 * Reads the shared options.
 *
 * @param parsed A command line parsed with {@linkcode CLIENT_OPTIONS}.
 * @returns The options with their defaults.
 * @throws {UsageError} If a value is not valid, or two options contradict each other.
 */
export function clientOptions(parsed: ParsedOptions): ClientOptions {
  if (parsed.has("netrc") && parsed.has("no-netrc")) {
    throw new UsageError("Cannot use --netrc and --no-netrc together");
  }
  return {
    port: parsed.has("port")
      ? parsed.integer("port", { min: 1, max: 65535, default: 21 })
      : undefined,
    user: parsed.text("user"),
    passwordFile: parsed.text("password-file"),
    netrcFile: parsed.text("netrc"),
    netrc: !parsed.has("no-netrc"),
    tls: tlsOptions(parsed),
    active: parsed.has("active") || parsed.has("active-ports"),
    activePorts: parsed.parsed("active-ports", parsePorts),
    connectTimeout: parsed.seconds("connect-timeout", 15),
    timeout: parsed.seconds("timeout", 60),
    proxy: proxyOption(parsed),
    names: parsed.parsed("charset", (label) => namesIn(openCharset(label))) ?? UTF8_NAMES,
    retries: parsed.integer("retries", { min: 0, max: 1000, default: 3 }),
    retryWait: parsed.seconds("retry-wait", 1),
    glob: !parsed.has("no-glob"),
    rateLimit: parsed.parsed("limit-rate", parseRate),
    progress: choice(parsed, { name: "progress", among: PROGRESS_MODES, default: "auto" }),
    quiet: parsed.has("quiet"),
    verbosity: Math.min(2, parsed.count("verbose")),
    json: parsed.has("json"),
  };
}

/**
 * Reads the options that get and put share.
 *
 * @param parsed A command line parsed with {@linkcode FILE_OPTIONS}.
 * @returns The options.
 * @throws {UsageError} If two of them contradict each other.
 */
export function fileOptions(parsed: ParsedOptions): FileOptions {
  const options = {
    resume: parsed.has("continue"),
    noClobber: parsed.has("no-clobber"),
    update: parsed.has("update"),
    ascii: parsed.has("ascii"),
    preserve: !parsed.has("no-preserve"),
    dryRun: parsed.has("dry-run"),
    verify: parsed.has("verify"),
  };
  if (options.ascii) refuseForText(options);
  return options;
}

/**
 * Line ends are converted on the way, so a text is another file on each side.
 *
 * @param options What is asked for besides.
 * @throws {UsageError} If it is what only a file that arrives as it is can have.
 */
export function refuseForText(options: FileOptions): void {
  if (options.verify) {
    throw new UsageError("Cannot use --verify with --ascii: a text is another file on each side");
  }
}
