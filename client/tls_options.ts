/**
 * The options that say how sessions are protected.
 *
 * @module
 */
import { parsePin } from "../shared/certificate.ts";
import { UsageError } from "../shared/errors.ts";
import type { OptionSpec, ParsedOptions } from "../shared/options.ts";

/** Whether sessions are encrypted. */
export type TlsMode = "auto" | "require" | "implicit" | "off";

/** Whether sessions are encrypted, and whom to trust. */
export interface TlsOptions {
  readonly mode: TlsMode;
  /** PEM file of the authorities; undefined: the system's. */
  readonly authorities: string | undefined;
  /** PEM file of the certificate to show, and of its key where that is elsewhere. */
  readonly identity: { readonly cert: string; readonly key: string | undefined } | undefined;
  /** Fingerprints of the only certificates to accept, where there are any. */
  readonly pins: ReadonlySet<string>;
  /** Accept any certificate. */
  readonly insecure: boolean;
  /** Let data travel in the clear where the server refuses to protect it. */
  readonly clearData: boolean;
}

const TLS_MODES: readonly TlsMode[] = ["auto", "require", "implicit", "off"];

/** What every client command takes. */
export const TLS_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  tls: {
    value: "MODE",
    choices: TLS_MODES,
    help: "auto: where the server offers it; a URL's ftps:// or ftpes:// wins (default: auto)",
  },
  "ca-file": { value: "PEM", help: "who may vouch for servers (default: the system's CAs)" },
  pin: {
    value: "sha256:HEX",
    repeatable: true,
    help: "accept just this certificate, whoever vouches for it; no session without TLS",
  },
  insecure: { help: "accept any certificate: whoever is in between can read everything" },
  "clear-data": { help: "go on where the server refuses to encrypt files and listings" },
  cert: { value: "PEM", help: "certificate to show to servers that ask for one" },
  key: { value: "PEM", help: "its key, where that is not in the same file" },
};

/**
 * Reads these options.
 *
 * @param parsed A command line parsed with {@linkcode TLS_OPTIONS}.
 * @returns What they say.
 * @throws {UsageError} If a pin is none, or two options contradict each other.
 */
export function tlsOptions(parsed: ParsedOptions): TlsOptions {
  const given = TLS_MODES.find((mode) => mode === parsed.text("tls")) ?? "auto";
  const pins = new Set(parsed.all("pin").map(readPin));
  refuseContradictions(parsed);
  const [cert, key] = [parsed.text("cert"), parsed.text("key")];
  return {
    // Who knows the certificate knows that there is TLS.
    mode: given === "auto" && pins.size > 0 ? "require" : given,
    authorities: parsed.text("ca-file"),
    identity: cert === undefined ? undefined : { cert, key },
    pins,
    insecure: parsed.has("insecure"),
    clearData: parsed.has("clear-data"),
  };
}

function readPin(text: string): string {
  const pin = parsePin(text);
  if (pin !== undefined) return pin;
  throw new UsageError(`Invalid --pin "${text}": not sha256: and 64 hexadecimal digits`);
}

function refuseContradictions(parsed: ParsedOptions): void {
  if (parsed.has("key") && !parsed.has("cert")) {
    throw new UsageError("Cannot use --key without --cert");
  }
  if (parsed.has("pin") && parsed.text("tls") === "off") {
    throw new UsageError("Cannot use --pin with --tls off");
  }
  const others = ["ca-file", "pin"].filter((name) => parsed.has(name));
  const [first, second] = parsed.has("insecure") ? ["insecure", ...others] : others;
  if (second !== undefined) {
    throw new UsageError(`Cannot use --${first} and --${second} together`);
  }
}
