/**
 * What a session worker and the supervisor say to one another: the only messages between them.
 *
 * @module
 */
import type { Endpoint } from "../shared/endpoint.ts";
import type { PostedRecord } from "../shared/log.ts";
import type { Account } from "./accounts/accounts.ts";
import type { SessionConfig } from "./config.ts";

/** A login that a session wants decided. */
export interface LoginRequest {
  /** What came with USER. */
  readonly user: string;
  /** What came with PASS. */
  readonly password: string;
  /** The client's address. */
  readonly address: string;
}

/** What a session may ask of the supervisor. */
export interface Authority {
  /**
   * Decides a login.
   *
   * @param request Who wants to come in.
   * @returns The account, or undefined where it is refused.
   */
  login(request: LoginRequest): Promise<Account | undefined>;
}

/** From the supervisor to a worker. */
export type ToWorker =
  | { readonly kind: "start"; readonly config: SessionConfig }
  | { readonly kind: "login-answer"; readonly id: number; readonly account?: Account }
  | { readonly kind: "stop" };

/** From a worker to the supervisor. */
export type FromWorker =
  | { readonly kind: "listening"; readonly at: Endpoint }
  | { readonly kind: "cannot-listen"; readonly reason: string }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "login"; readonly id: number; readonly request: LoginRequest }
  | { readonly kind: "log"; readonly record: PostedRecord }
  | { readonly kind: "stopped" };

/** The worker's end: asks by message and waits for the answer. */
export class RemoteAuthority implements Authority {
  readonly #post: (message: FromWorker) => void;
  readonly #waiting = new Map<number, (account: Account | undefined) => void>();
  #next = 1;

  /** Makes it over the worker's way of posting messages. */
  constructor(post: (message: FromWorker) => void) {
    this.#post = post;
  }

  /** Decides a login. */
  login(request: LoginRequest): Promise<Account | undefined> {
    const id = this.#next++;
    const { promise, resolve } = Promise.withResolvers<Account | undefined>();
    this.#waiting.set(id, resolve);
    this.#post({ kind: "login", id, request });
    return promise;
  }

  /** Takes the supervisor's answer to a login. */
  answer(id: number, account: Account | undefined): void {
    this.#waiting.get(id)?.(account);
    this.#waiting.delete(id);
  }
}
