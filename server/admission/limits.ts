/**
 * How many at once: sessions in all, from one address and of one user, and transfers. The supervisor
 * counts for all workers together.
 *
 * @module
 */
import { addressBlock } from "../../shared/network.ts";
import type { Admission, TransferAnswer } from "./authority.ts";
import type { ServerConfig } from "../configuration/config.ts";

/** The numbers that may not be passed. */
export interface LimitNumbers {
  /** Sessions at once. */
  readonly maxSessions: number;
  /** Sessions at once from one address. */
  readonly maxSessionsPerAddress: number;
  /** Transfers at once; undefined: any number. */
  readonly maxTransfers: number | undefined;
}

/** What is known of a session that was admitted. */
export interface SessionRecord {
  /** Its number. */
  readonly session: number;
  /** The client's address. */
  readonly address: string;
  /** Who runs it: all sessions of a worker end with it. */
  readonly owner: unknown;
  /** When it was admitted, in milliseconds since the program began. */
  readonly since: number;
  /** Who is logged in. */
  readonly user: string | undefined;
  /** Whether that user came in without a password. */
  readonly anonymous: boolean;
  /** Whether it counts as a transfer. */
  readonly transferring: boolean;
}

/** Who logs in. */
export interface LoginSeat {
  /** Login name. */
  readonly user: string;
  /** Whether it is an anonymous login. */
  readonly anonymous: boolean;
  /** Sessions that this user may have at once; undefined: any number. */
  readonly maxSessions: number | undefined;
}

/** A limit, as metrics name it. */
export type LimitName = "sessions" | "sessions-per-ip" | "sessions-per-user" | "transfers";

type Changing = { -readonly [Key in keyof SessionRecord]: SessionRecord[Key] };

/** Counts sessions and transfers, and says no beyond a limit. IPv6 addresses count by /64. */
export class Limits {
  #numbers: LimitNumbers;
  readonly #sessions = new Map<number, Changing>();
  readonly #addresses = new Tally<string>();
  readonly #users = new Tally<string>();
  readonly #owners = new Tally<unknown>();
  readonly #refusals = new Map<LimitName, number>();
  #transfers = 0;
  #next = 1;

  /** Starts at zero. */
  constructor(numbers: LimitNumbers) {
    this.#numbers = numbers;
  }

  /** Other numbers from now on; nobody who is in is turned away. */
  use(numbers: LimitNumbers): void {
    this.#numbers = numbers;
  }

  /** Sessions at this moment. */
  get sessions(): number {
    return this.#sessions.size;
  }

  /** Transfers at this moment; 0 while they are not limited, since nobody asks then. */
  get transfers(): number {
    return this.#transfers;
  }

  /** How often each limit has said no. */
  get refusals(): ReadonlyMap<LimitName, number> {
    return this.#refusals;
  }

  /** Admits a connection and counts it. */
  admit(address: string, owner: unknown): Admission {
    const { maxSessions, maxSessionsPerAddress } = this.#numbers;
    if (this.#sessions.size >= maxSessions) {
      this.#refuse("sessions");
      return turnedAway(`Too many sessions: max-sessions is ${maxSessions}`);
    }
    const block = addressBlock(address);
    if (this.#addresses.of(block) >= maxSessionsPerAddress) {
      this.#refuse("sessions-per-ip");
      const limit = `max-sessions-per-ip is ${maxSessionsPerAddress}`;
      return turnedAway(`Too many sessions from your address: ${limit}`);
    }
    const session = this.#next++;
    this.#addresses.add(block);
    this.#owners.add(owner);
    this.#sessions.set(session, {
      session,
      address,
      owner,
      since: performance.now(),
      user: undefined,
      anonymous: false,
      transferring: false,
    });
    return { kind: "admitted", session };
  }

  /**
   * Counts a login.
   *
   * @param session The session, which may have ended while the password was checked.
   * @param seat Who.
   * @returns Undefined where the login is counted, else why it is not.
   */
  login(session: number, seat: LoginSeat): string | undefined {
    const record = this.#sessions.get(session);
    if (record === undefined) return "The session has ended";
    this.loggedOut(session);
    const { user, anonymous, maxSessions } = seat;
    if (maxSessions !== undefined && this.#users.of(user) >= maxSessions) {
      this.#refuse("sessions-per-user");
      return `Too many sessions of this user: the limit is ${maxSessions}`;
    }
    this.#users.add(user);
    record.user = user;
    record.anonymous = anonymous;
    return undefined;
  }

  /** The user of a session has gone. */
  loggedOut(session: number): void {
    const record = this.#sessions.get(session);
    if (record?.user === undefined) return;
    this.#users.remove(record.user);
    record.user = undefined;
    record.anonymous = false;
  }

  /** Counts a transfer of a session. */
  startTransfer(session: number): TransferAnswer {
    const { maxTransfers } = this.#numbers;
    const record = this.#sessions.get(session);
    if (record === undefined) return { kind: "limited", reason: "The session has ended" };
    if (maxTransfers !== undefined && this.#transfers >= maxTransfers) {
      this.#refuse("transfers");
      return { kind: "limited", reason: `Too many transfers: max-transfers is ${maxTransfers}` };
    }
    if (!record.transferring) this.#transfers++;
    record.transferring = true;
    return { kind: "granted" };
  }

  /** The transfer of a session has ended. */
  transferEnded(session: number): void {
    const record = this.#sessions.get(session);
    if (!record?.transferring) return;
    record.transferring = false;
    this.#transfers--;
  }

  /** A session has ended: gives back everything it counted for. */
  ended(session: number): void {
    const record = this.#sessions.get(session);
    if (record === undefined) return;
    this.transferEnded(session);
    this.loggedOut(session);
    this.#addresses.remove(addressBlock(record.address));
    this.#owners.remove(record.owner);
    this.#sessions.delete(session);
  }

  /** How many sessions an owner has. */
  loadOf(owner: unknown): number {
    return this.#owners.of(owner);
  }

  /** The sessions of one owner. */
  sessionsOf(owner: unknown): SessionRecord[] {
    return [...this.#sessions.values()].filter((record) => record.owner === owner);
  }

  #refuse(limit: LimitName): void {
    this.#refusals.set(limit, (this.#refusals.get(limit) ?? 0) + 1);
  }
}

/** The numbers of a configuration. */
export function limitNumbers(config: ServerConfig): LimitNumbers {
  const { maxSessions, maxSessionsPerAddress, session: { maxTransfers } } = config;
  return { maxSessions, maxSessionsPerAddress, maxTransfers };
}

function turnedAway(reason: string): Admission {
  return { kind: "turned-away", reason };
}

/** Counts by name or object; one that nobody has takes no memory. */
class Tally<Key> {
  readonly #counts = new Map<Key, number>();

  of(key: Key): number {
    return this.#counts.get(key) ?? 0;
  }

  add(key: Key): void {
    this.#counts.set(key, this.of(key) + 1);
  }

  remove(key: Key): void {
    const left = this.of(key) - 1;
    if (left > 0) this.#counts.set(key, left);
    else this.#counts.delete(key);
  }
}
