/**
 * How a data connection inside TLS ends: both sides say close_notify before it is closed (RFC 8446
 * section 6.1). In plain FTP the close itself is the end.
 *
 * @module
 */
import type { Connection } from "../../shared/connection.ts";

const BUFFER_SIZE = 1024;

/**
 * Answers the server's end of a download with ours: ProFTPD waits for it, and vsftpd may insist.
 *
 * @param connection The connection, read to its end.
 */
export async function answerEnd(connection: Connection): Promise<void> {
  if (!isSecured(connection)) return;
  // All of the file is here: a server that is gone by now does not wait.
  await connection.finish().catch(() => {});
}

/**
 * Waits for the server's end behind an upload. A connection that is closed with something unread in
 * it, such as the tickets of TLS 1.3, is reset, and the server may lose what it has not read yet.
 *
 * @param connection The connection, to which all was written.
 * @param limit Milliseconds to wait at most.
 */
export async function awaitEnd(connection: Connection, limit: number): Promise<void> {
  if (!isSecured(connection)) return;
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, limit);
  await Promise.race([readToEnd(connection), late]);
  clearTimeout(timer);
}

async function readToEnd(connection: Connection): Promise<void> {
  const buffer = new Uint8Array(BUFFER_SIZE);
  try {
    while (await connection.read(buffer) !== null);
  } catch {
    // Cut or closed: that is an end too, and the reply tells whether the upload has arrived.
  }
}

function isSecured(connection: Connection): boolean {
  return "security" in connection;
}
