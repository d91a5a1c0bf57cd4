/**
 * What the administrator wants to be read in a directory.
 *
 * @module
 */
import type { Session } from "../session/session.ts";

/**
 * The message of a directory, once in a session.
 *
 * @param session Who goes there.
 * @param path The directory, as the user sees it.
 * @returns Its lines; none where there is no message, or it was shown.
 */
export function directoryMessage(session: Session, path: string): readonly string[] {
  const { messages } = session.host.config;
  const shared = session.sharedPath(path);
  const text = Object.hasOwn(messages, shared) ? messages[shared] : undefined;
  if (text === undefined || session.messagesSeen?.has(shared)) return [];
  session.messagesSeen ??= new Set();
  session.messagesSeen.add(shared);
  return text.replace(/\n$/, "").split("\n");
}
