/**
 * The one path for everything that goes over a data connection: RETR, STOR, APPE, STOU and the
 * listings.
 *
 * @module
 */
import type { Connection } from "../../shared/connection.ts";
import {
  FtpkitError,
  ProtocolError,
  StorageError,
  TransferError,
  TruncatedError,
} from "../../shared/errors.ts";
import { type ByteSource, pump, type PumpOptions } from "../../shared/pump.ts";
import type { Reply } from "../../shared/reply.ts";
import { reply } from "../../shared/reply_code.ts";
import type { CommandContext } from "../session/command.ts";
import type { DataChannel } from "../data/data_channel.ts";
import { type DataPath, incomingPath, keepsConnection, outgoingPath } from "../data/data_form.ts";
import { KeptConnection } from "../data/kept_connection.ts";
import { MarkerReplies } from "../session/restart_marker.ts";
import type { RunningTransfer } from "../session/session_state.ts";
import type { StorageWriter } from "../storage/storage.ts";
import { lastWord } from "./last_word.ts";
import { finishData, isProtected, openConnection } from "./transfer_connection.ts";
import { transferRate } from "./transfer_rate.ts";

/** What is to be moved, and how. */
export interface TransferPlan {
  /** The command, such as `RETR`. */
  readonly verb: string;
  /** What is moved: the virtual path that the user sees. */
  readonly path: string;
  /** Whether it comes, goes or is a listing. */
  readonly direction: "in" | "out" | "list";
  /** Text of the 150 or 125 reply. */
  readonly opening: string;
  /** Offset in the file of the first byte that is sent; 0 without it. */
  readonly offset?: number;
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
  job: {
    readonly source: ByteSource;
    readonly plan: TransferPlan;
    /** Throws what is only to be told when all bytes are out. */
    readonly verify?: () => void;
  },
): Promise<Reply> {
  const { source, plan, verify = () => {} } = job;
  using running = announce(context, { channel, plan });
  using owned = new DisposableStack();
  const connection = owned.use(await openConnection(context, channel));
  const content = { listing: plan.direction === "list", offset: plan.offset ?? 0 };
  await using path = outgoingPath(source, { form: context.session, content });
  const options = pumpOptions(context, { connection, running, path });
  await pumped(pump(path.source, connection, options), "source");
  if (!(connection instanceof KeptConnection)) {
    await atEnd(running, () => finishData(context, connection));
  }
  await atEnd(running, verify);
  return complete(context, { running, connection, owned });
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
  using running = announce(context, { channel, plan: job.plan });
  await using writer = job.writer;
  using owned = new DisposableStack();
  const connection = owned.use(await openConnection(context, channel));
  const started = performance.now();
  const arrived = await takeIn(context, { connection, running, writer });
  if (arrived === "more" || !(connection instanceof KeptConnection)) {
    // Over TLS a client may wait for our end too: without it, its own may look cut.
    if (isProtected(context.session)) {
      await finishData(context, connection).catch(() => {}); // gone already
    }
    owned.dispose();
  }
  await lastWord(context, { duration: performance.now() - started, writer });
  // The client, or the server's stop, may have given up after the last byte.
  const committed = await atEnd(running, () => writer.commit(context.signal));
  if (!committed) throw cancelled(running);
  return complete(context, { running, connection, owned });
}

/** Writes all that arrives; tells whether there was more than the file. */
async function takeIn(
  context: CommandContext,
  { connection, running, writer }: {
    readonly connection: Connection;
    readonly running: Announced;
    readonly writer: StorageWriter;
  },
): Promise<"file" | "more"> {
  const { session } = context;
  const markers = new MarkerReplies(context, writer);
  const onMarker = (text: string): Promise<void> => markers.answer(text);
  await using path = incomingPath(connection, { form: session, onMarker });
  const options = {
    ...pumpOptions(context, { connection, running, path }),
    readAhead: true,
  };
  try {
    const copying = keepsConnection(session.mode)
      ? pump(markers.counted(path.source), writer, withMarkers(options, markers))
      : pump(path.source, writer, options);
    await pumped(copying, "sink");
  } catch (error) {
    if (isDoubtful(error)) await writer.abort("remove");
    throw error;
  }
  return path.surplus ? "more" : "file";
}

/** What the storage's side throws beside its own errors is a fault of ours, not of the connection. */
async function pumped(copying: Promise<number>, storageSide: "source" | "sink"): Promise<void> {
  try {
    await copying;
  } catch (error) {
    const onOurSide = error instanceof TransferError && error.fault === storageSide;
    if (onOurSide && !(error.cause instanceof FtpkitError)) throw error.cause;
    throw error;
  }
}

function withMarkers(options: PumpOptions, markers: MarkerReplies): PumpOptions {
  return {
    ...options,
    onBytes(bytes) {
      options.onBytes?.(bytes);
      markers.wrote(bytes);
    },
    interrupt() {
      options.interrupt("cancel");
      markers.cancel();
    },
  };
}

/** Where the form of the data is wrong, what was read before may be wrong too: nobody resumes that. */
function isDoubtful(error: unknown): boolean {
  const cause = error instanceof TransferError ? error.cause : error;
  return cause instanceof ProtocolError && !(cause instanceof TruncatedError);
}

type Announced = RunningTransfer & Disposable & { complete: boolean };

/** Sends 150 or 125 and lets STAT and ABOR see the transfer until it is disposed. */
function announce(
  context: CommandContext,
  { channel, plan }: { readonly channel: DataChannel; readonly plan: TransferPlan },
): Announced {
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
        ascii: session.type === "ascii" && plan.direction !== "list",
        complete: running.complete,
      });
    },
  };
  session.transfer = running;
  const already = channel.state === "open";
  context.preliminary(reply(already ? "dataConnectionOpen" : "openingData", plan.opening));
  return running;
}

function pumpOptions(
  context: CommandContext,
  job: {
    readonly connection: Connection;
    readonly running: Announced;
    readonly path: DataPath;
  },
): PumpOptions {
  const { account, host } = context.session;
  const { stallTimeout } = host.config;
  const rateLimit = transferRate(account, host);
  return {
    signal: context.signal,
    interrupt: () => job.connection.close(),
    stallTimeout,
    onBytes: (bytes) => job.running.bytes += bytes,
    ...(rateLimit === undefined ? {} : { rateLimit }),
    ...(job.path.transform === undefined ? {} : { transform: job.path.transform }),
  };
}

/** Runs the step behind the last byte; its failure is the transfer's. */
async function atEnd<T>(running: RunningTransfer, step: () => Promise<T> | T): Promise<T> {
  try {
    return await step();
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

/** 226 says that the data connection is closed; 250 that it is left open (RFC 959 section 3.3). */
function complete(
  { session }: CommandContext,
  { running, connection, owned }: {
    readonly running: Announced;
    readonly connection: Connection;
    readonly owned: DisposableStack;
  },
): Reply {
  running.complete = true;
  const text = `Transfer complete, ${running.bytes} bytes`;
  if (!(connection instanceof KeptConnection)) return reply("transferComplete", text);
  connection.rest();
  if (connection.state === "closed") return reply("transferComplete", text);
  owned.move();
  session.useDataChannel(connection);
  return reply("fileActionDone", `${text}; the data connection stays open`);
}
