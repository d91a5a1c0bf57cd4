/**
 * From a new connection to a session: greeting, TLS, login, FEAT.
 *
 * @module
 */
import type { Connection } from "../../shared/connection.ts";
import { together } from "../connection/command_order.ts";
import { Control } from "../connection/control.ts";
import { SecurableConnection } from "../connection/securable_connection.ts";
import { askFeatures, greet, logIn } from "./login.ts";
import { Session, type SessionOptions } from "./session.ts";
import { SessionSecurity } from "./session_security.ts";

/**
 * Logs in on a new connection, inside TLS where the options want that.
 *
 * @param connection The control connection; the session owns it from here on.
 * @param options Who logs in, and limits.
 * @returns The session.
 * @throws {ConnectError} If the server does not greet, or is lost.
 * @throws {ReplyError} If it turns us away: 421.
 * @throws {AuthError} If it refuses the login, or wants what we cannot give.
 * @throws {TlsError} If TLS must be had and is not, or the certificate is not accepted.
 */
export async function openSession(
  connection: Connection,
  options: SessionOptions,
): Promise<Session> {
  const securable = new SecurableConnection(connection);
  const control = new Control(securable, options);
  const { security: how, sibling } = options;
  const security = new SessionSecurity(control, { connection: securable, options: how });
  try {
    await security.beforeGreeting();
    await greet(control);
    if (!sibling?.isClear) await security.beforeLogin();
    await logIn(control, security.guard(options.login));
    const [features, tls] = await together([
      sibling?.features ?? askFeatures(control),
      security.protectData(),
    ]);
    const isClear = !securable.secured;
    const session = new Session(control, { options, features, tls, isClear });
    // Some servers read names as UTF-8 only when told (draft-ietf-ftpext-utf-8-option).
    const tellUtf8 = options.names.isUtf8 && session.features.has("UTF8");
    if (tellUtf8) await control.command("OPTS", "UTF8 ON");
    return session;
  } catch (error) {
    control.close();
    throw error;
  }
}
