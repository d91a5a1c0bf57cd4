/**
 * How one session is protected: TLS on its control connection, then on its data (RFC 4217).
 *
 * @module
 */
import { formatTarget } from "../../shared/connection.ts";
import type { Endpoint } from "../../shared/endpoint.ts";
import { TlsError } from "../../shared/errors.ts";
import type { Reply } from "../../shared/reply.ts";
import type { TlsClient } from "../../shared/tls_client.ts";
import { together } from "../connection/command_order.ts";
import { type Control, refused, replyText } from "../connection/control.ts";
import type { SecurableConnection } from "../connection/securable_connection.ts";
import { securityText } from "../connection/secure_channel.ts";
import { displayName } from "../remote_name.ts";
import type { TlsMode } from "../tls_options.ts";
import type { Login } from "./login.ts";
import type { Trust } from "./trust.ts";

/** What holds for all sessions with a server. */
export interface SecurityHistory {
  /** It has offered TLS once: there is no way back to the clear. */
  offered: boolean;
  /** What the user was told already. */
  readonly told: Set<string>;
}

/** What protects the sessions with one server. */
export interface SecurityOptions {
  /** The host as the user named it, and the control port. */
  readonly server: Endpoint;
  readonly mode: TlsMode;
  /** Data may travel in the clear where the server refuses to protect it. */
  readonly clearData: boolean;
  readonly trust: Trust;
  /** Milliseconds for a handshake. */
  readonly timeout: number;
  /** Written to. */
  readonly history: SecurityHistory;
  /** Tells the user something. */
  readonly notice: (text: string) => void;
  /** Ends a handshake. */
  readonly signal: AbortSignal;
  /** Told what a handshake has settled. */
  readonly trace?: ((line: () => string) => void) | undefined;
}

/** AUTH's names for TLS (RFC 4217 section 2), and of drafts before it. */
const MECHANISMS = ["TLS", "SSL"] as const;

/** Parameter not implemented (RFC 959): AUTH is known, the mechanism is not. */
const UNKNOWN_MECHANISM = 504;

/** A shared name, whose password is no secret (RFC 1635). */
const ANONYMOUS = /^(?:anonymous|ftp)$/i;

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/;

/** The protection of one session. */
export class SessionSecurity {
  readonly #control: Control;
  readonly #connection: SecurableConnection;
  readonly #options: SecurityOptions;
  #tls: TlsClient | undefined;

  /** Says nothing yet. */
  constructor(
    control: Control,
    parts: { readonly connection: SecurableConnection; readonly options: SecurityOptions },
  ) {
    this.#control = control;
    this.#connection = parts.connection;
    this.#options = parts.options;
  }

  /**
   * Implicit TLS: the handshake comes before the greeting.
   *
   * @throws {TlsError} If it fails, or the certificate is not accepted.
   */
  async beforeGreeting(): Promise<void> {
    if (this.#options.mode === "implicit") await this.#shakeHands();
  }

  /**
   * Explicit TLS, where it is wanted and to be had.
   *
   * @throws {TlsError} If it must be had and is not, or the certificate is not accepted.
   * @throws {ReplyError} If the server cannot say now: 4yz.
   */
  async beforeLogin(): Promise<void> {
    const { mode } = this.#options;
    if (mode === "off" || mode === "implicit") return;
    const reply = await this.#authenticate();
    // 334 is what some servers say in place of 234.
    if (reply.code === 234 || reply.code === 334) return await this.#shakeHands();
    if (reply.code >= 400 && reply.code < 500) {
      throw refused("start TLS", { verb: "AUTH", reply });
    }
    const reason = await this.#reasonToInsist();
    if (reason === undefined) return;
    throw new TlsError(`Cannot start TLS with ${this.#name}, ${reason}: ${replyText(reply)}`);
  }

  /**
   * Warns, once for a server, of a password that leaves in the clear.
   *
   * @param login Who logs in.
   * @returns The same, for this session.
   */
  guard(login: Login): Login {
    const local = LOOPBACK.test(this.#control.remote.hostname);
    if (this.#connection.secured || local || ANONYMOUS.test(login.user)) return login;
    const warning = `warning: the password for ${this.#name} travels in the clear: no TLS`;
    return {
      ...login,
      password: async () => {
        const password = await login.password();
        this.#tellOnce(warning);
        return password;
      },
    };
  }

  /**
   * Protects files and listings, after the login.
   *
   * @returns What secures data connections; undefined where they stay in the clear.
   * @throws {TlsError} If the server refuses, and that is not allowed.
   * @throws {ReplyError} If the server cannot say now: 4yz.
   */
  async protectData(): Promise<TlsClient | undefined> {
    if (this.#tls === undefined) return undefined;
    // PBSZ must come first (RFC 2228 section 4), and says nothing over TLS (RFC 4217 section 8).
    const [, reply] = await together([
      this.#control.command("PBSZ", "0"),
      this.#control.command("PROT", "P"),
    ]);
    if (reply.code < 300) return this.#tls;
    if (reply.code < 500) throw refused("protect the data", { verb: "PROT", reply });
    const what = `files and listings of ${this.#name}`;
    if (!this.#options.clearData) {
      const hint = "to let them travel in the clear: --clear-data";
      throw new TlsError(`Cannot encrypt ${what}: ${replyText(reply)}; ${hint}`);
    }
    this.#tellOnce(`warning: ${what} travel in the clear: ${replyText(reply)}`);
    return undefined;
  }

  get #name(): string {
    return displayName(formatTarget(this.#options.server));
  }

  async #authenticate(): Promise<Reply> {
    const [tls, ssl] = MECHANISMS;
    const reply = await this.#control.command("AUTH", tls);
    if (reply.code !== UNKNOWN_MECHANISM) return reply;
    return await this.#control.command("AUTH", ssl);
  }

  async #shakeHands(): Promise<void> {
    const { trust, server, timeout, signal, history, trace } = this.#options;
    history.offered = true;
    // In the clear anybody could have said it.
    this.#control.forget();
    const tls = await trust.client(server);
    const security = await this.#connection.secure(tls, { timeout, signal });
    trace?.(() => `* ${securityText(security)}`);
    this.#tls = tls;
  }

  /**
   * Why a session in the clear is out of the question. What FEAT says is no reason: Pure-FTPd tells
   * of AUTH TLS also where it is switched off.
   */
  async #reasonToInsist(): Promise<string | undefined> {
    const { mode, history, trust, server } = this.#options;
    if (mode === "require") return "which is required";
    if (history.offered) return "which it has offered before";
    if (await trust.knows(server)) return "which it had when its certificate was accepted";
    return undefined;
  }

  #tellOnce(text: string): void {
    const { history, notice } = this.#options;
    if (history.told.has(text)) return;
    history.told.add(text);
    notice(text);
  }
}
