/**
 * The last words of a session.
 *
 * @module
 */
import type { Session } from "../session/session.ts";

/** Milliseconds for the last replies to go out. */
export const CLOSING_TIME = 5000;

/**
 * Gives the last replies some time to go out, and ends the connection cleanly.
 *
 * @param session The session, which runs no command any more.
 */
export async function sayGoodbye(session: Session): Promise<void> {
  const { connection, replies } = session;
  if (session.lost) return;
  const giveUp = setTimeout(() => session.cut("Replies are not taken"), CLOSING_TIME);
  try {
    await replies.drain();
    if (!session.lost) await connection.finish();
  } catch {
    // The client closed first.
  } finally {
    clearTimeout(giveUp);
  }
}
