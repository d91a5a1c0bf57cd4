/**
 * Long work in one thread: letting others have their turn.
 *
 * @module
 */
import { setImmediate } from "node:timers";

/** Resolves behind everything that is due now: sockets are served, timers fire. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
