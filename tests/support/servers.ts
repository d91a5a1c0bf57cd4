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
import { LOCAL_IDENTITY, type TLS_VERSIONS } from "./tls_pair.ts";

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

/** A server that is measured. */
export interface MeasuredServer extends PeerServer {
  /** Its process. */
  readonly pid: number;
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

async function makeFolders(
  name: ServerName,
  folder: string | undefined,
): Promise<{ work: string; root: string }> {
  const where = folder === undefined ? {} : { dir: folder };
  const work = await Deno.makeTempDir({ prefix: `ftpkit-${name}-`, ...where });
  const root = join(work, "root");
  await Deno.mkdir(root);
  await Deno.chmod(work, 0o755);
  if (Deno.uid() === 0) await Deno.chown(root, DAEMON_UID, DAEMON_UID);
  return { work, root };
}

/** The only version that a server speaks. */
type TlsVersion = typeof TLS_VERSIONS[number];

async function tlsFiles(work: string, { cert, key }: TlsIdentity): Promise<TlsFiles> {
  const file = (name: string): string => join(work, name);
  const files = { cert: file("cert.pem"), key: file("key.pem"), both: file("both.pem") };
  await Deno.writeTextFile(files.cert, cert);
  await Deno.writeTextFile(files.key, key, { mode: 0o600 });
  await Deno.writeTextFile(files.both, cert + key, { mode: 0o600 });
  return files;
}

/** What holds for every program that uses OpenSSL, whatever options it has itself. */
async function opensslConfig(work: string, version: TlsVersion): Promise<string> {
  const path = join(work, "openssl.cnf");
  const config = `openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = versions
[versions]
MinProtocol = ${version}
MaxProtocol = ${version}
`;
  await Deno.writeTextFile(path, config);
  return path;
}

async function start(kind: ServerKind, options: LaunchOptions): Promise<Child> {
  const { program, args, env } = await kind.launch(options);
  const config = options.opensslConfig;
  const openssl = config === undefined ? {} : { OPENSSL_CONF: config };
  const server = new Child(program, { args, env: { ...env, ...openssl } });
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
export function startServer(
  name: ServerName,
  host = "127.0.0.1",
  identity: TlsIdentity | undefined = undefined,
): Promise<PeerServer> {
  return startWith(name, { host, identity });
}

/**
 * Starts a server that takes nothing but one version of TLS, as strictly as it can.
 *
 * @param name Which one; it listens on 127.0.0.1 and shows {@linkcode LOCAL_IDENTITY}.
 * @param version The version.
 * @returns The server.
 * @throws {Error} If it does not come up, with what it said.
 */
export function startTlsServer(name: ServerName, version: TlsVersion): Promise<PeerServer> {
  return startWith(name, { host: "127.0.0.1", identity: LOCAL_IDENTITY, version });
}

/**
 * Starts a server with its files in a folder that the caller has chosen.
 *
 * @param name Which one; it listens on 127.0.0.1.
 * @param where The folder, and the certificate: it takes nothing but TLS then.
 * @returns The server.
 * @throws {Error} If it does not come up, with what it said.
 */
export function startServerIn(
  name: ServerName,
  where: { readonly folder: string; readonly identity?: TlsIdentity },
): Promise<MeasuredServer> {
  const { folder, identity } = where;
  return startWith(name, { host: "127.0.0.1", identity, folder });
}

async function startWith(
  name: ServerName,
  how: {
    readonly host: string;
    readonly identity: TlsIdentity | undefined;
    readonly version?: TlsVersion;
    readonly folder?: string;
  },
): Promise<MeasuredServer> {
  await using stack = new AsyncDisposableStack();
  const { work, root } = await makeFolders(name, how.folder);
  stack.defer(() => Deno.remove(work, { recursive: true }));
  const kind = KINDS[name];
  const { host, identity, version } = how;
  const tls = identity === undefined ? {} : { tls: await tlsFiles(work, identity) };
  const config = version === undefined ? {} : { opensslConfig: await opensslConfig(work, version) };
  const options = { host, work, root, ...tls, ...config };
  const { child, port } = await startSomewhere(kind, options);
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
    pid: child.pid,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
