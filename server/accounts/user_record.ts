/**
 * A user as the user file and the configuration file describe it:
 *
 * ```toml
 * [users.alice]
 * password = "$scrypt$ln=15,r=8,p=1$…$…"
 * permissions = "write"              # or single rights: ["list", "read", "mkdir"]
 * home = "/home/alice"               # in the shared directory; default "/"
 * make-home = true                   # make it at the first login
 * quota = "5G"                       # bytes of all files in the home
 * quota-files = 10000
 * limit-rate = "5M"                  # bytes per second of each transfer
 * limit-rate-total = "20M"            # bytes per second of all the user's transfers together
 * max-sessions = 3
 * allow-from = ["192.168.0.0/16"]    # addresses and networks; default: any
 * tls = "require"
 * certificate-login = true           # a client certificate of that name stands for the password
 * disabled = true
 * expires = 2027-12-31               # the last day
 *
 * [users.alice.directories]          # other permissions in some directories
 * "/incoming" = "upload"
 * ```
 *
 * @module
 */
import { UsageError } from "../../shared/errors.ts";
import { normalizePath } from "../../shared/ftp_path.ts";
import { type Network, parseNetwork } from "../../shared/network.ts";
import type { Secret } from "../../shared/safe_text.ts";
import { parseSize } from "../../shared/size.ts";
import { isTable, type Problem, TableReader } from "../toml/toml_table.ts";
import type { PermissionOverride, Quota } from "./accounts.ts";
import { parseHash, type PasswordHash } from "./password.ts";
import { parsePermissions, type Permission, RIGHTS } from "./permissions.ts";

/** How a password is checked. */
export type Credential =
  | { readonly kind: "clear"; readonly password: Secret }
  | { readonly kind: "hash"; readonly hash: PasswordHash };

/** Everything that is known of a user. */
export interface UserRecord {
  /** Login name. */
  readonly name: string;
  readonly credential: Credential;
  /** What the user may do where no override says otherwise. */
  readonly permissions: readonly Permission[];
  /** Other permissions in some directories. */
  readonly overrides: readonly PermissionOverride[];
  /** Absolute virtual path in the shared directory. */
  readonly home: string;
  readonly makeHome: boolean;
  readonly quota: Quota | undefined;
  /** Bytes per second of each transfer. */
  readonly limitRate: number | undefined;
  /** Bytes per second of all transfers together. */
  readonly limitRateTotal: number | undefined;
  readonly maxSessions: number | undefined;
  /** Where the user may come from; empty: from anywhere. */
  readonly allowFrom: readonly Network[];
  readonly requireTls: boolean;
  /** A verified client certificate of the user's name stands for the password. */
  readonly certificateLogin: boolean;
  readonly disabled: boolean;
  /** The first moment at which the user may not come in any more. */
  readonly expires: Date | undefined;
}

/** What a user has unless it is said otherwise. */
export const PLAIN_USER: Omit<UserRecord, "name" | "credential"> = {
  permissions: RIGHTS.read,
  overrides: [],
  home: "/",
  makeHome: false,
  quota: undefined,
  limitRate: undefined,
  limitRateTotal: undefined,
  maxSessions: undefined,
  allowFrom: [],
  requireTls: false,
  certificateLogin: false,
  disabled: false,
  expires: undefined,
};

/** The users of a file, and everything that is wrong with it. */
export interface ParsedUsers {
  readonly users: readonly UserRecord[];
  readonly problems: readonly Problem[];
}

/**
 * Reads the table `[users]`.
 *
 * @param value What TOML made of it; undefined where there is none.
 * @returns The users without fault, and all faults with their keys.
 */
export function parseUsers(value: unknown): ParsedUsers {
  if (value === undefined) return { users: [], problems: [] };
  if (!isTable(value)) {
    return { users: [], problems: [{ key: ["users"], message: "must be a table" }] };
  }
  const problems: Problem[] = [];
  const users = Object.entries(value).flatMap(([name, table]) => {
    const reader = new TableReader(table, ["users", name]);
    const user = readUser(name, reader);
    problems.push(...reader.finish());
    return user === undefined ? [] : [user];
  });
  return { users, problems };
}

function readUser(name: string, reader: TableReader): UserRecord | undefined {
  const badName = nameFault(name);
  if (badName !== undefined) reader.fault(undefined, badName);
  const hash = reader.required("password", (value) => parseHash(text(value)));
  const record = {
    permissions: reader.value("permissions", parsePermissions) ?? PLAIN_USER.permissions,
    overrides: reader.value("directories", parseOverrides) ?? [],
    home: reader.value("home", (value) => absolutePath(text(value))) ?? "/",
    makeHome: reader.value("make-home", flag) ?? false,
    quota: readQuota(reader),
    limitRate: reader.value("limit-rate", size),
    limitRateTotal: reader.value("limit-rate-total", size),
    maxSessions: reader.value("max-sessions", count),
    allowFrom: reader.value("allow-from", parseNetworks) ?? [],
    requireTls: reader.value("tls", requireWord) ?? false,
    certificateLogin: reader.value("certificate-login", flag) ?? false,
    disabled: reader.value("disabled", flag) ?? false,
    expires: reader.value("expires", parseExpiry),
  };
  if (hash === undefined) return undefined;
  return { name, credential: { kind: "hash", hash }, ...record };
}

/**
 * Why a text cannot be a login name.
 *
 * @param name The text.
 * @returns The reason, or undefined where it can be one.
 */
export function nameFault(name: string): string | undefined {
  if (name === "") return "a user needs a name";
  return /[\p{Cc}:]/u.test(name) ? "a name has no colon and no control character" : undefined;
}

function readQuota(reader: TableReader): Quota | undefined {
  const bytes = reader.value("quota", size);
  const files = reader.value("quota-files", count);
  return bytes === undefined && files === undefined ? undefined : { bytes, files };
}

function parseOverrides(value: unknown): PermissionOverride[] {
  if (!isTable(value)) throw new UsageError('must be a table such as { "/incoming" = "upload" }');
  return Object.entries(value).map(([path, permissions]) => ({
    path: absolutePath(path),
    permissions: parsePermissions(permissions),
  }));
}

function text(value: unknown): string {
  if (typeof value === "string") return value;
  throw new UsageError("must be a text in quotes");
}

function flag(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new UsageError("must be true or false");
}

function count(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw new UsageError("must be a whole number above 0");
}

function size(value: unknown): number {
  const bytes = typeof value === "number" ? value : parseSize(text(value));
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new UsageError('must be a number of bytes above 0, such as 1000000 or "5G"');
}

function requireWord(value: unknown): boolean {
  if (value === "require") return true;
  throw new UsageError('must be "require"');
}

function parseNetworks(value: unknown): Network[] {
  if (Array.isArray(value)) return value.map((each: unknown) => parseNetwork(text(each)));
  return [parseNetwork(text(value))];
}

/**
 * Reads a path of the shared directory.
 *
 * @param path What was written.
 * @returns It, normalised.
 * @throws {UsageError} If it does not begin with a slash.
 */
export function absolutePath(path: string): string {
  if (path.startsWith("/")) return normalizePath("/", path);
  throw new UsageError(`"${path}" must begin with /: it is a path in the shared directory`);
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * Reads when a user may not come in any more.
 *
 * @example Usage
 * ```ts
 * import { parseExpiry } from "./user_record.ts";
 * if (parseExpiry("2027-12-31").getUTCFullYear() !== 2028) throw new Error("unexpected");
 * ```
 *
 * @param value A day, which counts to its end in UTC, or a time with its zone.
 * @returns The first moment at which it is over.
 * @throws {UsageError} If it is neither, or the calendar has no such day.
 */
export function parseExpiry(value: unknown): Date {
  const written = value instanceof Date ? value.toISOString() : text(value);
  const date = new Date(written);
  const start = new Date(`${written.slice(0, 10)}T00:00:00Z`);
  // The last day of February is not carried over into March.
  const real = !Number.isNaN(start.getTime()) &&
    start.toISOString().startsWith(written.slice(0, 10));
  if (real && DAY.test(written)) return new Date(date.getTime() + 24 * 3600 * 1000);
  if (real && MOMENT.test(written) && !Number.isNaN(date.getTime())) return date;
  throw new UsageError("must be a day such as 2027-12-31, or a time with its zone");
}
