/**
 * Certificates and keys from the files that the configuration names.
 *
 * @module
 */
import { splitCertificates } from "../../shared/certificate.ts";
import { FtpkitError, reasonOf, systemReason, UsageError } from "../../shared/errors.ts";
import { readIdentity, type TlsIdentity } from "../../shared/tls_identity.ts";
import { canServeTls } from "../../shared/tls_server.ts";
import type { TlsSettings } from "./config.ts";
import { COMMAND_LINE, type Problems } from "./config_problem.ts";
import { keptIdentity, localNames, selfSignedPath } from "./self_signed_file.ts";
import type { OptionName } from "./serve_usage.ts";
import type { Settings } from "./settings.ts";

/** Where TLS is configured. */
export interface TlsSources {
  /** All options. */
  readonly settings: Settings;
  /** Takes what is wrong. */
  readonly problems: Problems;
  /** The configuration file, beside which a self-signed certificate is kept. */
  readonly configFile: string | undefined;
  /** Whether a self-signed certificate that is not there yet is written. */
  readonly create: boolean;
}

/** Options that are of no use without a certificate. */
const DEPENDENT: readonly OptionName[] = [
  "tls",
  "key",
  "client-ca",
  "implicit-port",
  "allow-ccc",
  "require-tls-reuse",
];

/**
 * Reads everything that TLS needs.
 *
 * @param sources The options.
 * @returns What sessions need; undefined where there is no TLS, or something is wrong with it.
 */
export async function readTls(sources: TlsSources): Promise<TlsSettings | undefined> {
  const { settings, problems } = sources;
  const mode = settings.one("tls") ?? "allow";
  if (mode === "off") return undefined;
  if (!canServeTls() && (settings.has("cert") || settings.has("self-signed"))) {
    problems.add(COMMAND_LINE, `TLS needs Deno 2.9 or newer, and this is ${Deno.version.deno}`);
    return undefined;
  }
  const identities = await readIdentities(sources);
  const clientAuthorities = await readAuthorities(sources);
  const clientCertificate = settings.one("client-cert");
  if (clientCertificate === "require") checkRequired(sources);
  if (identities.length === 0) return undefined;
  return {
    mode,
    identities,
    clientAuthorities,
    clientCertificate,
    allowClearControl: settings.has("allow-ccc"),
    requireReuse: settings.has("require-tls-reuse"),
  };
}

/** Who could do without TLS could do without a certificate. */
function checkRequired({ settings, problems }: TlsSources): void {
  const place = settings.place("client-cert");
  if (!settings.has("client-ca")) problems.add(place, "Invalid client-cert: needs client-ca");
  if (settings.one("tls") !== "require") {
    problems.add(place, "Invalid client-cert: require needs tls = require");
  }
}

async function readIdentities(sources: TlsSources): Promise<readonly TlsIdentity[]> {
  const { settings, problems } = sources;
  const certificates = settings.all("cert");
  const keys = settings.all("key");
  if (settings.has("self-signed")) {
    if (certificates.length === 0) return await selfSigned(sources);
    problems.add(settings.place("self-signed"), "Invalid self-signed: there is a cert");
  }
  const needy = certificates.length === 0
    ? DEPENDENT.find((name) => settings.has(name))
    : undefined;
  if (needy !== undefined) {
    problems.add(
      settings.place(needy),
      `Invalid ${needy}: needs a certificate, cert or self-signed`,
    );
  }
  if (certificates.length > 0 && keys.length > 0 && keys.length !== certificates.length) {
    problems.add(settings.place("key"), "Invalid key: needs one for each cert, in the same order");
    return [];
  }
  const work = certificates.map((cert, index) => readFiles({ cert, key: keys[index] }));
  const read = await Promise.all(work.map((one) => problems.settle(settings.place("cert"), one)));
  return read.filter((identity) => identity !== undefined);
}

interface IdentityFiles {
  readonly cert: string;
  readonly key: string | undefined;
}

async function readFiles({ cert, key }: IdentityFiles): Promise<TlsIdentity> {
  const source = {
    cert: await readText(cert),
    ...(key === undefined ? {} : { key: await readText(key) }),
  };
  return reading(key === undefined ? cert : `${cert}" with "${key}`, () => readIdentity(source));
}

async function readAuthorities({ settings, problems }: TlsSources): Promise<string | undefined> {
  const path = settings.one("client-ca");
  if (path === undefined) return undefined;
  const text = await problems.settle(settings.place("client-ca"), readText(path));
  if (text === undefined || splitCertificates(text).length > 0) return text;
  problems.add(settings.place("client-ca"), `Cannot use "${path}": there is no certificate in it`);
  return undefined;
}

async function selfSigned(sources: TlsSources): Promise<readonly TlsIdentity[]> {
  const { settings, problems, configFile, create } = sources;
  const given = [settings.one("host"), settings.one("public-address")];
  const path = selfSignedPath(configFile);
  if (path === undefined) {
    problems.add(
      settings.place("self-signed"),
      "Invalid self-signed: needs config, or HOME to be set",
    );
    return [];
  }
  const names = localNames(given.filter((name) => name !== undefined));
  const work = reading(path, () => keptIdentity({ path, names, create }));
  const identity = await problems.settle(settings.place("self-signed"), work);
  return identity === undefined ? [] : [identity];
}

async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new UsageError(`Cannot read "${path}": ${systemReason(error)}`, { cause: error });
  }
}

/** Says which file it was. */
async function reading<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FtpkitError)) throw error;
    throw new UsageError(`Cannot use "${path}": ${reasonOf(error)}`, { cause: error });
  }
}
