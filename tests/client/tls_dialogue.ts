/**
 * What the tests of the client inside TLS share: the usual parts of such a dialogue.
 *
 * @module
 */
import { readCertificate } from "../../shared/certificate.ts";
import type { TlsServer } from "../../shared/tls_server.ts";
import type { ScriptedConnection } from "../support/scripted_peer.ts";
import { LOCAL_IDENTITY, localServer } from "../support/tls_pair.ts";
import { exchange, playData } from "./dialogue.ts";

/** The certificate that scripted servers show. */
export const LOCAL_PIN: string = readCertificate(LOCAL_IDENTITY.cert).fingerprint;

/** Options that have sessions inside TLS, with {@linkcode LOCAL_IDENTITY} alone. */
export const PINNED: readonly string[] = ["--tls", "require", "--pin", LOCAL_PIN];

/** Plays the greeting, AUTH and the handshake. */
export async function playAuth(
  control: ScriptedConnection,
  server: TlsServer = localServer(),
): Promise<void> {
  await control.sendLines("220 scripted");
  await exchange(control, "AUTH TLS", "234 go on");
  await control.secure(server);
}

/** Plays the login without FEAT's answers. */
export async function playLoginBehindAuth(control: ScriptedConnection): Promise<void> {
  await exchange(control, /^USER /, "331 password");
  await exchange(control, /^PASS /, "230 in");
  await exchange(control, "FEAT", "500 what");
}

/** Plays the commands that protect the data. */
export async function playProtection(control: ScriptedConnection): Promise<void> {
  await exchange(control, "PBSZ 0", "200 ok");
  await exchange(control, "PROT P", "200 ok");
}

/** Plays everything up to the first operation. */
export async function playSecureStart(
  control: ScriptedConnection,
  server: TlsServer = localServer(),
): Promise<void> {
  await playAuth(control, server);
  await playLoginBehindAuth(control);
  await playProtection(control);
}

/** Plays EPSV and a transfer command, up to the handshake on the data connection. */
export async function playSecureData(
  control: ScriptedConnection,
  way: { readonly command: string; readonly server: TlsServer },
): Promise<ScriptedConnection> {
  const data = await playData(control, way.command);
  await data.secure(way.server, "data");
  return data;
}
