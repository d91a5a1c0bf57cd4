/**
 * Who may log in, and with which password. Lives with the supervisor: a session asks, and never
 * sees a password but the one its client sent.
 *
 * @module
 */
import { timingSafeEqual } from "node:crypto";
import { UsageError } from "../../shared/errors.ts";
import { Secret } from "../../shared/log.ts";
import type { LoginAnswer, LoginRequest } from "../authority.ts";
import { isRight, type Permission, type Right, RIGHTS } from "./permissions.ts";

/** A user of the command line. */
export interface UserSpec {
  /** Login name. */
  readonly name: string;
  /** Password in the clear, as it was given. */
  readonly password: Secret;
  /** What the user may do. */
  readonly right: Right;
}

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
  /** Sessions that the user may have at once; undefined: any number. */
  readonly maxSessions: number | undefined;
}

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
 * if (parseUser("alice:se:cret:write").right !== "write") throw new Error("unexpected");
 * ```
 *
 * @param text What was given.
 * @returns The user; `read` where no right is given.
 * @throws {UsageError} If name or password is missing. The text never holds the password.
 */
export function parseUser(text: string): UserSpec {
  const [name = "", ...fields] = text.split(":");
  const last = fields.length > 1 ? fields.at(-1) : undefined;
  const right = last !== undefined && isRight(last) ? last : undefined;
  const password = (right === undefined ? fields : fields.slice(0, -1)).join(":");
  if (name === "" || password === "") {
    throw new UsageError(`Invalid --user "${name}:…": must be NAME:PASSWORD[:read|upload|write]`);
  }
  return { name, password: new Secret(password), right: right ?? "read" };
}

/** Answers whether a name and a password belong together. */
export class Accounts {
  readonly #users: ReadonlyMap<string, UserSpec>;
  readonly #anonymous: Right | undefined;

  /**
   * Takes the users of the command line.
   *
   * @param users The users.
   * @param anonymous What those without a password may do; undefined: they may not come in.
   * @throws {UsageError} If a name is given twice.
   */
  constructor(users: readonly UserSpec[], anonymous: Right | undefined) {
    this.#users = new Map(users.map((user) => [user.name, user]));
    this.#anonymous = anonymous;
    if (this.#users.size === users.length) return;
    const twice = users.find((user) => this.#users.get(user.name) !== user);
    throw new UsageError(`User "${twice?.name}" is given twice`);
  }

  /**
   * Checks a login. An unknown name takes the same work as a wrong password.
   *
   * @param request Who wants to come in.
   * @returns The account, or that it is refused.
   */
  async check({ user: name, password }: LoginRequest): Promise<LoginAnswer> {
    const user = this.#users.get(name);
    const same = await equalSecrets(password, user?.password.reveal() ?? "");
    if (user !== undefined) return same ? accepted(name, user.right) : REFUSED;
    if (this.#anonymous === undefined || !isAnonymousName(name)) return REFUSED;
    return accepted("anonymous", this.#anonymous);
  }
}

const REFUSED: LoginAnswer = { kind: "refused" };

function accepted(user: string, right: Right): LoginAnswer {
  return {
    kind: "accepted",
    account: {
      user,
      anonymous: user === "anonymous",
      permissions: RIGHTS[right],
      overrides: [],
      home: "/",
      makeHome: false,
      quota: undefined,
      limitRate: undefined,
      maxSessions: undefined,
    },
  };
}

/** Compares digests, so that neither length nor content shows in the time it takes. */
async function equalSecrets(given: string, expected: string): Promise<boolean> {
  const encoder = new TextEncoder();
  const [a, b] = await Promise.all(
    [given, expected].map((text) => crypto.subtle.digest("SHA-256", encoder.encode(text))),
  );
  return a !== undefined && b !== undefined &&
    timingSafeEqual(new Uint8Array(a), new Uint8Array(b));
}
