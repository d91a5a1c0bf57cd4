/**
 * The supervisor's answers to what session workers ask.
 *
 * @module
 */
import { statfs } from "node:fs/promises";
import { log } from "../../shared/log.ts";
import type { Account, LoginAnswer, LoginRequest } from "../accounts/accounts.ts";
import type { Admission, Answer, Question } from "./authority.ts";
import type { ServerConfig } from "../configuration/config.ts";
import { DirectoryReadings } from "../system/directory_readings.ts";
import type { Limits } from "./limits.ts";
import { LoginGuard } from "./login_guard.ts";
import { type QuotaAmount, QuotaLedger } from "../storage/quota_ledger.ts";
import { SharedRates } from "./shared_rates.ts";

/** Decides by the configuration in force and the counts. */
export class Decisions implements Disposable {
  readonly #limits: Limits;
  readonly #guard: LoginGuard;
  readonly #quotas = new QuotaLedger();
  readonly #rates: SharedRates;
  readonly #readings = new DirectoryReadings();
  #config: ServerConfig;

  /** Makes them. */
  constructor(config: ServerConfig, limits: Limits) {
    this.#config = config;
    this.#limits = limits;
    this.#guard = new LoginGuard(config.ban);
    this.#rates = new SharedRates(config);
  }

  /** Addresses that were turned away after failed logins. */
  get bans(): number {
    return this.#guard.bans;
  }

  /** Decides by another configuration from now on. */
  use(config: ServerConfig): void {
    this.#config = config;
    this.#guard.use(config.ban);
    this.#rates.use(config);
  }

  /**
   * Answers a question.
   *
   * @param question What was asked.
   * @param owner The worker that asks.
   * @returns The answer.
   */
  async decide(question: Question, owner: unknown): Promise<Answer> {
    switch (question.kind) {
      case "admit":
        return this.#admit(question.address, owner);
      case "login":
        return await this.#login(question.request);
      case "transfer":
        return this.#limits.startTransfer(question.session);
      case "free-space":
        return await this.#freeSpace(question.path, question.account);
      case "open-directory":
        return await this.#readings.open(this.#config.session.root, question.path);
      case "read-directory":
        return await this.#readings.next(question.reading);
      case "close-directory":
        this.#readings.close(question.reading);
        return undefined;
      case "quota":
        return await this.#quotas.take(this.#config.session.root, question.request);
    }
  }

  /** Space of a quota is given back. */
  give(amount: QuotaAmount): void {
    this.#quotas.give(amount).catch((error) => log.error(`quota: ${String(error)}`));
  }

  /** Ends what it does for workers. */
  [Symbol.dispose](): void {
    this.#readings[Symbol.dispose]();
  }

  #admit(address: string, owner: unknown): Admission {
    const reason = this.#guard.refusal(address);
    const admission = reason === undefined
      ? this.#limits.admit(address, owner)
      : { kind: "turned-away" as const, reason };
    if (admission.kind === "turned-away") {
      const fields = { event: "turned-away", address, reason: admission.reason };
      log.info(`connection from ${address} turned away: ${admission.reason}`, fields);
    }
    return admission;
  }

  async #login(request: LoginRequest): Promise<LoginAnswer> {
    const { address, user } = request;
    const banned = this.#guard.refusal(address);
    if (banned !== undefined) return { kind: "limited", reason: banned };
    const answer = await this.#check(request);
    // Guesses that run at the same time count as those that come one after another.
    const meanwhile = this.#guard.refusal(address);
    if (meanwhile !== undefined) return { kind: "limited", reason: meanwhile };
    const guessed = request.certificate === undefined;
    if (answer.kind === "refused" && guessed && this.#guard.failed(address, user)) {
      this.#tellBan(address);
    }
    if (answer.kind !== "accepted") return answer;
    this.#guard.succeeded(address, user);
    const reason = this.#limits.login(request.session, answer.account);
    if (reason !== undefined) return { kind: "limited", reason };
    return { ...answer, account: this.#rates.given(answer.account) };
  }

  #tellBan(address: string): void {
    const { after = 0, time = 0 } = this.#config.ban ?? {};
    const text = `${address} is turned away for ${time / 1000} s after ${after} failed logins`;
    log.warning(text, { event: "ban", address });
  }

  /** What breaks here is the supervisor's fault: the session gets an answer all the same. */
  async #check(request: LoginRequest): Promise<LoginAnswer> {
    try {
      return await this.#config.accounts.check(request);
    } catch (error) {
      log.error(`login not decided: ${error instanceof Error ? error.stack : error}`);
      return { kind: "limited", reason: "Logins cannot be checked now" };
    }
  }

  /** The worker may not ask this itself. */
  async #freeSpace(path: string, account?: Account): Promise<number | undefined> {
    const { root } = this.#config.session;
    const { quota, home = "/" } = account ?? {};
    try {
      const { bavail, bsize } = await statfs(`${root}${path}`);
      const left = quota === undefined ? Infinity : await this.#quotas.left(root, home, quota);
      return Math.min(bavail * bsize, left);
    } catch {
      return undefined;
    }
  }
}
