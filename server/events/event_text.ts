/**
 * Events as lines of the text log.
 *
 * @module
 */
import type { LoginEvent, SessionEvent, TransferEvent } from "./event.ts";

/**
 * What the log says of an event: each line tells whose it is, so that none needs another one.
 *
 * @param event What happened.
 * @returns The text, or undefined where the log is silent.
 */
export function eventText(event: SessionEvent): string | undefined {
  const text = detailText(event);
  if (text === undefined) return undefined;
  const whose = event.kind === "opened" || event.kind === "login" ? "" : whoseText(event);
  return `session ${event.session} ${text}${whose}`;
}

function whoseText({ user, address }: SessionEvent): string {
  return user === undefined ? `, from ${address}` : `, by ${JSON.stringify(user)} from ${address}`;
}

function detailText(event: SessionEvent): string | undefined {
  switch (event.kind) {
    case "opened":
      return `from ${event.address}`;
    case "closed":
      return `ended after ${(event.milliseconds / 1000).toFixed(1)} s`;
    case "login":
      return loginText(event, `login of ${JSON.stringify(event.name)} from ${event.address}`);
    case "transfer":
      return transferText(event);
    case "rename":
      return `RNTO ${JSON.stringify(event.path)} ${JSON.stringify(event.to)}`;
    case "delete":
      return `DELE ${JSON.stringify(event.path)}`;
    case "make-directory":
      return `MKD ${JSON.stringify(event.path)}`;
    case "remove-directory":
      return `RMD ${JSON.stringify(event.path)}`;
    case "command":
      return `${event.command ?? "(no command)"} ${event.reply.code}${timeText(event)}`;
    case "received":
    case "reply":
      return undefined;
  }
}

function transferText(event: TransferEvent): string {
  const { verb, path, bytes, complete } = event;
  const end = complete ? "complete" : "broken off";
  return `${verb} ${JSON.stringify(path)} ${end}, ${bytes} bytes${timeText(event)}`;
}

function timeText({ milliseconds }: { readonly milliseconds: number }): string {
  return ` in ${milliseconds.toFixed(1)} ms`;
}

/** What looks for failed logins, such as a program that bans addresses, finds those alone. */
function loginText({ result, reason = "a limit" }: LoginEvent, login: string): string {
  switch (result) {
    case "accepted":
      return login;
    case "refused":
      return `failed ${login}`;
    case "limited":
      return `${login} turned away: ${reason}`;
  }
}
