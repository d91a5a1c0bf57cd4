/**
 * The data connection of a transfer: found, opened and protected.
 *
 * @module
 */
import type { Connection } from "../../shared/connection.ts";
import { Deadline } from "../../shared/deadline.ts";
import { TransferError } from "../../shared/errors.ts";
import type { Reply } from "../../shared/reply.ts";
import { reply } from "../../shared/reply_code.ts";
import type { CommandContext } from "../session/command.ts";
import type { DataChannel, OpenOptions } from "../data/data_channel.ts";
import { keepsConnection } from "../data/data_form.ts";
import { KeptConnection } from "../data/kept_connection.ts";
import type { Session } from "../session/session.ts";

/**
 * The data channel, or the reply that says it is missing.
 *
 * @param context The command.
 * @returns What PASV, EPSV, PORT or EPRT prepared, or what MODE B and C left open.
 */
export function channelOf(context: CommandContext): DataChannel | Reply {
  const { account, dataChannel, security } = context.session;
  if (security.protection === "clear" && security.neededForData(account)) {
    return reply("protectionNeeded");
  }
  if (dataChannel !== undefined && dataChannel.state !== "closed") return dataChannel;
  return reply("noDataConnection", "Use EPSV, PASV, EPRT or PORT first");
}

/** Whether data connections are inside TLS. */
export function isProtected({ security }: Session): boolean {
  return security.protection !== "clear";
}

/** Whether {@linkcode channelOf} gave a reply in place of a channel. */
export function isReply(value: DataChannel | Reply): value is Reply {
  return "code" in value;
}

/**
 * Opens the data connection, inside TLS where PROT P was given.
 *
 * @param context The command.
 * @param channel How to get it.
 * @returns The connection, which the caller owns.
 * @throws {ConnectError} If there is none.
 * @throws {TlsError} If it cannot be protected.
 * @throws {TransferError} If the command was stopped meanwhile.
 */
export async function openConnection(
  context: CommandContext,
  channel: DataChannel,
): Promise<Connection> {
  const { session, signal } = context;
  try {
    const connection = await openSecured(context, channel);
    const kept = keepsConnection(session.mode) && !(connection instanceof KeptConnection);
    return kept ? new KeptConnection(connection) : connection;
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new TransferError("Aborted", { bytes: 0, fault: "cancel", cause: error });
  }
}

/** The connection that the transfer before left open is protected already. */
async function openSecured(
  { session, signal }: CommandContext,
  channel: DataChannel,
): Promise<Connection> {
  const options = { signal, timeout: session.host.config.stallTimeout };
  const connection = await channel.open(options);
  if (connection instanceof KeptConnection) return connection;
  return await session.security.secureData(connection, options);
}

/**
 * Ends our direction of a data connection.
 *
 * @param context The command.
 * @param connection The connection.
 * @throws {Error} If the connection is lost, or was closed because the client did not help.
 */
export function finishData(
  { session, signal }: CommandContext,
  connection: Connection,
): Promise<void> {
  // In the clear the system does it alone, and at once.
  if (!isProtected(session)) return connection.finish();
  return finishInTime(connection, { signal, timeout: session.host.config.stallTimeout });
}

/**
 * Ends our direction of a connection. Inside TLS that takes the client's help, for which nobody waits
 * longer than for a byte of data.
 *
 * @param connection The connection; closed where it takes too long.
 * @param options How long it may take.
 * @throws {Error} If the connection is lost, or was closed for that.
 */
export async function finishInTime(connection: Connection, options: OpenOptions): Promise<void> {
  using deadline = new Deadline(options.timeout, options.signal);
  deadline.signal.addEventListener("abort", () => connection.close(), { once: true });
  await connection.finish();
}
