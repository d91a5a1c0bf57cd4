/**
 * Whom a run trusts: authorities, pins, and the certificates that a person has accepted.
 *
 * @module
 */
import type { CommandIo } from "../../shared/command_io.ts";
import { formatTarget } from "../../shared/connection.ts";
import type { Endpoint } from "../../shared/endpoint.ts";
import {
  LocalFileError,
  reasonOf,
  systemReason,
  TlsError,
  UsageError,
} from "../../shared/errors.ts";
import { TlsClient, trustAuthorities } from "../../shared/tls_client.ts";
import { readIdentity, type TlsIdentity } from "../../shared/tls_identity.ts";
import type { TlsSecurity } from "../../shared/tls_security.ts";
import { displayName } from "../remote_name.ts";
import type { TlsOptions } from "../tls_options.ts";
import {
  certificateText,
  problemText,
  refusal,
  type ShownCertificate,
} from "./certificate_refusal.ts";
import { KnownHosts } from "./known_hosts.ts";

/** What trust depends on. */
export interface TrustContext {
  readonly options: TlsOptions;
  readonly io: CommandIo;
  /** Tells the user something. */
  readonly notice: (text: string) => void;
}

/** What one run knows of certificates. */
export class Trust {
  readonly #context: TrustContext;
  readonly #known: KnownHosts | undefined;
  readonly #answers = new Map<string, Promise<boolean>>();
  readonly #unverified = new Set<string>();
  #identity: Promise<TlsIdentity | undefined> | undefined;

  /** Reads nothing yet. */
  constructor(context: TrustContext) {
    this.#context = context;
    this.#known = KnownHosts.ofUser(context.io.env);
  }

  /**
   * Makes sure that the files of the options are of use, where there are any: what is wrong with them
   * is wrong for any server. All else can wait for a handshake.
   *
   * @throws {FtpkitError} As {@linkcode Trust.load} does.
   */
  async check(): Promise<void> {
    const { authorities, identity } = this.#context.options;
    if (authorities !== undefined || identity !== undefined) await this.load();
  }

  /**
   * Reads the files of the options, once.
   *
   * @returns Who we are, where a server asks.
   * @throws {LocalFileError} If one cannot be read.
   * @throws {UsageError} If what it holds is of no use.
   */
  load(): Promise<TlsIdentity | undefined> {
    return this.#identity ??= this.#read();
  }

  /**
   * The client's side of TLS for one more session.
   *
   * @param server The host as the user named it, and the port.
   * @returns It, to be disposed of with the session.
   * @throws {FtpkitError} As {@linkcode Trust.load} does.
   */
  async client(server: Endpoint): Promise<TlsClient> {
    const identity = await this.load();
    return new TlsClient({
      // An address is valid on one link (RFC 4007 section 6), but a certificate knows no links.
      hostname: server.hostname.replace(/%.*$/s, ""),
      ...(identity === undefined ? {} : { identity }),
      accept: (security) => this.#accept(server, security),
    });
  }

  /** Whether a person has accepted a certificate of the server: it has TLS, then. */
  async knows(server: Endpoint): Promise<boolean> {
    const known = await this.#known?.find(server);
    return known !== undefined && known.size > 0;
  }

  async #read(): Promise<TlsIdentity | undefined> {
    const { authorities, identity } = this.#context.options;
    if (authorities === undefined) trustAuthorities();
    else await usable(authorities, () => readPem(authorities).then(trustAuthorities));
    if (identity === undefined) return undefined;
    const { cert, key } = identity;
    return await usable(key ?? cert, async () => {
      const texts = { cert: await readPem(cert) };
      return readIdentity(key === undefined ? texts : { ...texts, key: await readPem(key) });
    });
  }

  async #accept(server: Endpoint, { peer, problem }: TlsSecurity): Promise<void> {
    if (peer === undefined) throw new TlsError("The server shows no certificate");
    const shown = { server, peer };
    const { insecure, pins } = this.#context.options;
    if (insecure) return this.#tellUnverified(shown);
    if (pins.size > 0) return acceptPinned(shown, pins);
    if (problem === undefined) return;
    const known = await this.#known?.find(server) ?? new Set();
    if (known.has(peer.fingerprint)) return;
    if (known.size > 0) throw this.#changed(shown);
    const reason = problemText(problem, shown);
    if (!await this.#ask(reason, shown)) throw refusal(reason, shown);
  }

  /** Once for each server. */
  #tellUnverified({ server, peer }: ShownCertificate): void {
    const name = formatTarget(server);
    if (this.#unverified.has(name)) return;
    this.#unverified.add(name);
    this.#context.notice(
      `warning: the certificate of ${displayName(name)} is not checked (${peer.fingerprint})`,
    );
  }

  #changed(shown: ShownCertificate): TlsError {
    const file = displayName(this.#known?.path ?? "");
    return refusal(
      `IT HAS CHANGED since it was accepted, and somebody may be listening; if the change is right, ` +
        `remove the server's line from "${file}"`,
      shown,
    );
  }

  /** Several sessions may want to know at once; a person is asked once. */
  #ask(reason: string, shown: ShownCertificate): Promise<boolean> {
    const key = `${formatTarget(shown.server)} ${shown.peer.fingerprint}`;
    const asked = this.#answers.get(key) ?? this.#askPerson(reason, shown);
    this.#answers.set(key, asked);
    return asked;
  }

  async #askPerson(reason: string, { server, peer }: ShownCertificate): Promise<boolean> {
    const { io } = this.#context;
    if (this.#known === undefined || !io.terminals.stdin || !io.terminals.stderr) return false;
    io.err(
      `The certificate of ${displayName(formatTarget(server))} cannot be checked: ` +
        `${displayName(reason)}\n  ${certificateText(peer)}\n  ${peer.fingerprint}\n`,
    );
    const answer = await io.ask("Accept it from now on (yes, no)? ");
    if (!/^y(es)?$/i.test(answer?.trim() ?? "")) return false;
    await this.#known.add(server, peer.fingerprint);
    return true;
  }
}

function acceptPinned(shown: ShownCertificate, pins: ReadonlySet<string>): void {
  if (pins.has(shown.peer.fingerprint)) return;
  throw refusal(`it is not ${pins.size === 1 ? "the one" : "one of those"} of --pin`, shown);
}

async function readPem(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    const message = `Cannot read "${displayName(path)}": ${systemReason(error)}`;
    throw new LocalFileError(message, { cause: error });
  }
}

/** Says which file it was. */
async function usable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TlsError)) throw error;
    const message = `Cannot use "${displayName(path)}": ${reasonOf(error)}`;
    throw new UsageError(message, { cause: error });
  }
}
