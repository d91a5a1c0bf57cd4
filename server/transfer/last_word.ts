/**
 * Whether an upload that has ended is whole: the stream itself does not tell.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import { nextTurn } from "../../shared/turn.ts";
import type { CommandContext } from "../session/command.ts";
import type { Session } from "../session/session.ts";
import type { StorageWriter } from "../storage/storage.ts";
import { isProtected } from "./transfer_connection.ts";

/**
 * Milliseconds for a control connection to end after its data connection: of clients that were killed
 * on a machine with three times as many busy programs as cores, the slowest of 96 took 5.8.
 */
const LONGEST_MOMENT = 10;

/** The share of an upload's time that it may be slowed by. */
const SHARE = 1 / 20;

/**
 * Waits for what the client may still say of an upload. One that is killed ends both connections, and
 * the data connection's end looks like that of a whole file: the control connection gets a moment to say
 * otherwise. What it has said already is heard within a turn. A new file is slowed by a twentieth of
 * its time at most, 10 ms; one that replaces another always waits so long, since that would be lost.
 *
 * @param context The command; its signal tells.
 * @param upload How many milliseconds it took, and where it was written.
 */
export async function lastWord(
  { session, signal }: CommandContext,
  { duration, writer }: { readonly duration: number; readonly writer: StorageWriter },
): Promise<void> {
  if (tellsItsEnd(session)) return;
  await nextTurn();
  const most = writer.replaces ? Infinity : Math.floor(duration * SHARE);
  const moment = Math.min(LONGEST_MOMENT, most);
  if (moment > 0) await delay(moment, { signal }).catch(() => {}); // aborted: the caller sees it
}

/** Inside TLS, of records and in other modes than the stream, the end of a file is not that of its sender. */
function tellsItsEnd(session: Session): boolean {
  return isProtected(session) || session.mode !== "stream" || session.structure !== "file";
}
