/**
 * Words of other protocols on the control connection: some program was led here, perhaps with an
 * attacker's commands in its request (ALPACA).
 *
 * @module
 */

/** Verbs that no FTP client sends, by the protocol they belong to. */
const VERBS: Readonly<Record<string, readonly string[]>> = {
  HTTP: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PRI"],
  SMTP: ["HELO", "EHLO", "LHLO", "RCPT", "DATA", "STARTTLS"],
};

const PROTOCOLS: ReadonlyMap<string, string> = new Map(
  Object.entries(VERBS).flatMap(([protocol, verbs]) =>
    verbs.map((verb) => [verb, protocol] as const)
  ),
);

/**
 * Which other protocol a verb belongs to.
 *
 * @example Usage
 * ```ts
 * import { foreignProtocol } from "./foreign_protocol.ts";
 * if (foreignProtocol("GET") !== "HTTP") throw new Error("unexpected");
 * if (foreignProtocol("RETR") !== undefined) throw new Error("unexpected");
 * ```
 *
 * @param verb The verb in capital letters.
 * @returns The protocol's name; undefined for FTP's own verbs and for those that nobody knows.
 */
export function foreignProtocol(verb: string): string | undefined {
  return PROTOCOLS.get(verb);
}
