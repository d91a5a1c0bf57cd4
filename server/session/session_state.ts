/**
 * Where a session stands, and what it remembers from one command to the next.
 *
 * @module
 */
import type { Account } from "../accounts/accounts.ts";

/** Where a session stands (RFC 959 section 5.4). */
export type SessionState =
  | { readonly kind: "greeting" }
  | { readonly kind: "userGiven"; readonly user: string }
  | { readonly kind: "ready"; readonly account: Account }
  /** A transfer that runs may still finish, and is its user's. */
  | { readonly kind: "closing"; readonly account: Account | undefined };

/** A part of a file, as RANG names it. */
export interface ByteRange {
  /** Offset of its first byte. */
  readonly start: number;
  /** Offset of its last byte. */
  readonly end: number;
}

/** A transfer that has been announced with a 1yz reply and not ended yet. */
export interface RunningTransfer {
  /** What STAT calls it. */
  readonly description: string;
  /** Bytes moved so far. */
  bytes: number;
}

/** Who runs the commands of a session. */
export interface SessionRunner {
  /** Takes no new command, and says why. */
  end(reason: string): void;
  /** Aborts the commands that run. */
  abort(): void;
}
