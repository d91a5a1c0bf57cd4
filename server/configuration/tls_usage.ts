/**
 * The options of `serve` that concern TLS.
 *
 * @module
 */
import { given, HIGHEST_PORT, localPath, wholeNumber, word } from "./config_value.ts";
import type { ServeOption } from "./serve_usage.ts";

const TLS_MODES = ["off", "allow", "require"] as const;
const CLIENT_CERTIFICATES = ["ask", "require"] as const;

/** The options by name, in the order of the help. */
export const TLS_OPTIONS = {
  tls: {
    value: "MODE",
    choices: TLS_MODES,
    read: word(TLS_MODES),
    help: "off, allow or require TLS (default: allow if there is a certificate)",
  },
  cert: {
    value: "PEM",
    repeatable: true,
    read: localPath,
    help: "certificate with its chain; of several, the name that a client asks for decides",
  },
  key: {
    value: "PEM",
    repeatable: true,
    read: localPath,
    help: "key to it, in the same order (default: in the file of the certificate)",
  },
  "self-signed": {
    read: given,
    help: "make a certificate at the first start, and keep it",
  },
  "client-ca": {
    value: "PEM",
    read: localPath,
    help: "ask clients for a certificate that these vouch for",
  },
  "client-cert": {
    value: "MODE",
    choices: CLIENT_CERTIFICATES,
    read: word(CLIENT_CERTIFICATES),
    default: "ask",
    help: "with --client-ca: ask for it, or require it",
  },
  "implicit-port": {
    value: "N",
    number: true,
    read: wholeNumber(0, HIGHEST_PORT),
    help: "also listen there for TLS from the first byte on (ftps://, commonly 990)",
  },
  "allow-ccc": {
    read: given,
    help: "let clients go on in the clear after the login, for firewalls that listen (CCC)",
  },
  "require-tls-reuse": {
    read: given,
    help: "data connections must resume a TLS session, where the client can",
  },
} as const satisfies Readonly<Record<string, ServeOption<unknown>>>;
