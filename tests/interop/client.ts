/**
 * What the FTP clients of others have in common, so that one test can drive each of them.
 *
 * @module
 */

import type { PeerName } from "../support/peers.ts";

/** The command that opens a data connection (RFC 959, RFC 2428). */
export type Mode = "PASV" | "EPSV" | "PORT" | "EPRT";

/** One thing that a client is told to do. Local names are plain, in the session's folder. */
export type Step =
  | { readonly do: "list" }
  | { readonly do: "get" | "resume"; readonly remote: string; readonly local: string }
  | { readonly do: "put"; readonly local: string; readonly remote: string }
  | { readonly do: "rename"; readonly from: string; readonly to: string }
  | { readonly do: "delete" | "mkdir" | "rmdir"; readonly name: string };

/** How a client uses TLS. */
export interface ClientTls {
  /** The one version that it offers. */
  readonly version: "1.2" | "1.3";
  /** The file with the certificate that the server must show. */
  readonly ca: string;
}

/** Where a client is sent. */
export interface ClientSession {
  /** The server's address: 127.0.0.1 or ::1. */
  readonly host: string;
  /** Its control port. */
  readonly port: number;
  /** A user who may write. */
  readonly user: string;
  /** That user's password. */
  readonly password: string;
  /** How data connections are opened. */
  readonly mode: Mode;
  /** The client's own folder: local files and its configuration. */
  readonly folder: string;
  /** Explicit TLS for everything; without it, none. */
  readonly tls?: ClientTls;
}

/** An FTP client that somebody else wrote. */
export interface FtpClient {
  /** What tests call it. */
  readonly name: string;
  /** The programs it needs. */
  readonly needs: readonly PeerName[];
  /** The ways of opening data connections that it has for an address. */
  readonly modes: Readonly<Record<"127.0.0.1" | "::1", readonly Mode[]>>;
  /** How it prints a command that it sends: what stands before it. */
  readonly sent: string;
  /**
   * Does all steps, in order.
   *
   * @returns Everything it printed: listings, and the commands it sent.
   */
  run(session: ClientSession, steps: readonly Step[]): Promise<string>;
}

/** The commands of a step that only a raw command can do in some clients. */
export function rawCommands(step: Step): string[] {
  switch (step.do) {
    case "rename":
      return [`RNFR ${step.from}`, `RNTO ${step.to}`];
    case "delete":
      return [`DELE ${step.name}`];
    case "mkdir":
      return [`MKD ${step.name}`];
    case "rmdir":
      return [`RMD ${step.name}`];
    default:
      return [];
  }
}
