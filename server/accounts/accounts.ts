/**
 * Who may log in, and with which password. Lives with the supervisor: a session asks, and never
 * sees a password but the one its client sent.
 *
 * @module
 */
import { UsageError } from "../../shared/errors.ts";
import { Secret } from "../../shared/safe_text.ts";
import { inNetwork } from "../../shared/network.ts";
import { LoginMemory } from "./login_memory.ts";
import { isRight, type Permission, type Right, RIGHTS } from "./permissions.ts";
import { PLAIN_USER, type UserRecord } from "./user_record.ts";

/** Other permissions below one directory. */
export interface PermissionOverride {
  /** Absolute virtual path in the user's own tree, without a slash at its end. */
  readonly path: string;
  /** What the user may do there and below; the longest path that fits decides. */
  readonly permissions: readonly Permission[];
}

/** How much a user may keep. */
export interface Quota {
  /** Bytes in all files of the user's home; undefined: any number. */
  readonly bytes: number | undefined;
  /** Files in the user's home; undefined: any number. */
  readonly files: number | undefined;
}

/** A user who is logged in. Plain data: it crosses threads. */
export interface Account {
  /** Login name; `anonymous` for those without one. */
  readonly user: string;
  /** Came in without a password. */
  readonly anonymous: boolean;
  /** What the user may do where no override says otherwise. */
  readonly permissions: readonly Permission[];
  /** Other permissions in some directories. */
  readonly overrides: readonly PermissionOverride[];
  /** The user's root: an absolute virtual path in the shared directory. */
  readonly home: string;
  /** Make the home where it is missing, at login. */
  readonly makeHome: boolean;
  /** How much the user may keep. */
  readonly quota: Quota | undefined;
  /** Bytes per second of each transfer; undefined: as the server's. */
  readonly limitRate: number | undefined;
  /** Bytes per second of all the user's transfers together; undefined: as the server's. */
  readonly limitRateTotal: number | undefined;
  /**
   * Memory of the rates that its transfers share with others, as `RateBucket` has it; given by the
   * supervisor where there are any.
   */
  readonly rates?: readonly SharedArrayBuffer[];
  /** Sessions that the user may have at once; undefined: any number. */
  readonly maxSessions: number | undefined;
  /** Nothing of the user's may travel in the clear. */
  readonly requireTls: boolean;
}

/** A login that a session wants decided. */
export interface LoginRequest {
  /** The session that asks. */
  readonly session: number;
  /** What came with USER. */
  readonly user: string;
  /** What came with PASS. */
  readonly password: string;
  /** The client's address. */
  readonly address: string;
  /** Whether it came over TLS. */
  readonly secure: boolean;
  /**
   * The name in the certificate that the client has shown and that holds, in place of a password; only
   * for users who may come in so.
   */
  readonly certificate?: string;
}

/** How a login ends. `refused` never says whether the name or the password was wrong. */
export type LoginAnswer =
  | { readonly kind: "accepted"; readonly account: Account }
  | { readonly kind: "refused" }
  | { readonly kind: "limited"; readonly reason: string };

/** Names that log in without a password where that is allowed (RFC 1635). */
const ANONYMOUS_NAMES: ReadonlySet<string> = new Set(["anonymous", "ftp"]);

/**
 * Whether a login name asks for an anonymous session (RFC 1635).
 *
 * @param name What the client sent with USER.
 * @returns Whether any password will do, where anonymous logins are allowed.
 */
export function isAnonymousName(name: string): boolean {
  return ANONYMOUS_NAMES.has(name.toLowerCase());
}

/**
 * Reads `NAME:PASSWORD[:read|upload|write]`. Only a last field of exactly these words is a right, so
 * a password may hold colons.
 *
 * @example Usage
 * ```ts
 * import { parseUser } from "./accounts.ts";
 * if (!parseUser("alice:se:cret:write").permissions.includes("write")) throw new Error("unexpected");
 * ```
 *
 * @param text What was given.
 * @returns The user; `read` where no right is given.
 * @throws {UsageError} If name or password is missing. The text never holds the password.
 */
export function parseUser(text: string): UserRecord {
  const [name = "", ...fields] = text.split(":");
  const last = fields.length > 1 ? fields.at(-1) : undefined;
  const right = last !== undefined && isRight(last) ? last : undefined;
  const password = (right === undefined ? fields : fields.slice(0, -1)).join(":");
  if (name === "" || password === "") {
    throw new UsageError(`Invalid --user "${name}:…": must be NAME:PASSWORD[:read|upload|write]`);
  }
  return {
    ...PLAIN_USER,
    name,
    credential: { kind: "clear", password: new Secret(password) },
    permissions: RIGHTS[right ?? "read"],
  };
}

/** Answers whether a name and a password belong together. */
export class Accounts {
  readonly #users: ReadonlyMap<string, UserRecord>;
  readonly #anonymous: Right | undefined;
  readonly #memory: LoginMemory;

  /**
   * Takes the users.
   *
   * @param users The users.
   * @param options What those without a password may do, undefined: they may not come in; and what
   * was remembered of passwords, which outlives a reload.
   * @throws {UsageError} If a name is given twice.
   */
  constructor(
    users: readonly UserRecord[],
    options: { readonly anonymous: Right | undefined; readonly memory?: LoginMemory },
  ) {
    this.#users = new Map(users.map((user) => [user.name, user]));
    this.#anonymous = options.anonymous;
    this.#memory = options.memory ?? new LoginMemory();
    this.#memory.expect(users.map(({ credential }) => credential));
    if (this.#users.size === users.length) return;
    const twice = users.find((user) => this.#users.get(user.name) !== user);
    throw new UsageError(`User "${twice?.name}" is given twice`);
  }

  /**
   * Checks a login. Whatever is wrong, the name, the password or something else with the user, the
   * answer is the same after the same work.
   *
   * @param request Who wants to come in.
   * @returns The account, or that it is refused.
   */
  async check(request: LoginRequest): Promise<LoginAnswer> {
    const { user: name, password, address, secure, certificate } = request;
    const user = this.#users.get(name);
    if (certificate !== undefined) return checkCertificate(user, request);
    if (user === undefined && this.#anonymous !== undefined && isAnonymousName(name)) {
      return { kind: "accepted", account: anonymousAccount(this.#anonymous) };
    }
    const welcome = user !== undefined && isWelcome(user, address);
    const credential = welcome ? user.credential : undefined;
    const matches = await this.#memory.verify({ name, credential, address }, password);
    if (!welcome || !matches) return { kind: "refused" };
    if (user.requireTls && !secure) {
      return { kind: "limited", reason: "This user must log in over TLS" };
    }
    return { kind: "accepted", account: accountOf(user) };
  }
}

/** A certificate says who it is: there is nothing to guess, and nothing to compare in secret. */
function checkCertificate(user: UserRecord | undefined, request: LoginRequest): LoginAnswer {
  const { user: name, address, certificate } = request;
  const known = user?.certificateLogin && isWelcome(user, address) && certificate === name;
  return known ? { kind: "accepted", account: accountOf(user) } : { kind: "refused" };
}

function isWelcome({ disabled, expires, allowFrom }: UserRecord, address: string): boolean {
  if (disabled || (expires !== undefined && Date.now() >= expires.getTime())) return false;
  return allowFrom.length === 0 || allowFrom.some((network) => inNetwork(network, address));
}

function accountOf(user: Omit<UserRecord, "credential">): Account {
  const { name, permissions, overrides, home, makeHome, quota } = user;
  const { limitRate, limitRateTotal, maxSessions, requireTls } = user;
  const rights = { permissions, overrides, home, makeHome, quota };
  const limits = { limitRate, limitRateTotal, maxSessions, requireTls };
  return { user: name, anonymous: false, ...rights, ...limits };
}

function anonymousAccount(right: Right): Account {
  const user = { ...PLAIN_USER, name: "anonymous", permissions: RIGHTS[right] };
  return { ...accountOf(user), anonymous: true };
}
