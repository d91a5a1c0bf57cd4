/**
 * Which exit code an error means: the only such map (see `docs/cli.md`).
 *
 * @module
 */
import {
  AuthError,
  ConnectError,
  InterruptedError,
  LocalFileError,
  RemoteFileError,
  ReplyError,
  TlsError,
  UsageError,
} from "./errors.ts";

/** The exit codes by meaning. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  connect: 3,
  login: 4,
  tls: 5,
  remoteFile: 6,
  localFile: 7,
  someFailed: 8,
  interrupted: 130,
} as const;

/**
 * The exit code for an error.
 *
 * @example Usage
 * ```ts
 * import { UsageError } from "./errors.ts";
 * import { exitCodeOf } from "./exit_code.ts";
 * if (exitCodeOf(new UsageError("Unknown option --x")) !== 2) throw new Error("unexpected");
 * ```
 *
 * @param error What was thrown.
 * @returns 1 to 8 or 130.
 */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof ConnectError) return EXIT.connect;
  if (error instanceof AuthError) return EXIT.login;
  if (error instanceof TlsError) return EXIT.tls;
  if (error instanceof RemoteFileError) return EXIT.remoteFile;
  if (error instanceof LocalFileError) return EXIT.localFile;
  if (error instanceof InterruptedError) return EXIT.interrupted;
  if (error instanceof ReplyError) return replyExitCode(error.code);
  return EXIT.failed;
}

/** 421 turns us away, 530 refuses the login, 550 and 553 concern the file (RFC 959 section 4.2). */
function replyExitCode(code: number): number {
  if (code === 421) return EXIT.connect;
  if (code === 530 || code === 532) return EXIT.login;
  if (code === 550 || code === 553) return EXIT.remoteFile;
  return EXIT.failed;
}
