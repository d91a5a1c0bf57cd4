/**
 * One logged-in session with a server: its operations as methods.
 *
 * @module
 */
import type { Reply } from "../../shared/reply.ts";
import type { TlsClient } from "../../shared/tls_client.ts";
import { together } from "../connection/command_order.ts";
import { type Control, type ControlOptions, refused } from "../connection/control.ts";
import type { DataOptions } from "../connection/data_channel.ts";
import { EarlyPort } from "../connection/early_port.ts";
import { KeepAlive } from "../connection/keep_alive.ts";
import type { TransferLink } from "../connection/transfer.ts";
import { mayBeOfLink, type RemoteStat, statOfFacts, timeOf } from "../listing/remote_stat.ts";
import { displayName } from "../remote_name.ts";
import type { Login } from "./login.ts";
import { RemoteHash } from "./remote_hash.ts";
import type { SecurityOptions } from "./session_security.ts";
import { WorkingDirectory } from "./working_directory.ts";

/** Everything a session is opened with. */
export interface SessionOptions extends ControlOptions {
  readonly login: Login;
  readonly data: DataOptions;
  /** Milliseconds between the NOOPs during a transfer; {@linkcode KeepAlive} has a default. */
  readonly keepAlive?: number;
  readonly security: SecurityOptions;
  /**
   * Another session of the same user with the same server, which is open: what FEAT has told there,
   * and that there is no TLS, is not asked again.
   */
  readonly sibling?: Session | undefined;
}

/** How long a server may take to say goodbye, in milliseconds. */
const GOODBYE = 1000;

/** How long a server may take to answer NOOP, in milliseconds. */
const NOOP_PATIENCE = 5000;

/** The server does not know the command. */
const NOT_IMPLEMENTED: ReadonlySet<number> = new Set([500, 502]);

/** Of names behind `..`, ProFTPD's MLST says that they are not there, whether they are or not. */
const ABOVE = /(?:^|\/)\.\.\//;

/** What the server cannot say now, it may say later: that is no answer to build on. */
function refuseTransient(
  reply: Reply,
  asked: { readonly verb: string; readonly path: string },
): void {
  if (reply.code < 400 || reply.code >= 500) return;
  throw refused(`look at "${displayName(asked.path)}"`, { verb: asked.verb, reply });
}

/** A logged-in session. Operations run one at a time. */
export class Session implements AsyncDisposable {
  /** What FEAT told: name in upper case → its parameters. */
  readonly features: ReadonlyMap<string, string>;
  /** Where it is. */
  readonly directory: WorkingDirectory;
  /** For comparing what was transferred. */
  readonly hash: RemoteHash;
  /** Its commands travel in the clear. */
  readonly isClear: boolean;
  readonly #control: Control;
  readonly #missing = new Set<string>();
  // After login it should be A (RFC 959 section 5.1); some servers begin with I.
  #type: "A" | "I" | undefined;
  #link: TransferLink;

  /** Made by `openSession`. */
  constructor(
    control: Control,
    parts: {
      readonly options: SessionOptions;
      readonly features: ReadonlyMap<string, string>;
      readonly tls: TlsClient | undefined;
      readonly isClear: boolean;
    },
  ) {
    this.#control = control;
    this.features = parts.features;
    this.isClear = parts.isClear;
    this.directory = new WorkingDirectory(control);
    this.hash = new RemoteHash(control, parts.features);
    const { data, timeout, keepAlive, signal, trace } = parts.options;
    const tls = parts.tls && { client: parts.tls, timeout, signal, trace, resumes: false };
    this.#link = {
      control,
      data: { ...data, tls, early: new EarlyPort(control) },
      timeout,
      signal,
      keepAlive: new KeepAlive(control, keepAlive),
    };
  }

  /** For transfers. */
  get link(): TransferLink {
    return this.#link;
  }

  /** How data connections are made from now on, inside TLS or not as before. */
  configure(data: DataOptions): void {
    this.#link = { ...this.#link, data: { ...this.#link.data, ...data } };
  }

  /** A transfer follows: asks for its port, in one piece with what is sent in the same turn. */
  async expectTransfer(): Promise<void> {
    const { active, habits, early } = this.#link.data;
    if (!active && !habits.avoidEpsv) await early?.ask(habits);
  }

  /** Somebody has talked to the server directly: what it was told may hold no more. */
  forget(): void {
    this.#type = undefined;
  }

  /** Whether it can still be used. */
  get open(): boolean {
    return this.#control.open;
  }

  /** Sets the representation type, where it is another one (RFC 959 section 3.1.1). */
  async setType(type: "A" | "I"): Promise<void> {
    if (this.#type === type) return;
    const reply = await this.#control.command("TYPE", type);
    if (reply.code >= 300) throw refused(`set TYPE ${type}`, { verb: "TYPE", reply });
    this.#type = type;
  }

  /** Sets it for a transfer that follows, whose port is asked for in one piece with it. */
  async prepareTransfer(type: "A" | "I"): Promise<void> {
    if (this.#type === type) return;
    await together([this.setType(type), this.expectTransfer()]);
  }

  /**
   * What is at a path, by MLST where there is one, else by SIZE and MDTM (RFC 3659).
   *
   * @param path The path.
   * @returns What is known; nothing where the server cannot tell.
   */
  async stat(path: string): Promise<RemoteStat> {
    let known: RemoteStat = {};
    if (this.#hasMlst) {
      const reply = await this.#ask("MLST", path);
      if (reply.code === 550 && !ABOVE.test(path)) return { refusal: reply, isAbsent: true };
      refuseTransient(reply, { verb: "MLST", path });
      known = reply.code < 300 ? statOfFacts(reply) : {};
      if (known.type === "dir" || known.size !== undefined && !mayBeOfLink(known)) return known;
    }
    // No question waits for the answer to another.
    const [size, modified] = await together([this.#size(path), this.modified(path)]);
    const isConfirmed = typeof size !== "number" || size === known.size;
    if (known.size !== undefined && isConfirmed) return known;
    if (typeof size === "object") return { refusal: size };
    return {
      ...(size === undefined ? {} : { size, type: "file" as const }),
      ...(modified === undefined ? {} : { modified }),
    };
  }

  /** When a file last changed, by MDTM (RFC 3659 section 3); undefined where there is no answer. */
  async modified(path: string): Promise<Date | undefined> {
    if (this.#missing.has("MDTM")) return undefined;
    const reply = await this.#ask("MDTM", path);
    return reply.code === 213 ? timeOf(reply.lines.join("").trim()) : undefined;
  }

  /**
   * What is there of an upload. Only SIZE tells of what a server keeps aside of one that was cut.
   *
   * @param path Where the upload goes.
   * @returns As {@linkcode Session.stat}.
   */
  async uploaded(path: string): Promise<RemoteStat> {
    const size = await this.#size(path);
    if (typeof size === "object") return { refusal: size };
    return size === undefined ? await this.stat(path) : { size, type: "file" };
  }

  /**
   * What is there of an upload that is over: its time is of no interest.
   *
   * @param path Where the upload went.
   * @returns As {@linkcode Session.stat}.
   */
  async stored(path: string): Promise<RemoteStat> {
    return this.#hasMlst ? await this.stat(path) : await this.uploaded(path);
  }

  /** Whether a path is a directory, or a link to one; the working directory stays what it was. */
  async isDirectory(path: string): Promise<boolean> {
    if (path === "") return true;
    const { type, isAbsent } = await this.stat(path);
    if (type !== undefined) return type === "dir";
    if (isAbsent) return false;
    return await this.directory.isDirectory(path);
  }

  /**
   * Asks for more facts in MLSx, where the server has them switched off (RFC 3659 section 7.8: a
   * star in FEAT marks those that are on).
   *
   * @param wanted Names in lower case.
   */
  async requestFacts(wanted: readonly string[]): Promise<void> {
    const offered = (this.features.get("MLST") ?? "").split(";").filter((fact) => fact !== "");
    const known = offered.filter((fact) => wanted.includes(fact.replace("*", "").toLowerCase()));
    if (known.every((fact) => fact.endsWith("*"))) return;
    const names = known.map((fact) => `${fact.replace("*", "")};`).join("");
    await this.#control.command("OPTS", `MLST ${names}`);
  }

  /** Lets the server know that somebody is there; closes the session where it does not answer. */
  async noop(): Promise<void> {
    try {
      await this.#control.send("NOOP");
      await this.#control.reply(NOOP_PATIENCE);
    } catch {
      this.#control.close();
    }
  }

  /** Says goodbye, if the server still listens, and closes. */
  async close(): Promise<void> {
    if (!this.open) return;
    try {
      await this.#control.send("QUIT");
      await this.#control.reply(GOODBYE);
    } catch {
      // All work is done: nothing depends on the server's answer any more.
    }
    this.#control.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #hasMlst(): boolean {
    return this.features.has("MLST") && !this.#missing.has("MLST");
  }

  /**
   * RFC 3659 section 4: the size depends on the type, so it is asked for in TYPE I. 550 is also the
   * answer for a directory.
   */
  async #size(path: string): Promise<number | Reply | undefined> {
    if (this.#missing.has("SIZE")) return undefined;
    const [, reply] = await together([this.setType("I"), this.#ask("SIZE", path)]);
    if (reply.code === 550) return reply;
    refuseTransient(reply, { verb: "SIZE", path });
    const digits = reply.code === 213 ? reply.lines.join("").trim() : "";
    return /^\d{1,15}$/.test(digits) ? Number(digits) : undefined;
  }

  /** One answer of "not implemented" is enough for a session. */
  async #ask(verb: string, path: string): Promise<Reply> {
    const reply = await this.#control.command(verb, path);
    if (NOT_IMPLEMENTED.has(reply.code)) this.#missing.add(verb);
    return reply;
  }
}
