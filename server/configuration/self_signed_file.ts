/**
 * The server's self-signed certificate: made once and kept, so that clients who trust it go on
 * trusting it.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { readCertificate } from "../../shared/certificate.ts";
import { unmapAddress } from "../../shared/endpoint.ts";
import { LocalFileError, systemReason } from "../../shared/errors.ts";
import { log } from "../../shared/log.ts";
import { makeSelfSigned } from "../../shared/self_signed.ts";
import { stateDirectory } from "../../shared/state_directory.ts";
import { readIdentity, type TlsIdentity } from "../../shared/tls_identity.ts";

/** Ten years: people compare its fingerprint, so it should not change. */
const DAYS = 3650;

/** Names and addresses of one machine that fit into a certificate. */
const MOST_NAMES = 64;

/** For its owner alone: it holds the key. */
const MODE = 0o600;

/** Which certificate, and whether it may be made. */
export interface KeptIdentityOptions {
  /** The file with certificate and key. */
  readonly path: string;
  /** Names and addresses that a new one is for. */
  readonly names: readonly string[];
  /** Whether a new one is written to the file. */
  readonly create: boolean;
}

/** What this process uses: after `--run-as` it may not be able to read the files any more. */
const inUse = new Map<string, TlsIdentity>();

/**
 * The certificate in a file; a new one where there is none, or where it has expired.
 *
 * @param options Which.
 * @returns Certificate and key.
 * @throws {TlsError} If the file holds something else.
 * @throws {LocalFileError} If the file cannot be read or written.
 */
export async function keptIdentity(options: KeptIdentityOptions): Promise<TlsIdentity> {
  const known = await readKept(options.path);
  const expired = known !== undefined && readCertificate(known.cert).validTo < new Date();
  if (expired) log.warning(`the certificate in ${options.path} has expired: there is a new one`);
  const identity = known === undefined || expired ? await make(options, known) : known;
  if (options.create) inUse.set(options.path, identity);
  return identity;
}

async function readKept(path: string): Promise<TlsIdentity | undefined> {
  try {
    return readIdentity({ cert: await Deno.readTextFile(path) });
  } catch (error) {
    const known = inUse.get(path);
    if (known !== undefined || error instanceof Deno.errors.NotFound) return known;
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    throw new LocalFileError(systemReason(error), { cause: error });
  }
}

/** Under a name of its own first, so that nobody reads half of it. */
async function make(
  { path, names, create }: KeptIdentityOptions,
  expired: TlsIdentity | undefined,
): Promise<TlsIdentity> {
  const identity = await makeSelfSigned({ names, days: DAYS });
  if (!create) return identity;
  const temporary = `${path}.${crypto.randomUUID()}`;
  try {
    await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await Deno.writeTextFile(temporary, identity.cert + identity.key, { mode: MODE });
    if (expired !== undefined) await Deno.rename(temporary, path);
    else await Deno.link(temporary, path);
    return identity;
  } catch (error) {
    // Another server of this user was quicker.
    if (error instanceof Deno.errors.AlreadyExists) return await readKept(path) ?? identity;
    throw new LocalFileError(`it cannot be written: ${systemReason(error)}`, { cause: error });
  } finally {
    await Deno.remove(temporary).catch(() => {}); // renamed, or never written
  }
}

/**
 * Where the certificate is kept.
 *
 * @param configFile The configuration file, beside which it is.
 * @returns The path, without one in the user's directory for state; undefined where that is not known.
 */
export function selfSignedPath(configFile: string | undefined): string | undefined {
  if (configFile !== undefined) return join(dirname(resolve(configFile)), "ftpkit-server.pem");
  const state = stateDirectory((name) => Deno.env.get(name));
  return state === undefined ? undefined : join(state, "server.pem");
}

/**
 * Every name and address by which this machine can be reached, as far as it knows them.
 *
 * @param given What the configuration adds; first.
 * @returns Each once.
 */
export function localNames(given: readonly string[]): readonly string[] {
  const addresses = Deno.networkInterfaces().map(({ address }) => unmapAddress(address));
  const names = [...given, Deno.hostname(), "localhost", "127.0.0.1", "::1", ...addresses];
  // An address of all interfaces is nobody's.
  const real = names.filter((name) => name !== "0.0.0.0" && name !== "::");
  return [...new Set(real)].slice(0, MOST_NAMES);
}
