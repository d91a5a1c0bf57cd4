/**
 * When to try again, and how long to wait before.
 *
 * @module
 */
import { ConnectError, FileChangedError, ReplyError, TransferError } from "../../shared/errors.ts";

/** The longest wait between two tries, in milliseconds. */
const LONGEST_WAIT = 60_000;

/**
 * Whether a failure may be gone by itself the next time: a lost or stalled connection, 421, another
 * 4yz reply, or a file that changed on its way. Never a 5yz reply, a refused login or another fault
 * on our side.
 *
 * @param error What was thrown.
 * @returns True if trying again makes sense.
 */
export function mayPass(error: unknown): boolean {
  if (error instanceof ReplyError) return error.transient;
  if (error instanceof ConnectError || error instanceof FileChangedError) return true;
  return error instanceof TransferError && error.fault !== undefined && error.fault !== "cancel";
}

/**
 * The wait before a try: exponential, with jitter so that many clients do not come back together.
 *
 * @example Usage
 * ```ts
 * import { backOff } from "./retry.ts";
 * const wait = backOff(1000, 2);
 * if (wait < 1000 || wait > 2000) throw new Error("unexpected");
 * ```
 *
 * @param first The wait before the first of these tries, in milliseconds.
 * @param attempt Which of them it is, from 1.
 * @returns Milliseconds: between half of and the whole doubled wait, a minute at most.
 */
export function backOff(first: number, attempt: number): number {
  const full = Math.min(LONGEST_WAIT, first * 2 ** (attempt - 1));
  return full * (0.5 + Math.random() / 2);
}

/**
 * The error for an operation that was given up: once logged in, a lost connection or a 421 is a failed
 * operation (exit code 1), no longer a host that is not there.
 *
 * @param error What the last try threw.
 * @returns The same, or a {@linkcode TransferError} in place of a {@linkcode ConnectError}.
 */
export function givenUp(error: unknown): unknown {
  const turnedAway = error instanceof ReplyError && error.code === 421;
  if (!(error instanceof ConnectError) && !turnedAway) return error;
  return new TransferError(error.message, { bytes: 0, cause: error });
}
