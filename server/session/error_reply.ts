/**
 * Which reply an error means: the only such map.
 *
 * @module
 */
import { EprtProtocolError } from "../../shared/endpoint.ts";
import {
  ConnectError,
  ProtocolError,
  StorageError,
  type StorageErrorKind,
  TlsError,
  TransferError,
} from "../../shared/errors.ts";
import { log } from "../../shared/log.ts";
import { UnpackLimitError } from "../../shared/mode_deflate.ts";
import type { Reply } from "../../shared/reply.ts";
import { reply, type ReplyName } from "../../shared/reply_code.ts";

const STORAGE_REPLIES: Readonly<Record<StorageErrorKind, ReplyName>> = {
  "not-found": "fileUnavailable",
  "exists": "fileUnavailable",
  "not-a-directory": "fileUnavailable",
  "is-a-directory": "fileUnavailable",
  "not-empty": "fileUnavailable",
  "not-regular": "fileUnavailable",
  "denied": "permissionDenied",
  "busy": "fileBusy",
  "bad-name": "badName",
  "bad-offset": "badRestart",
  "no-space": "noSpace",
  "over-quota": "overQuota",
  "read-only": "permissionDenied",
  "unsupported": "badParameter",
  "overloaded": "localError",
  "io": "localError",
};

/** After 150 only these replies are left for the storage (RFC 959 section 5.4). */
const STORAGE_REPLIES_IN_TRANSFER: Partial<Record<StorageErrorKind, ReplyName>> = {
  "no-space": "noSpace",
  "over-quota": "overQuota",
};

/**
 * The reply for an error that a command threw.
 *
 * @param error What was thrown.
 * @returns The reply. What is not one of ours is 451 to the client and a stack in the log.
 */
export function errorReply(error: unknown): Reply {
  if (error instanceof TransferError) return transferReply(error);
  if (error instanceof StorageError) return reply(STORAGE_REPLIES[error.kind], error.message);
  if (error instanceof EprtProtocolError) return reply("unknownProtocol");
  if (error instanceof ProtocolError) return reply("badArgument", error.message);
  if (error instanceof TlsError) return reply("noDataConnection", error.message);
  if (error instanceof ConnectError) return reply("noDataConnection", error.message);
  log.error(`unexpected: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
  return reply("localError");
}

function transferReply(error: TransferError): Reply {
  const { cause, fault, bytes } = error;
  const after = `after ${bytes} bytes`;
  if (fault === "cancel") return reply("transferAborted", `Transfer aborted ${after}`);
  if (cause instanceof StorageError) {
    const name = STORAGE_REPLIES_IN_TRANSFER[cause.kind] ?? "localError";
    return reply(name, `${cause.message} (${after})`);
  }
  if (cause instanceof UnpackLimitError) return reply("overQuota", `${cause.message} (${after})`);
  if (cause instanceof ProtocolError) {
    return reply("transferAborted", `${cause.message} (${after})`);
  }
  if (fault === "stall") {
    return reply("transferAborted", `Transfer aborted ${after}: ${error.message}`);
  }
  if (fault === undefined) return reply("localError", error.message);
  return reply("transferAborted", `Data connection lost ${after}`);
}
