/**
 * The server's settings: what `serve` was told, checked, with every default filled in.
 *
 * @module
 */
import type { Endpoint } from "../../shared/endpoint.ts";
import type { LogLevel } from "../../shared/log.ts";
import type { Secret } from "../../shared/safe_text.ts";
import type { TlsServerConfig } from "../../shared/tls_server.ts";
import type { Accounts } from "../accounts/accounts.ts";
import type { Right } from "../accounts/permissions.ts";
import type { UserRecord } from "../accounts/user_record.ts";

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
  /** Text of the greeting; its lines end with `\n`. */
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
  /** Text that CWD shows, by absolute virtual path of the shared directory; as the greeting's. */
  readonly messages: Readonly<Record<string, string>>;
  /** Networks of balancers that speak the PROXY protocol: `10.0.0.0/8`. */
  readonly trustedProxies: readonly string[];
  /** Port for TLS from the first byte on; 0: any free one; undefined: none. */
  readonly implicitPort: number | undefined;
  /** Certificates and what they are used for; undefined: no TLS. */
  readonly tls: TlsSettings | undefined;
  /** Users who may not give their password in the clear. */
  readonly tlsUsers: readonly string[];
}

/** How a server uses TLS. Plain data: it crosses threads. */
export interface TlsSettings extends TlsServerConfig {
  /** Whether there may be logins and data without it. */
  readonly mode: "allow" | "require";
  /** Whether clients must show a certificate that `clientAuthorities` vouch for. */
  readonly clientCertificate: "ask" | "require";
  /** Whether CCC may end TLS on a control connection. */
  readonly allowClearControl: boolean;
  /** Whether data connections must resume a session, where the client can. */
  readonly requireReuse: boolean;
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

/** What hooks can wait for. */
export const HOOK_EVENTS = ["upload", "delete", "rename", "login", "login-failed"] as const;

/** What a hook can wait for. */
export type HookEvent = (typeof HOOK_EVENTS)[number];

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
  /** Bytes per second of all transfers of one user together; undefined: no limit. */
  readonly limitRatePerUser: number | undefined;
  /** Bytes per second of all transfers together; undefined: no limit. */
  readonly limitRateTotal: number | undefined;
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
