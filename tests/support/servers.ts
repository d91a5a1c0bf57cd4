/**
 * The FTP servers that others wrote, started on loopback for one test: each with a temporary root,
 * one user who may write, and everything they need in a folder that goes away with them.
 *
 * @module
 */

import { join } from "@std/path";
import type { TlsIdentity } from "../../shared/tls_identity.ts";
import { Child } from "./child.ts";
import { connectable, freePort } from "./free_port.ts";
import type { PeerName } from "./peers.ts";
import {
  type Launch,
  type LaunchOptions,
  PASSWORD,
  type TlsFiles,
  USER,
} from "./servers/launch.ts";
import { launchProftpd } from "./servers/proftpd.ts";
import { launchPureFtpd } from "./servers/pure_ftpd.ts";
import { launchPyftpdlib } from "./servers/pyftpdlib.ts";
import { launchVsftpd } from "./servers/vsftpd.ts";

/** The servers that can be started. */
export type ServerName = Extract<PeerName, "vsftpd" | "proftpd" | "pure-ftpd" | "pyftpdlib">;

/** A server that runs. */
export interface PeerServer extends AsyncDisposable {
  /** Which one. */
  readonly name: ServerName;
  /** Its address: 127.0.0.1 or ::1. */
  readonly host: string;
  /** Its control port. */
  readonly port: number;
  /** The one user, who may write. */
  readonly user: string;
  /** That user's password. */
  readonly password: string;
  /** Whether it also takes `anonymous`, to read. */
  readonly anonymous: boolean;
  /** The folder on this machine that every login sees as `/`. */
  readonly root: string;
}

/** How a server is started, in a folder prepared for it. */
interface ServerKind {
  readonly anonymous: boolean;
  launch(options: LaunchOptions): Launch | Promise<Launch>;
}

const KINDS: Readonly<Record<ServerName, ServerKind>> = {
  "vsftpd": { anonymous: true, launch: launchVsftpd },
  "proftpd": { anonymous: true, launch: launchProftpd },
  // Its anonymous login needs a system user `ftp`, which no test should have to make.
  "pure-ftpd": { anonymous: false, launch: launchPureFtpd },
  "pyftpdlib": { anonymous: true, launch: launchPyftpdlib },
};

/** Every server, in the order of the tests. */
export const SERVER_NAMES: readonly ServerName[] = ["vsftpd", "proftpd", "pure-ftpd", "pyftpdlib"];

/** The user that sessions run as under root: it exists on every Debian, and so does its home. */
const DAEMON_UID = 1;

/** Another program may take the port between our asking for it and the server's binding it. */
const ATTEMPTS = 3;

async function makeFolders(name: ServerName): Promise<{ work: string; root: string }> {
  const work = await Deno.makeTempDir({ prefix: `ftpkit-${name}-` });
  const root = join(work, "root");
  await Deno.mkdir(root);
  await Deno.chmod(work, 0o755);
  if (Deno.uid() === 0) await Deno.chown(root, DAEMON_UID, DAEMON_UID);
  return { work, root };
}

async function tlsFiles(work: string, identity: TlsIdentity): Promise<TlsFiles> {
  const files = { cert: join(work, "cert.pem"), key: join(work, "key.pem") };
  await Deno.writeTextFile(files.cert, identity.cert);
  await Deno.writeTextFile(files.key, identity.key, { mode: 0o600 });
  return files;
}

async function start(kind: ServerKind, options: LaunchOptions): Promise<Child> {
  const { program, ...child } = await kind.launch(options);
  const server = new Child(program, child);
  if (await connectable(options, server.status)) return server;
  await server[Symbol.asyncDispose]();
  throw new Error(`Cannot start "${program}": ${server.stdout}${server.stderr}`);
}

async function startSomewhere(
  kind: ServerKind,
  options: Omit<LaunchOptions, "port">,
): Promise<{ child: Child; port: number }> {
  for (let attempt = 1;; attempt++) {
    const port = freePort(options.host);
    try {
      return { child: await start(kind, { ...options, port }), port };
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

/**
 * Starts a server and waits until it takes connections.
 *
 * @param name Which one.
 * @param host Where it listens: 127.0.0.1 or ::1.
 * @param identity Its certificate: it takes nothing but TLS then.
 * @returns The server; disposing of it ends it with its sessions and removes its files.
 * @throws {Error} If it does not come up, with what it said.
 */
export async function startServer(
  name: ServerName,
  host = "127.0.0.1",
  identity: TlsIdentity | undefined = undefined,
): Promise<PeerServer> {
  await using stack = new AsyncDisposableStack();
  const { work, root } = await makeFolders(name);
  stack.defer(() => Deno.remove(work, { recursive: true }));
  const kind = KINDS[name];
  const tls = identity === undefined ? {} : { tls: await tlsFiles(work, identity) };
  const { child, port } = await startSomewhere(kind, { host, work, root, ...tls });
  stack.use(child);
  const owned = stack.move();
  return {
    name,
    host,
    port,
    user: USER,
    password: PASSWORD,
    anonymous: kind.anonymous,
    root,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
