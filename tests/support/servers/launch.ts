/**
 * What the servers of others have in common: the login they know and what they are started with.
 *
 * @module
 */

import type { ChildOptions } from "../child.ts";

/** The login that every server here knows; `scripts/peers.sh` writes the same for vsftpd. */
export const USER = "ftpkit";
/** The password of {@linkcode USER}. */
export const PASSWORD = "ftpkit-secret";

/** {@linkcode PASSWORD} as user files want it: `openssl passwd -6 -salt ftpkit`. */
export const PASSWORD_HASH =
  "$6$ftpkit$1mo75nDTqMl3.AkWOXAstvPx3CovcFf/oZwreJOqU9eXhWAzNnU2yypV0t8UZl6Yx7OgdPWCybfqg4P7XidDH1";

/** What a server is started with. */
export interface LaunchOptions {
  /** Where it listens: 127.0.0.1 or ::1. */
  readonly host: string;
  /** The control port. */
  readonly port: number;
  /** A folder for its own files. */
  readonly work: string;
  /** What it shares: `/` of every login. */
  readonly root: string;
  /** It takes nothing but TLS, with this certificate; without it, it has none. */
  readonly tls?: TlsFiles;
  /** What its OpenSSL is configured with. */
  readonly opensslConfig?: string;
}

/** Where a server finds its certificate and key. */
export interface TlsFiles {
  /** PEM of the certificate. */
  readonly cert: string;
  /** PEM of the key. */
  readonly key: string;
  /** PEM of both. */
  readonly both: string;
}

/** A program and its arguments. */
export interface Launch extends ChildOptions {
  /** The program. */
  readonly program: string;
}
