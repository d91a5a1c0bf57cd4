/**
 * What a session worker and the supervisor say to one another: the only messages between them.
 *
 * @module
 */
import type { PostedRecord } from "../../shared/log.ts";
import type { Account, LoginAnswer, LoginRequest } from "../accounts/accounts.ts";
import type { BoundPorts } from "../system/control_port.ts";
import type { SessionConfig } from "../configuration/config.ts";
import type { SessionEvent } from "../events/event.ts";
import { AccountCopies } from "../accounts/account_copies.ts";
import type { QuotaAmount, QuotaRequest } from "../storage/quota_ledger.ts";
import type { SharedNames } from "../storage/shared_names.ts";
import type { DirectoryRecords } from "../storage/directory_records.ts";
import { type ReadingQuestion, RemoteRecords } from "./remote_records.ts";
import type { OpenReading } from "../system/reading_memory.ts";
import { SupervisorClock } from "../system/supervisor_clock.ts";

/** Whether a connection becomes a session. */
export type Admission =
  | { readonly kind: "admitted"; readonly session: number }
  | { readonly kind: "turned-away"; readonly reason: string };

/** Whether a transfer may begin. */
export type TransferAnswer =
  | { readonly kind: "granted" }
  | { readonly kind: "limited"; readonly reason: string };

/** What a session may ask of the supervisor. */
export interface Authority {
  /**
   * Decides whether a connection may become a session, and counts it.
   *
   * @param address The client's address.
   * @returns The session's number, or the limit that stands in its way.
   */
  admit(address: string): Promise<Admission>;
  /** A session that was admitted has ended. */
  ended(session: number): void;
  /**
   * Decides a login.
   *
   * @param request Who wants to come in.
   * @returns The account, or why not.
   */
  login(request: LoginRequest): Promise<LoginAnswer>;
  /** The user of a session has gone (REIN, a new USER); the session goes on. */
  loggedOut(session: number): void;
  /**
   * Asks whether a session may begin a transfer, and counts it. Only where their number is limited.
   *
   * @param session The session that asks.
   * @returns Whether it may, or the limit that stands in its way.
   */
  startTransfer(session: number): Promise<TransferAnswer>;
  /** A transfer that was granted has ended. */
  transferEnded(session: number): void;
  /**
   * Asks how much the file system of the shared directory can still take.
   *
   * @param path Virtual path of a directory in the shared directory.
   * @param account Whose quota may leave less.
   * @returns Bytes, or undefined where that is not known.
   */
  freeSpace(path: string, account?: Account): Promise<number | undefined>;
  /** Takes space from a quota; false where it would be passed. */
  takeQuota(request: QuotaRequest): Promise<boolean>;
  /** Gives space back to a quota. */
  giveQuota(amount: QuotaAmount): void;
}

/** A question to the supervisor. */
export type Question =
  | { readonly kind: "admit"; readonly address: string }
  | { readonly kind: "login"; readonly request: LoginRequest }
  | { readonly kind: "transfer"; readonly session: number }
  | {
    readonly kind: "free-space";
    readonly path: string;
    readonly account: Account | undefined;
  }
  | { readonly kind: "quota"; readonly request: QuotaRequest }
  | { readonly kind: "open-directory"; readonly path: string }
  | ReadingQuestion;

/** The answer to a {@linkcode Question}. */
export type Answer =
  | Admission
  | LoginAnswer
  | TransferAnswer
  | OpenReading
  | number
  | boolean
  | undefined;

/** The supervisor answers a question of a worker. */
export interface AnswerMessage {
  readonly kind: "answer";
  /** Number of the question. */
  readonly id: number;
  readonly answer: Answer;
  /** The supervisor's time in milliseconds. */
  readonly now: number;
}

/** From the supervisor to a worker. */
export type ToWorker =
  /** Open the control port; `exclusive`: no other program may have it. */
  | { readonly kind: "start"; readonly config: SessionConfig; readonly exclusive: boolean }
  /** Take connections; `helped`: others look up what it shares. */
  | { readonly kind: "serve"; readonly helped: boolean }
  /** Settings for new sessions. */
  | { readonly kind: "settings"; readonly config: SessionConfig }
  /** The address that 227 tells has changed, for running sessions too. */
  | { readonly kind: "public-address"; readonly address: string | undefined }
  | AnswerMessage
  /** Another worker with the same rights has much to look up: help it as far as there is time. */
  | { readonly kind: "help"; readonly names: SharedNames }
  /** Say at once that you are alive. */
  | { readonly kind: "ping" }
  /** Close the control port and end when the last session has ended by itself. */
  | { readonly kind: "retire" }
  /** Close the control port, end the sessions, let running transfers finish. */
  | { readonly kind: "stop" };

/** From a worker to the supervisor. */
export type FromWorker =
  | ({ readonly kind: "listening" } & BoundPorts)
  | { readonly kind: "serving" }
  | { readonly kind: "cannot-listen"; readonly reason: string }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "ask"; readonly id: number; readonly question: Question }
  | { readonly kind: "ended"; readonly session: number }
  | { readonly kind: "logged-out"; readonly session: number }
  | { readonly kind: "transfer-ended"; readonly session: number }
  | { readonly kind: "quota-given"; readonly amount: QuotaAmount }
  | { readonly kind: "events"; readonly events: readonly SessionEvent[] }
  | { readonly kind: "log"; readonly record: PostedRecord }
  | { readonly kind: "pong" }
  /** Others may help to look that up. */
  | { readonly kind: "share"; readonly names: SharedNames }
  /** The control port is closed; sessions go on. */
  | { readonly kind: "retired" }
  | { readonly kind: "stopped" };

/** The worker's end: asks by message and waits for the answer. */
export class RemoteAuthority implements Authority {
  readonly #post: (message: FromWorker) => void;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #accounts = new AccountCopies();
  /** The supervisor's time, as its answers tell it. */
  readonly clock: SupervisorClock = new SupervisorClock();
  #next = 1;

  /** Makes it over the worker's way of posting messages. */
  constructor(post: (message: FromWorker) => void) {
    this.#post = post;
  }

  /** Decides whether a connection becomes a session. */
  async admit(address: string): Promise<Admission> {
    return await this.#ask({ kind: "admit", address }) as Admission;
  }

  /** A session has ended. */
  ended(session: number): void {
    this.#post({ kind: "ended", session });
  }

  /** Decides a login. */
  async login(request: LoginRequest): Promise<LoginAnswer> {
    const answer = await this.#ask({ kind: "login", request }) as LoginAnswer;
    if (answer.kind !== "accepted") return answer;
    return { ...answer, account: this.#accounts.only(answer.account) };
  }

  /** The user of a session has gone. */
  loggedOut(session: number): void {
    this.#post({ kind: "logged-out", session });
  }

  /** Asks whether a transfer may begin. */
  async startTransfer(session: number): Promise<TransferAnswer> {
    return await this.#ask({ kind: "transfer", session }) as TransferAnswer;
  }

  /** A transfer has ended. */
  transferEnded(session: number): void {
    this.#post({ kind: "transfer-ended", session });
  }

  /** Asks for the free space. */
  async freeSpace(path: string, account?: Account): Promise<number | undefined> {
    return await this.#ask({ kind: "free-space", path, account }) as number | undefined;
  }

  /** Takes space from a quota. */
  async takeQuota(request: QuotaRequest): Promise<boolean> {
    return await this.#ask({ kind: "quota", request }) as boolean;
  }

  /** Gives space back to a quota. */
  giveQuota(amount: QuotaAmount): void {
    this.#post({ kind: "quota-given", amount });
  }

  /**
   * Lets the supervisor read the names of a directory, which takes it a few calls and the runtime
   * thousands.
   *
   * @param path Real path, without a link on the way.
   * @returns Its records; undefined where it cannot.
   */
  async openDirectory(path: string): Promise<DirectoryRecords | undefined> {
    const open = await this.#ask({ kind: "open-directory", path }) as OpenReading | undefined;
    return open && new RemoteRecords(open, (question) => this.#ask(question));
  }

  /** Takes the supervisor's answer to a question. */
  answer({ id, answer, now }: AnswerMessage): void {
    this.clock.told(now);
    this.#waiting.get(id)?.(answer);
    this.#waiting.delete(id);
  }

  #ask(question: Question): Promise<Answer> {
    const id = this.#next++;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.set(id, resolve);
    this.#post({ kind: "ask", id, question });
    return promise;
  }
}
