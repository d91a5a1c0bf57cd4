/**
 * The errors ftpkit throws on purpose. Anything else is a mistake in the program.
 *
 * Texts start with the action, quote values and end without a full stop:
 * `Cannot listen on port 2121: address already in use`. The command line turns each class into one
 * exit code (in `main.ts`), the server into one reply (in `server/session/error_reply.ts`).
 *
 * @module
 */

/** The base of every error that ftpkit raises knowingly. */
export class FtpkitError extends Error {
  override readonly name: string = "FtpkitError";
}

/** The command line or the configuration is not valid (exit code 2). */
export class UsageError extends FtpkitError {
  override readonly name = "UsageError";
}

/** The peer said something that the protocol does not allow. */
export class ProtocolError extends FtpkitError {
  override readonly name: string = "ProtocolError";
}

/** The peer's data ended before it said that this is its end. */
export class TruncatedError extends ProtocolError {
  override readonly name = "TruncatedError";
}

/** A host could not be resolved or reached, or turned us away at the door (exit code 3). */
export class ConnectError extends FtpkitError {
  override readonly name: string = "ConnectError";
}

/** Nothing arrived or left within the allowed time. */
export class TimeoutError extends ConnectError {
  override readonly name = "TimeoutError";
}

/** A login was refused, or a password is needed and none can be had (exit code 4). */
export class AuthError extends FtpkitError {
  override readonly name = "AuthError";
}

/** TLS is required and cannot be had, or a certificate is not accepted (exit code 5). */
export class TlsError extends FtpkitError {
  override readonly name: string = "TlsError";
}

/** A peer's certificate is not accepted (exit code 5). */
export class CertificateError extends TlsError {
  override readonly name = "CertificateError";
}

/** There is nothing of that name on the server (exit code 6). */
export class RemoteFileError extends FtpkitError {
  override readonly name = "RemoteFileError";
}

/** A file on this side could not be read or written (exit code 7). */
export class LocalFileError extends FtpkitError {
  override readonly name: string = "LocalFileError";
}

/** A file on this side changed while it was sent (exit code 7): it may be sent again as it is now. */
export class FileChangedError extends LocalFileError {
  override readonly name = "FileChangedError";
}

/** The user interrupted the program (exit code 130). */
export class InterruptedError extends FtpkitError {
  override readonly name = "InterruptedError";
}

/** What a {@linkcode ReplyError} tells beside its text. */
export interface ReplyErrorDetails extends ErrorOptions {
  /** The three digits, 100 to 599. */
  readonly code: number;
  /** The lines of the reply, without code and line ends. */
  readonly lines: readonly string[];
  /** The command it answers, with any password masked. */
  readonly command: string;
}

/** The server answered a command with 4yz or 5yz (RFC 959 section 4.2). */
export class ReplyError extends FtpkitError {
  override readonly name = "ReplyError";
  /** The three digits. */
  readonly code: number;
  /** The lines of the reply, without code and line ends. */
  readonly lines: readonly string[];
  /** The command it answers, with any password masked. */
  readonly command: string;

  /** Makes the error; `message` says what was tried and what the server answered. */
  constructor(message: string, details: ReplyErrorDetails) {
    super(message, details);
    this.code = details.code;
    this.lines = details.lines;
    this.command = details.command;
  }

  /** Whether the same command may succeed later: 4yz (RFC 959 section 4.2.1). */
  get transient(): boolean {
    return this.code >= 400 && this.code < 500;
  }
}

/** Where a transfer broke: reading, writing, waiting for bytes that did not come, or by request. */
export type TransferFault = "source" | "sink" | "stall" | "cancel";

/** What a {@linkcode TransferError} tells beside its text. */
export interface TransferErrorDetails extends ErrorOptions {
  /** Bytes moved before it failed. */
  readonly bytes: number;
  /** Where it broke; without it, after the bytes had moved. */
  readonly fault?: TransferFault;
}

/** A transfer ended before all of it had moved (exit code 1). */
export class TransferError extends FtpkitError {
  override readonly name = "TransferError";
  /** Bytes moved before it failed. */
  readonly bytes: number;
  /** Where it broke; undefined where that was after the bytes had moved. */
  readonly fault: TransferFault | undefined;

  /** Makes the error; `message` says which file and why. */
  constructor(message: string, details: TransferErrorDetails) {
    super(message, details);
    this.bytes = details.bytes;
    this.fault = details.fault;
  }
}

/** Why a storage refused: each kind has exactly one reply. */
export type StorageErrorKind =
  | "not-found"
  | "exists"
  | "not-a-directory"
  | "is-a-directory"
  | "not-empty"
  | "not-regular"
  | "denied"
  | "busy"
  | "bad-name"
  | "bad-offset"
  | "no-space"
  | "over-quota"
  | "read-only"
  | "unsupported"
  | "overloaded"
  | "io";

/** A storage backend could not do what was asked. Its `message` never holds a real path. */
export class StorageError extends FtpkitError {
  override readonly name = "StorageError";
  /** Why. */
  readonly kind: StorageErrorKind;

  /** Makes the error; `message` is safe to show to the client. */
  constructor(kind: StorageErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/**
 * The text of anything that was thrown, for a message of ours that quotes it.
 *
 * @example Usage
 * ```ts
 * import { reasonOf } from "./errors.ts";
 * if (reasonOf(new Error("no route (os error 113)")) !== "no route") throw new Error("unexpected");
 * ```
 *
 * @param error What was caught.
 * @returns Its message without the operating system's number.
 */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/ \(os error \d+\)/, "").replace(/[.\s]+$/, "");
}

/**
 * Why the system refused, for a message of ours that names the file already.
 *
 * @example Usage
 * ```ts
 * import { systemReason } from "./errors.ts";
 * const error = new Error("Is a directory (os error 21): readfile 'x'");
 * if (systemReason(error) !== "is a directory") throw new Error("unexpected");
 * ```
 *
 * @param error What was caught.
 * @returns The reason without the call and the path that Deno puts behind it.
 */
export function systemReason(error: unknown): string {
  return reasonOf(error).replace(/: \w+ '.*'$/s, "").toLowerCase();
}

/**
 * What the user is told of an error that ended a command.
 *
 * @example Usage
 * ```ts
 * import { FtpkitError, failureLine } from "./errors.ts";
 * if (failureLine(new FtpkitError("No way")) !== "ftpkit: No way\n") throw new Error("unexpected");
 * ```
 *
 * @param error What was caught.
 * @returns One line with its end.
 */
export function failureLine(error: unknown): string {
  const known = error instanceof FtpkitError;
  const text = known ? error.message : `Unexpected error: ${reasonOf(error)}`;
  return `ftpkit: ${text.replaceAll("\n", " ")}\n`;
}

/**
 * The operating system's name of an error.
 *
 * @param error What was caught.
 * @returns Such as `ENOENT`; undefined where it is no error of the operating system.
 */
export function osCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
