/**
 * The control connection: commands out, replies in.
 *
 * @module
 */
import { formatCommand, maskCommand } from "../../shared/command_line.ts";
import { type Connection, formatTarget, writeAll } from "../../shared/connection.ts";
import type { Endpoint } from "../../shared/endpoint.ts";
import {
  ConnectError,
  FtpkitError,
  ProtocolError,
  reasonOf,
  ReplyError,
  TimeoutError,
} from "../../shared/errors.ts";
import type { Reply, ReplyDecoder } from "../../shared/reply.ts";
import { TimeLimit } from "../../shared/time_limit.ts";
import { type NameCoding, replyDecoder } from "../name_coding.ts";
import { displayName } from "../remote_name.ts";
import { CommandOrder } from "./command_order.ts";
import { SecretEcho } from "./secret_echo.ts";

/** How a control connection behaves. */
export interface ControlOptions {
  /** Milliseconds to wait for a reply, where the caller sets no other limit. */
  readonly timeout: number;
  /** Ends everything that is pending; its reason is thrown. */
  readonly signal: AbortSignal;
  /** How lines travel, in both directions. */
  readonly names: NameCoding;
  /** Told of every line in either direction, passwords masked; mostly nobody asks what it is. */
  readonly trace?: (line: () => string) => void;
}

/** A command and the reply that refuses it. */
export interface Refusal {
  /** The verb. */
  readonly verb: string;
  /** What the server answered. */
  readonly reply: Reply;
  /** What went wrong besides. */
  readonly cause?: unknown;
}

const READ_SIZE = 16 * 1024;

/** 1yz replies to one command. */
const MOST_PRELIMINARY = 100;

/**
 * The error for a reply that refuses.
 *
 * @param action What was tried, as in `Cannot <action>: 550 No such file`.
 * @param refusal The command and its reply.
 * @returns The error; its text is safe on a terminal.
 */
export function refused(action: string, refusal: Refusal): ReplyError {
  const { verb, reply, cause } = refusal;
  const { code, lines } = reply;
  const details = { code, lines, command: verb, ...(cause === undefined ? {} : { cause }) };
  return new ReplyError(`Cannot ${action}: ${replyText(reply)}`, details);
}

/**
 * A reply on one line, for messages.
 *
 * @param reply Any reply.
 * @returns Code and text, without a full stop at the end.
 */
export function replyText(reply: Reply): string {
  const text = reply.lines.map((line) => line.trim()).join(" ");
  return displayName(`${reply.code} ${text}`).replace(/[.\s]+$/, "");
}

/**
 * One control connection. Each command is answered once, in the order they were sent.
 *
 * After a loss, a time-out, a protocol fault or a 421 the connection is closed, and whatever is
 * asked of it later fails with that same error.
 */
export class Control implements Disposable {
  readonly #connection: Connection;
  readonly #options: ControlOptions;
  #decoder: ReplyDecoder;
  readonly #buffer = new Uint8Array(READ_SIZE);
  readonly #queue: Reply[] = [];
  readonly #order = new CommandOrder((bytes) => writeAll(this.#connection, bytes));
  readonly #echo = new SecretEcho();
  #failure: Error | undefined;
  /** What must be said before an interruption closes the connection. */
  farewell: (() => Promise<void>) | undefined;

  /** Takes the connection over. */
  constructor(connection: Connection, options: ControlOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#decoder = replyDecoder(options.names);
    options.signal.addEventListener("abort", this.#cancel);
    if (options.signal.aborted) this.#cancel();
  }

  /** Our end: active mode listens on its address. */
  get local(): Endpoint {
    return this.#connection.local;
  }

  /** The server's end: data connections go to its address and come from it, no other. */
  get remote(): Endpoint {
    return this.#connection.remote;
  }

  /** How names travel, also in listings. */
  get names(): NameCoding {
    return this.#options.names;
  }

  /** Whether commands can still be sent. */
  get open(): boolean {
    return this.#failure === undefined;
  }

  /**
   * Sends a command and waits for its final reply. Several may be under way at once: each is sent at
   * once, and has the reply that is its own.
   *
   * @param verb The verb.
   * @param argument Its argument.
   * @param options Milliseconds of patience beyond the usual ones, for what takes its time.
   * @returns The reply, also where it refuses (4yz, 5yz).
   * @throws {ProtocolError} If the argument holds CR, LF or NUL, or the answer is no reply.
   * @throws {FtpkitError} If the encoding of names cannot express it; nothing is sent then.
   * @throws {ConnectError} If the connection is lost, or no answer comes in time.
   * @throws {ReplyError} If the server ends the session: 421.
   */
  async command(
    verb: string,
    argument?: string,
    options: { readonly patience?: number } = {},
  ): Promise<Reply> {
    const timeout = this.#options.timeout + (options.patience ?? 0);
    return await this.#order.exchange(
      () => this.send(verb, argument),
      () => this.#finalReply(verb, timeout),
    );
  }

  async #finalReply(verb: string, timeout: number): Promise<Reply> {
    for (let preliminary = 0; preliminary < MOST_PRELIMINARY; preliminary++) {
      const reply = await this.reply(timeout);
      if (reply.code >= 200) return reply;
    }
    throw this.abandon(new ProtocolError(`${this.#peer} gives no final reply to ${verb}`));
  }

  /**
   * Sends a command without waiting for the answer.
   *
   * @param verb The verb.
   * @param argument Its argument.
   * @throws {ProtocolError} If the argument holds CR, LF or NUL.
   * @throws {FtpkitError} If the encoding of names cannot express it; nothing is sent then.
   * @throws {ConnectError} If the connection is lost, or the server takes no bytes.
   */
  async send(verb: string, argument?: string): Promise<void> {
    const line = formatCommand(verb, argument);
    const bytes = this.#encode(line);
    if (!this.#order.busy) this.#dropStrayReplies();
    if (this.#failure !== undefined) throw this.#failure;
    this.#echo.sent(verb, argument);
    this.#options.trace?.(() => `> ${displayName(maskCommand(line))}`);
    using _limit = this.#limit(this.#options.timeout);
    try {
      await this.#order.send(bytes);
    } catch (error) {
      throw this.#lost(reasonOf(error), error);
    }
  }

  /**
   * Waits for the next reply, preliminary ones included.
   *
   * @param timeout Milliseconds; Infinity where something else watches over the time.
   * @returns The reply.
   * @throws {ProtocolError} If what comes is no reply.
   * @throws {ConnectError} If the connection is lost, or no reply comes in time.
   * @throws {ReplyError} If it is 421, which may come at any time (RFC 959 section 5.4).
   */
  async reply(timeout: number = this.#options.timeout): Promise<Reply> {
    const reply = await this.#nextWithin(timeout);
    for (const line of reply.lines) {
      this.#options.trace?.(() => `< ${reply.code} ${displayName(line)}`);
    }
    if (reply.code !== 421) return reply;
    throw this.abandon(this.#turnedAway(reply));
  }

  /** Throws away what has arrived and was not asked for, the beginning of a reply too. */
  forget(): void {
    this.#dropStrayReplies();
    this.#decoder = replyDecoder(this.names);
  }

  /**
   * Closes the connection because of an error; pending and later calls fail with it.
   *
   * @param error Why.
   * @returns The error that calls fail with: the first one given.
   */
  abandon(error: Error): Error {
    this.#failure ??= error;
    this.close();
    return this.#failure;
  }

  /** Closes the connection. May be called twice. */
  close(): void {
    this.#failure ??= new ConnectError(`The session with ${this.#peer} is closed`);
    this.#options.signal.removeEventListener("abort", this.#cancel);
    this.#connection.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  get #peer(): string {
    return formatTarget(this.#connection.remote);
  }

  readonly #cancel = (): void => {
    const { reason } = this.#options.signal;
    if (this.farewell === undefined) this.abandon(reason);
    else this.farewell().finally(() => this.abandon(reason));
  };

  #encode(line: string): Uint8Array {
    try {
      return this.names.encode(line);
    } catch (error) {
      const shown = displayName(maskCommand(line));
      throw new FtpkitError(`Cannot send "${shown}": ${reasonOf(error)}`, { cause: error });
    }
  }

  /** No command is waiting for these: some servers answer twice. */
  #dropStrayReplies(): void {
    for (const reply of this.#queue.splice(0)) {
      this.#options.trace?.(() => `! nobody asked for: ${replyText(reply)}`);
      if (reply.code === 421) this.abandon(this.#turnedAway(reply));
    }
  }

  #limit(timeout: number): TimeLimit {
    return new TimeLimit(timeout, () => {
      const message = `${this.#peer} did not answer within ${timeout / 1000} s`;
      this.abandon(new TimeoutError(message));
    });
  }

  async #nextWithin(timeout: number): Promise<Reply> {
    using _limit = this.#limit(timeout);
    for (;;) {
      const reply = this.#queue.shift();
      if (reply !== undefined) return reply;
      if (this.#failure !== undefined) throw this.#failure;
      this.#queue.push(...await this.#readReplies());
    }
  }

  async #readReplies(): Promise<Reply[]> {
    let read: number | null;
    try {
      read = await this.#connection.read(this.#buffer);
    } catch (error) {
      throw this.#lost(reasonOf(error), error);
    }
    if (read === null) throw this.#lost("closed by the server");
    try {
      return this.#decoder.push(this.#buffer.subarray(0, read)).map(this.#echo.hide);
    } catch (cause) {
      const reason = this.#echo.mask(reasonOf(cause));
      throw this.abandon(new ProtocolError(`${this.#peer}: ${reason}`, { cause }));
    }
  }

  #turnedAway(reply: Reply): ReplyError {
    const message = `${this.#peer} turned us away: ${replyText(reply)}`;
    return new ReplyError(message, { ...reply, command: "" });
  }

  #lost(reason: string, cause?: unknown): Error {
    const message = `Lost the connection to ${this.#peer}: ${reason}`;
    return this.abandon(new ConnectError(message, { cause }));
  }
}
