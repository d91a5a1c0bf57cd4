/**
 * One control connection: its state, and everything it owns.
 *
 * @module
 */
import { type Charset, openCharset } from "../../shared/charset.ts";
import type { Connection } from "../../shared/connection.ts";
import { HASH_NAMES, type HashName } from "../../shared/digest.ts";
import { StorageError } from "../../shared/errors.ts";
import { normalizePath } from "../../shared/ftp_path.ts";
import type { Account } from "../accounts/accounts.ts";
import { mayAt } from "../accounts/path_rights.ts";
import type { Need } from "../accounts/permissions.ts";
import type { DataChannel } from "../data/data_channel.ts";
import type { Structure, TransferMode } from "../data/data_form.ts";
import type { EventDetail } from "../events/event.ts";
import { DEFAULT_FACTS, type Fact } from "../listing/listing.ts";
import { ControlConnection } from "./control_connection.ts";
import { ReplyWriter } from "./reply_writer.ts";
import type { Storage } from "../storage/storage.ts";
import type { SessionHost } from "./session_host.ts";
import { SessionSecurity } from "./session_security.ts";
import { withQuota } from "../storage/quota_view.ts";
import type { ByteRange, RunningTransfer, SessionRunner, SessionState } from "./session_state.ts";
import { openUserView } from "../storage/user_view.ts";

/** What zlib itself takes for the best bargain. */
const DEFAULT_DEFLATE_LEVEL = 6;

/** What a session is made of. */
export interface SessionParts {
  /** The control connection, which the session owns from now on. */
  readonly connection: Connection;
  /** The address that the client reached, where that is not our end of the connection. */
  readonly reached?: string;
  /** What it shares with the others; it outlives the session. */
  readonly host: SessionHost;
}

/** One client's session. */
export class Session implements Disposable {
  /** Number in the log, given by the supervisor. */
  readonly id: number;
  /** What it shares with the others. */
  readonly host: SessionHost;
  /** The control connection. */
  readonly connection: ControlConnection;
  /** TLS on it, and on data connections. */
  readonly security: SessionSecurity;
  /** The address that the client reached: ours, or a balancer's. */
  readonly reached: string;
  /** Replies to the client. */
  readonly replies: ReplyWriter;
  /** Where it stands. */
  state: SessionState = { kind: "greeting" };
  /** Working directory, a virtual path. */
  directory = "/";
  /** TYPE: ASCII until the client says otherwise (RFC 959 section 5.1). */
  type: "ascii" | "image" = "ascii";
  /** STRU (RFC 959 section 3.1.2). */
  structure: Structure = "file";
  /** MODE (RFC 959 section 3.4, and Z). */
  mode: TransferMode = "stream";
  /** How hard MODE Z tries (OPTS MODE Z LEVEL): from 1, fast, to 9, small. */
  deflateLevel = DEFAULT_DEFLATE_LEVEL;
  /** After EPSV ALL no other way to a data connection is taken (RFC 2428 section 4). */
  onlyExtendedPassive = false;
  /** Facts that MLSD and MLST give (OPTS MLST, RFC 3659 section 7.9). */
  facts: readonly Fact[] = DEFAULT_FACTS;
  /** What RNFR named; only the very next command may use it. */
  renameFrom: string | undefined;
  /** What REST said, in bytes; the next transfer uses it up. */
  restart = 0;
  /** What RANG said; the next transfer uses it up. */
  range: ByteRange | undefined;
  /** The transfer that runs now. */
  transfer: RunningTransfer | undefined;
  /** What HASH uses (OPTS HASH). */
  hashName: HashName = HASH_NAMES[0];
  /** Permission bits that new files do not get (SITE UMASK). */
  umask: number;
  /** Milliseconds without a command after which it ends (SITE IDLE). */
  idleTimeout: number;
  /** Directories whose message the client has seen; undefined: none. */
  messagesSeen: Set<string> | undefined;
  /** Whether a command runs now: its client is not idle, however long it takes. */
  busy = false;
  /** Who runs its commands. */
  runner: SessionRunner | undefined;
  /** Failed logins so far. */
  failedLogins = 0;
  #charset: Charset;
  #storage: Storage | undefined;
  readonly #started = performance.now();
  #guestSince = this.#started;
  #lastActive = this.#started;
  #lost: StorageError | undefined;
  /** Made when somebody asks for the signal. */
  #losing: AbortController | undefined;
  #dataChannel: DataChannel | undefined;

  /** Takes over a connection. */
  constructor(id: number, { connection, host, reached }: SessionParts) {
    this.id = id;
    this.host = host;
    this.connection = new ControlConnection(connection);
    this.security = new SessionSecurity(this.connection, host);
    this.reached = reached ?? connection.local.hostname;
    const lost = (): void => this.cut("The control connection was lost");
    this.replies = new ReplyWriter(this.connection, lost);
    this.umask = host.config.umask;
    this.idleTimeout = host.config.idleTimeout;
    this.#charset = openCharset(host.config.charset);
    this.replies.charset = this.#charset;
    this.emit({ kind: "opened" });
  }

  /** Whether the control connection is lost or cut. */
  get lost(): boolean {
    return this.#lost !== undefined;
  }

  /** Aborted when the control connection is lost or the session is cut. */
  get signal(): AbortSignal {
    this.#losing ??= new AbortController();
    if (this.#lost !== undefined) this.#losing.abort(this.#lost);
    return this.#losing.signal;
  }

  /** Who is logged in. */
  get account(): Account | undefined {
    const { state } = this;
    return state.kind === "ready" || state.kind === "closing" ? state.account : undefined;
  }

  /** Encoding of names on the wire (RFC 2640); of replies, too. */
  get charset(): Charset {
    return this.#charset;
  }

  /** Changes the encoding of what comes and goes from now on. */
  set charset(charset: Charset) {
    this.#charset = charset;
    this.replies.charset = charset;
  }

  /**
   * Lets a user in.
   *
   * @throws {StorageError} If the user's home is not there.
   */
  async login(account: Account): Promise<void> {
    const { storage, config } = this.host;
    const view = await openUserView(storage, { account, config });
    this.#storage = withQuota(view, { account, desk: this.host.authority });
    this.state = { kind: "ready", account };
  }

  /**
   * The files as the user who is logged in may see and change them.
   *
   * @throws {TypeError} If nobody is logged in: the gate lets no such command through.
   */
  get storage(): Storage {
    if (this.account === undefined || this.#storage === undefined) {
      throw new TypeError("Nobody is logged in");
    }
    return this.#storage;
  }

  /** Whose a cut upload is: those without a password are told apart by where they come from. */
  get owner(): string {
    const { account, connection } = this;
    return account?.anonymous
      ? `${account.user}@${connection.remote.hostname}`
      : account?.user ?? "";
  }

  /** The path in the shared directory of one that the user sees. */
  sharedPath(path: string): string {
    return normalizePath(this.account?.home ?? "/", path.replace(/^\/+/, ""));
  }

  /** Whether the user has a right, or any one of several, at a path that the user sees, or anywhere. */
  may(need: Need, path?: string): boolean {
    const { account } = this;
    if (account === undefined) return false;
    const any = typeof need === "string" ? [need] : need;
    return any.some((permission) => mayAt(account, permission, path));
  }

  /** The virtual path for what a client wrote. */
  resolve(path: string): string {
    return normalizePath(this.directory, path);
  }

  /** What PASV, EPSV, PORT or EPRT prepared, or the transfer before left open. */
  get dataChannel(): DataChannel | undefined {
    return this.#dataChannel;
  }

  /** Replaces the data channel; the one before is closed. */
  useDataChannel(channel: DataChannel | undefined): void {
    if (channel !== this.#dataChannel) this.#dataChannel?.[Symbol.dispose]();
    this.#dataChannel = channel;
  }

  /** When the client last gave a command or a transfer ended, in milliseconds since the start. */
  get lastActive(): number {
    return this.#lastActive;
  }

  /** When it began, in milliseconds since the program did. */
  get started(): number {
    return this.#started;
  }

  /** Since when nobody has been logged in, where that is so. */
  get guestSince(): number {
    return this.#guestSince;
  }

  /** The client has shown that it is there. */
  touch(): void {
    this.#lastActive = performance.now();
  }

  /** Forgets what only concerned one transfer. */
  endTransfer(): void {
    if (this.#dataChannel?.state !== "open") this.useDataChannel(undefined);
    this.restart = 0;
    this.range = undefined;
    this.touch();
  }

  /** Forgets the user, not the transfer parameters, as a new USER asks (RFC 959 section 4.1.1). */
  forgetUser(): void {
    this.directory = "/";
    this.restart = 0;
    this.range = undefined;
    this.renameFrom = undefined;
    this.umask = this.host.config.umask;
    this.idleTimeout = this.host.config.idleTimeout;
    this.messagesSeen = undefined;
    if (this.account !== undefined) {
      this.host.authority.loggedOut(this.id);
      this.#guestSince = performance.now();
    }
    this.state = { kind: "greeting" };
  }

  /** Forgets the user and every parameter, as REIN asks (RFC 959 section 4.1.1). */
  reset(): void {
    this.forgetUser();
    this.useDataChannel(undefined);
    this.type = "ascii";
    this.structure = "file";
    this.mode = "stream";
    this.deflateLevel = DEFAULT_DEFLATE_LEVEL;
    this.onlyExtendedPassive = false;
    this.facts = DEFAULT_FACTS;
    this.hashName = HASH_NAMES[0];
    this.charset = openCharset(this.host.config.charset);
  }

  /** Ends the session; a running transfer may finish. */
  end(reason: string): void {
    this.runner?.end(reason);
  }

  /** Ends the session at once; a running transfer is aborted. */
  cut(reason: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = new StorageError("io", reason);
    this.#losing?.abort(this.#lost);
    this.runner?.abort();
    this.connection.close();
  }

  /** Tells what happened. */
  emit(detail: EventDetail): void {
    const { account } = this;
    this.host.events.emit({
      session: this.id,
      address: this.connection.remote.hostname,
      user: account?.user,
      anonymous: account?.anonymous ?? false,
      at: Date.now(),
      ...detail,
    });
  }

  /** Closes whatever it still owns. */
  [Symbol.dispose](): void {
    this.useDataChannel(undefined);
    this.connection.close();
    this.emit({ kind: "closed", milliseconds: performance.now() - this.#started });
  }
}
