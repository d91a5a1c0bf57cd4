/**
 * One transfer: the command, its data and its final reply, whichever of the two ends first.
 *
 * A transfer is done only when the data ended cleanly and the final reply was 2yz (RFC 959 section
 * 5.4): servers send 226 before the last byte has arrived, and end the data before they say 426.
 *
 * @module
 */
import type { ByteSink, Connection } from "../../shared/connection.ts";
import {
  CertificateError,
  ConnectError,
  FtpkitError,
  LocalFileError,
  ReplyError,
  TimeoutError,
  TransferError,
  type TransferFault,
} from "../../shared/errors.ts";
import { type ByteSource, type ByteTransform, pump } from "../../shared/pump.ts";
import type { RateLimit } from "../../shared/rate_limit.ts";
import type { Reply } from "../../shared/reply.ts";
import { type Control, refused, replyText } from "./control.ts";
import { type DataChannel, type DataOptions, openDataChannel } from "./data_channel.ts";
import { answerEnd, awaitEnd } from "./data_end.ts";
import type { KeepAlive } from "./keep_alive.ts";
import { SpentSession } from "./secure_channel.ts";
import { Abort, Outcome } from "./transfer_end.ts";

/** The session that a transfer runs in. */
export interface TransferLink {
  readonly control: Control;
  readonly keepAlive: KeepAlive;
  readonly data: DataOptions;
  /** Ends the session; what ends a transfer is among `data`. */
  readonly signal: AbortSignal;
  /** Milliseconds without a byte after which a transfer fails. */
  readonly timeout: number;
}

/** What is common to both directions. */
interface TransferRequest {
  /** What it does, for messages: `download "x"`. */
  readonly action: string;
  readonly verb: string;
  readonly argument?: string | undefined;
  /** Where to start in the file, in bytes. */
  readonly offset?: number | undefined;
  readonly rateLimit?: RateLimit | undefined;
  readonly transform?: ByteTransform | undefined;
  /** Told of every piece that has moved, in bytes. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
  /** Ends what is pending on our side; a file needs no such thing. */
  readonly interrupt?: (() => void) | undefined;
}

/** From the server: a file or a listing. */
export interface ReceiveRequest extends TransferRequest {
  readonly sink: ByteSink;
  /**
   * Tells after how many bytes it is enough, asked again and again: the connection is closed then,
   * and whatever the server says to that counts as done. A few more may have been put into the sink.
   * None: up to the end.
   */
  readonly enough?: (() => number) | undefined;
}

/** To the server. */
export interface SendRequest extends TransferRequest {
  readonly source: ByteSource;
}

/** How long one side is waited for after the other has failed, in milliseconds. */
const GRACE = 2000;

/** How long a server may take to notice that a download was ended from here, in milliseconds. */
const CLOSE_GRACE = 10_000;

/** What ask for a listing (RFC 959 section 4.1.3, RFC 3659 section 7). */
const LISTING_VERBS: ReadonlySet<string> = new Set(["LIST", "NLST", "MLSD"]);

/**
 * Pure-FTPd says 226 to the first entries of a directory that has more than it is set to tell, vsftpd
 * to one that it may not read.
 */
const TRUNCATED =
  /\b(?:(?:output|list|listing) (?:was |is |has been )?truncated|failed to open directory)\b/i;

/**
 * Receives a file or a listing.
 *
 * @param link The session.
 * @param request What to ask for and where to put it.
 * @returns Bytes that were put into the sink.
 * @throws {ReplyError} If the server refuses, before or after the data.
 * @throws {TransferError} If the data breaks off or stalls.
 * @throws {LocalFileError} If the sink fails; what it throws of our own goes through.
 * @throws {ConnectError} If the control connection is lost, or no data connection is to be had.
 */
export async function receive(link: TransferLink, request: ReceiveRequest): Promise<number> {
  const { sink, enough = () => Infinity } = request;
  return await runTransfer(link, {
    request,
    localSide: "sink",
    enough,
    move: async (connection, limits) => {
      const bytes = await pump(upTo(connection, enough), sink, { ...limits, readAhead: true });
      if (bytes < enough()) await answerEnd(connection);
      return bytes;
    },
  });
}

/**
 * Sends a file.
 *
 * @param link The session.
 * @param request What to send and under which command.
 * @returns Bytes that were handed to the connection.
 * @throws {ReplyError} If the server refuses, before or after the data.
 * @throws {TransferError} If the data breaks off or stalls.
 * @throws {LocalFileError} If the source fails.
 * @throws {ConnectError} If the control connection is lost, or no data connection is to be had.
 */
export async function send(link: TransferLink, request: SendRequest): Promise<number> {
  return await runTransfer(link, {
    request,
    localSide: "source",
    enough: () => Infinity,
    move: async (connection, limits) => {
      const bytes = await pump(request.source, connection, limits);
      await finish(connection, bytes);
      return bytes;
    },
  });
}

function upTo(source: ByteSource, enough: () => number): ByteSource {
  let taken = 0;
  return {
    async read(buffer) {
      const left = enough() - taken;
      if (left <= 0) return null;
      const count = await source.read(buffer.subarray(0, left));
      taken += count ?? 0;
      return count;
    },
  };
}

async function finish(connection: Connection, bytes: number): Promise<void> {
  try {
    await connection.finish();
  } catch (cause) {
    throw new TransferError("the data connection was lost", { bytes, fault: "sink", cause });
  }
}

type PumpLimits = Parameters<typeof pump>[2];

interface Movement {
  readonly request: TransferRequest;
  /** The side of the copy that is ours. */
  readonly localSide: TransferFault;
  /** Bytes after which the server is not asked how it ended. */
  readonly enough: () => number;
  readonly move: (connection: Connection, limits: PumpLimits) => Promise<number>;
}

/** A transfer whose data ended cleanly and whose final reply was 2yz. */
interface Moved {
  readonly bytes: number;
  readonly reply: Reply;
}

async function runTransfer(link: TransferLink, movement: Movement): Promise<number> {
  const { action, verb } = movement.request;
  const attempt = (): Promise<Moved> => move(link, movement).finally(() => link.keepAlive.settle());
  const { bytes, reply } = await attempt().catch((error: unknown) => {
    if (!(error instanceof SpentSession) || !link.control.open) throw error;
    return attempt();
  });
  const isCut = LISTING_VERBS.has(verb) && TRUNCATED.test(reply.lines.join(" "));
  if (isCut) throw new TransferError(`Cannot ${action}: ${replyText(reply)}`, { bytes });
  return bytes;
}

async function move(link: TransferLink, movement: Movement): Promise<Moved> {
  const { control } = link;
  const { action, verb, argument, offset } = movement.request;
  using channel = await openDataChannel(control, link.data);
  // REST counts only for the command right behind it (RFC 3659 section 5.3).
  if (offset) await restart(control, { action, offset });
  await control.send(verb, argument);
  const secured = link.data.tls && channel.connection();
  secured?.catch(() => {}); // the server's answer counts first
  const first = await control.reply();
  if (first.code >= 300) throw refused(action, { verb, reply: first });
  using outcome = new Outcome(link, first);
  using abort = new Abort(control, { outcome, isUpload: movement.localSide === "source" });
  let patience = 0;
  outcome.onFailure(() => channel.close(), () => patience);
  try {
    const connection = await (secured ?? channel.connection());
    // What is on its way down is still worth having; nobody takes what is on its way up.
    if (movement.localSide === "sink") patience = GRACE;
    const bytes = await movement.move(connection, pumpLimits(link, { movement, channel, abort }));
    // ProFTPD waits for our end of a download before it says 226.
    if (movement.localSide === "sink") channel.close();
    const isEnough = bytes >= movement.enough();
    const reply = isEnough
      ? await outcome.replyToClose(CLOSE_GRACE)
      : await outcome.reply(link.timeout);
    // It may be the answer to our ABOR.
    link.data.signal.throwIfAborted();
    if (reply.code >= 300 && !isEnough) throw refused(action, { verb, reply });
    if (movement.localSide === "source") await awaitEnd(connection, GRACE);
    return { bytes, reply };
  } catch (error) {
    if (error instanceof CertificateError) throw control.abandon(error);
    await abort.said;
    // The server does not answer before it has seen the end of the data.
    channel.close();
    await abort.leave({ transfer: link.data.signal, session: link.signal });
    link.data.signal.throwIfAborted();
    if (error instanceof SpentSession) await outcome.settled(GRACE);
    throw await explain(error, { movement, outcome });
  }
}

function pumpLimits(
  link: TransferLink,
  way: {
    readonly movement: Movement;
    readonly channel: DataChannel;
    readonly abort: Abort;
  },
): PumpLimits {
  const { rateLimit, transform, onBytes, interrupt } = way.movement.request;
  return {
    signal: link.data.signal,
    interrupt(fault) {
      // Where the server has ended the data itself, it has its answer ready.
      const said = fault === "sink" ? way.abort.said : way.abort.say();
      said.finally(() => way.channel.close());
      interrupt?.();
    },
    stallTimeout: link.timeout,
    ...(rateLimit === undefined ? {} : { rateLimit }),
    ...(transform === undefined ? {} : { transform }),
    ...(onBytes === undefined ? {} : { onBytes }),
  };
}

async function restart(
  control: Control,
  point: { readonly action: string; readonly offset: number },
): Promise<void> {
  const reply = await control.command("REST", String(point.offset));
  if (reply.code >= 400) throw refused(point.action, { verb: "REST", reply });
}

interface Failure {
  readonly movement: Movement;
  readonly outcome: Outcome;
}

/** What to report of a failure after the preliminary reply. */
async function explain(error: unknown, failure: Failure): Promise<unknown> {
  const { request, localSide } = failure.movement;
  const { action, verb } = request;
  const brokeOff = error instanceof TransferError || error instanceof ConnectError;
  if (!brokeOff || error instanceof SpentSession) return error;
  const answer = await failure.outcome.reply(GRACE).catch((loss: unknown) => loss);
  const bytes = error instanceof TransferError ? error.bytes : 0;
  const theirSide = localSide === "sink" ? "source" : "sink";
  const fault = error instanceof TransferError ? error.fault : theirSide;
  const lost = answer instanceof ConnectError && !(answer instanceof TimeoutError);
  const reason = lost && fault !== "stall" ? answer.message : error.message;
  const message = `Cannot ${action}: ${reason}`;
  if (fault === localSide) {
    const { cause } = error;
    return cause instanceof FtpkitError ? cause : new LocalFileError(message, { cause });
  }
  // The server's own words say more than a data connection that broke.
  if (fault !== "stall" && answer instanceof ReplyError) return answer;
  if (fault !== "stall" && isReply(answer) && answer.code >= 300) {
    return refused(action, { verb, reply: answer, cause: error });
  }
  return new TransferError(message, { bytes, fault: fault ?? theirSide, cause: error });
}

function isReply(answer: unknown): answer is Reply {
  return typeof answer === "object" && answer !== null && "code" in answer && "lines" in answer;
}
