/**
 * What a session does with TLS: on its control connection, and on the data connections that follow.
 *
 * @module
 */
import type { Connection } from "../../shared/connection.ts";
import { TlsError } from "../../shared/errors.ts";
import { log } from "../../shared/log.ts";
import type { TlsSecurity } from "../../shared/tls_security.ts";
import type { TlsServer } from "../../shared/tls_server.ts";
import type { Account } from "../accounts/accounts.ts";
import type { TlsSettings } from "../configuration/config.ts";
import type { ControlConnection } from "./control_connection.ts";
import type { OpenOptions } from "../data/data_channel.ts";
import type { SessionHost } from "./session_host.ts";

/** How data connections are protected (PROT C and P, RFC 2228 section 3). */
export type Protection = "clear" | "private";

/** The security of one session. */
export class SessionSecurity {
  readonly #connection: ControlConnection;
  readonly #server: TlsServer | undefined;
  readonly #settings: TlsSettings | undefined;
  readonly #users: readonly string[];
  /** What PROT said; private from the start where TLS was there from the first byte. */
  protection: Protection;
  /** What the handshake of the control connection has settled, also once that is in the clear again. */
  #settled: TlsSecurity | undefined;
  /** Whether PBSZ was given, without which there is no PROT (RFC 2228 section 3). */
  bufferSizeGiven = false;

  /** Takes what the host has when the session begins: its data connections use the same. */
  constructor(connection: ControlConnection, { tls, config }: SessionHost) {
    this.#connection = connection;
    this.#server = tls;
    this.#settings = config.tls;
    this.#users = config.tlsUsers;
    this.#settled = connection.security;
    this.protection = connection.security === undefined ? "clear" : "private";
  }

  /** Whether AUTH TLS can be had. */
  get offered(): boolean {
    return this.#server !== undefined;
  }

  /** Whether the control connection is inside TLS. */
  get on(): boolean {
    return this.#connection.security !== undefined;
  }

  /** How commands and data travel, for STAT. */
  get description(): string {
    const { version, cipher } = this.#connection.security ?? {};
    const commands = version === undefined ? "in the clear" : `over ${version} with ${cipher}`;
    const data = this.protection === "clear" ? "in the clear" : "protected";
    return `Commands ${commands}, data ${data}`;
  }

  /** The name in the client's certificate, where it showed one that holds. */
  get certificateName(): string | undefined {
    const security = this.#connection.security;
    return security !== undefined && holds(security) ? security.peer?.commonName : undefined;
  }

  /** Whether a user may not come in without TLS. */
  neededBy(user: string): boolean {
    return this.#settings?.mode === "require" || this.#users.includes(user);
  }

  /** Whether data of a user may not travel in the clear. */
  neededForData(account: Account | undefined): boolean {
    return this.#settings?.mode === "require" || account?.requireTls === true;
  }

  /**
   * Begins TLS on the control connection (RFC 4217 section 4).
   *
   * @param options How long the handshake may take.
   * @throws {TimeoutError} If it takes too long; the connection is closed then.
   * @throws {TlsError} If it fails; the connection is closed then.
   */
  async start(options: OpenOptions): Promise<void> {
    if (this.#server === undefined) throw new TypeError("There is no certificate");
    this.protection = "clear";
    this.bufferSizeGiven = false;
    await this.#connection.secure(this.#server, { ...options, purpose: "control" });
    this.#settled = this.#connection.security;
    const { version, cipher } = this.#settled ?? {};
    log.debug(`${this.#connection.remote.hostname} uses ${version} with ${cipher}`);
  }

  /** Whether CCC may end TLS on the control connection. */
  get mayClear(): boolean {
    return this.#settings?.allowClearControl ?? false;
  }

  /**
   * Ends TLS on the control connection (RFC 4217 section 12.3); data stays as PROT said.
   *
   * @throws {Error} If the connection is lost.
   */
  async clear(): Promise<void> {
    await this.#connection.reveal();
  }

  /** Why nobody may log in after what the handshake has settled; undefined where they may. */
  get refusal(): string | undefined {
    const needed = this.on && this.#settings?.clientCertificate === "require";
    const missing = needed && this.certificateName === undefined;
    return missing ? "A client certificate is needed here" : undefined;
  }

  /**
   * Begins TLS on a data connection where PROT P was given. The server plays the server there too,
   * whoever connected (RFC 4217 section 7).
   *
   * @param connection The connection to the client's own address; closed where the handshake fails.
   * @param options How long the handshake may take.
   * @returns The connection to use.
   * @throws {TimeoutError} If it takes too long.
   * @throws {TlsError} If it fails, or is not what the settings ask for.
   */
  async secureData(connection: Connection, options: OpenOptions): Promise<Connection> {
    if (this.protection === "clear" || this.#server === undefined) return connection;
    const secured = await this.#server.secure(connection, { ...options, purpose: "data" });
    const reason = this.#dataRefusal(secured.security);
    if (reason === undefined) return secured;
    secured.close();
    throw new TlsError(reason);
  }

  #dataRefusal(data: TlsSecurity): string | undefined {
    const { resumable, peer } = this.#settled ?? {};
    // Whoever cannot resume has shown so when the control connection began.
    if (this.#settings?.requireReuse && resumable && !data.resumed) {
      return "The data connection must resume the TLS session of the control connection";
    }
    if (this.#settings?.clientCertificate !== "require") return undefined;
    const same = data.peer?.fingerprint === peer?.fingerprint;
    return holds(data) && same
      ? undefined
      : "The data connection must show the certificate of the control connection";
  }
}

function holds({ peer, problem }: TlsSecurity): boolean {
  return peer !== undefined && problem === undefined;
}
