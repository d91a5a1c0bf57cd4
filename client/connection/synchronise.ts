/**
 * A session whose replies got out of step with its commands is made fit for the next one.
 *
 * @module
 */
import type { Control } from "./control.ts";

/** How long a reply is waited for, in milliseconds. */
const PATIENCE = 2000;

/** Replies to what was given up: its own, and those to ABOR. */
const MOST_STRAYS = 10;

/**
 * Passes over the replies that are still to come: only PWD is answered with 257 (RFC 959 section
 * 5.4). Where that answer does not come, the session is closed.
 *
 * @param control The control connection.
 */
export async function synchronise(control: Control): Promise<void> {
  try {
    await control.send("PWD");
    for (let strays = 0; strays < MOST_STRAYS; strays++) {
      const reply = await control.reply(PATIENCE);
      if (reply.code === 257) return;
    }
  } catch {
    // Whatever it was, the next command needs another session.
  }
  control.close();
}
