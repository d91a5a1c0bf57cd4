/**
 * Every option of `serve`, on the command line and in the file.
 *
 * @module
 */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { ServerConfig } from "../../server/configuration/config.ts";
import { FILE_KEYS } from "../../server/configuration/config_file.ts";
import {
  OPTION_ENTRIES,
  type OptionName,
  SERVE_USAGE,
} from "../../server/configuration/serve_usage.ts";
import { TLS_OPTIONS } from "../../server/configuration/tls_usage.ts";
import { ConfigError } from "../../server/toml/toml_file.ts";
import { helpText } from "../../shared/options.ts";
import { ConfigFolder, loadServe } from "../support/config_file.ts";

/** How one option is tried. */
interface Trial {
  /** The value as a text, and as TOML where that is not the text in quotes. */
  readonly given: string | readonly string[];
  readonly toml?: string;
  /** Where the value goes, and what it is there; without the option it is `otherwise`. */
  readonly pick: (config: ServerConfig) => unknown;
  readonly value: unknown;
  readonly otherwise: unknown;
  /** Texts that are not valid, each with why. */
  readonly invalid: readonly (readonly [text: string, reason: string])[];
}

const HOME = "/where/the/file/is/not";

const wholeNumber = (pick: Trial["pick"], otherwise: unknown, max = 1_000_000): Trial => ({
  given: "7",
  toml: "7",
  pick,
  value: 7,
  otherwise,
  invalid: ["0", `${max + 1}`, "-1", "1.5", "", "x"].map((text) =>
    [text, `not a whole number from 1 to ${max}`] as const
  ),
});

const seconds = (pick: Trial["pick"], otherwise: unknown): Trial => ({
  given: "1.5",
  toml: "1.5",
  pick,
  value: 1500,
  otherwise,
  invalid: ["0", "-1", "x", "", "1000001", "1e3"].map((text) =>
    [text, "not a number of seconds above 0"] as const
  ),
});

const byteRate = (pick: Trial["pick"]): Trial => ({
  given: "1.5K",
  pick,
  value: 1536,
  otherwise: undefined,
  invalid: [
    ["0", "must be above 0"],
    ["fast", 'not a number with K, M or G, such as "500K"'],
  ],
});

const path = (pick: Trial["pick"]): Trial => ({
  given: `${HOME}/x`,
  pick,
  value: `${HOME}/x`,
  otherwise: undefined,
  invalid: [["", "must not be empty"]],
});

/** Options that are tried where they belong: certificates must be there for them. */
const ELSEWHERE = ["config", "check-config", "users", ...Object.keys(TLS_OPTIONS)];

type TriedHere = Exclude<
  OptionName,
  "config" | "check-config" | "users" | keyof typeof TLS_OPTIONS
>;

const TRIALS: Readonly<Record<TriedHere, Trial>> = {
  port: {
    given: "21",
    toml: "21",
    pick: ({ session }) => session.port,
    value: 21,
    otherwise: 2121,
    invalid: [["65536", "not a whole number from 0 to 65535"]],
  },
  host: {
    given: "127.0.0.1",
    pick: ({ session }) => session.host,
    value: "127.0.0.1",
    otherwise: undefined,
    invalid: [["", "must not be empty"]],
  },
  user: {
    given: ["alice:a:b:write", "bob:c"],
    pick: ({ users }) => users.map(({ name, permissions }) => [name, permissions.length]),
    value: [["alice", 8], ["bob", 2]],
    otherwise: [],
    invalid: [[":secret", "must be NAME:PASSWORD[:read|upload|write]"]],
  },
  anonymous: {
    given: "upload",
    pick: ({ anonymous, session, writable }) => [anonymous, session.anonymous, writable],
    value: ["upload", true, true],
    otherwise: ["read", true, false],
    invalid: [["on", "must be one of off, read, upload, write"]],
  },
  "passive-ports": {
    given: "50000-50100",
    pick: ({ session }) => session.passivePorts,
    value: { first: 50000, last: 50100 },
    otherwise: undefined,
    invalid: ["1023-1024", "2000-1999", "60000-65536", "2000", "a-b"].map((text) =>
      [text, "must be two ports from 1024 to 65535, such as 50000-50100"] as const
    ),
  },
  "public-address": {
    given: "ftp.example.org",
    pick: ({ session }) => session.publicAddress,
    value: "ftp.example.org",
    otherwise: undefined,
    invalid: [
      ["::1", "PASV knows only IPv4 addresses"],
      ["1.2.3.256", "must be an IPv4 address or a host name"],
      ["a b", "must be an IPv4 address or a host name"],
    ],
  },
  "proxy-from": {
    given: ["10.0.0.0/8", "2001:db8::/32"],
    pick: ({ session }) => session.trustedProxies,
    value: ["10.0.0.0/8", "2001:db8::/32"],
    otherwise: [],
    invalid: [
      ["10/8", "must be like 192.168.0.0/16 or 2001:db8::/32"],
      ["10.0.0.1/8", "the address has bits behind /8"],
    ],
  },
  "no-active": {
    given: [],
    toml: "true",
    pick: ({ session }) => session.active,
    value: false,
    otherwise: true,
    invalid: [],
  },
  "max-sessions": wholeNumber(({ maxSessions }) => maxSessions, 2000),
  "max-sessions-per-ip": wholeNumber(({ maxSessionsPerAddress }) => maxSessionsPerAddress, 200),
  "max-transfers": wholeNumber(({ session }) => session.maxTransfers, undefined),
  "max-commands": wholeNumber(({ session }) => session.maxCommands, undefined),
  "limit-rate": byteRate(({ session }) => session.limitRate),
  "limit-rate-per-user": byteRate(({ limitRatePerUser }) => limitRatePerUser),
  "limit-rate-total": byteRate(({ limitRateTotal }) => limitRateTotal),
  "idle-timeout": seconds(({ session }) => session.idleTimeout, 300_000),
  "login-timeout": seconds(({ session }) => session.loginTimeout, 30_000),
  "stall-timeout": seconds(({ session }) => session.stallTimeout, 60_000),
  "session-timeout": seconds(({ session }) => session.sessionTimeout, undefined),
  "drain-timeout": seconds(({ session }) => session.drainTimeout, 30_000),
  "ban-after": {
    ...wholeNumber(({ ban }) => ban, undefined),
    value: { after: 7, time: 600_000 },
  },
  "ban-time": {
    ...seconds(({ ban }) => ban, undefined),
    // Without --ban-after nobody is turned away, however long.
    value: undefined,
  },
  umask: {
    given: "077",
    pick: ({ session }) => session.umask,
    value: 0o077,
    otherwise: 0o022,
    invalid: [["8", "must be octal, such as 022"], ["1777", "must be octal, such as 022"]],
  },
  deny: {
    given: ["*.exe", ".ht*"],
    pick: ({ session }) => session.deny,
    value: ["*.exe", ".ht*"],
    otherwise: [],
    invalid: [
      ["a/b", "must be a pattern for one name, without a slash"],
      ["", "must not be empty"],
    ],
  },
  charset: {
    given: "latin1",
    pick: ({ session }) => session.charset,
    value: "windows-1252",
    otherwise: "utf-8",
    invalid: [
      ["klingon", 'there is no encoding "klingon"'],
      ["utf-16", 'the encoding "utf-16" does not contain ASCII'],
    ],
  },
  "run-as": {
    given: "1234:5678",
    pick: ({ runAs }) => runAs,
    value: "1234:5678",
    otherwise: undefined,
    invalid: [["a:b:c", "must be USER or USER:GROUP"], ["", "must be USER or USER:GROUP"]],
  },
  workers: { ...wholeNumber(({ workers }) => workers, "auto", 64) },
  welcome: {
    given: "one\ntwo",
    pick: ({ session }) => session.welcome,
    value: "one\ntwo",
    otherwise: "ftpkit ready",
    invalid: [["\x1b[2J", "must not have control characters"]],
  },
  "log-level": {
    given: "debug",
    pick: ({ session }) => [session.logLevel, session.observeCommands],
    value: ["debug", true],
    otherwise: ["info", false],
    invalid: [["loud", "must be one of debug, info, warning, error"]],
  },
  "log-format": {
    given: "json",
    pick: ({ logFormat }) => logFormat,
    value: "json",
    otherwise: "text",
    invalid: [["xml", "must be one of text, json"]],
  },
  "log-file": path(({ logFile }) => logFile),
  "session-logs": {
    ...path(({ sessionLogs, session }) => [sessionLogs, session.observeCommands]),
    value: [`${HOME}/x`, true],
    otherwise: [undefined, false],
  },
  "transfer-log": path(({ transferLog }) => transferLog),
  metrics: {
    given: "[::1]:9100",
    pick: ({ metrics, session }) => [metrics, session.observeCommands],
    value: [{ hostname: "::1", port: 9100 }, true],
    otherwise: [undefined, false],
    invalid: ["65536", "::1:9100", "[x]:1", "host:", "a b:1", ""].map((text) =>
      [text, "must be a port, or an address and a port: 127.0.0.1:9100 or [::1]:9100"] as const
    ),
  },
};

/** The settings of a command line, with a file where there is one. */
async function load(args: readonly string[], toml?: string): Promise<ServerConfig> {
  if (toml === undefined) return await loadServe(["/", ...args]);
  await using folder = await ConfigFolder.make();
  return await folder.load(toml, ["/", ...args]);
}

const quoted = (text: string): string => JSON.stringify(text);

for (const [name, trial] of Object.entries(TRIALS)) {
  const { given, pick, value, otherwise, invalid } = trial;
  const texts = typeof given === "string" ? [given] : given;
  const toml = trial.toml ??
    (typeof given === "string" ? quoted(given) : `[${texts.map(quoted).join(", ")}]`);

  Deno.test(`--${name}: on the command line, in the file, and neither`, async () => {
    const args = texts.length === 0 ? [`--${name}`] : texts.map((text) => `--${name}=${text}`);
    assertEquals(pick(await load(args)), value);
    assertEquals(pick(await load([], `${name} = ${toml}\n`)), value);
    assertEquals(pick(await load([])), otherwise);
    if (texts.length === 1 || trial.toml !== undefined) return;
    // One of what may be several needs no brackets.
    assertEquals(
      pick(await load([], `${name} = ${quoted(texts[0] ?? "")}`)),
      pick(await load([`--${name}=${texts[0]}`])),
    );
  });

  Deno.test(`--${name}: what is not valid is refused, with the reason`, async () => {
    for (const [text, reason] of invalid) {
      const { message } = await assertRejects(
        () => load([], `\n${name} = ${quoted(text)}`),
        ConfigError,
      );
      assert(message.includes(`ftpkit.toml:2: Invalid ${name} "`), message);
      assert(message.endsWith(`: ${reason}`), message);
      if (name in CHOSEN) continue; // the command line's own parser refuses those
      const refused = await assertRejects(() => load([`--${name}=${text}`]), ConfigError);
      assert(refused.message.startsWith(`ftpkit: Invalid --${name} "`), refused.message);
      assert(refused.message.endsWith(`: ${reason}`), refused.message);
    }
  });
}

const CHOSEN = Object.fromEntries(OPTION_ENTRIES.filter(([, { choices }]) => choices));

Deno.test("options: each is in the command line, the help and the file, or says that it is not", () => {
  const names = OPTION_ENTRIES.map(([name]) => name).sort();
  assertEquals(Object.keys(SERVE_USAGE.options).sort(), names);
  assertEquals([...Object.keys(TRIALS), ...ELSEWHERE].sort(), names);
  const help = helpText(SERVE_USAGE);
  for (const name of names) assert(new RegExp(`^ +(?:-., )?--${name}\\b`, "m").test(help), name);
  const onlyInFile = ["directory", "public-addresses", "messages", "hooks"];
  const keys = names.filter((name) => !["config", "check-config"].includes(name));
  assertEquals([...FILE_KEYS].sort(), [...keys, ...onlyInFile].sort());
});

Deno.test("options: every default is valid and stands in the help", () => {
  const help = helpText(SERVE_USAGE);
  for (const [, { default: value, read }] of OPTION_ENTRIES) {
    if (value === undefined) continue;
    read(String(value), "/");
    assertStringIncludes(help, `(default ${value})`);
  }
});

Deno.test("options: docs/cli.md names each, with its default", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/cli.md", import.meta.url));
  const rows = page.slice(page.indexOf("## serve")).split("\n").filter((row) =>
    row.startsWith("|")
  );
  for (const [name, { short, default: value }] of OPTION_ENTRIES) {
    const names = new RegExp(`\`${short === undefined ? "" : `-${short}, `}--${name}[ \`]`);
    const row = rows.find((row) => names.test(row));
    assert(row !== undefined, name);
    if (value !== undefined && name !== "welcome") assertStringIncludes(row, String(value));
  }
});

const WRONG_KINDS: readonly (readonly [toml: string, message: string])[] = [
  ["port = true", "Invalid port: must be a number, or a text in quotes"],
  ["port = [1, 2]", "Invalid port: must be a number, or a text in quotes"],
  ["no-active = 'yes'", "Invalid no-active: must be true or false"],
  ["umask = 22", "Invalid umask: must be a text in quotes"],
  ["deny = [1]", "Invalid deny: must be a text in quotes, or several in brackets"],
  ["welcome = 2001-01-01", "Invalid welcome: must be a text in quotes"],
  ["users = 1", "Invalid users: must be a text in quotes"],
  ["directory = ['a']", "Invalid directory: must be a text in quotes"],
  ["messages = 'x'", "Invalid messages: must be a table, [messages]"],
  ["hooks = 'x'", "Invalid hooks: must be a list of tables, each [[hooks]]"],
  ["hooks = ['x']", "Invalid hooks: must be a list of tables, each [[hooks]]"],
  ["max-session = 1", "Invalid max-session: unknown key (did you mean max-sessions?)"],
  ["constructor = 1", "Invalid constructor: unknown key"],
  ["'__proto__' = 1", "Invalid __proto__: unknown key"],
  ["check-config = true", "Invalid check-config: unknown key"],
  ["config = 'x'", "Invalid config: unknown key"],
];

for (const [toml, expected] of WRONG_KINDS) {
  Deno.test(`configuration file: ${toml} is refused`, async () => {
    const { message } = await assertRejects(() => load([], `# first\n\n${toml}\n`), ConfigError);
    assert(message.endsWith(`ftpkit.toml:3: ${expected}`), message);
  });
}

Deno.test("configuration file: a switch that is off, and a list of none, are as if not there", async () => {
  const { session } = await load([], "no-active = false\ndeny = []\n");
  assertEquals([session.active, session.deny], [true, []]);
});

Deno.test("configuration file: the command line wins, for lists as a whole", async () => {
  const toml = 'port = 1\nwelcome = "file"\ndeny = ["a", "b"]\nno-active = true\n';
  const { session } = await load(["--port", "2", "--deny", "c"], toml);
  assertEquals([session.port, session.welcome, session.deny, session.active], [
    2,
    "file",
    ["c"],
    false,
  ]);
});

Deno.test("configuration file: a value that the command line hides is checked no less", async () => {
  const { session } = await load(["--port", "2"], "port = 3");
  assertEquals(session.port, 2);
  await assertRejects(() => load(["--port", "2"], "port = 99999"), ConfigError, "port");
});
