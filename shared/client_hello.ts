/**
 * The first message of a TLS client, as far as a server wants to know more of it than the runtime
 * tells (RFC 5246 section 7.4.1.2).
 *
 * @module
 */

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
/** Record header, handshake header, version and random. */
const FIXED_PART = 5 + 4 + 2 + 32;
/** The extension that says that a client keeps tickets (RFC 5077 section 3.2). */
const SESSION_TICKET = 35;

/**
 * Whether a client of TLS 1.2 can keep a session ticket: only with one can it resume a session, since
 * the runtime remembers no session by its number.
 *
 * @example Usage
 * ```ts
 * import { keepsTickets } from "./client_hello.ts";
 * if (keepsTickets(new TextEncoder().encode("USER alice\r\n"))) throw new Error("unexpected");
 * ```
 *
 * @param bytes The first bytes that the client sent.
 * @returns Whether it says so; false where that is not a whole ClientHello.
 */
export function keepsTickets(bytes: Uint8Array): boolean {
  if (bytes[0] !== HANDSHAKE_RECORD || bytes[5] !== CLIENT_HELLO) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    let at = FIXED_PART;
    at += 1 + view.getUint8(at); // session id
    at += 2 + view.getUint16(at); // cipher suites
    at += 1 + view.getUint8(at); // compression methods
    const end = at + 2 + view.getUint16(at);
    for (at += 2; at < end; at += 4 + view.getUint16(at + 2)) {
      if (view.getUint16(at) === SESSION_TICKET) return true;
    }
    return false;
  } catch (error) {
    if (error instanceof RangeError) return false; // cut off
    throw error;
  }
}
