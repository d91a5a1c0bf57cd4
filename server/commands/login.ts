/**
 * Coming in and going: USER, PASS, ACCT, REIN, QUIT (RFC 959 section 4.1.1).
 *
 * @module
 */
import { delay } from "@std/async/delay";
import { StorageError } from "../../shared/errors.ts";
import { log } from "../../shared/log.ts";
import type { Reply } from "../../shared/reply.ts";
import { reply } from "../../shared/reply_code.ts";
import { type Account, isAnonymousName } from "../accounts/accounts.ts";
import type { CommandContext, CommandTable } from "../session/command.ts";
import { directoryMessage } from "./directory_message.ts";
import type { Session } from "../session/session.ts";

/** Failed logins on one connection, after which it is closed. */
const MAX_FAILED_LOGINS = 5;

/** Longest delay of one failed login in milliseconds. */
const MAX_LOGIN_DELAY = 3000;

async function user({ session }: CommandContext, name: string): Promise<Reply> {
  const { security } = session;
  session.forgetUser();
  if (security.neededBy(name) && !security.on) return refuseUnsafe(session, name);
  if (security.refusal !== undefined) return refuseUnsafe(session, name, security.refusal);
  if (security.certificateName === name) {
    const answer = await byCertificate(session, name);
    if (answer !== undefined) return answer;
  }
  session.state = { kind: "userGiven", user: name };
  const anonymous = session.host.config.anonymous && isAnonymousName(name);
  return reply(anonymous ? "anonymousPassword" : "passwordNeeded");
}

/** The password must not even be sent. */
function refuseUnsafe(session: Session, name: string, reason?: string): Reply {
  const refusal = reason === undefined ? reply("tlsNeeded") : reply("tlsNeeded", reason);
  session.emit({ kind: "login", name, result: "limited", reason: refusal.lines.join(" ") });
  return refusal;
}

/** A certificate may stand for the password (RFC 4217 section 10.1); undefined where it does not. */
async function byCertificate(session: Session, name: string): Promise<Reply | undefined> {
  const address = session.connection.remote.hostname;
  const request = { session: session.id, user: name, password: "", address, secure: true };
  const answer = await session.host.authority.login({ ...request, certificate: name });
  if (answer.kind === "limited") return turnAway(session, { name, ...answer });
  if (answer.kind === "refused") return undefined;
  const refused = await letIn(session, answer.account);
  const welcome = directoryMessage(session, "/");
  return refused ?? reply("loggedInByCertificate", ...welcome, "Logged in by your certificate");
}

async function pass({ session, signal }: CommandContext, password: string): Promise<Reply> {
  const { state } = session;
  if (state.kind !== "userGiven") return reply("badSequence", "USER comes first");
  const address = session.connection.remote.hostname;
  const { authority } = session.host;
  const secure = session.security.on;
  const request = { session: session.id, user: state.user, password, address, secure };
  const answer = await authority.login(request);
  if (answer.kind === "limited") return turnAway(session, { name: state.user, ...answer });
  if (answer.kind === "refused") return await refuse(session, { name: state.user, signal });
  const refused = await letIn(session, answer.account);
  return refused ?? reply("loggedIn", ...directoryMessage(session, "/"), "Logged in");
}

/** The reply where the user may come in, but cannot. */
async function letIn(session: Session, account: Account): Promise<Reply | undefined> {
  const { user: name } = account;
  try {
    await session.login(account);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    log.error(`home of ${JSON.stringify(name)}: ${error.message}`);
    session.host.authority.loggedOut(session.id);
    return turnAway(session, { name, reason: "The home directory is not available" });
  }
  session.emit({ kind: "login", name, result: "accepted" });
  return undefined;
}

/** The password was right, but a limit does not let this user in now. */
function turnAway(
  session: Session,
  { name, reason }: { readonly name: string; readonly reason: string },
): Reply {
  session.state = { kind: "greeting" };
  session.emit({ kind: "login", name, result: "limited", reason });
  return reply("loginRefused", reason);
}

/** A failure slows only its own connection: nobody can lock a user or an office out. */
async function refuse(
  session: Session,
  { name, signal }: { readonly name: string; readonly signal: AbortSignal },
): Promise<Reply> {
  session.state = { kind: "greeting" };
  session.emit({ kind: "login", name, result: "refused" });
  session.failedLogins++;
  const wait = Math.min(session.host.config.loginDelay * session.failedLogins, MAX_LOGIN_DELAY);
  await delay(wait, { signal }).catch(() => {}); // the client is gone: nobody to slow down
  if (session.failedLogins < MAX_FAILED_LOGINS) return reply("loginRefused");
  session.state = { kind: "closing", account: session.account };
  return reply("closing", "Too many failed logins");
}

function quit({ session }: CommandContext): Reply {
  // A transfer that runs may still finish (RFC 959 section 4.1.1, QUIT).
  session.state = { kind: "closing", account: session.account };
  return reply("goodbye");
}

function reinitialize({ session }: CommandContext): Reply {
  session.reset();
  return reply("reinitialized");
}

/** The commands of this theme. */
export const LOGIN_COMMANDS: CommandTable = {
  USER: {
    argument: "required",
    access: "anyone",
    during: "idle",
    help: "USER <name>",
    rfc: "RFC 959 §4.1.1",
    run: user,
  },
  PASS: {
    argument: "optional",
    access: "anyone",
    during: "idle",
    help: "PASS <password>",
    rfc: "RFC 959 §4.1.1",
    run: pass,
  },
  ACCT: {
    argument: "required",
    access: "anyone",
    during: "idle",
    help: "ACCT <account> (not needed here)",
    rfc: "RFC 959 §4.1.1",
    run: () => reply("superfluous", "No account is needed"),
  },
  REIN: {
    argument: "none",
    access: "anyone",
    during: "idle",
    help: "REIN",
    rfc: "RFC 959 §4.1.1",
    run: reinitialize,
  },
  QUIT: {
    argument: "none",
    access: "anyone",
    during: "transfer",
    help: "QUIT",
    rfc: "RFC 959 §4.1.1",
    run: quit,
  },
};
