/**
 * How many transfers run at once in the whole server.
 *
 * @module
 */
import type { Reply } from "../../shared/reply.ts";
import { reply } from "../../shared/reply_code.ts";
import type { Session } from "../session/session.ts";

/**
 * Runs a command that moves data, where there is room for it. The supervisor is asked only where
 * `max-transfers` is set.
 *
 * @param session Who wants it.
 * @param run The command.
 * @returns Its final reply, or 450 with the limit.
 */
export async function inTransferSlot(
  session: Session,
  run: () => Promise<Reply> | Reply,
): Promise<Reply> {
  const { authority, config } = session.host;
  if (config.maxTransfers === undefined) return await run();
  const answer = await authority.startTransfer(session.id);
  if (answer.kind === "limited") return reply("tooManyTransfers", answer.reason);
  try {
    return await run();
  } finally {
    authority.transferEnded(session.id);
  }
}
