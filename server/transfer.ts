/**
 * The one path for everything that goes over a data connection: RETR, STOR, APPE, STOU and the
 * listings.
 *
 * @module
 */
import type { Connection } from "../shared/connection.ts";
import { StorageError, TransferError } from "../shared/errors.ts";
import { type ByteSource, type ByteTransform, pump, type PumpOptions } from "../shared/pump.ts";
import { RateLimit } from "../shared/rate_limit.ts";
import type { Reply } from "../shared/reply.ts";
import { reply } from "../shared/reply_code.ts";
import type { CommandContext } from "./command.ts";
import type { DataChannel } from "./data_channel.ts";
import type { RunningTransfer } from "./session.ts";
import type { StorageWriter } from "./storage/storage.ts";

/** What is to be moved, and how. */
export interface TransferPlan {
  /** The command, such as `RETR`. */
  readonly verb: string;
  /** What is moved: the virtual path that the user sees. */
  readonly path: string;
  /** Whether it comes, goes or is a listing. */
  readonly direction: "in" | "out" | "list";
  /** Text of the 150 reply. */
  readonly opening: string;
  /** Conversion on the way, as TYPE A asks. */
  readonly transform?: ByteTransform;
}

/**
 * The data channel, or the reply that says it is missing.
 *
 * @param context The command.
 * @returns What PASV, EPSV, PORT or EPRT prepared.
 */
export function channelOf(context: CommandContext): DataChannel | Reply {
  return context.session.dataChannel ??
    reply("noDataConnection", "Use EPSV, PASV, EPRT or PORT first");
}

/** Whether {@linkcode channelOf} gave a reply in place of a channel. */
export function isReply(value: DataChannel | Reply): value is Reply {
  return "code" in value;
}

/**
 * Sends everything from a source; 226 only after every byte was handed to the kernel and the
 * connection closed.
 *
 * @param context The command.
 * @param channel How to get the data connection.
 * @param job What to send.
 * @returns The final reply.
 * @throws {ConnectError} If there is no data connection.
 * @throws {TransferError} If it breaks.
 */
export async function send(
  context: CommandContext,
  channel: DataChannel,
  job: { readonly source: ByteSource; readonly plan: TransferPlan },
): Promise<Reply> {
  using running = announce(context, job.plan);
  using connection = await open(context, channel);
  const options = pumpOptions(context, { connection, running, plan: job.plan });
  await pump(job.source, connection, options);
  await atEnd(running, () => connection.finish());
  return complete(running);
}

/**
 * Takes everything from the client into a writer and commits it; whatever goes wrong before the
 * clean end of the stream aborts the writer.
 *
 * @param context The command.
 * @param channel How to get the data connection.
 * @param job Where to put it.
 * @returns The final reply.
 * @throws {ConnectError} If there is no data connection.
 * @throws {TransferError} If it breaks, or the writer cannot commit.
 */
export async function receive(
  context: CommandContext,
  channel: DataChannel,
  job: { readonly writer: StorageWriter; readonly plan: TransferPlan },
): Promise<Reply> {
  using running = announce(context, job.plan);
  await using writer = job.writer;
  {
    using connection = await open(context, channel);
    const options = pumpOptions(context, { connection, running, plan: job.plan });
    await pump(connection, writer, options);
  }
  // The client, or the server's stop, may have given up after the last byte.
  if (context.signal.aborted) throw cancelled(running);
  await atEnd(running, () => writer.commit());
  return complete(running);
}

type Announced = RunningTransfer & Disposable & { complete: boolean };

/** Sends 150 and lets STAT and ABOR see the transfer until it is disposed. */
function announce(context: CommandContext, plan: TransferPlan): Announced {
  const { session } = context;
  const started = performance.now();
  const path = session.sharedPath(plan.path);
  const running: Announced = {
    description: `${plan.verb} ${JSON.stringify(plan.path)}`,
    bytes: 0,
    complete: false,
    [Symbol.dispose]: () => {
      session.transfer = undefined;
      session.emit({
        kind: "transfer",
        verb: plan.verb,
        direction: plan.direction,
        path,
        bytes: running.bytes,
        milliseconds: performance.now() - started,
        ascii: plan.transform !== undefined,
        complete: running.complete,
      });
    },
  };
  session.transfer = running;
  context.preliminary(reply("openingData", plan.opening));
  return running;
}

async function open(context: CommandContext, channel: DataChannel): Promise<Connection> {
  const timeout = context.session.host.config.stallTimeout;
  try {
    return await channel.open({ signal: context.signal, timeout });
  } catch (error) {
    if (!context.signal.aborted) throw error;
    throw new TransferError("Aborted", { bytes: 0, fault: "cancel", cause: error });
  }
}

function pumpOptions(
  context: CommandContext,
  job: {
    readonly connection: Connection;
    readonly running: Announced;
    readonly plan: TransferPlan;
  },
): PumpOptions {
  const { stallTimeout, limitRate } = context.session.host.config;
  return {
    signal: context.signal,
    interrupt: () => job.connection.close(),
    stallTimeout,
    onBytes: (bytes) => job.running.bytes += bytes,
    ...(limitRate === undefined ? {} : { rateLimit: new RateLimit(limitRate) }),
    ...(job.plan.transform === undefined ? {} : { transform: job.plan.transform }),
  };
}

/** Runs the step behind the last byte; its failure is the transfer's. */
async function atEnd(running: RunningTransfer, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    const fault = error instanceof StorageError ? "sink" as const : "source" as const;
    throw new TransferError("The transfer could not be completed", {
      bytes: running.bytes,
      fault,
      cause: error,
    });
  }
}

function cancelled(running: RunningTransfer): TransferError {
  return new TransferError("Aborted", { bytes: running.bytes, fault: "cancel" });
}

function complete(running: Announced): Reply {
  running.complete = true;
  return reply("transferComplete", `Transfer complete, ${running.bytes} bytes`);
}
