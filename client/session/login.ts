/**
 * What happens before a session can be used: greeting, login and FEAT.
 *
 * @module
 */
import { formatTarget } from "../../shared/connection.ts";
import { AuthError, ConnectError, ProtocolError, reasonOf } from "../../shared/errors.ts";
import type { Secret } from "../../shared/safe_text.ts";
import type { Reply } from "../../shared/reply.ts";
import { type Control, refused, replyText } from "../connection/control.ts";
import { displayName } from "../remote_name.ts";

/** How often a server may announce a greeting for later. */
const MOST_ANNOUNCEMENTS = 100;

/** Who logs in. */
export interface Login {
  readonly user: string;
  /**
   * The password, asked for only when the server wants one.
   *
   * @throws {AuthError} If none can be had.
   */
  password(): Promise<Secret>;
  /** What few servers ask for besides; undefined: there is none. */
  readonly account: Secret | undefined;
}

/**
 * Waits for the greeting; 120 only announces one for later (RFC 959 section 5.4).
 *
 * @param control The new connection.
 * @throws {ConnectError} If the server turns us away or does not greet.
 * @throws {ReplyError} If it turns us away with 421.
 */
export async function greet(control: Control): Promise<void> {
  const peer = formatTarget(control.remote);
  for (let announced = 0; announced < MOST_ANNOUNCEMENTS; announced++) {
    const reply = await greeting(control);
    if (reply.code < 200) continue;
    if (reply.code < 300) return;
    throw new ConnectError(`${peer} turned us away: ${replyText(reply)}`);
  }
  throw new ConnectError(`${peer} only announces a greeting, again and again`);
}

/** What greets in another language is no FTP server. */
async function greeting(control: Control): Promise<Reply> {
  try {
    return await control.reply();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ConnectError(`No FTP server is there: ${reasonOf(error)}`, { cause: error });
  }
}

/**
 * Logs in (RFC 959 section 5.4): 230 may come at once, 331 asks for a password, 332 for an account.
 *
 * @param control The greeted connection.
 * @param login Who.
 * @throws {AuthError} If the login is refused, or wants what we cannot give.
 * @throws {ReplyError} If the server cannot say now: 4yz.
 */
export async function logIn(control: Control, login: Login): Promise<void> {
  const who = `log in as "${displayName(login.user)}"`;
  let reply = await control.command("USER", login.user);
  if (reply.code === 331) {
    reply = await control.command("PASS", (await login.password()).reveal());
  }
  if (reply.code === 332) reply = await sendAccount(control, login);
  if (reply.code < 300) return;
  if (reply.code < 400 || reply.code >= 500 || reply.code === 430) {
    throw new AuthError(`Cannot ${who}: ${replyText(reply)}`);
  }
  throw refused(who, { verb: "USER", reply });
}

async function sendAccount(control: Control, login: Login): Promise<Reply> {
  if (login.account !== undefined) return await control.command("ACCT", login.account.reveal());
  const who = displayName(login.user);
  const message = `Cannot log in as "${who}": the server asks for an account, and netrc has none`;
  throw new AuthError(message);
}

/**
 * Asks what the server can do (RFC 2389 section 3.2). A server without FEAT, or with an answer that
 * makes no sense, has no features.
 *
 * @param control The logged-in connection.
 * @returns Name in upper case → its parameters.
 */
export async function askFeatures(control: Control): Promise<ReadonlyMap<string, string>> {
  const reply = await control.command("FEAT");
  const features = new Map<string, string>();
  if (reply.code !== 211) return features;
  for (const line of reply.lines.slice(1, -1)) {
    const [, name, parameters] = line.trim().match(/^(\S+) ?(.*)$/) ?? [];
    if (name !== undefined) features.set(name.toUpperCase(), parameters ?? "");
  }
  return features;
}
