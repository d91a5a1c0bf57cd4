/**
 * Who logs in, and with which password.
 *
 * @module
 */
import { join } from "node:path";
import type { CommandIo } from "../shared/command_io.ts";
import { AuthError, UsageError } from "../shared/errors.ts";
import { Secret } from "../shared/safe_text.ts";
import { readPasswordFile } from "../shared/password_prompt.ts";
import type { ClientOptions } from "./client_options.ts";
import type { RemoteLocation } from "./location.ts";
import { findLogin, type NetrcEntry, parseNetrc } from "./netrc.ts";
import { displayName } from "./remote_name.ts";
import type { Login } from "./session/login.ts";
import { local } from "./transfer/local_file.ts";

const ANONYMOUS = "anonymous";
/** What anonymous servers expect is an address (RFC 1635); ours tells nothing about the user. */
const ANONYMOUS_PASSWORD = "anonymous@";

/** Rights of others than the owner to read or write a file. */
const OTHERS = 0o066;

/** The file of stored logins. */
interface NetrcFile {
  readonly path: string;
  readonly entries: readonly NetrcEntry[];
  /** Others may read or write it. */
  readonly isOpen: boolean;
}

/**
 * Finds logins.
 *
 * The user is the one of `-u`, else of the location, of `FTPKIT_USER`, of netrc, else `anonymous`.
 * The password is the first line of `--password-file`, else that of the location, of
 * `FTPKIT_PASSWORD`, of netrc for this user, else what is typed on the terminal.
 */
export class Credentials {
  readonly #options: ClientOptions;
  readonly #io: CommandIo;
  #netrc: Promise<NetrcFile | undefined> | undefined;
  #warned = false;
  #filed: Promise<Secret> | undefined;
  readonly #typed = new Map<string, Promise<Secret>>();

  /** Reads nothing yet. */
  constructor(options: ClientOptions, io: CommandIo) {
    this.#options = options;
    this.#io = io;
  }

  /**
   * The login for a place. Its password is looked for only when the server asks.
   *
   * @param location The place.
   * @returns The login.
   * @throws {LocalFileError} If the file of `--netrc` cannot be read.
   * @throws {UsageError} If the user name cannot be sent.
   */
  async login(location: RemoteLocation): Promise<Login> {
    const named = this.#options.user ?? location.user ?? (this.#io.env("FTPKIT_USER") || undefined);
    const file = await (this.#netrc ??= this.#readNetrc());
    const entry = findLogin(file?.entries ?? [], { host: location.host, user: named });
    const user = named ?? entry?.login ?? ANONYMOUS;
    refuseLineBreaks(user, "the user name");
    const { account } = entry ?? {};
    refuseLineBreaks(account?.reveal() ?? "", "the account");
    const password = async (): Promise<Secret> => {
      const found = await this.#password(user, { location, entry });
      if (found === entry?.password && file?.isOpen) this.#warn(file.path);
      refuseLineBreaks(found.reveal(), "the password");
      return found;
    };
    return { user, password, account };
  }

  async #password(
    user: string,
    from: { readonly location: RemoteLocation; readonly entry: NetrcEntry | undefined },
  ): Promise<Secret> {
    const file = this.#options.passwordFile;
    if (file !== undefined) return await (this.#filed ??= readPasswordFile(this.#io, file));
    const { location, entry } = from;
    if (location.password !== undefined) return location.password;
    if (user === ANONYMOUS) return entry?.password ?? new Secret(ANONYMOUS_PASSWORD);
    const variable = this.#io.env("FTPKIT_PASSWORD");
    if (variable !== undefined) return new Secret(variable);
    return entry?.password ?? await this.#ask(user, location.host);
  }

  /** Once: there may be many sessions. */
  #warn(path: string): void {
    if (this.#warned || this.#options.quiet) return;
    this.#warned = true;
    const shown = displayName(path);
    this.#io.err(`ftpkit: warning: "${shown}" with its passwords is open to others (chmod 600)\n`);
  }

  /** Several sessions may want it at once. */
  #ask(user: string, host: string): Promise<Secret> {
    const who = displayName(`${user}@${host}`);
    const asked = this.#typed.get(who) ?? askFor(who, this.#io);
    this.#typed.set(who, asked);
    return asked;
  }

  async #readNetrc(): Promise<NetrcFile | undefined> {
    if (!this.#options.netrc) return undefined;
    const named = this.#options.netrcFile;
    const home = this.#io.env("HOME") ?? this.#io.env("USERPROFILE");
    const path = named ?? (home === undefined ? undefined : join(home, ".netrc"));
    if (path === undefined) return undefined;
    try {
      const { mode } = await Deno.stat(path);
      const entries = parseNetrc(await Deno.readTextFile(path));
      return { path, entries, isOpen: ((mode ?? 0) & OTHERS) !== 0 };
    } catch (error) {
      // Only what was named has to be there.
      if (named === undefined) return undefined;
      throw await local(`read the logins in "${path}"`, () => Promise.reject(error));
    }
  }
}

async function askFor(who: string, io: CommandIo): Promise<Secret> {
  const text = await io.askSecret(`Password for ${who}: `);
  if (text !== null) return new Secret(text);
  const message = `Cannot log in as ${who}: a password is needed, and there is ` +
    "no terminal to ask for it (see --password-file)";
  throw new AuthError(message);
}

function refuseLineBreaks(text: string, what: string): void {
  if (/[\r\n\0]/.test(text)) throw new UsageError(`Cannot log in: CR, LF or NUL in ${what}`);
}
